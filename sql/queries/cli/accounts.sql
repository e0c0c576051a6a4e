-- tollgate doctor: the roles and regions that products name, with one product of each.
SELECT aws_role_arn, aws_external_id, aws_region, min(product_code)
  FROM tollgate.product
  WHERE aws_role_arn IS NOT NULL OR aws_region IS NOT NULL
  GROUP BY aws_role_arn, aws_external_id, aws_region
  ORDER BY min(product_code);
