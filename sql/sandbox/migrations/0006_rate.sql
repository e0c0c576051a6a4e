-- AWS's rate is an account's in a region.

ALTER TABLE sandbox.call ADD region text;
COMMENT ON COLUMN sandbox.call.region IS 'That it was signed for; null: it is older than the column';
DROP INDEX sandbox.call_by_action;
CREATE INDEX call_by_action ON sandbox.call (action, region, began_at);
COMMENT ON COLUMN sandbox.setting.calls_per_second IS
  'How many calls an action takes in a region; 0: any number';

SET LOCAL client_min_messages = warning; -- a new database has no functions yet
DROP FUNCTION IF EXISTS sandbox.begin_call(text, text, text[], text[], text[]);
