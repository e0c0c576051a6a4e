CREATE OR REPLACE VIEW tollgate.visits AS
  SELECT r.visited_at, r.outcome, r.customer_id, r.product_code, r.request_id, r.aws_request_id,
      r.offer_type_claimed, r.recorded_at - r.visited_at AS stored_after,
      CASE r.outcome
        WHEN 'resolved' THEN NULL
        WHEN 'token_invalid' THEN
          'Nothing if it is rare. If every token is: are the AWS credentials those of the '
          'account that sells the product?'
        WHEN 'token_expired' THEN
          'Nothing: the page tells the buyer to come again from AWS Marketplace'
        WHEN 'unknown_product' THEN
          'If this product is yours: INSERT INTO tollgate.product (product_code, name)'
        WHEN 'aws_unavailable' THEN
          'Nothing, unless it goes on: the page lets the buyer try again. The log has AWS''s words'
        WHEN 'aws_refused' THEN 'Mend credentials, permission or region; the log has AWS''s words'
        WHEN 'busy' THEN 'If it goes on: raise TOLLGATE_THREADS'
      END AS to_do
    FROM tollgate.registration r;
COMMENT ON VIEW tollgate.visits IS
  'Who came with a token, what came of it, and what to do about it';
COMMENT ON COLUMN tollgate.visits.visited_at IS 'When the browser came';
COMMENT ON COLUMN tollgate.visits.outcome IS 'As in registration.outcome';
COMMENT ON COLUMN tollgate.visits.customer_id IS 'Who it was';
COMMENT ON COLUMN tollgate.visits.product_code IS 'As AWS resolved it';
COMMENT ON COLUMN tollgate.visits.request_id IS 'As in our logs';
COMMENT ON COLUMN tollgate.visits.aws_request_id IS 'For AWS''s support';
COMMENT ON COLUMN tollgate.visits.offer_type_claimed IS 'What the browser said about the offer';
COMMENT ON COLUMN tollgate.visits.stored_after IS
  'How long it waited in a journal because the database was away';
COMMENT ON COLUMN tollgate.visits.to_do IS 'What a person can do; null if nothing is wrong';
