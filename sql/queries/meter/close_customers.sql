-- Before freezing, after what is out of time: customers whose last hour is over.
SELECT closed, trim_scale(written_off) AS written_off FROM tollgate.close_customers();
