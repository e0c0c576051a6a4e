#!/usr/bin/env bash
# aws/sigv4 against two signers that nobody here wrote, on random requests: SEED=n repeats a run, COUNT=n asks for more.
# A third, libcurl's, signs what our client sends: tests/unit/test_sigv4_curl.c.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

sign=$root/build/out/tests/signing/sign
[ -x "$sign" ] || die "$sign is not there: make units"
node=$(sdk_node) || die "tests/sdk has no node_modules: dev/packages test"
seed=${SEED:-$((RANDOM << 15 | RANDOM))}
count=${COUNT:-3000}

# Debian's Python, whatever else is first in PATH, without the caller's own modules.
ok "botocore's SigV4Auth agrees on $count requests, SEED=$seed" /usr/bin/python3 -I "$root/tests/signing/by_botocore.py" "$sign" "$seed" "$count"
ok "@smithy/signature-v4 agrees on $count requests, SEED=$seed" "$node" "$root/tests/signing/by_smithy.mjs" "$sign" "$seed" "$count"
done_testing
