-- Before a run. $1 product or null, $2 second since 1970, or null: whether there is such a product,
-- and whether it is later than now.
SELECT $1::text IS NULL OR EXISTS (SELECT FROM tollgate.product p WHERE p.product_code = $1)
      AS is_product,
    coalesce(to_timestamp($2::bigint) > tollgate.ledger_time(), false) AS is_future;
