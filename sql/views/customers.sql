CREATE OR REPLACE VIEW tollgate.customers AS
  SELECT c.id, c.product_code, c.customer_aws_account_id, c.license_id, c.customer_identifier,
      c.metered_by, s.state, s.since, c.created_at, v.last_visit_at, v.visits,
      t.contacts, t.last_contact_at, c.offer_type_claimed
    FROM tollgate.customer c
    LEFT JOIN LATERAL (SELECT e.state, e.since FROM tollgate.customer_state e
      WHERE e.customer_id = c.id) s ON true
    LEFT JOIN LATERAL (SELECT max(r.visited_at) AS last_visit_at, count(*) AS visits
      FROM tollgate.registration r WHERE r.customer_id = c.id) v ON true
    LEFT JOIN LATERAL (SELECT count(*) AS contacts, max(p.updated_at) AS last_contact_at
      FROM tollgate.contact p WHERE p.customer_id = c.id) t ON true;
COMMENT ON VIEW tollgate.customers IS
  'Customers and how they stand, a row each; without what people typed';
COMMENT ON COLUMN tollgate.customers.id IS 'Our number of the customer';
COMMENT ON COLUMN tollgate.customers.product_code IS 'What they bought';
COMMENT ON COLUMN tollgate.customers.customer_aws_account_id IS 'Their AWS account';
COMMENT ON COLUMN tollgate.customers.license_id IS 'Their license, the ARN''s last part';
COMMENT ON COLUMN tollgate.customers.customer_identifier IS 'AWS''s older identifier';
COMMENT ON COLUMN tollgate.customers.metered_by IS 'The identity by which usage is sent';
COMMENT ON COLUMN tollgate.customers.state IS 'As in customer_state';
COMMENT ON COLUMN tollgate.customers.since IS 'When that happened';
COMMENT ON COLUMN tollgate.customers.created_at IS 'When they came first';
COMMENT ON COLUMN tollgate.customers.last_visit_at IS 'When they came last';
COMMENT ON COLUMN tollgate.customers.visits IS 'How often they came';
COMMENT ON COLUMN tollgate.customers.contacts IS
  'How many sessions sent the form; 0 also after erasing';
COMMENT ON COLUMN tollgate.customers.last_contact_at IS 'When one did last';
COMMENT ON COLUMN tollgate.customers.offer_type_claimed IS 'What the browser said about the offer';
