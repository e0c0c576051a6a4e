#include "base/log.h"

#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

enum { LINE_BYTES_MAX = 4000 }; /* a line under PIPE_BUF is written whole */

static const char *program = "tollgate";
static enum log_level least = LOG_INFO;
static struct log_frame around;

void log_program(const char *name)
{
	program = name;
}

void log_least(enum log_level level)
{
	least = level;
}

void log_frame(struct log_frame frame)
{
	around = frame;
}

static void put_time(struct buf *line)
{
	struct timespec now;
	struct tm utc;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
	buf_printf(line, "%s.%03ldZ", text, now.tv_nsec / 1000000);
}

static bool is_plain(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f || *text == '"' || *text == '\\' ||
			*text == '=')
			return false;
	return true;
}

/* What a stranger sent is made harmless for terminals and line-based tools. */
static void put_value(struct buf *line, const char *text)
{
	if (is_plain(text)) {
		buf_puts(line, text);
		return;
	}
	buf_putc(line, '"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7f)
			buf_printf(line, "\\x%02x", c);
		else if (c == '"' || c == '\\')
			buf_printf(line, "\\%c", c);
		else
			buf_putc(line, (char)c);
	}
	buf_putc(line, '"');
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
	static const char *const names[] = { "info", "warn", "error" };
	char room[512] = ""; /* for most */
	auto_buf line = BUF_ON(room, LINE_BYTES_MAX);
	ssize_t ignored;

	if (level < least)
		return;
	put_time(&line);
	buf_texts(&line, " level=", names[level], " program=", program, " event=", event, NULL);
	for (; fields->kind != LOG_IS_END; fields++) {
		if (fields->kind == LOG_IS_TEXT && !fields->text)
			continue;
		buf_texts(&line, " ", fields->key, "=", NULL);
		if (fields->kind == LOG_IS_NUMBER)
			buf_number(&line, fields->number);
		else
			put_value(&line, fields->text);
	}
	/* A line cut at the maximum still ends as a line: the closing NUL's place is always there. */
	line.data[line.len] = '\n';
	if (around.before)
		around.before(around.arg);
	ignored = write(STDERR_FILENO, line.data, line.len + 1);
	if (around.after)
		around.after(around.arg);
	(void)ignored; /* a log that cannot be written must not stop a buyer */
}
