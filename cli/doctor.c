#include "cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/exit.h"
#include "cli/wrap.h"

enum {
	TEXT_BYTES_MAX = 2000,
	NAME_WIDTH = 15,
	INDENT = 6 + NAME_WIDTH,
};

static const struct check {
	const char *name;
	void (*look)(struct doctor *doctor, struct report *report);
} checks[] = {
	{ "settings", check_settings },
	{ "templates", check_templates },
	{ "state folder", check_state_dir },
	{ "session key", check_session_key },
	{ "database", check_database },
	{ "schema", check_schema },
	{ "rights", check_rights },
	{ "products", check_products },
	{ "dimensions", check_dimensions },
	{ "ledger", check_ledger },
	{ "region", check_region },
	{ "credentials", check_credentials },
	{ "TLS to AWS", check_tls },
	{ "clock", check_clock },
	{ "database clock", check_database_clock },
	{ "registration", check_resolve },
	{ "metering", check_meter },
	{ "accounts", check_accounts },
	{ "web", check_web },
};

enum { N_CHECKS = sizeof checks / sizeof checks[0] };

static const struct {
	const char *word, *colour;
	int code;
} findings[] = {
	[FOUND_GOOD] = { "ok", "\033[32m", EX_OK },
	[FOUND_NOTHING] = { "--", "\033[33m", EX_OK },
	[FOUND_AWAY] = { "FAIL", "\033[1;31m", EX_TEMPFAIL },
	[FOUND_WRONG] = { "FAIL", "\033[1;31m", EX_CONFIG },
};

static void append(struct buf *out, const char *fmt, va_list args)
{
	char text[TEXT_BYTES_MAX];

	vsnprintf(text, sizeof text, fmt, args);
	buf_puts(out, text);
}

void report_found(struct report *report, enum finding finding, const char *fmt, ...)
{
	va_list args;

	report->finding = finding;
	va_start(args, fmt);
	append(&report->text, fmt, args);
	va_end(args);
}

void report_advise(struct report *report, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	append(&report->advice, fmt, args);
	va_end(args);
}

void report_error(struct report *report, enum status status, const struct err *err)
{
	report_found(report, status == ERR_RETRY ? FOUND_AWAY : FOUND_WRONG, "%s", err->text);
}

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static void print_report(const char *name, const struct report *report, bool colour)
{
	const char *word = findings[report->finding].word;

	printf("%s%-4s%s  %-*s", colour ? findings[report->finding].colour : "", word,
		colour ? "\033[0m" : "", NAME_WIDTH, name);
	wrap_print(stdout, INDENT, buf_text(&report->text));
	if (report->advice.len) {
		printf("%*s-> ", INDENT, "");
		wrap_print(stdout, INDENT + 3, buf_text(&report->advice));
	}
	fflush(stdout);
}

static int look(const struct check *check, struct doctor *doctor, bool colour, size_t counts[])
{
	struct report report = { .text = BUF_INIT(TEXT_BYTES_MAX), .advice = BUF_INIT(TEXT_BYTES_MAX) };

	check->look(doctor, &report);
	print_report(check->name, &report, colour);
	counts[report.finding]++;
	buf_done(&report.text);
	buf_done(&report.advice);
	return findings[report.finding].code;
}

static void print_sum(const size_t counts[])
{
	size_t failed = counts[FOUND_AWAY] + counts[FOUND_WRONG];

	if (failed)
		printf("\n%zu of %d checks failed", failed, N_CHECKS);
	else
		printf("\nNothing is wrong: %zu of %d checks are fine", counts[FOUND_GOOD], N_CHECKS);
	if (counts[FOUND_NOTHING])
		printf("; %zu found nothing to look at", counts[FOUND_NOTHING]);
	puts(".");
}

/* Where a setting is wrong, the other checks still look where the others say. */
static void load_conf(struct doctor *doctor)
{
	doctor->conf_status = conf_load(&doctor->conf, &doctor->conf_err);
	if (!doctor->conf_status)
		return;
	doctor->conf = (struct conf){
		.public_url = getenv("TOLLGATE_PUBLIC_URL"),
		.state_dir = getenv("TOLLGATE_STATE_DIR"),
		.session_key_file = getenv("TOLLGATE_SESSION_KEY_FILE"),
		.templates = getenv("TOLLGATE_TEMPLATES"),
		.api_edition = "today",
	};
}

int doctor_run(const struct options *options)
{
	struct doctor doctor = { 0 };
	size_t counts[sizeof findings / sizeof findings[0]] = { 0 };
	bool colour = wants_colour();
	int code = EX_OK;

	load_conf(&doctor);
	options_set_environment(options);
	for (size_t i = 0; i < N_CHECKS; i++)
		code = exit_worse(code, look(&checks[i], &doctor, colour, counts));
	print_sum(counts);
	aws_free(doctor.aws);
	return code;
}
