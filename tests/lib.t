#!/usr/bin/env bash
# What the shell tests share says no where nothing was looked at.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p "$tmp/run/deep" "$tmp/run/pgdata"
printf 'level=info event=started\n' >"$tmp/run/one.log"
# verdict PATTERN PATH…: what no_crash says
verdict() { (no_crash x "$@") 2>/dev/null; }
is "logs without a crash" "$(verdict '' "$tmp/run/one.log" "$tmp/run")" "ok 1 - x"
is "a log that is not there" "$(verdict '' "$tmp/run/two.log" "$tmp/run")" "not ok 2 - x"
is "a folder that is not there" "$(verdict '' "$tmp/nowhere")" "not ok 3 - x"
is "a pattern that may not be in it" "$(verdict 'event=(bug|started)' "$tmp/run")" "not ok 4 - x"
is "one that is not in it" "$(verdict 'event=bug' "$tmp/run")" "ok 5 - x"
echo 'ERROR: AddressSanitizer: heap-use-after-free' >"$tmp/run/deep/two.log"
is "a crash in a folder below" "$(verdict '' "$tmp/run")" "not ok 6 - x"
rm "$tmp/run/deep/two.log"
echo 'x: runtime error: y' >"$tmp/run/pgdata/postgresql.log"
is "PostgreSQL's own files are left alone" "$(verdict '' "$tmp/run")" "ok 7 - x"
done_testing
