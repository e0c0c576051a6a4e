#include "aws/ini.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 4096, FILE_BYTES_MAX = 1024 * 1024, FIRST_ENTRIES = 16 };

static const char blank[] = " \t\r";

/* What the lines read so far say about the next one. */
struct parser {
	struct ini *ini;
	struct err *err;
	const char *section; /* NULL before the first one */
	const char *key;     /* the last setting that is not nested, NULL for none, */
	char *value;         /* its value, */
	size_t indent;       /* and how far from the margin it stands */
	int line;
};

static enum status read_file(int fd, struct buf *text, const char *path, struct err *err)
{
	struct stat info;

	/* All the room at once: memory that the buffer outgrows is not wiped. */
	if (!fstat(fd, &info) && info.st_size > 0 && info.st_size <= FILE_BYTES_MAX - READ_BYTES)
		buf_reserve(text, (size_t)info.st_size + READ_BYTES);
	for (;;) {
		char *end = buf_reserve(text, READ_BYTES);
		ssize_t got;

		if (!end)
			return err_set(err, ERR_LOCAL, "%s is over %d bytes long", path,
				FILE_BYTES_MAX - READ_BYTES);
		got = read(fd, end, READ_BYTES);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, ERR_LOCAL, "cannot read %s: %s", path, strerror(errno));
		if (!got) {
			*end = '\0';
			return OK;
		}
		text->len += (size_t)got;
	}
}

static struct ini_entry *add_entry(struct ini *ini)
{
	if (ini->n_entries == ini->cap) {
		size_t cap = ini->cap ? 2 * ini->cap : FIRST_ENTRIES;
		struct ini_entry *entries = realloc(ini->entries, cap * sizeof *entries);

		if (!entries)
			return NULL;
		ini->entries = entries;
		ini->cap = cap;
	}
	return &ini->entries[ini->n_entries++];
}

static enum status add(struct parser *at, const struct ini_entry *entry)
{
	struct ini_entry *room = add_entry(at->ini);

	if (!room)
		return err_set(at->err, ERR_LOCAL, "no memory to read %s", at->ini->path);
	*room = *entry;
	return OK;
}

static enum status refuse(struct parser *at, const char *why)
{
	return err_set(at->err, ERR_INPUT, "%s, line %d: %s", at->ini->path, at->line, why);
}

/* Cuts white space off both ends, in place. */
static char *trim(char *text)
{
	size_t len;

	text += strspn(text, blank);
	for (len = strlen(text); len && strchr(blank, text[len - 1]);)
		text[--len] = '\0';
	return text;
}

/* A comment behind a value begins with white space: "#" alone may be part of a value. */
static void cut_comment(char *text)
{
	for (char *p = text; *p; p++) {
		if ((*p == '#' || *p == ';') && (p == text || p[-1] == ' ' || p[-1] == '\t')) {
			*p = '\0';
			return;
		}
	}
}

/* "profile   name" becomes "profile name". */
static void fold_spaces(char *text)
{
	char *to = text;

	for (; *text; text++) {
		bool space = *text == ' ' || *text == '\t';

		if (!space)
			*to++ = *text;
		else if (to[-1] != ' ') /* trimmed, so the first character is none */
			*to++ = ' ';
	}
	*to = '\0';
}

static enum status read_section(struct parser *at, char *line)
{
	char *close = strchr(line, ']'), *name;

	if (!close)
		return refuse(at, "a section's name ends with ']'");
	*close = '\0';
	cut_comment(close + 1);
	name = trim(line + 1);
	if (!*name || *trim(close + 1))
		return refuse(at, "a section is a name in brackets, alone on its line");
	fold_spaces(name);
	at->section = name;
	at->key = NULL;
	return add(at, &(struct ini_entry){ name, "", NULL, NULL });
}

/* An indented line below a value goes on with it. */
static void continue_value(char *value, const char *text)
{
	char *end = value + strlen(value);

	*end++ = '\n'; /* where the line above ended, or before */
	memmove(end, text, strlen(text) + 1);
}

static enum status read_setting(struct parser *at, char *line, bool nested)
{
	char *equals = strchr(line, '='), *key;
	struct ini_entry entry = { at->section, "", NULL, NULL };

	if (!equals)
		return refuse(at, "neither \"key = value\", [section] nor a comment");
	*equals = '\0';
	key = trim(line);
	if (!*key)
		return refuse(at, "there is no key before '='");
	entry.key = key;
	entry.value = trim(equals + 1);
	if (nested) {
		entry.parent = at->key;
	} else {
		at->key = entry.key;
		at->value = entry.value;
	}
	return add(at, &entry);
}

static enum status read_line(struct parser *at, char *line)
{
	size_t indent = strspn(line, blank);
	bool nested = at->key && indent > at->indent;
	char *text = line + indent;

	if (!*text || *text == '#' || *text == ';')
		return OK;
	if (*text == '[' && !nested)
		return read_section(at, text);
	if (!at->section)
		return refuse(at, "a setting stands before the first [section]");
	cut_comment(text);
	text = trim(text);
	if (nested && *at->value) {
		continue_value(at->value, text);
		return OK;
	}
	if (!nested)
		at->indent = indent;
	return read_setting(at, text, nested);
}

static enum status parse(struct ini *ini, struct err *err)
{
	struct parser at = { .ini = ini, .err = err };
	char *line = ini->text.data;
	enum status rc = OK;

	if (!line)
		return OK;
	if (strlen(line) != ini->text.len)
		return err_set(err, ERR_INPUT, "%s is not a text file: it holds a NUL byte", ini->path);
	if (!strncmp(line, "\xef\xbb\xbf", 3)) /* what some editors put first */
		line += 3;
	while (line && !rc) {
		char *end = strchr(line, '\n');

		if (end)
			*end = '\0';
		at.line++;
		rc = read_line(&at, line);
		line = end ? end + 1 : NULL;
	}
	return rc;
}

enum status ini_load(struct ini *ret_ini, const char *path, struct err *err)
{
	struct ini ini = { .path = path, .text = BUF_INIT(FILE_BYTES_MAX) };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum status rc = OK;

	if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
		return err_set(err, ERR_LOCAL, "cannot open %s: %s", path, strerror(errno));
	ini.there = fd >= 0;
	if (ini.there) {
		rc = read_file(fd, &ini.text, path, err);
		close(fd);
	}
	if (!rc)
		rc = parse(&ini, err);
	if (rc)
		ini_done(&ini);
	else
		*ret_ini = ini;
	return rc;
}

void ini_done(struct ini *ini)
{
	buf_wipe(&ini->text);
	free(ini->entries);
	ini->entries = NULL;
	ini->n_entries = ini->cap = 0;
}

bool ini_has_section(const struct ini *ini, const char *section)
{
	for (size_t i = 0; i < ini->n_entries; i++)
		if (!strcmp(ini->entries[i].section, section))
			return true;
	return false;
}

const char *ini_get(const struct ini *ini, const char *section, const char *parent,
	const char *key)
{
	for (size_t i = ini->n_entries; i-- > 0;) {
		const struct ini_entry *entry = &ini->entries[i];

		if (entry->key && !strcasecmp(entry->key, key) && !strcasecmp(entry->parent, parent) &&
			!strcmp(entry->section, section))
			return entry->value;
	}
	return NULL;
}
