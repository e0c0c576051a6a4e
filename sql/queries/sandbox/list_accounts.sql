-- The shop: the buyers of each product's newest subscriptions, for one who buys once more.
SELECT product_code, customer_aws_account_id
  FROM (SELECT product_code, customer_aws_account_id, row_number() OVER (PARTITION BY product_code
      ORDER BY max(subscribed_at) DESC, customer_aws_account_id) AS place
    FROM sandbox.license GROUP BY product_code, customer_aws_account_id) customer
  WHERE place <= 20
  ORDER BY product_code, place;
