# Makes C of a folder of statements, a file each: -v part=.h the enum, -v part=.c the texts. Run by the Makefile.
#   awk -f sql/embed.awk -v list=fcgi -v part=.h sql/queries/fcgi/*.sql
# Comment lines in front of a statement are for people; what is left is sent to PostgreSQL as it stands.
BEGIN {
	for (i = 1; i < ARGC; i++) {
		name = ARGV[i]
		sub(/^.*\//, "", name)
		sub(/\.sql$/, "", name)
		names[++n] = name
		files[n] = ARGV[i]
	}
	upper = toupper(list)
	if (part == ".h")
		header()
	else
		source()
	exit
}

function header(i) {
	printf "/* Made from sql/queries/%s. */\n#ifndef %s_QUERIES_H\n#define %s_QUERIES_H\n\n", list, upper, upper
	printf "#include \"db/db.h\"\n\nenum %s_query {\n", list
	for (i = 1; i <= n; i++)
		printf "\t%s_%s,\n", upper, toupper(names[i])
	printf "\tN_%s_QUERIES\n};\nextern const struct db_queries %s_queries;\n\n#endif\n", upper, list
}

function source(i) {
	printf "/* Made from sql/queries/%s. */\n#include \"%s_queries.h\"\n\n", list, list
	printf "static const struct db_query list[] = {\n"
	for (i = 1; i <= n; i++) {
		printf "\t{ \"%s\",", names[i]
		statement(files[i])
		print " },"
	}
	printf "\t{ 0 },\n};\n\nconst struct db_queries %s_queries = { list, N_%s_QUERIES };\n", list, upper
}

# Each line as a C string of its own, joined by the compiler.
function statement(file, line, begun) {
	while ((getline line < file) > 0) {
		if (!begun && line ~ /^[ \t]*(--.*)?$/)
			continue
		begun = 1
		gsub(/\\/, "\\\\", line)
		gsub(/"/, "\\\"", line)
		printf "\n\t\t\"%s\\n\"", line
	}
	close(file)
	if (!begun) {
		print "sql/embed.awk: " file " holds no statement" > "/dev/stderr"
		exit 1
	}
}
