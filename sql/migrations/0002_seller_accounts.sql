-- Products of several seller accounts of AWS from one installation: which role is taken for a
-- product's calls, and in which region.

ALTER TABLE tollgate.product
  ADD COLUMN aws_role_arn text COLLATE "C",
  ADD COLUMN aws_external_id text COLLATE "C",
  ADD COLUMN aws_region text COLLATE "C",
  ADD CONSTRAINT product_aws_role_arn_shape CHECK (char_length(aws_role_arn) <= 2048
    AND aws_role_arn ~ '^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$'),
  ADD CONSTRAINT product_aws_external_id_shape CHECK (char_length(aws_external_id) <= 1224
    AND aws_external_id ~ '^[A-Za-z0-9_+=,.@:/-]{2,}$'),
  ADD CONSTRAINT product_aws_external_id_has_role
    CHECK (aws_external_id IS NULL OR aws_role_arn IS NOT NULL),
  ADD CONSTRAINT product_aws_region_shape CHECK (aws_region ~ '^[a-z0-9-]{1,63}$');

COMMENT ON COLUMN tollgate.product.aws_role_arn IS
  'A role of the account that lists the product, where that is not the one whose credentials '
  'Tollgate runs with: it is assumed for the product''s calls, and the fulfilment URL in the listing '
  'is then https://your.host/register/ and the product code. Null: the credentials as they are';
COMMENT ON COLUMN tollgate.product.aws_external_id IS
  'What the role''s trust policy asks for as sts:ExternalId; null: nothing';
COMMENT ON COLUMN tollgate.product.aws_region IS
  'Where AWS Marketplace is called for the product; null: in the region of Tollgate''s settings';
