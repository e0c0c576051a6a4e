-- Now and then: whether another subscription has ended since.
SELECT coalesce(max(event_id), 0) AS newest FROM tollgate.subscription_end;
