-- Before freezing: what time it is here, in seconds since 1970, and a product to ask AWS about.
SELECT extract(epoch FROM tollgate.ledger_time())::bigint AS now,
    (SELECT min(product_code) FROM tollgate.product) AS product_code;
