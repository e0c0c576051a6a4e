#include "meter/arguments.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/conf.h"
#include "base/text.h"

enum { NAME_COLUMNS = 16, TIME_SIZE = 32 };

/* Of a text, where it takes a value; else of a bool. */
static const struct word {
	const char *name;
	const char *value; /* what it takes; NULL: nothing */
	const char *help;
	size_t offset;
} words[] = {
	{ "dry-run", NULL, "shows what would be sent; changes and sends nothing",
		offsetof(struct run_options, dry_run) },
	{ "product", "CODE", "sends this product's records only",
		offsetof(struct run_options, product) },
	{ "final", "CUSTOMER", "the last call: the subscription of the customer with this\n"
		"                    id has ended; bills all their usage, that of the running\n"
		"                    hour too",
		offsetof(struct run_options, final) },
	{ "until", "TIME", "freezes and sends only hours that end by then, such as\n"
		"                    2026-11-25T06:00:00Z", offsetof(struct run_options, until) },
	{ "no-rollup", NULL, "leaves new usage for the next run",
		offsetof(struct run_options, no_rollup) },
	{ "json", NULL, "the summary, or with --dry-run the records, as JSON on\n"
		"                    stdout",
		offsetof(struct run_options, json) },
	{ "quiet", NULL, "only warnings and errors in the log, no line of progress",
		offsetof(struct run_options, quiet) },
	{ "help", NULL, "this text", offsetof(struct run_options, help) },
	{ "version", NULL, "the program's version", offsetof(struct run_options, version) },
};
enum { N_WORDS = sizeof words / sizeof words[0] };

void arguments_help(FILE *out)
{
	fputs("usage: tollgate-meter [OPTION]…\n"
		"Rolls up new usage, freezes the hours that are over, sends them to AWS\n"
		"Marketplace and notes what it said. Run it hourly or nightly; every hour must\n"
		"meet a run in time.\n",
		out);
	for (const struct word *word = words; word < words + N_WORDS; word++) {
		int n = fprintf(out, "  --%s%s%s", word->name, word->value ? " " : "",
			word->value ? word->value : "");

		fprintf(out, "%*s%s\n", NAME_COLUMNS + 4 - n, "", word->help);
	}
	fputs("\nExit status: 0 all is settled; 64 wrong usage; 65 AWS refused something; 70 the\n"
		"ledger does not add up; 73 another run is under way; 75 something is left for\n"
		"the next run; 78 a setting is wrong.\n\n", out);
	conf_help(out);
}

/* One form alone, so that an hour is never mistaken: written anew it has to be the same. */
bool arguments_read_time(const char *text, int64_t *ret_epoch_s)
{
	static const char form[] = "%Y-%m-%dT%H:%M:%SZ";
	struct tm utc = { 0 };
	char again[TIME_SIZE];
	const char *end = strptime(text, form, &utc);
	time_t seconds;

	if (!end || *end)
		return false;
	seconds = timegm(&utc);
	if (seconds <= 0 || !gmtime_r(&seconds, &utc) || !strftime(again, sizeof again, form, &utc) ||
		strcmp(again, text) != 0)
		return false;
	*ret_epoch_s = seconds;
	return true;
}

static enum status check_values(struct run_options *options, struct err *err)
{
	long customer;

	if (options->product && !*options->product)
		return err_set(err, ERR_INPUT, "--product is empty; it takes a product's code");
	if (options->until && !arguments_read_time(options->until, &options->until_s))
		return err_set(err, ERR_INPUT, "--until \"%s\" is no time; it takes one of this form, in "
			"UTC: 2026-11-25T06:00:00Z", options->until);
	if (options->final && !text_number(options->final, 1, INT64_MAX, &customer))
		return err_set(err, ERR_INPUT, "--final \"%s\" is no customer's id; it takes a number, as "
			"in the column tollgate.customer.id", options->final);
	if (options->final && (options->dry_run || options->until || options->no_rollup ||
		options->product))
		return err_set(err, ERR_INPUT, "--final bills all usage of a customer; it does not go with "
			"--dry-run, --until, --no-rollup or --product");
	return OK;
}

/* The word that an argument names, as --name or --name=value. */
static const struct word *find_word(const char *argument, const char **ret_value)
{
	size_t len = strcspn(argument, "=");

	*ret_value = argument[len] ? argument + len + 1 : NULL;
	for (const struct word *word = words; word < words + N_WORDS; word++)
		if (len == strlen(word->name) + 2 && !strncmp(argument, "--", 2) &&
			!strncmp(argument + 2, word->name, len - 2))
			return word;
	return NULL;
}

/* *argv is the argument, and after it the last one that was read. */
static enum status read_one(char ***argv, struct run_options *options, struct err *err)
{
	const char *value;
	const struct word *word = find_word(**argv, &value);
	char *at = (char *)options + (word ? word->offset : 0);

	if (!word)
		return err_set(err, ERR_INPUT, "\"%s\" is no option; --help lists them", **argv);
	if (!word->value) {
		if (value)
			return err_set(err, ERR_INPUT, "--%s takes no value", word->name);
		*(bool *)(void *)at = true;
		return OK;
	}
	if (!value)
		value = *++*argv;
	if (!value)
		return err_set(err, ERR_INPUT, "--%s needs a value: --%s %s", word->name, word->name,
			word->value);
	if (*(const char **)(void *)at)
		return err_set(err, ERR_INPUT, "--%s is there twice", word->name);
	*(const char **)(void *)at = value;
	return OK;
}

enum status arguments_read(char **argv, struct run_options *ret_options, struct err *err)
{
	struct run_options options = { 0 };

	for (argv++; *argv; argv++) {
		enum status rc = read_one(&argv, &options, err);

		if (rc)
			return rc;
		if (options.help || options.version)
			break;
	}
	*ret_options = options;
	return check_values(ret_options, err);
}
