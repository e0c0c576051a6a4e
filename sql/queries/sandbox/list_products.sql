-- The shop: the products, and whether their buyers are known by account and license.
SELECT product_code, title, about, identity = 'license' AS licensed
  FROM sandbox.product ORDER BY title;
