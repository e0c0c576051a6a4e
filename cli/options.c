#include "cli/options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/command.h"
#include "cli/wrap.h"

enum { HELP_COLUMN = 28 };

#define AT(member) offsetof(struct options, member)

static const struct option_word of_actions[] = {
	{ "cli-input-json", "JSON", "the whole request: JSON, file://PATH, or - (standard input)",
		AT(input_json) },
	{ "output", "json", "there is no other form", AT(output) },
	{ 0 },
};

static const struct option_word of_aws[] = {
	{ "region", "NAME", "instead of AWS_REGION", AT(region) },
	{ "endpoint-url", "URL", "instead of AWS's own", AT(endpoint_url) },
	{ "profile", "NAME", "of ~/.aws/config, even where the environment has keys", AT(profile) },
	{ 0 },
};

static const struct option_word common[] = {
	{ "help", NULL, "this", AT(help) },
	{ 0 },
};

enum { N_TABLES = 4 };

/* The tables of words that hold for the command. */
static void get_tables(const struct options *options,
	const struct option_word *ret_tables[N_TABLES])
{
	static const struct option_word none[] = { { 0 } };

	ret_tables[0] = options->command->own ? options->command->own : none;
	ret_tables[1] = options->command->action ? of_actions : none;
	ret_tables[2] = options->command->is_local ? none : of_aws;
	ret_tables[3] = common;
}

void options_name(const struct limits_member *member, char ret_name[OPTIONS_NAME_SIZE])
{
	size_t len = 0;

	for (const char *at = member->name; *at && len < OPTIONS_NAME_SIZE - 2; at++) {
		if (isupper((unsigned char)*at) && at != member->name)
			ret_name[len++] = '-';
		ret_name[len++] = (char)tolower((unsigned char)*at);
	}
	ret_name[len] = '\0';
}

static bool is_named(const char *name, const char *given, size_t len)
{
	return strlen(name) == len && !strncmp(name, given, len);
}

static const struct option_word *find_word(const struct options *options, const char *given,
	size_t len)
{
	const struct option_word *tables[N_TABLES];

	get_tables(options, tables);
	for (int i = 0; i < N_TABLES; i++)
		for (const struct option_word *word = tables[i]; word->name; word++)
			if (is_named(word->name, given, len))
				return word;
	return NULL;
}

/* The member of that option; --no-x is for a boolean x. */
static const struct limits_member *find_member(const struct options *options, const char *given,
	size_t len, bool *ret_flag)
{
	const struct limits_member *m = options->action ? options->action->request : NULL;
	bool no = len > 3 && !strncmp(given, "no-", 3);
	char name[OPTIONS_NAME_SIZE];

	for (; m && m->name; m++) {
		options_name(m, name);
		*ret_flag = is_named(name, given, len);
		if (*ret_flag ||
			(no && m->kind == LIMITS_BOOLEAN && is_named(name, given + 3, len - 3)))
			return m;
	}
	return NULL;
}

static enum status refuse_unknown(const struct options *options, const char *given,
	struct err *err)
{
	const struct option_word *tables[N_TABLES];
	auto_buf known = BUF_INIT(400);
	char name[OPTIONS_NAME_SIZE];

	get_tables(options, tables);
	for (const struct limits_member *m = options->action ? options->action->request : NULL;
		 m && m->name; m++) {
		options_name(m, name);
		buf_printf(&known, "%s--%s", known.len ? ", " : "", name);
	}
	for (int i = 0; i < N_TABLES; i++)
		for (const struct option_word *word = tables[i]; word->name; word++)
			buf_printf(&known, "%s--%s", known.len ? ", " : "", word->name);
	return err_set(err, ERR_INPUT, "there is no option %.60s; allowed are %s", given,
		buf_text(&known));
}

/* A value that stands by itself. */
static bool is_value(const char *arg)
{
	return arg && strncmp(arg, "--", 2) != 0;
}

