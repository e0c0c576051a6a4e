#!/usr/bin/env bash
# Chromium, from the sandbox's shop to the thank-you page, against a whole stack. Screenshots: var/screenshots/.
#   tests/browser.t [PART…]     one or more of tests/browser/*.mjs: path, handoff, keyboard, reflow, failures, outage
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

[ -d "$root/tests/browser/node_modules" ] || die "tests/browser has no node_modules: dev/packages test"
BIN=$(cd "${BIN:-$root/build}" && pwd) || die "no programs: make"
export BIN
SCREENSHOTS=$("$root/dev/stack" var)/screenshots
export SCREENSHOTS
stack_up
node "$root/tests/browser/main.mjs" "$@" || tests_failed=1
planned=yes # by node
exit $tests_failed
