-- The shop: what each product costs, with two decimals or as many as it needs.
SELECT product_code, dimension,
    '$' || CASE WHEN unit_price = round(unit_price, 2) THEN round(unit_price, 2)
      ELSE trim_scale(unit_price) END AS price
  FROM sandbox.dimension ORDER BY product_code, unit_price DESC, dimension;