/* Steps over the value of the option at *argv. */
static enum status take_value(char ***argv, char *inline_value, char **ret_value, struct err *err)
{
	if (inline_value)
		*ret_value = inline_value;
	else if (is_value((*argv)[1]))
		*ret_value = *++*argv;
	else
		return err_set(err, ERR_INPUT, "%s needs a value; one that begins with -- is written "
			"%s=VALUE", **argv, **argv);
	return OK;
}

static enum status read_word(struct options *options, const struct option_word *word,
	char ***argv, char *inline_value, struct err *err)
{
	char *at = (char *)options + word->offset, *value = NULL;
	const char *before = NULL;
	enum status rc;

	if (!word->value) {
		if (inline_value)
			return err_set(err, ERR_INPUT, "--%s takes no value", word->name);
		*(bool *)at = true;
		return OK;
	}
	memcpy(&before, at, sizeof before);
	if (before)
		return err_set(err, ERR_INPUT, "--%s is given twice", word->name);
	rc = take_value(argv, inline_value, &value, err);
	if (!rc)
		memcpy(at, &value, sizeof value);
	return rc;
}

static enum status read_member(struct options *options, const struct limits_member *member,
	struct option_given given, char ***argv, char *inline_value, struct err *err)
{
	char **first = *argv;
	enum status rc;

	for (size_t i = 0; i < options->n_given; i++)
		if (options->given[i].member == member)
			return err_set(err, ERR_INPUT, "%.60s is given twice", *first);
	given.member = member;
	if (member->kind != LIMITS_BOOLEAN) {
		char *value;

		rc = take_value(argv, inline_value, &value, err);
		if (rc)
			return rc;
		/* What stands behind its = is a value like any other. */
		if (inline_value)
			**argv = inline_value;
		given.values = *argv;
		given.n = 1;
		while (member->kind == LIMITS_LIST && is_value((*argv)[1])) {
			++*argv;
			given.n++;
		}
	} else if (inline_value) {
		return err_set(err, ERR_INPUT, "%.60s takes no value", *first);
	}
	options->given[options->n_given++] = given;
	return OK;
}

static enum status read_option(struct options *options, char ***argv, struct err *err)
{
	char *text = **argv + 2, *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : strlen(text);
	char *inline_value = equals ? equals + 1 : NULL;
	const struct option_word *word = find_word(options, text, len);
	const struct limits_member *member;
	struct option_given given = { 0 };

	if (word)
		return read_word(options, word, argv, inline_value, err);
	member = find_member(options, text, len, &given.flag);
	if (member && options->n_given < OPTIONS_MEMBERS_MAX)
		return read_member(options, member, given, argv, inline_value, err);
	return refuse_unknown(options, **argv, err);
}

/* The value of the action's first member. */
static enum status read_argument(struct options *options, char **argv, struct err *err)
{
	const struct limits_action *action = options->action;

	if (!options->command->takes_argument)
		return err_set(err, ERR_INPUT, "%s takes options only, and no \"%.40s\"",
			options->command->name, *argv);
	for (size_t i = 0; i < options->n_given; i++)
		if (options->given[i].member == action->request)
			return err_set(err, ERR_INPUT, "%s takes one %s", options->command->name,
				action->request->name);
	options->given[options->n_given++] =
		(struct option_given){ .member = action->request, .values = argv, .n = 1 };
	return OK;
}

enum status options_read(const struct command *command, const struct limits *limits, char **argv,
	struct options *ret_options, struct err *err)
{
	struct options options = { .command = command, .limits = limits };
	bool options_end = false;
	enum status rc = OK;

