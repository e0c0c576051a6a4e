-- Read at start and every so often: the products, a row for each field of their forms in order, or
-- one row with nulls for a product without.
SELECT p.product_code, p.name, p.seller_name, p.logo_url, p.support_email, p.support_url,
    p.terms_url, p.privacy_url, p.access_note, p.handoff_url,
    p.aws_role_arn, p.aws_external_id, p.aws_region,
    f.field->>'name' AS field_name, f.field->>'label' AS label, f.field->>'hint' AS hint,
    CASE WHEN f.field IS NOT NULL
      THEN coalesce((f.field->'required')::boolean, false) END AS required,
    CASE WHEN f.field IS NOT NULL
      THEN coalesce((f.field->'max_length')::int, 200) END AS max_length,
    CASE WHEN f.field IS NOT NULL THEN coalesce(f.field->>'type', 'text') END AS type
  FROM tollgate.product p
  LEFT JOIN LATERAL jsonb_array_elements(p.form_fields) WITH ORDINALITY f(field, place) ON true
  ORDER BY p.product_code, f.place;
