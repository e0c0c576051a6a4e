#!/usr/bin/env bash
# AWS's own JavaScript SDK, as it is on npm, against the sandbox: every action, exception, retry and clock.
#   tests/sdk.t [PART…]     one or more of tests/sdk/*.mjs: actions, errors, wire
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

node=$(sdk_node) || die "tests/sdk has no node_modules: dev/packages test"
BIN=$(cd "${BIN:-$root/build}" && pwd) || die "no programs: make"
export BIN
# Nothing of the caller's own account and set-up.
for name in "${!AWS_@}"; do unset "$name"; done
export HOME=$tmp
stack_up
"$node" "$root/tests/sdk/main.mjs" "$@" || tests_failed=1
planned=yes # by node
exit $tests_failed