	if (command->action)
		options.action = limits_find_action(limits, command->action);
	for (; *argv && !rc; argv++) {
		if (!options_end && !strcmp(*argv, "--"))
			options_end = true;
		else if (!options_end && !strcmp(*argv, "-h"))
			options.help = true;
		else if (!options_end && !strncmp(*argv, "--", 2))
			rc = read_option(&options, &argv, err);
		else
			rc = read_argument(&options, argv, err);
	}
	if (!rc && options.output && strcmp(options.output, "json") != 0)
		rc = err_set(err, ERR_INPUT, "--output is \"%.20s\"; allowed is json", options.output);
	if (!rc)
		*ret_options = options;
	return rc;
}

void options_wipe(const struct options *options)
{
	for (size_t i = 0; i < options->n_given; i++)
		for (size_t j = 0; j < options->given[i].n; j++)
			explicit_bzero(options->given[i].values[j], strlen(options->given[i].values[j]));
	if (options->input_json)
		explicit_bzero(options->input_json, strlen(options->input_json));
}

void options_set_environment(const struct options *options)
{
	if (options->region)
		setenv("AWS_REGION", options->region, 1);
	if (options->endpoint_url) {
		setenv("AWS_ENDPOINT_URL_MARKETPLACE_METERING", options->endpoint_url, 1);
		setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false", 1);
	}
	if (options->profile) {
		setenv("AWS_PROFILE", options->profile, 1);
		/* Keys in the environment would come first. */
		unsetenv("AWS_ACCESS_KEY_ID");
		unsetenv("AWS_SECRET_ACCESS_KEY");
		unsetenv("AWS_SESSION_TOKEN");
	}
}

static void print_row(FILE *out, const char *name, const char *value, const char *help)
{
	int used = fprintf(out, "  --%s%s%s", name, *value ? " " : "", value);

	/* A long one has its help on the next line. */
	if (used >= HELP_COLUMN - 1)
		used = fprintf(out, "\n") - 1;
	fprintf(out, "%*s", HELP_COLUMN - used, "");
	wrap_print(out, HELP_COLUMN, help);
}

static void list_members(struct buf *help, const struct limits_member *member)
{
	for (const struct limits_member *m = member->members; m->name; m++)
		buf_printf(help, "%s%s", m == member->members ? "of " : ", ", m->name);
}

static void help_member(const struct limits_member *member, FILE *out)
{
	static const char *const values[] = { [LIMITS_TEXT] = "TEXT", [LIMITS_INTEGER] = "NUMBER",
		[LIMITS_BOOLEAN] = "", [LIMITS_TIMESTAMP] = "TIME", [LIMITS_LIST] = "ITEM ...",
		[LIMITS_STRUCTURE] = "ITEM" };
	auto_buf help = BUF_INIT(400);
	char name[OPTIONS_NAME_SIZE];

	options_name(member, name);
	if (member->kind == LIMITS_INTEGER)
		buf_printf(&help, "%lld to %lld", (long long)member->min, (long long)member->max);
	else if (member->kind == LIMITS_TEXT && member->max)
		buf_printf(&help, "%lld to %lld characters", (long long)member->min,
			(long long)member->max);
	else if (member->kind == LIMITS_BOOLEAN)
		buf_printf(&help, "or --no-%s, the default", name);
	else if (member->kind == LIMITS_TIMESTAMP)
		buf_puts(&help, "seconds since 1970, or 2026-01-31T12:00:00Z");
	else if (member->kind == LIMITS_LIST)
		list_members(&help, member);
	if (member->need == LIMITS_REQUIRED)
		buf_printf(&help, "%srequired", help.len ? "; " : "");
	print_row(out, name, values[member->kind], buf_text(&help));
}

void options_help(const struct options *options, FILE *out)
{
	const struct option_word *tables[N_TABLES];

	get_tables(options, tables);
	for (const struct limits_member *m = options->action ? options->action->request : NULL;
		 m && m->name; m++)
		help_member(m, out);
	for (int i = 0; i < N_TABLES; i++)
		for (const struct option_word *word = tables[i]; word->name; word++)
			print_row(out, word->name, word->value ? word->value : "", word->help);
}
