# Makes C of a folder of statements, a file each: -v part=.h the enum, -v part=.c the texts, the
# schema and its newest migration. Run by the Makefile.
#   awk -f sql/embed.awk -v list=fcgi -v part=.h sql/queries/fcgi/*.sql sql/migrations/*.sql
# Comment lines in front of a statement are for people; what is left is sent as it stands. Only the
# word "Grouped." at their beginning is for the group writer (struct db_query).
BEGIN {
	schema = list == "sandbox" ? "sandbox" : "tollgate"
	migrations = list == "sandbox" ? "sql/sandbox/migrations/" : "sql/migrations/"
	for (i = 1; i < ARGC; i++)
		if (ARGV[i] !~ /\/migrations\//)
			add_statement(ARGV[i])
		else if (index(ARGV[i], migrations) == 1)
			see_migration(substr(ARGV[i], length(migrations) + 1) + 0)
	upper = toupper(list)
	if (part == ".h")
		header()
	else
		source()
	exit
}

function fail(what)
{
	print "sql/embed.awk: " what > "/dev/stderr"
	exit 1
}

function add_statement(file, name)
{
	name = file
	sub(/^.*\//, "", name)
	sub(/\.sql$/, "", name)
	if (name !~ /^[a-z][a-z0-9_]*$/)
		fail(file ": a statement's name is of a-z, 0-9 and _")
	names[++n] = name
	files[n] = file
}

function see_migration(number)
{
	if (number > newest)
		newest = number
}

function header(i)
{
	printf "/* Made from sql/queries/%s. */\n#ifndef %s_QUERIES_H\n#define %s_QUERIES_H\n\n", \
		list, upper, upper
	printf "#include \"db/db.h\"\n\nenum %s_query {\n", list
	for (i = 1; i <= n; i++)
		printf "\t%s_%s,\n", upper, toupper(names[i])
	printf "\tN_%s_QUERIES\n};\nextern const struct db_queries %s_queries;\n\n#endif\n", upper, list
}

function source(i)
{
	printf "/* Made from sql/queries/%s. */\n#include \"%s_queries.h\"\n\n", list, list
	print "static const struct db_query list[] = {"
	for (i = 1; i <= n; i++) {
		printf "\t{ \"%s\",", names[i]
		print statement(files[i]) ? ", true }," : ", false },"
	}
	printf "\t{ 0 },\n};\n\nconst struct db_queries %s_queries = {\n", list
	printf "\tlist, N_%s_QUERIES, \"%s\", %d\n};\n", upper, schema, newest
}

# Each line as a C string of its own, joined by the compiler. A question mark is escaped because
# two of them begin a trigraph. True: it is grouped.
function statement(file, line, begun, got, grouped)
{
	while ((got = (getline line < file)) > 0) {
		grouped = grouped || (!begun && line ~ /^-- Grouped\. /)
		if (!begun && line ~ /^[ \t]*(--.*)?$/)
			continue
		begun = 1
		gsub(/\\/, "\\\\&", line)
		gsub(/"/, "\\\"", line)
		gsub(/\?/, "\\?", line)
		printf "\n\t\t\"%s\\n\"", line
	}
	if (got < 0)
		fail(file " cannot be read")
	close(file)
	if (!begun)
		fail(file " holds no statement")
	return grouped
}
