-- tollgate doctor: how many products have no dimension, so that all usage of theirs is refused, and
-- one of them; how many dimensions there are.
SELECT count(*), min(product_code), (SELECT count(*) FROM tollgate.dimension)
  FROM tollgate.product p
  WHERE NOT EXISTS (SELECT FROM tollgate.dimension d WHERE d.product_code = p.product_code);
