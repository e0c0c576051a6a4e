-- tollgate doctor: how many products there are, and one of them.
SELECT count(*), min(product_code) FROM tollgate.product;
