#include "base/ledger_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum { FILE_BYTES_MAX = 2048, PATH_BYTES_MAX = 4096, CRC_LINE_BYTES = 4 + 8 + 1 };

static const char head[] =
	"# Tollgate's ledger, as this machine knows it. Written by tollgate-meter before each call; a\n"
	"# copy of it, or a change, may bill usage twice.\n";
static const char new_name[] = LEDGER_STATE_NAME ".new";

#define FIELD(name) { #name, offsetof(struct ledger_state, name), \
	sizeof((struct ledger_state *)0)->name }

static const struct field {
	const char *name;
	size_t offset, size;
} fields[] = {
	FIELD(ledger), FIELD(system_identifier), FIELD(timeline), FIELD(database),
	FIELD(database_name), FIELD(generation), FIELD(last_call), FIELD(called_at),
};

enum { N_FIELDS = sizeof fields / sizeof fields[0] };

static const char *text_at(const struct ledger_state *state, const struct field *field)
{
	return (const char *)state + field->offset;
}

/* ---- as text ---- */

static void format(const struct ledger_state *state, struct buf *out)
{
	buf_puts(out, head);
	for (int i = 0; i < N_FIELDS; i++)
		buf_printf(out, "%s=%s\n", fields[i].name, text_at(state, &fields[i]));
	buf_printf(out, "crc=%08x\n", text_crc32(buf_text(out), out->len));
}

/* The value of the line "name=value" at *at, which is stepped over. */
static bool take_line(char **at, const struct field *field, struct ledger_state *state)
{
	size_t name_len = strlen(field->name);
	char *value = *at + name_len + 1, *end = strchr(*at, '\n');

	if (!end || strncmp(*at, field->name, name_len) != 0 || (*at)[name_len] != '=')
		return false;
	*end = '\0';
	*at = end + 1;
	return text_copy((char *)state + field->offset, field->size, value);
}

/* Whether the text is whole; it is taken apart. */
static bool parse(char *text, size_t len, struct ledger_state *ret_state)
{
	struct ledger_state state = { 0 };
	char crc[CRC_LINE_BYTES + 1], *at = text + sizeof head - 1;

	if (len < sizeof head + CRC_LINE_BYTES || strlen(text) != len ||
		strncmp(text, head, sizeof head - 1) != 0)
		return false;
	snprintf(crc, sizeof crc, "crc=%08x\n", text_crc32(text, len - CRC_LINE_BYTES));
	if (strcmp(text + len - CRC_LINE_BYTES, crc) != 0)
		return false;
	for (int i = 0; i < N_FIELDS; i++)
		if (!take_line(&at, &fields[i], &state))
			return false;
	if (strcmp(at, crc) != 0)
		return false;
	*ret_state = state;
	return true;
}

void ledger_state_json(const struct ledger_state *state, struct buf *out)
{
	for (int i = 0; i < N_FIELDS; i++) {
		const char *text = text_at(state, &fields[i]);

		buf_printf(out, "%s\"%s\":", i ? "," : "{", fields[i].name);
		if (*text)
			buf_json_text(out, text);
		else
			buf_puts(out, "null");
	}
	buf_putc(out, '}');
}

/* ---- as a file ---- */

enum status ledger_state_read(const char *dir, struct ledger_state *ret_state, struct err *err)
{
	auto_buf path = BUF_INIT(PATH_BYTES_MAX);
	char text[FILE_BYTES_MAX + 1];
	struct stat info;
	ssize_t len = -1;
	int fd, why;

	buf_printf(&path, "%s/" LEDGER_STATE_NAME, dir);
	fd = open(buf_text(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_MISSING, "there is no state file %s", buf_text(&path));
	if (fd >= 0 && !fstat(fd, &info)) {
		errno = EINVAL;
		if (S_ISREG(info.st_mode))
			len = read(fd, text, FILE_BYTES_MAX);
	}
	why = errno;
	if (fd >= 0)
		close(fd);
	if (len < 0)
		return err_set(err, ERR_LOCAL, "cannot read the state file %s: %s", buf_text(&path),
			strerror(why));
	text[len] = '\0';
	if (!parse(text, (size_t)len, ret_state))
		return err_set(err, ERR_INPUT,
			"the state file %s is damaged, or of another program", buf_text(&path));
	return OK;
}

/* The name has the text, durably, or errno says why not. */
static bool replace(int dir_fd, const char *text, size_t len)
{
	int fd = openat(dir_fd, new_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat dir;
	bool written;
	int why;

	if (fd < 0)
		return false;
	errno = ENOSPC; /* of a write that was cut short */
	written = (geteuid() != 0 ||
			(!fstat(dir_fd, &dir) && !fchown(fd, dir.st_uid, dir.st_gid))) &&
		write(fd, text, len) == (ssize_t)len && !fsync(fd);
	why = errno;
	close(fd);
	if (written && !renameat(dir_fd, new_name, dir_fd, LEDGER_STATE_NAME))
		return fsync(dir_fd) == 0;
	if (written)
		why = errno;
	unlinkat(dir_fd, new_name, 0);
	errno = why;
	return false;
}

enum status ledger_state_write(
	const char *dir, const struct ledger_state *state, struct err *err)
{
	auto_buf text = BUF_INIT(FILE_BYTES_MAX);
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), why;
	bool written;

	format(state, &text);
	written = dir_fd >= 0 && !text.failed && replace(dir_fd, buf_text(&text), text.len);
	why = errno;
	if (dir_fd >= 0)
		close(dir_fd);
	if (written)
		return OK;
	return err_set(err, ERR_LOCAL, "cannot write the state file %s/" LEDGER_STATE_NAME ": %s", dir,
		strerror(why));
}
