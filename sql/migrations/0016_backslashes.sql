-- Databases that are set to standard_conforming_strings = off lost the backslashes of the first
-- migrations: they refused each link that has a path, and a name or a reason without a capital S. All
-- that had one is made anew; in every other database it stays what it was. No row that was let in is
-- against the rules as they were meant.
COMMENT ON SCHEMA tollgate IS
  'Tollgate: who bought on AWS Marketplace. Tables are for programs, views for people; \dt+ and '
  '\d+ explain each column';

CREATE OR REPLACE FUNCTION tollgate.is_https_url(url text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN char_length(url) <= 2000
    AND url ~ '^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?][!$-;=?-[\]_a-z~]*)?$';
CREATE OR REPLACE FUNCTION tollgate.is_app_url(url text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN tollgate.is_https_url(url) OR tollgate.is_https_url(
    regexp_replace(url, '^http://(localhost|127\.0\.0\.1)(?=[:/?]|$)', 'https://\1'));

ALTER TABLE tollgate.product DROP CONSTRAINT product_name_length,
  ADD CONSTRAINT product_name_length CHECK (char_length(name) BETWEEN 1 AND 200 AND name ~ '\S');
ALTER TABLE tollgate.admin_action DROP CONSTRAINT admin_action_reason_given,
  ADD CONSTRAINT admin_action_reason_given CHECK (char_length(reason) <= 1000 AND reason ~ '\S');

-- Nothing writes no_identity: an answer of AWS's that names nobody is like one that can't be read, and
-- the buyer is let try again.
COMMENT ON COLUMN tollgate.registration.outcome IS
  'resolved; token_invalid, token_expired, aws_refused, aws_unavailable: AWS''s answer, which is no '
  'answer if it names nobody; unknown_product: not sold here; busy: not asked';
