-- After calls came back: [{"call", "status", "code", "request_id", "uncertain", "records": […], "said": […],
-- "codes": […], "ids": […]}, …]. A row for each call, with its records' outcomes in their order.
SELECT call_id, outcomes FROM tollgate.settle_calls($1);
