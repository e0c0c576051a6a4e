-- POST /control/settings. What stays is null: $1 edition, $2 status of a repeat, $3 what is after the
-- end, $4 seconds of grace. $5 the edition unless one was set. Answers with what holds now.
UPDATE sandbox.setting
  SET edition = coalesce($1, edition), repeat_status = coalesce($2, repeat_status),
    after_end = coalesce($3, after_end), grace_seconds = coalesce($4, grace_seconds)
  RETURNING coalesce(edition, $5), repeat_status, after_end, grace_seconds;
