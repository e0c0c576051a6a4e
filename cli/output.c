#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cli/exit.h"
#include "cli/time.h"

enum { INDENT = 4 };

void output_done(struct output *output)
{
	buf_wipe(&output->text);
}

static void add_text(struct buf *out, const char *text)
{
	static const char plain[] = "\"\\\b\f\n\r\t", escaped[] = "\"\\bfnrt";

	buf_putc(out, '"');
	for (; *text; text++) {
		const char *at = strchr(plain, *text);

		if (at)
			buf_printf(out, "\\%c", escaped[at - plain]);
		else if ((unsigned char)*text < ' ')
			buf_printf(out, "\\u%04x", (unsigned)*text);
		else
			buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

static bool is_empty(const struct buf *text)
{
	return text->len && strchr("{[", text->data[text->len - 1]);
}

static void begin_line(struct output *output)
{
	buf_printf(&output->text, "\n%*s", output->level * INDENT, "");
}

static void begin_value(struct output *output, const char *name)
{
	if (output->text.len && !is_empty(&output->text))
		buf_putc(&output->text, ',');
	if (output->level)
		begin_line(output);
	if (name) {
		add_text(&output->text, name);
		buf_puts(&output->text, ": ");
	}
}

void output_begin(struct output *output, const char *name, char bracket)
{
	begin_value(output, name);
	buf_putc(&output->text, bracket);
	output->level++;
}

void output_end(struct output *output, char bracket)
{
	bool empty = is_empty(&output->text);

	output->level--;
	if (!empty)
		begin_line(output);
	buf_putc(&output->text, bracket);
}

void output_text(struct output *output, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	begin_value(output, name);
	add_text(&output->text, text);
}

void output_number(struct output *output, const char *name, int64_t number)
{
	begin_value(output, name);
	buf_printf(&output->text, "%lld", (long long)number);
}

void output_time(struct output *output, const char *name, int64_t epoch_s)
{
	char text[TIME_SIZE];

	time_print(epoch_s, text);
	output_text(output, name, text);
}

int output_show(struct output *output)
{
	buf_putc(&output->text, '\n');
	if (!output->text.failed &&
		fwrite(output->text.data, 1, output->text.len, stdout) == output->text.len &&
		!fflush(stdout))
		return EX_OK;
	exit_say("AWS answered, but it cannot be shown: %s. To call again is safe: nothing is billed "
		"twice", output->text.failed ? "no memory" : strerror(errno));
	return EX_TEMPFAIL;
}
