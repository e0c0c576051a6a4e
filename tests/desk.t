#!/usr/bin/env bash
# The desk: what psql shows with sql/psqlrc fits a terminal, whatever is in the tables; docs/desk.md shows what comes out;
# and each code that aws/ knows has its reason. UPDATE=1 writes what comes out into docs/desk.md.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

export LC_ALL=C.UTF-8
database_up
sql() { psql -XqAt -v ON_ERROR_STOP=1 -c "$1"; }

# desk DATABASE LINE…: what tollgate_admin sees after each line, which comes before it as "tollgate=> LINE"
desk() {
  local database=$1 line
  shift
  for line; do printf "\\\\echo 'tollgate=> %s'\n%s\n" "$(sed "s/\\\\/&&/g; s/'/&&/g" <<<"$line")" "$line"; done |
    PGDATABASE=$database PGUSER=tollgate_admin PSQLRC=$root/sql/psqlrc psql 2>&1 | sed 's/ *$//'
}
# broken: lines in which psql broke a cell where it was full, as it does to fit them all
broken() { grep -E '^\.|\|\.' | head -n 5; }
# wide: lines of standard input that have more than 100 columns, or an error
wide() { grep -E '.{101}|ERROR: |FATAL: |^invalid|^unrecognized|extra argument|^\\' | head -n 5; }

mapfile -t commands < <(desk tollgate :help | grep -Eo '^ :[a-z]+' | tr -d ' ' | sort -u)
is "the commands that :help names" "${commands[*]}" \
  ":atrisk :balance :bill :customers :functions :products :refused :runs :tables :usage :visits :waiting"
is "they are all that there are, but for :customer, :columns and parts of them" \
  "$(sed -n 's/^\\set \([a-z_]*\) .*/:\1/p' "$root/sql/psqlrc" | sort -u | grep -Evx ':(columns|customer|help|only|(bill_month|usage_day)s|waiting_(from|of))' | tr '\n' ' ')" \
  "${commands[*]} "
like ":customer asks for one" "$(desk tollgate :customer)" '^first say which one, as in: \\set id 7$'
for id in 99 foo 7foo 12345678901234567890; do
  is "there is no customer $id: :customer says just that" "$(desk tollgate "\\set id $id" :customer)" \
    "$(printf '%s\n' "tollgate=> \\set id $id" 'tollgate=> :customer' "there is no customer $id")"
done
for command in :refused :waiting :balance :usage :bill; do
  like "$command says what is no id" "$(desk tollgate '\set id 7foo' "$command")" 'invalid input syntax for type bigint: "7foo"'
done
like ":columns asks for a table" "$(desk tollgate :columns)" '^first say of which, as in: \\set table product$'
like "which there has to be" "$(desk tollgate '\set table products' :columns)" '^there is no table products$'
is "nothing is wrong with an empty ledger" "$(desk tollgate "${commands[@]}" '\set id 7' :customer "${commands[@]}" | wide)" ""

# ---- wide ----

createdb -T tollgate wide
PGDATABASE=wide psql -Xqf "$root/tests/desk/wide.sql" >&2 || die "tests/desk/wide.sql failed"
for command in "${commands[@]}"; do
  desk wide "$command" >"$tmp/out"
  is "$command fits 100 columns" "$(wide <"$tmp/out")" ""
  is "… without breaking words" "$(broken <"$tmp/out")" ""
  ok "… and shows something" test "$(wc -l <"$tmp/out")" -gt 4
done
desk wide '\set id 1234507' :customer "${commands[@]}" >"$tmp/out"
is "so does all of one customer" "$(wide <"$tmp/out")" ""
is "… without breaking words" "$(broken <"$tmp/out")" ""
is "… with ids that can be copied" "$(grep -Eo '\<[0-9a-f]{32}\>|\<[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\>' "$tmp/out" | sort -u)" \
  "$(PGDATABASE=wide sql "SELECT unnest(ARRAY[request_id, aws_request_id]::text[]) FROM tollgate.visits WHERE customer_id = 1234507" | sort -u)"
for command in :refused :waiting :balance :usage; do
  is "$command shows this one alone" \
    "$(desk wide '\set id 1234507' "$command" | grep -Eo '\<12345[0-9]{2}\>' | sort -u)" 1234507
done
mapfile -t tables < <(PGDATABASE=wide sql "SELECT relname FROM pg_class WHERE relnamespace = 'tollgate'::regnamespace AND relkind IN ('r', 'v')")
for table in "${tables[@]}"; do desk wide "\\set table $table" :columns; done >"$tmp/out"
is ":columns of each table fits 100 columns" "$(wide <"$tmp/out")" ""
is "… without breaking words" "$(broken <"$tmp/out")" ""
is "… and says what each column is" "$(grep -E '\| -$' "$tmp/out")" ""
is "… of all tables" "$(grep -c '^tollgate=> :columns$' "$tmp/out"), $(grep -Ec '^ +column +\| +type +\| +comment$' "$tmp/out")" \
  "${#tables[@]}, ${#tables[@]}"
is "\\set function: :functions shows this one alone" \
  "$(desk wide '\set function erase_contact' :functions | grep -Eo '^ [a-z_]+\(')" " erase_contact("
is '\unset id: all again' "$(desk wide '\set id 1234507' '\unset id' :refused)" \
  "$(printf 'tollgate=> %s\n' '\set id 1234507' '\unset id'; desk wide :refused)"
is "each code that was refused is there, by its reason" \
  "$(desk wide :refused | sed -n 's/.*| refused, \([A-Za-z0-9_ ]*[a-z]\) *+$/\1/p' | sort)" \
  "$(PGDATABASE=wide sql "SELECT DISTINCT code FROM tollgate.refused WHERE outcome = 'refused'" | sort)"
