#include "cli/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	CHUNK = 16 * 1024,
	/* At once: memory that the buffer outgrows is not wiped, and no token is longer. */
	FIRST = 128 * 1024,
};

static const char file_scheme[] = "file://";

static enum status read_all(FILE *in, const char *name, struct buf *out, struct err *err)
{
	size_t got, from = out->len;
	char *to;

	/* The stream has no buffer of its own, where a token would be left behind. */
	setvbuf(in, NULL, _IONBF, 0);
	buf_reserve(out, FIRST);
	while ((to = buf_reserve(out, CHUNK)) && (got = fread(to, 1, CHUNK, in)) > 0)
		out->len += got;
	if (!to)
		return err_set(err, ERR_INPUT, "%s is too long: over %zu bytes", name, out->max - CHUNK);
	out->data[out->len] = '\0';
	if (ferror(in))
		return err_set(err, ERR_INPUT, "cannot read %s: %s", name, strerror(errno));
	if (memchr(out->data + from, '\0', out->len - from))
		return err_set(err, ERR_INPUT, "%s has a NUL in it", name);
	return OK;
}

static enum status read_file(const char *path, struct buf *out, struct err *err)
{
	FILE *in = fopen(path, "re");
	enum status rc;

	if (!in)
		return err_set(err, ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
	rc = read_all(in, path, out, err);
	fclose(in);
	return rc;
}

enum status source_read(const char *value, bool stdin_allowed, struct buf *out, struct err *err)
{
	if (!strncmp(value, file_scheme, strlen(file_scheme)))
		return read_file(value + strlen(file_scheme), out, err);
	if (!stdin_allowed || strcmp(value, "-") != 0) {
		buf_puts(out, value);
		return out->failed ? err_set(err, ERR_INPUT, "the value is too long") : OK;
	}
	if (isatty(STDIN_FILENO))
		fputs("Reading standard input; end it with Ctrl-D.\n", stderr);
	return read_all(stdin, "standard input", out, err);
}

void source_trim(struct buf *text)
{
	while (text->len && strchr("\r\n", text->data[text->len - 1]))
		text->data[--text->len] = '\0';
}
