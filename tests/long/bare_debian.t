#!/usr/bin/env bash
# The README's two commands, and `make bench` with very little data, on a bare Debian 12, which has `make` and nothing else:
# as root, and as an ordinary user with sudo. Each in a clean root made by debootstrap, from the mirror of this machine, in namespaces of its own.
# ONLY=root or ONLY=user does one of the two; RUN_ONLY=1 leaves out `make test`.
# shellcheck source=tests/e2e/buyer.sh
. "$(dirname "$0")/../e2e/buyer.sh"

[ "$(id -u)" = 0 ] || skip_all "a clean root needs root"
command -v debootstrap >/dev/null || die "no debootstrap: dev/packages long"

# "URI suite component", of Debian 12 alone
sources=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
  awk '$2 ~ /^bookworm(-updates|-security)?$/ && $3 == "main"' | sort -u)
mirror=$(printf '%s\n' "$sources" | awk '$2 == "bookworm" { print $1; exit }')
mirror=${mirror:-http://deb.debian.org/debian}
base=$("$root/dev/stack" var)/bare-debian.tar # kept: the next run starts with it

make_base() {
  [ ! -s "$base" ] || return 0
  debootstrap --variant=minbase bookworm "$tmp/base" "$mirror" &&
    tar -C "$tmp/base" -cf "$base.new" . && mv "$base.new" "$base" && rm -rf "$tmp/base"
}

# make_root FOLDER: a bare Debian with make; then in_root runs commands in it
make_root() {
  bare=$1
  mkdir "$bare" && tar -C "$bare" -xf "$base" || return
  cp /etc/resolv.conf /etc/hosts "$bare/etc"
  printf '%s\n' "$sources" | sed 's/^/deb /' >"$bare/etc/apt/sources.list"
  # This machine's own trust and proxy, where it has any; npm and apt inside go the same way out.
  cp /etc/ssl/certs/ca-certificates.crt "$bare/machine-ca.crt"
  # Process 1 of the namespace: when it goes, all in it go, and with them the mounts.
  unshare --mount --pid --fork --kill-child --propagation private -- sh -c '
    mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && touch "$1/is_up" &&
    exec chroot "$1" bash -c "sleep infinity & wait"' sh "$bare" >"$tmp/namespace.log" 2>&1 &
  namespace=$!
  at_exit leave_root "$namespace" "$bare"
  until_true 20 test -e "$bare/is_up" || return
  init=$(cat "/proc/$namespace/task/$namespace/children")
  init=${init%% *}
  in_root apt-get update && in_root apt-get install -y make
}

leave_root() {
  kill -s KILL "$1" 2>/dev/null
  wait "$1" 2>/dev/null
  rm -rf --one-file-system "$2"
}

in_root() {
  nsenter --target "$init" --mount --pid --root --wd -- env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root LANG=C.UTF-8 TERM=dumb NODE_EXTRA_CA_CERTS=/machine-ca.crt PORT="$port" SANDBOX_PORT="$sandbox_port" \
    ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} "$@" </dev/null
}

# as_buyer COMMAND: by a shell of the one who tries Tollgate, in the checkout
as_buyer() {
  if [ "$who" = root ]; then
    in_root sh -c "cd '$checkout' && $1"
  else
    in_root runuser -u "$who" -- env HOME="/home/$who" PATH=/usr/local/bin:/usr/bin:/bin sh -c "cd '$checkout' && $1"
  fi
}

# The committed state, without what lies about in this checkout; a repository, because tests/lint.t asks git for files.
copy_checkout() {
  git init -q "$bare$checkout" || return
  git -c safe.directory="$root" -C "$root" archive HEAD | tar -C "$bare$checkout" -xf - || return
  [ "$who" = root ] || in_root chown -R "$who:" "$checkout"
}

# What runs in the namespace beside its process 1 and the question itself.
running() {
  in_root sh -c 'for p in /proc/[0-9]*; do tr "\0" " " <$p/cmdline 2>/dev/null; echo; done' |
    grep -E '(^|[ /])(postgres|nginx|tollgate-[a-z]+|make)[: ]'
}
is_running_nothing() { ! running; }

start_run() {
  rm -f "$bare/tmp/run.pid"
  # A background job of a script ignores SIGINT; one that a person started does not.
  as_buyer 'exec setsid --wait env --default-signal=INT sh -c "echo \$\$ >/tmp/run.pid; exec make run"' >"$tmp/run.log" 2>&1 &
  run=$!
}
is_ready() { web -f -o /dev/null "$LANDING_URL/readyz" && grep -q 'Ctrl-C stops' "$tmp/run.log"; }
is_over_or_ready() { is_ready || ! kill -0 "$run"; }
press_ctrl_c() { in_root sh -c 'kill -s INT -- "-$(cat /tmp/run.pid)"'; }

