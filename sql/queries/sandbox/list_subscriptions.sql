-- The shop: the newest subscriptions of each product, for a buyer who sets one up again.
SELECT product_code, license_arn, customer_aws_account_id,
    to_char(subscribed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS since
  FROM (SELECT *, row_number() OVER (PARTITION BY product_code
      ORDER BY subscribed_at DESC, license_id) AS place FROM sandbox.license) license
  WHERE place <= 20
  ORDER BY product_code, place;
