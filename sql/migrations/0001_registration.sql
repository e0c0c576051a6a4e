-- Products, customers, and how they registered.
--
-- Functions on which a table, a check or a trigger depends are made here, beside it, and change
-- by a migration like the table itself. All others are in functions/ and re-created on each run.
--
-- Names and identifiers have the collation "C": they are compared byte by byte, as AWS does.
-- Rights are in grants.sql. TRUNCATE is not guarded beyond them: only the owner may, and emptying
-- a trial database is the owner's business.

COMMENT ON SCHEMA tollgate IS
  'Tollgate: who bought on AWS Marketplace. Tables are for programs, views for people; \dt+ and '
  '\d+ explain each column';

CREATE FUNCTION tollgate.is_https_url(url text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN char_length(url) <= 2000
    AND url ~ '^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?][!$-;=?-[\]_a-z~]*)?$';
COMMENT ON FUNCTION tollgate.is_https_url(text) IS
  'Whether a link that a seller configures is absolute https, plain ASCII, without user and '
  'fragment';

CREATE FUNCTION tollgate.is_app_url(url text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN tollgate.is_https_url(url) OR tollgate.is_https_url(
    regexp_replace(url, '^http://(localhost|127\.0\.0\.1)(?=[:/?]|$)', 'https://\1'));
COMMENT ON FUNCTION tollgate.is_app_url(text) IS
  'An https link, or http on localhost or 127.0.0.1, for trying on one machine';

CREATE FUNCTION tollgate.is_email(address text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN char_length(address) <= 254
    AND address ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$';
COMMENT ON FUNCTION tollgate.is_email(text) IS
  'The shape of an email address: something, one @, something, no blanks; at most 254 characters';

CREATE FUNCTION tollgate.license_id(arn text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN starts_with(split_part(translate(arn, '/', ':'), ':', -1), 'l-')
    THEN split_part(translate(arn, '/', ':'), ':', -1)
    ELSE arn
  END;
COMMENT ON FUNCTION tollgate.license_id(text) IS
  'What is the same in all spellings of a license''s ARN: its l-… tail, or all of an ARN without '
  'one';

CREATE FUNCTION tollgate.form_field_problem(field jsonb) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  unknown text;
BEGIN
  IF jsonb_typeof(field) <> 'object' THEN
    RETURN 'is not an object';
  END IF;
  SELECT key INTO unknown FROM jsonb_object_keys(field) key
    WHERE key <> ALL (ARRAY['name', 'label', 'hint', 'required', 'max_length', 'type'])
    ORDER BY key LIMIT 1;
  RETURN CASE
    WHEN unknown IS NOT NULL THEN format(
      'has the unknown key "%s"; allowed are name, label, hint, required, max_length and type',
      unknown)
    WHEN jsonb_typeof(field->'name') IS DISTINCT FROM 'string'
      OR field->>'name' !~ '^[a-z][a-z0-9_]{0,39}$'
      THEN 'needs a name: a-z, then up to 39 of a-z 0-9 _'
    WHEN field->>'name' = 'email' THEN 'is named email, which every form has already'
    WHEN jsonb_typeof(field->'label') IS DISTINCT FROM 'string'
      OR char_length(field->>'label') NOT BETWEEN 1 AND 100
      THEN 'needs a label of 1 to 100 characters'
    WHEN jsonb_typeof(field->'hint') <> 'string' OR char_length(field->>'hint') > 200
      THEN 'has a hint that is not a text of at most 200 characters'
    WHEN jsonb_typeof(field->'required') <> 'boolean'
      THEN 'has a required that is not true or false'
    WHEN field ? 'max_length' AND NOT CASE jsonb_typeof(field->'max_length')
        WHEN 'number' THEN (field->'max_length')::numeric BETWEEN 1 AND 2000
          AND (field->'max_length')::numeric % 1 = 0
        ELSE false
      END
      THEN 'has a max_length that is not a whole number from 1 to 2000'
    WHEN jsonb_typeof(field->'type') <> 'string'
      OR field->>'type' <> ALL (ARRAY['text', 'tel', 'url', 'multiline'])
      THEN 'has a type that is not text, tel, url or multiline'
  END;
END
$$;
COMMENT ON FUNCTION tollgate.form_field_problem(jsonb) IS
  'What is wrong with one member of product.form_fields; null if nothing is';

CREATE FUNCTION tollgate.is_form(fields jsonb) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  field jsonb;
  number bigint;
  problem text;
BEGIN
  IF jsonb_typeof(fields) <> 'array' OR (SELECT count(*) FROM jsonb_path_query(fields, '$[*]')) > 20
  THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400',
      MESSAGE = 'form_fields is not an array of at most 20 fields';
  END IF;
  FOR field, number IN SELECT * FROM jsonb_array_elements(fields) WITH ORDINALITY LOOP
    problem := tollgate.form_field_problem(field);
    IF problem IS NULL AND (SELECT count(*) FROM jsonb_array_elements(fields) other
      WHERE other->>'name' = field->>'name') > 1 THEN
      problem := 'has a name that another field has too';
    END IF;
    IF problem IS NOT NULL THEN
      RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format('form_fields: field %s%s %s',
        number, coalesce(' "' || (field->>'name') || '"', ''), problem);
    END IF;
  END LOOP;
  RETURN true;
END
$$;
COMMENT ON FUNCTION tollgate.is_form(jsonb) IS
  'True for a list of form fields as product.form_fields has it; otherwise an error that names '
  'the field';

CREATE FUNCTION tollgate.refuse_change() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'TG409',
    MESSAGE = format('%s of %s is refused: %s', lower(TG_OP), TG_TABLE_NAME, TG_ARGV[0]);
END
$$;
COMMENT ON FUNCTION tollgate.refuse_change() IS
  'Of triggers: refuses what the tables'' rules forbid to everybody, the owner included';

-- Bounds of what AWS, browsers and our programs send. They are domains, and not checks of the
-- tables, because PostgreSQL reads a table's checks anew for each statement (measured: 4 us each,
-- and storing a visit takes 60) and a domain's once a session.
CREATE DOMAIN tollgate.identity AS text COLLATE "C" CHECK (octet_length(VALUE) BETWEEN 1 AND 255);
COMMENT ON DOMAIN tollgate.identity IS
  'A code or identifier of AWS, byte for byte; at most 255 bytes';
CREATE DOMAIN tollgate.arn AS text COLLATE "C" CHECK (octet_length(VALUE) BETWEEN 1 AND 1344);
COMMENT ON DOMAIN tollgate.arn IS
  'A LicenseArn, byte for byte; at most 1344 bytes, more than AWS''s pattern allows';
CREATE DOMAIN tollgate.request_id AS text COLLATE "C"
  CHECK (octet_length(VALUE) BETWEEN 1 AND 128);
COMMENT ON DOMAIN tollgate.request_id IS 'Ours or AWS''s; at most 128 bytes';
CREATE DOMAIN tollgate.offer_type AS text COLLATE "C"
  CHECK (char_length(VALUE) BETWEEN 1 AND 64);
COMMENT ON DOMAIN tollgate.offer_type IS
  'What a browser says about the offer; at most 64 characters';
CREATE DOMAIN tollgate.sha256 AS bytea CHECK (octet_length(VALUE) = 32);
COMMENT ON DOMAIN tollgate.sha256 IS '32 bytes';
CREATE DOMAIN tollgate.metered_by AS text COLLATE "C"
  CHECK (VALUE IN ('license', 'customer_identifier', 'account'));
COMMENT ON DOMAIN tollgate.metered_by IS 'The shape of the identity in which usage is sent to AWS';
CREATE DOMAIN tollgate.visit_outcome AS text COLLATE "C"
  CHECK (VALUE IN ('resolved', 'token_invalid', 'token_expired', 'unknown_product', 'no_identity',
    'aws_unavailable', 'aws_refused', 'busy'));
COMMENT ON DOMAIN tollgate.visit_outcome IS 'What came of a visit; see registration.outcome';
CREATE DOMAIN tollgate.event_kind AS text COLLATE "C"
  CHECK (VALUE IN ('landed', 'contact_given', 'honoured', 'not_subscribed', 'ending', 'ended'));
COMMENT ON DOMAIN tollgate.event_kind IS 'What can happen to a customer; see customer_event.kind';
CREATE DOMAIN tollgate.moment AS timestamptz CHECK (isfinite(VALUE));
COMMENT ON DOMAIN tollgate.moment IS 'A time that is not infinite';

CREATE TABLE tollgate.product (
  product_code text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  seller_name text,
  logo_url text,
  support_email text,
  support_url text,
  terms_url text,
  privacy_url text,
  access_note text,
  handoff_url text,
  form_fields jsonb NOT NULL DEFAULT '[]',
  CONSTRAINT product_code_as_aws CHECK (product_code ~ '^[-a-zA-Z0-9/=:_.@]{1,255}$'),
  CONSTRAINT product_name_length CHECK (char_length(name) BETWEEN 1 AND 200 AND name ~ '\S'),
  CONSTRAINT product_seller_name_length CHECK (char_length(seller_name) BETWEEN 1 AND 200),
  CONSTRAINT product_logo_url_https CHECK (tollgate.is_https_url(logo_url)),
  CONSTRAINT product_support_email_shape CHECK (tollgate.is_email(support_email)),
  CONSTRAINT product_support_url_https CHECK (tollgate.is_https_url(support_url)),
  CONSTRAINT product_terms_url_https CHECK (tollgate.is_https_url(terms_url)),
  CONSTRAINT product_privacy_url_https CHECK (tollgate.is_https_url(privacy_url)),
  CONSTRAINT product_access_note_length CHECK (char_length(access_note) BETWEEN 1 AND 1000),
  CONSTRAINT product_handoff_url_https CHECK (tollgate.is_app_url(handoff_url)),
  CONSTRAINT product_form_fields_valid CHECK (tollgate.is_form(form_fields))
);
COMMENT ON TABLE tollgate.product IS
  'What the seller sells on AWS Marketplace. A product code and a name are enough; the rest is '
  'shown on its pages';
COMMENT ON COLUMN tollgate.product.product_code IS
  'AWS Marketplace''s product code, as in the Management Portal. A visit that resolves to another '
  'code is refused';
COMMENT ON COLUMN tollgate.product.name IS 'As buyers know it';
COMMENT ON COLUMN tollgate.product.seller_name IS
  'The company''s name, on every page of this product';
COMMENT ON COLUMN tollgate.product.logo_url IS 'An image, https';
COMMENT ON COLUMN tollgate.product.support_email IS
  'Where buyers ask for help; AWS wants a support contact on the page';
COMMENT ON COLUMN tollgate.product.support_url IS 'A support page, https';
COMMENT ON COLUMN tollgate.product.terms_url IS 'The seller''s terms, https';
COMMENT ON COLUMN tollgate.product.privacy_url IS 'The seller''s privacy notice, https';
COMMENT ON COLUMN tollgate.product.access_note IS
  'When and how access starts, shown on the thank-you page, such as "You will get an email within '
  'one working day."';
COMMENT ON COLUMN tollgate.product.handoff_url IS
  'The page of the seller''s app that takes a buyer who has an account already (see '
  'redeem_handoff): https without a fragment; for trying on one machine also http://localhost and '
  'http://127.0.0.1, with or without a port';
COMMENT ON COLUMN tollgate.product.form_fields IS
  'The sign-up form''s fields after the email address, at most 20, in order: [{"name": "company", '
  '"label": "Company", "hint": "As on invoices", "required": true, "max_length": 200, "type": '
  '"text"}]. Name and label are needed; type is text, tel, url or multiline; max_length is 1 to '
  '2000, default 200';

CREATE TABLE tollgate.dimension (
  product_code text COLLATE "C" NOT NULL REFERENCES tollgate.product,
  dimension text COLLATE "C" NOT NULL,
  description text,
  PRIMARY KEY (product_code, dimension),
  CONSTRAINT dimension_length CHECK (char_length(dimension) BETWEEN 1 AND 255),
  CONSTRAINT dimension_description_length CHECK (char_length(description) BETWEEN 1 AND 200)
);
COMMENT ON TABLE tollgate.dimension IS 'What a product''s usage is counted in';
COMMENT ON COLUMN tollgate.dimension.product_code IS 'Whose dimension it is';
COMMENT ON COLUMN tollgate.dimension.dimension IS
  'The API name in the listing, upper and lower case as there';
COMMENT ON COLUMN tollgate.dimension.description IS 'For people';

CREATE TABLE tollgate.customer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_code tollgate.identity NOT NULL REFERENCES tollgate.product,
  customer_identifier tollgate.identity,
  customer_aws_account_id tollgate.identity,
  license_arn tollgate.arn,
  license_id text COLLATE "C" GENERATED ALWAYS AS (CASE
      WHEN starts_with(split_part(translate(license_arn, '/', ':'), ':', -1), 'l-')
      THEN split_part(translate(license_arn, '/', ':'), ':', -1)
      ELSE license_arn
    END) STORED,
  metered_by tollgate.metered_by NOT NULL,
  offer_type_claimed tollgate.offer_type,
  created_at tollgate.moment NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT customer_metered_by_is_there CHECK (CASE metered_by
    WHEN 'license' THEN license_arn
    WHEN 'account' THEN customer_aws_account_id
    ELSE customer_identifier
  END IS NOT NULL)
);
-- What AWS deduplicates by: one row each, or one buyer's usage is split over two.
CREATE UNIQUE INDEX customer_license ON tollgate.customer (license_id, product_code)
  WHERE license_id IS NOT NULL;
CREATE UNIQUE INDEX customer_metered_identifier
  ON tollgate.customer (customer_identifier, product_code)
  WHERE metered_by = 'customer_identifier';
CREATE UNIQUE INDEX customer_metered_account
  ON tollgate.customer (customer_aws_account_id, product_code) WHERE metered_by = 'account';
-- For matching a visit.
CREATE INDEX customer_by_identifier ON tollgate.customer (customer_identifier)
  WHERE customer_identifier IS NOT NULL;
CREATE INDEX customer_by_account ON tollgate.customer (customer_aws_account_id)
  WHERE customer_aws_account_id IS NOT NULL;
CREATE TRIGGER customer_stays BEFORE DELETE ON tollgate.customer FOR EACH STATEMENT
  EXECUTE FUNCTION tollgate.refuse_change('usage and bills refer to customers for ever');
CREATE TRIGGER customer_keeps_identity BEFORE UPDATE ON tollgate.customer FOR EACH ROW
  WHEN (NEW.id <> OLD.id OR NEW.product_code <> OLD.product_code
    OR NEW.created_at <> OLD.created_at OR NEW.metered_by <> OLD.metered_by
    OR (OLD.license_arn IS NOT NULL AND tollgate.license_id(NEW.license_arn)
      IS DISTINCT FROM tollgate.license_id(OLD.license_arn))
    OR (OLD.metered_by = 'customer_identifier'
      AND NEW.customer_identifier IS DISTINCT FROM OLD.customer_identifier)
    OR (OLD.metered_by = 'account'
      AND NEW.customer_aws_account_id IS DISTINCT FROM OLD.customer_aws_account_id))
  EXECUTE FUNCTION tollgate.refuse_change(
    'what a customer is metered by does not change, or AWS bills the same usage twice');
COMMENT ON TABLE tollgate.customer IS
  'Who is billed: a buyer of one product, with each of the two identities that AWS gives. Never '
  'deleted';
COMMENT ON COLUMN tollgate.customer.id IS 'Our own number, for usage and for people; never changes';
COMMENT ON COLUMN tollgate.customer.product_code IS
  'What they bought; another product of the same buyer is another customer';
COMMENT ON COLUMN tollgate.customer.customer_identifier IS
  'AWS''s CustomerIdentifier; null for products listed since June 2026';
COMMENT ON COLUMN tollgate.customer.customer_aws_account_id IS
  'The buyer''s AWS account: a text, leading zeros matter. One account may hold several licenses';
COMMENT ON COLUMN tollgate.customer.license_arn IS
  'AWS''s LicenseArn as ResolveCustomer gave it last, to be sent as it is; null for older products';
COMMENT ON COLUMN tollgate.customer.license_id IS
  'The ARN''s l-… tail, by which its spellings are compared (see license_id)';
COMMENT ON COLUMN tollgate.customer.metered_by IS
  'The shape in which usage is sent: license, customer_identifier or account. Set once: AWS bills '
  'a buyer who is metered in two shapes twice, without an error';
COMMENT ON COLUMN tollgate.customer.offer_type_claimed IS
  'What the buyer''s browser said last about the offer, such as free-trial. A claim: anybody can '
  'post it';
COMMENT ON COLUMN tollgate.customer.created_at IS 'When they registered first';
COMMENT ON COLUMN tollgate.customer.updated_at IS 'When an identity or the offer type changed last';

CREATE TABLE tollgate.contact (
  session_sha256 tollgate.sha256 PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES tollgate.customer,
  email text NOT NULL,
  fields jsonb NOT NULL DEFAULT '{}',
  request_id tollgate.request_id NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT contact_email_shape CHECK (tollgate.is_email(email)),
  CONSTRAINT contact_fields_size
    CHECK (jsonb_typeof(fields) = 'object' AND octet_length(fields::text) <= 262144)
);
CREATE INDEX contact_customer ON tollgate.contact (customer_id);
COMMENT ON TABLE tollgate.contact IS
  'What people typed into the sign-up form, a row each session: the only personal data, apart so '
  'that it can be erased (see erase_contact)';
COMMENT ON COLUMN tollgate.contact.session_sha256 IS
  'SHA-256 of the browser session; only that session sees or changes the row';
COMMENT ON COLUMN tollgate.contact.customer_id IS
  'Whose contact it is; several people of one customer may register';
COMMENT ON COLUMN tollgate.contact.email IS 'As typed, checked for its shape only';
COMMENT ON COLUMN tollgate.contact.fields IS 'The product''s own fields, by name';
COMMENT ON COLUMN tollgate.contact.request_id IS 'The request that wrote it last, as in our logs';
COMMENT ON COLUMN tollgate.contact.created_at IS 'When the session sent the form first';
COMMENT ON COLUMN tollgate.contact.updated_at IS 'When the session sent it last';

CREATE TABLE tollgate.registration (
  request_id tollgate.request_id PRIMARY KEY,
  customer_id bigint REFERENCES tollgate.customer,
  product_code tollgate.identity,
  visited_at tollgate.moment NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  outcome tollgate.visit_outcome NOT NULL,
  token_sha256 tollgate.sha256,
  offer_type_claimed tollgate.offer_type,
  aws_request_id tollgate.request_id
);
CREATE INDEX registration_of_customer ON tollgate.registration (customer_id, visited_at)
  WHERE customer_id IS NOT NULL;
CREATE INDEX registration_of_nobody ON tollgate.registration (visited_at)
  WHERE customer_id IS NULL;
CREATE INDEX registration_newest ON tollgate.registration (visited_at);
CREATE TRIGGER registration_stays BEFORE DELETE ON tollgate.registration FOR EACH ROW
  WHEN (OLD.customer_id IS NOT NULL)
  EXECUTE FUNCTION tollgate.refuse_change('a visit of a customer is kept');
CREATE TRIGGER registration_keeps_customer BEFORE UPDATE ON tollgate.registration FOR EACH ROW
  WHEN (OLD.customer_id IS NOT NULL)
  EXECUTE FUNCTION tollgate.refuse_change('a visit of a customer is kept as it was');
COMMENT ON TABLE tollgate.registration IS
  'Every visit with a token. Visits that resolved to nobody are dropped after 30 days';
COMMENT ON COLUMN tollgate.registration.request_id IS 'As in our logs';
COMMENT ON COLUMN tollgate.registration.customer_id IS
  'Who it was; null if AWS named nobody whom we serve';
COMMENT ON COLUMN tollgate.registration.product_code IS
  'As AWS resolved it, also if we do not sell it; null if it did not';
COMMENT ON COLUMN tollgate.registration.visited_at IS 'When the browser came';
COMMENT ON COLUMN tollgate.registration.recorded_at IS
  'When it was stored; later than the visit if the database was away';
COMMENT ON COLUMN tollgate.registration.outcome IS
  'resolved; token_invalid, token_expired, aws_refused, aws_unavailable: AWS''s answer; '
  'unknown_product: not sold here; no_identity: AWS named nobody; busy: not asked';
COMMENT ON COLUMN tollgate.registration.token_sha256 IS
  'SHA-256 of the registration token, to tell whether two visits had the same; the token is '
  'nowhere';
COMMENT ON COLUMN tollgate.registration.offer_type_claimed IS
  'What the browser said about the offer';
COMMENT ON COLUMN tollgate.registration.aws_request_id IS
  'AWS''s request id of ResolveCustomer, for AWS''s support';

CREATE TABLE tollgate.customer_event (
  id bigint GENERATED ALWAYS AS IDENTITY,
  customer_id bigint NOT NULL REFERENCES tollgate.customer,
  kind tollgate.event_kind NOT NULL,
  happened_at tollgate.moment NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  request_id tollgate.request_id,
  PRIMARY KEY (customer_id, id)
);
CREATE TRIGGER customer_event_append_only BEFORE UPDATE OR DELETE ON tollgate.customer_event
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate.refuse_change('it is append-only');
COMMENT ON TABLE tollgate.customer_event IS
  'What happened to a customer, in order; append-only. The view customer_state says what follows '
  'from it';
COMMENT ON COLUMN tollgate.customer_event.id IS 'Order of recording';
COMMENT ON COLUMN tollgate.customer_event.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.customer_event.kind IS
  'landed: first visit; contact_given: a session sent the form; honoured: AWS took a record; '
  'not_subscribed: AWS said so; ending: last hour of metering; ended';
COMMENT ON COLUMN tollgate.customer_event.happened_at IS 'When it happened';
COMMENT ON COLUMN tollgate.customer_event.recorded_at IS 'When we learned it';
COMMENT ON COLUMN tollgate.customer_event.request_id IS
  'The request that brought it, as in our logs; null if none did';

CREATE TABLE tollgate.handoff (
  code_sha256 tollgate.sha256 PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES tollgate.customer,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  redeemed_at timestamptz,
  CONSTRAINT handoff_expires_after_creation CHECK (expires_at > created_at)
);
CREATE INDEX handoff_old ON tollgate.handoff (expires_at);
COMMENT ON TABLE tollgate.handoff IS
  'Codes with which the seller''s app learns who came from AWS Marketplace (see redeem_handoff); '
  'dropped a day after they expire';
COMMENT ON COLUMN tollgate.handoff.code_sha256 IS
  'SHA-256 of the code; the code itself is only in the browser''s redirect';
COMMENT ON COLUMN tollgate.handoff.customer_id IS 'Who came';
COMMENT ON COLUMN tollgate.handoff.created_at IS 'When the buyer pressed the button';
COMMENT ON COLUMN tollgate.handoff.expires_at IS 'Two minutes later';
COMMENT ON COLUMN tollgate.handoff.redeemed_at IS 'When the app took it; a code works once';

CREATE TABLE tollgate.admin_action (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  done_at timestamptz NOT NULL DEFAULT now(),
  done_by text NOT NULL DEFAULT session_user,
  action text NOT NULL,
  customer_id bigint REFERENCES tollgate.customer,
  reason text NOT NULL,
  CONSTRAINT admin_action_action_length CHECK (char_length(action) BETWEEN 1 AND 200),
  CONSTRAINT admin_action_reason_given CHECK (char_length(reason) <= 1000 AND reason ~ '\S')
);
CREATE INDEX admin_action_customer ON tollgate.admin_action (customer_id);
CREATE TRIGGER admin_action_append_only BEFORE UPDATE OR DELETE ON tollgate.admin_action
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate.refuse_change('it is append-only');
COMMENT ON TABLE tollgate.admin_action IS 'What people did by hand, and why; append-only';
COMMENT ON COLUMN tollgate.admin_action.id IS 'Order of recording';
COMMENT ON COLUMN tollgate.admin_action.done_at IS 'When';
COMMENT ON COLUMN tollgate.admin_action.done_by IS 'The role that had logged in';
COMMENT ON COLUMN tollgate.admin_action.action IS 'The function, and what it did';
COMMENT ON COLUMN tollgate.admin_action.customer_id IS 'To whom; null if to nobody alone';
COMMENT ON COLUMN tollgate.admin_action.reason IS 'As the person gave it';
