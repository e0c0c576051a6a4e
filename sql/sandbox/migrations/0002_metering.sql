-- Metering: what the settings of /control/settings are.

ALTER TABLE sandbox.setting
  ADD edition text,
  ADD CONSTRAINT setting_edition_known CHECK (edition IN ('today', '2019'));
COMMENT ON COLUMN sandbox.setting.edition IS
  'Of the API''s limits; null: what TOLLGATE_API_EDITION says';
