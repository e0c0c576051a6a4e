-- What tests/e2e/life.t knows apart from the ledger: the usage that was committed, what AWS honoured, and whatever
-- the two and the ledger do not agree on.
CREATE SCHEMA life;
CREATE TABLE life.used (customer_id bigint, dimension text, quantity numeric, used_at timestamptz, tags jsonb);
-- Whose usage AWS takes to the end of the life.
CREATE TABLE life.customer (customer_id bigint PRIMARY KEY, is_subscribed boolean);

INSERT INTO tollgate.product (product_code, name) VALUES ('life-legacy', 'Legacy'), ('life-license', 'License');
-- "nope" is a dimension that AWS does not know.
INSERT INTO tollgate.dimension (product_code, dimension, included)
  SELECT p, d, i FROM (VALUES ('life-legacy'), ('life-license')) p (p),
    (VALUES ('d1', NULL), ('d2', NULL), ('d3', NULL), ('inc', 20), ('nope', NULL)) d (d, i);

-- What BatchMeterUsage honoured, from the answer of /control/records. Another program's records are known by their
-- quantity, which no usage of this life comes to.
CREATE FUNCTION life.honoured(records jsonb)
  RETURNS TABLE (metering_record_id text, product_code text, who text, dimension text, hour timestamptz, used_at bigint,
    quantity bigint, region text, shares jsonb, is_ours boolean) LANGUAGE sql STABLE AS $$
  SELECT r->>'MeteringRecordId', r->>'ProductCode',
      coalesce(r->>'CustomerIdentifier', r->>'LicenseArn', r->>'CustomerAWSAccountId'), r->>'Dimension',
      tollgate.hour_of(to_timestamp((r->>'Timestamp')::numeric)), (r->>'Timestamp')::bigint, (r->>'Quantity')::bigint,
      r->>'Region', (SELECT jsonb_object_agg(t.tags, a->'AllocatedUsageQuantity')
        FROM jsonb_array_elements(nullif(r->'UsageAllocations', 'null')) a, LATERAL (
          SELECT coalesce(jsonb_object_agg(t->>'Key', t->'Value'), '{}')::text
            FROM jsonb_array_elements(nullif(a->'Tags', 'null')) t) t (tags)),
      (r->>'Quantity')::bigint NOT BETWEEN 700000 AND 799999
    FROM jsonb_array_elements(records->'Records') r
$$;

-- What the ledger froze, as AWS would know it. open: it may be honoured just now, or was, and nobody knows.
CREATE VIEW life.frozen AS
  SELECT r.id, r.product_code, coalesce(r.customer_identifier, r.license_arn, r.customer_aws_account_id) AS who,
      r.dimension, r.hour, extract(epoch FROM r.used_at)::bigint AS used_at, r.quantity, r.aws_region AS region,
      (SELECT jsonb_object_agg(a.tags::text, a.quantity) FROM tollgate.record_allocation a WHERE a.record_id = r.id)
        AS shares,
      CASE WHEN s.state = 'frozen' AND c.record_id IS NULL THEN 'waits' WHEN s.state IN ('frozen', 'uncertain') THEN 'open'
        ELSE s.state END AS state,
      s.code, s.metering_record_id, s.repair, s.honoured
    FROM tollgate.metering_record r
    JOIN tollgate.record_state s ON s.record_id = r.id
    LEFT JOIN (SELECT unnest(n.records) AS record_id FROM tollgate.open_call n) c ON c.record_id = r.id;

-- Whatever is not as it must be, a line each.
CREATE FUNCTION life.problems(records jsonb) RETURNS SETOF text LANGUAGE sql SET jit = off AS $$
  SELECT tollgate.audit_ledger()
  UNION ALL
  SELECT format('customer %s, %s %s: %s were used, the ledger accepted %s', customer_id, dimension, tags, u.quantity,
      a.accepted)
    FROM (SELECT customer_id, dimension, coalesce(tags, '{}') AS tags, sum(quantity) AS quantity FROM life.used
      GROUP BY 1, 2, 3) u FULL JOIN tollgate.audit_balance() a USING (customer_id, dimension, tags)
    WHERE u.quantity IS DISTINCT FROM a.accepted
  UNION ALL
  SELECT format('AWS honoured %s of %s %s at %s, and no record is that', h.quantity, h.who, h.dimension, h.hour)
    FROM life.honoured(records) h LEFT JOIN life.frozen f USING (product_code, who, dimension, hour)
    WHERE h.is_ours AND (f.used_at, f.quantity, f.region, f.shares)
      IS DISTINCT FROM (h.used_at, h.quantity, h.region, h.shares)
  UNION ALL
  SELECT format('record %s of %s units is %s, and AWS honoured %s', f.id, f.quantity,
      coalesce(f.repair || ' by a person, ', '') || f.state, coalesce(h.quantity::text, 'nothing'))
    FROM life.frozen f LEFT JOIN life.honoured(records) h USING (product_code, who, dimension, hour)
    WHERE CASE WHEN f.state IN ('open', 'unknown', 'unconfirmed', 'written_off') THEN false
      WHEN f.state = 'billed' AND f.repair IS NULL THEN f.metering_record_id IS DISTINCT FROM h.metering_record_id
      WHEN f.state = 'billed' THEN f.honoured IS DISTINCT FROM h.quantity
      -- Its units go into another hour, or are never billed: so AWS may not have them.
      ELSE coalesce(h.is_ours, false) END
  UNION ALL
  SELECT format('record %s is %s, and no answer about it was lost', f.id, f.state) FROM life.frozen f
    WHERE f.state IN ('unknown', 'unconfirmed') AND NOT EXISTS (
      SELECT FROM tollgate.metering_call c JOIN tollgate.metering_answer a ON a.call_id = c.id
        WHERE f.id = ANY (c.records) AND (a.uncertain OR f.id = ANY (a.unnamed)))
$$;

-- Somebody looks up in AWS's report what it has of some records, and says so.
CREATE FUNCTION life.repair(records jsonb, most int) RETURNS SETOF numeric LANGUAGE sql AS $$
  SELECT CASE WHEN f.state <> 'refused' THEN tollgate.settle_record(f.id, coalesce(h.quantity, 0), 'looked up')
      WHEN f.code = 'DuplicateRecord' THEN tollgate.book_shortfall(f.id, h.quantity, 'looked up')
      ELSE tollgate.retry_record(f.id, 'mended') END
    FROM (SELECT * FROM life.frozen f WHERE f.state IN ('unknown', 'unconfirmed', 'refused') ORDER BY f.id DESC LIMIT most) f
    LEFT JOIN life.honoured(records) h USING (product_code, who, dimension, hour)
$$;

-- At the end: what could have been billed, and is not.
CREATE FUNCTION life.unbilled() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT format('customer %s, %s %s: %s wait, %s are carried, %s are frozen', a.customer_id, a.dimension, a.tags,
      a.waiting, a.carried, a.frozen)
    FROM tollgate.audit_balance() a JOIN life.customer c USING (customer_id)
    WHERE c.is_subscribed AND a.dimension <> 'nope' AND (a.waiting + a.carried >= 1 OR a.frozen > 0)
$$;