PGDATABASE=wide sql "UPDATE tollgate.open_record SET deadline = tollgate.ledger_time() + interval '24 hours 31 minutes'"
like ":atrisk counts more hours than a day has" "$(desk wide :atrisk)" ' \| 24:2[01] '

# ---- the codes of aws/ ----

sql 'SELECT code FROM tollgate.list_reasons()' | sort >"$tmp/reasons"
# names FILE TABLE: of rows like { "Name", … in the tables of that name
names() { awk -v table="$2" '/^static const struct/ || /^} errors/ { on = $0 ~ table } on' "$root/aws/$1" | grep -Eo '\{ "[A-Za-z.0-9]+",' | grep -Eo '[A-Za-z.0-9]+'; }
names limits.c '(batch_errors|common|unlisted)_' | sort -u >"$tmp/ours"
names limits.c '(resolve|meter|register)_errors' | sort -u | comm -13 "$tmp/ours" - >"$tmp/others"
names error.c errors | sort -u | comm -23 - "$tmp/others" >>"$tmp/ours"
sed -n 's/.*strcmp(status, "\([A-Za-z]*\)").*/\1/p' "$root/aws/metering_match.c" >>"$tmp/ours"
sort -u -o "$tmp/ours" "$tmp/ours"
ok "the codes of aws/ are found: $(wc -l <"$tmp/ours")" test "$(wc -l <"$tmp/ours")" -ge 60
is "each code that BatchMeterUsage may answer with has a reason" "$(comm -23 "$tmp/ours" "$tmp/reasons")" ""
is "and each reason is of a code that there is" "$(grep '^[A-Z]' "$tmp/reasons" | comm -23 - <(sort -u "$tmp/ours" "$tmp/others"))" ""
is "codes of our own: those that the meter and the ledger write" "$(grep -E '^(lost|unsendable)$' "$tmp/reasons" | tr '\n' ' ')" "lost unsendable "

# ---- docs/desk.md ----

createdb -T tollgate night
PGDATABASE=night psql -Xqf "$root/tests/desk/night.sql" >&2 || die "tests/desk/night.sql failed"
is "the ledger of the page adds up" "$(PGDATABASE=night sql 'SELECT tollgate.audit_ledger()')" ""
billed() { awk -F'|' 'NR > 3 { units += $4 } END { print units }'; }
is ":bill is the sum of what AWS honoured" "$(desk night :bill | billed)" "$(PGDATABASE=night sql 'SELECT sum(billed) FROM tollgate.usage')"
is "… by one customer" "$(desk night '\set id 13' :bill | billed)" \
  "$(PGDATABASE=night sql 'SELECT sum(billed) FROM tollgate.usage WHERE customer_id = 13')"
# Each block is a session of its own.
n=0
while IFS= read -r line; do
  case $line in
    '```'*) [ "$n" -gt 0 ] && [ "${#lines[@]}" -gt 0 ] && desk night "${lines[@]}" | sed '${/^$/d}' >"$tmp/block.$n"
      n=$((n + 1)) lines=() ;;
    'tollgate=> '*) lines+=("${line#tollgate=> }") ;;
  esac
done <"$root/docs/desk.md"
awk -v blocks="$tmp/block." '/^```/ { n++; print; skip = 0; next }
  /^tollgate=> / && !skip { skip = 1; while ((getline line < (blocks n)) > 0) print line }
  !skip' "$root/docs/desk.md" >"$tmp/desk.md"
[ -z "${UPDATE-}" ] || cp "$tmp/desk.md" "$root/docs/desk.md"
ok "blocks of the page were run" test "$(find "$tmp" -name 'block.*' | wc -l)" -ge 8
is "docs/desk.md shows what comes out" "$(diff "$root/docs/desk.md" "$tmp/desk.md")" ""
is "each exit status of the meter has its row" \
  "$(sed -n '/^### When a run fails/,$s/^| \([0-9]*\) |.*/\1/p' "$root/docs/desk.md" | sort)" \
  "$(sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It \([1-9][0-9]*\)$/\1/p' "$root/meter/tollgate-meter.8" | sort)"
# The line for cron, as it stands there, with other folders and a meter that shows how it is run.
mkdir "$tmp/etc" "$tmp/lib" "$tmp/sbin"
printf '#!/bin/sh\necho "$PGHOST $PGUSER $TOLLGATE_STATE_DIR $(pwd)" >&2\nexit 75\n' >"$tmp/sbin/tollgate-meter"
chmod 755 "$tmp/sbin/tollgate-meter"
echo PGHOST=here >"$tmp/etc/tollgate.env"
line=$(sed -n 's/^ *5 \* \* \* \* tollgate //p' "$root/docs/desk.md" |
  sed "s|/etc/tollgate/|$tmp/etc/|; s|/var/lib/tollgate|$tmp/lib|g; s|/usr/local/sbin|$tmp/sbin|")
is "the line for cron: settings, role and state folder; it prints the last line of a run that failed" \
  "$(env -u PGHOST -u PGUSER sh -c "$line")" "here tollgate_meter $tmp/lib $tmp/lib"
is "the reasons that the page speaks of are those that it shows" "$(sed -n 's/^- \*\*\([0-9]*\), record.*/\1/p' "$root/docs/desk.md")" \
  "$(awk '/^tollgate=> :refused/ { on = 1 } on && /^ *[0-9]+ \| / && NF { print $1 } /^ record/ { exit }' "$root/docs/desk.md")"
is "… of each command, but the long :tables" "$(for command in "${commands[@]}" :columns :customer :help; do
  [ "$command" = :tables ] || grep -q "^tollgate=> $command\$" "$root/docs/desk.md" || echo "$command"; done)" ""
done_testing
