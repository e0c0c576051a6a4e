-- After calls came back: [{"call", "status", "code", "request_id", "uncertain", "records": [{"record",
-- "said", "code", "id"}, …]}, …]. A row for each record that is settled now.
SELECT record_id, outcome FROM tollgate.settle_calls($1);
