#!/usr/bin/env bash
# sql/embed.awk: statements become C, byte by byte the same.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

embed() { awk -f "$root/sql/embed.awk" -v list="${list:-fcgi}" -v part="$1" "${@:2}" </dev/null 2>&1; }
cd "$tmp" || exit
mkdir -p queries sql/migrations sql/sandbox/migrations
touch sql/migrations/0001_a.sql sql/migrations/0012_b.sql sql/sandbox/migrations/0003_c.sql
cat >queries/plain.sql <<'END'
-- Who calls it.

  -- And when.
SELECT 1 -- this stays
  WHERE true;
END
cat >queries/odd.sql <<'END'
SELECT E'back\\slash "quotes" ??/ %d', $1;
END
header=$(embed .h queries/odd.sql queries/plain.sql)
like "the enum has them in order" "$(tr -d '\n\t' <<<"$header")" 'enum fcgi_query \{FCGI_ODD,FCGI_PLAIN,N_FCGI_QUERIES\}'
source=$(embed .c queries/odd.sql queries/plain.sql sql/migrations/*.sql sql/sandbox/migrations/*.sql)
like "the newest migration is known" "$source" 'list, N_FCGI_QUERIES, "tollgate", 12$'
like "the sandbox has its own" "$(list=sandbox embed .c sql/migrations/*.sql sql/sandbox/migrations/*.sql)" \
  'list, N_SANDBOX_QUERIES, "sandbox", 3$'

printf '%s\n' "$header" >fcgi_queries.h
{
  printf '%s\n' "$source"
  printf '#include <stdio.h>\nint main(void)\n{\n\tfor (size_t i = 0; i < fcgi_queries.n; i++)\n'
  printf '\t\tprintf("%%s: %%s", fcgi_queries.list[i].name, fcgi_queries.list[i].text);\n}\n'
} >main.c
# Without GNU's extensions: there, a compiler reads trigraphs.
ok "a compiler takes it without a warning" cc -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$root" -I. -o main main.c
is "and has the statements as they were, without the comments before them" "$(./main)" "odd: $(cat queries/odd.sql)
plain: SELECT 1 -- this stays
  WHERE true;"
{ echo '-- Grouped. Who calls it.'; cat queries/plain.sql; } >queries/grouped.sql
like "a statement is grouped if its comment says so first" "$(embed .c queries/grouped.sql queries/plain.sql | tr -d '\n\t')" \
  '"grouped",.*, true },.*"plain",.*, false },'
embed .h >fcgi_queries.h
embed .c >none.c
ok "no statement at all is fine" cc -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$root" -I. -c -o none.o none.c

echo '-- nothing' >queries/empty.sql
like "a file without a statement is refused" "$(embed .c queries/empty.sql; echo $?)" 'queries/empty.sql holds no statement'
like "a file that is not there is refused" "$(embed .c queries/none.sql)" 'queries/none.sql cannot be read'
like "a name that is no name is refused" "$(embed .h queries/a-b.sql)" "queries/a-b.sql: a statement's name is of"
ok "with an exit status" eval "! embed .h queries/a-b.sql >/dev/null"
done_testing
