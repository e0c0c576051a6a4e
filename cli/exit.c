#include "cli/exit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { LINE_MAX_BYTES = 2048 };

static const int exits[] = {
	[OK] = EX_OK,
	[ERR_INPUT] = EX_DATAERR,
	[ERR_MISSING] = EX_CONFIG,
	[ERR_CONFLICT] = EX_DATAERR,
	[ERR_RETRY] = EX_TEMPFAIL,
	[ERR_REMOTE] = EX_CONFIG,
	[ERR_LOCAL] = EX_CONFIG,
};

static const int outcomes[] = {
	[METERING_UNNAMED] = EX_TEMPFAIL,
	[METERING_SUCCESS] = EX_OK,
	[METERING_CUSTOMER_NOT_SUBSCRIBED] = EX_DATAERR,
	[METERING_DUPLICATE_RECORD] = EX_DATAERR,
	[METERING_UNPROCESSED] = EX_TEMPFAIL,
	[METERING_OTHER] = EX_DATAERR,
};

int exit_of_status(enum status status)
{
	return exits[status];
}

int exit_of_outcome(enum metering_outcome outcome)
{
	return outcomes[outcome];
}

static size_t badness(int code)
{
	static const int order[] = { EX_OK, EX_TEMPFAIL, EX_DATAERR, EX_CONFIG, EX_SOFTWARE, EX_USAGE };
	size_t i = sizeof order / sizeof order[0];

	while (i > 0 && order[i - 1] != code)
		i--;
	return i;
}

int exit_worse(int a, int b)
{
	return badness(a) > badness(b) ? a : b;
}

void exit_say(const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	for (char *at = line; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	fprintf(stderr, "tollgate: %s\n", line);
}

/* "…: AWS's words. Advice" without two dots in a row. */
static void add_words(struct buf *line, const struct aws_answer *answer)
{
	size_t len = strlen(answer->message);

	while (len && strchr(". ", answer->message[len - 1]))
		len--;
	if (len)
		buf_printf(line, ": %.*s", (int)len, answer->message);
	if (answer->advice)
		buf_printf(line, "%s%s", len ? ". " : ": ", answer->advice);
}

int exit_explain(enum status status, const struct aws_answer *answer, const struct err *err)
{
	auto_buf line = BUF_INIT(LINE_MAX_BYTES);
	const char *id = answer ? answer->request_id : "";

	if (answer && *answer->code) {
		buf_puts(&line, answer->code);
		add_words(&line, answer);
		buf_printf(&line, " (HTTP %d, request id %s)", answer->http_status, *id ? id : "missing");
	} else {
		buf_puts(&line, err->text);
		if (*id)
			buf_printf(&line, " (request id %s)", id);
	}
	if (status == ERR_RETRY)
		buf_puts(&line, answer && answer->uncertain
			? "; it may have been carried out: try the same again later, nothing is billed twice"
			: "; try again later");
	exit_say("%s", buf_text(&line));
	return exit_of_status(status);
}
