-- What is sold, and, near a month's end, another time for the ledger.
INSERT INTO tollgate.product (product_code, name, seller_name, support_email, access_note)
  VALUES ('prod-bench', 'Bench', 'Bench', 'bench@bench.example', 'At once.');
INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('prod-bench', 'requests');
SELECT format('CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
  RETURN statement_timestamp() + %L::interval', :offset * interval '1 second') WHERE :offset <> 0 \gexec