# register NAME: from AWS's POST to the thank-you page, then the customer in the database
register() {
  new_browser
  mint '{"ProductCode":"prod-legacy"}'
  land "$token"
  is "$1: a buyer lands" "$status $(header Location)" "303 /signup"
  sign_up "buyer@example.com" --data-urlencode 'field_company=Example Ltd'
  is "$1: and signs up" "$status $(header Location)" "303 /thanks"
  like "$1: and is found with make psql" \
    "$(as_buyer "echo \"select customer_identifier from tollgate.customer;\" | make -s psql" 2>&1)" "$(minted CustomerIdentifier)"
}

run_once() {
  start_run
  until_true 1200 is_over_or_ready
  ok "$1: make run becomes ready" is_ready || { diag "$(tail -n 30 "$tmp/run.log")"; return; }
  unlike "$1: it asks no question" "$(cat "$tmp/run.log")" '\[[Yy]/[Nn]\]|password'
  register "$1"
  like "$1: make -s env names the sandbox" "$(as_buyer 'make -s env' 2>/dev/null)" \
    "AWS_ENDPOINT_URL_MARKETPLACE_METERING=$SANDBOX_URL"
  press_ctrl_c
  ok "$1: Ctrl-C ends it" until_true 60 eval "! kill -0 $run"
  ok "$1: and all it started" until_true 10 is_running_nothing || diag "$(running)"
}

# what is left of the installation of packages
check_system() {
  is "$who: no system cluster was made" "$(in_root pg_lsclusters -h)" ""
  is "$who: no service starts at the next boot" \
    "$(in_root sh -c 'ls /etc/rc[2345].d/S*nginx /etc/rc[2345].d/S*postgresql /etc/systemd/system/*.wants/nginx* /etc/systemd/system/*.wants/postgresql*' 2>/dev/null)" ""
  is "$who: no guard of the installation is left" "$(in_root sh -c 'ls -d /usr/sbin/policy-rc.d* /etc/postgresql-common/createcluster.d' 2>/dev/null)" ""
}

# A PostgreSQL and an nginx of the system, which must not notice.
start_system_services() {
  in_root sh -c "pg_createcluster --port $(free_port) 15 main >/dev/null && pg_ctlcluster 15 main start"
  in_root sh -c "sed -i 's/listen 80 /listen $(free_port) /; /listen \[::\]/d' /etc/nginx/sites-available/default && nginx"
}
system_services() {
  in_root sh -c 'pg_lsclusters -h | grep -c online; kill -0 "$(cat /run/nginx.pid)" && echo nginx'
}

try_as() {
  who=$1
  checkout=$2
  make_root "$tmp/$who" >"$tmp/root.log" 2>&1 || die "no clean root: $(tail -n 5 "$tmp/root.log")"
  [ "$who" = root ] || in_root sh -c "apt-get install -y sudo && useradd -m -s /bin/bash $who &&
    echo '$who ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/$who" >>"$tmp/root.log" 2>&1 || die "no user: $(tail -n 5 "$tmp/root.log")"
  copy_checkout || die "no checkout"
  run_once "$who"
  check_system
  start_system_services
  is_running_nothing() { ! running | grep -qE 'tollgate|make'; }
  run_once "$who, again, beside a system PostgreSQL and nginx"
  is "$who: these still run" "$(system_services)" "$(printf '1\nnginx')"
  in_root sh -c 'pg_ctlcluster 15 main stop; nginx -s quit' >/dev/null 2>&1
  is_running_nothing() { ! running; }
  [ -n "${RUN_ONLY-}" ] || {
    as_buyer 'make test' >"$tmp/test.log" 2>&1
    is "$who: make test passes" "$?" 0
    like "$who: … and says so last" "$(tail -n 1 "$tmp/test.log")" '^[0-9]+ passed, 0 failed$' ||
      diag "$(grep -A 8 '^# failed' "$tmp/test.log")"
  }
  as_buyer 'REST=0 SCALE=0.0005 SECONDS=0.2 REPS=1 make bench' >"$tmp/bench.log" 2>&1
  is "$who: make bench measures" "$?" 0
  like "$who: … and says where its report is" "$(tail -n 1 "$tmp/bench.log")" '^The report is .*/build/bench/report\.md$' ||
    diag "$(tail -n 20 "$tmp/bench.log")"
  leave_root "$namespace" "$bare"
}

make_base >"$tmp/base.log" 2>&1 || die "debootstrap failed: $(tail -n 5 "$tmp/base.log")"
port=$(free_port)
sandbox_port=$(free_port)
LANDING_URL=http://127.0.0.1:$port
SANDBOX_URL=http://127.0.0.1:$sandbox_port
[ "${ONLY-root}" != root ] || try_as root /root/tollgate # a folder that nginx's workers and PostgreSQL cannot enter
[ "${ONLY-user}" != user ] || try_as tester '/home/tester/my checkout'
done_testing
