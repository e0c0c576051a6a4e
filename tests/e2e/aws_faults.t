#!/usr/bin/env bash
# AWS at its worst: what a buyer sees, and what the operator reads.
. "$(dirname "$0")/buyer.sh"
export TOLLGATE_THREADS=256
stack_up

# Control calls that begin anew: no fault is left over from the test before.
anew() {
  control reset '{}' >/dev/null
  mint '{"ProductCode":"prod-license"}'
  new_browser
}
anew

# AWS: what goes away by itself is tried again, and the buyer sees nothing of it.
for name in ThrottlingException InternalServiceErrorException html503 reset cut ServiceUnavailable; do
  fault "{\"Action\":\"ResolveCustomer\",\"Fault\":\"$name\",\"Count\":1}"
  land "$token"
  is "$name once: tried again" "$status" 303
done
fault '{"Action":"ResolveCustomer","Fault":"slow","DelayMs":1000,"Count":1}'
land "$token"
is "slow, but within eight seconds" "$status" 303
for name in ThrottlingException InternalServiceErrorException html503 reset lost cut; do
  fault "{\"Action\":\"ResolveCustomer\",\"Fault\":\"$name\",\"Count\":20}"
  land "$token"
  is "$name all the time: 503" "$status" 503
  like "says when to come back ($name)" "$(header Retry-After)" '^[0-9]+$'
  is "and keeps the token in a hidden field, once ($name)" "$(grep -oF 'name="x-amzn-marketplace-token"' "$tmp/page" | wc -l)" 1
  anew
done
fault '{"Action":"ResolveCustomer","Fault":"ThrottlingException","Count":3}'
land "$token" -d x-amzn-marketplace-offer-type=free-trial
held=$(sed -n 's/.*name="x-amzn-marketplace-token" value="\([^"]*\)".*/\1/p' "$tmp/page")
is "what the page would post is the token" "$held" "$token"
land "$held" -d x-amzn-marketplace-offer-type=free-trial
is "and it works once AWS does" "$status" 303
for name in AccessDeniedException DisabledApiException UnrecognizedClientException; do
  fault "{\"Action\":\"ResolveCustomer\",\"Fault\":\"$name\",\"Count\":20}"
  land "$token"
  is "$name: the operator's fault, not the buyer's" "$status" 503
  like "and the log names it" "$(grep "$name" "$tmp/run/fcgi.log")" "level=error .*aws_code=$name"
  anew
done
started=$SECONDS
fault '{"Action":"ResolveCustomer","Fault":"slow","DelayMs":20000,"Count":5}'
land "$token"
is "an AWS that does not answer: 503" "$status" 503
ok "after about eight seconds" test $((SECONDS - started)) -le 10
control reset '{}' >/dev/null

# Three hundred buyers while AWS is slow: forms and health still answer.
anew
land "$token"
fault '{"Action":"ResolveCustomer","Fault":"slow","DelayMs":6000,"Count":300}'
for i in $(seq 300); do
  printf 'next\nurl = %s/register\ndata = x-amzn-marketplace-token=crowd-%d-of-%d\noutput = /dev/null\nwrite-out = "%%{http_code} %%{time_total}\\n"\n' "$LANDING_URL" "$i" "$$"
done | sed 1d >"$tmp/crowd"
web -Z --parallel-immediate --parallel-max 300 -K "$tmp/crowd" >"$tmp/crowd.out" 2>"$tmp/crowd.err" &
crowd=$!
>"$tmp/run/nginx-access.log"
turned_away() { grep -q 'POST /register.*status=503' "$tmp/run/nginx-access.log"; }
ok "who comes when three quarters of the threads wait is turned away at once" until_true 5 turned_away
ask /signup
is "the form answers while AWS is slow" "$status" 200
ask /readyz
is "and so does /readyz" "$status" 200
ask /healthz
is "and /healthz" "$status" 200
wait "$crowd"
is "every one of the crowd was answered" "$(wc -l <"$tmp/crowd.out")" 300
is "108 of them by the page that says to try again" "$(grep -c '^503' "$tmp/crowd.out")" 108
is "and 192 by AWS" "$(grep -c '^400' "$tmp/crowd.out")" 192
is "the desk tells those who were not asked for from an AWS that is away" \
  "$(sql "SELECT count(*), min(to_do) FROM tollgate.visits WHERE outcome = 'busy'")" "108|If it goes on: raise TOLLGATE_THREADS"
anew

check_secrets
done_testing
