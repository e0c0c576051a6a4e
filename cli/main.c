/* tollgate: the operator's command. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "base/conf.h"
#include "base/streams.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/wrap.h"

static const struct command commands[] = {
	{ .name = "resolve-customer", .action = "ResolveCustomer",
		.summary = "who a buyer is, by the token that their browser brought",
		.usage = "[TOKEN]",
		.notes = "Without TOKEN, or with -, it is read from standard input, which is better: "
			"arguments\nare seen in lists of processes. Give it decoded, as ResolveCustomer takes "
			"it.\n",
		.takes_argument = true, .run = action_run, .perform = resolve_customer_perform },
	{ .name = "batch-meter-usage", .action = "BatchMeterUsage",
		.summary = "meters usage of a product's customers",
		.usage = "--usage-records RECORD ... [--product-code CODE]",
		.notes = "A RECORD is JSON, of one or of a list, or shorthand:\n"
			"  Timestamp=2026-01-31T12:00:00Z,CustomerIdentifier=x,Dimension=users,Quantity=5\n"
			"Exit status 65: a record was refused; 75: send those again that were not processed.\n",
		.run = action_run, .perform = batch_meter_usage_perform },
	{ .name = "meter-usage", .action = "MeterUsage",
		.summary = "meters usage of the AWS account that this runs in",
		.usage = "--product-code CODE --timestamp TIME --usage-dimension NAME "
			"[--usage-quantity N]",
		.notes = "--dry-run meters nothing; exit status 0 then says that the call would be "
			"allowed.\n",
		.run = action_run, .perform = meter_usage_perform },
	{ .name = "register-usage", .action = "RegisterUsage",
		.summary = "registers the container that this runs in",
		.usage = "--product-code CODE --public-key-version N --public-key FILE",
		.notes = "A random nonce is sent unless one is given.\n",
		.own = register_usage_words, .run = action_run, .perform = register_usage_perform },
	{ .name = "doctor",
		.summary = "checks settings, database, AWS and nginx, and says what to do",
		.usage = "",
		.notes = "Exit status 0: all is fine; 75: something is away; 78: something has to be "
			"set right.\n",
		.run = doctor_run },
	{ .name = "ledger status",
		.summary = "whether the database is the ledger that this machine bills from",
		.usage = "",
		.notes = "Exit status 0: it is, or is new; 78: it is not, or may be a copy.\n",
		.is_local = true, .run = ledger_status_run },
	{ .name = "ledger adopt",
		.summary = "bills from a copy of the ledger from now on",
		.usage = "--reason TEXT [--nothing-lost]",
		.notes = "For a restored dump, a standby that lagged, a lost state folder. What the "
			"original may have\nbilled meanwhile becomes unknown, for a person to settle. As the "
			"role tollgate_admin.\nExit status 0: done, or there is nothing to adopt; 73: a run of "
			"tollgate-meter is under way.\n",
		.is_local = true, .own = ledger_adopt_words, .run = ledger_adopt_run },
	{ .name = NULL },
};

static void print_help(FILE *out)
{
	fputs("usage: tollgate COMMAND [options]\n"
		  "AWS Marketplace from the command line, in the AWS CLI's words.\n\n", out);
	for (const struct command *command = commands; command->name; command++)
		fprintf(out, "  %-20s%s\n", command->name, command->summary);
	fputs("\ntollgate COMMAND --help says more. Exit status: 0 done; 64 usage; 65 AWS, or its\n"
		  "limits, refuse what was given; 73 a run of tollgate-meter is under way; 75 try again\n"
		  "later; 78 configuration or credentials.\n\n", out);
	conf_help(out);
}

/* Whether the word is the first of a command that has two. */
static bool is_half(const struct command *command, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(command->name, word, len) && command->name[len] == ' ';
}

static void print_group(const char *word, FILE *out)
{
	for (const struct command *command = commands; command->name; command++)
		if (is_half(command, word))
			fprintf(out, "usage: tollgate %s%s%s\n  %s\n", command->name,
				*command->usage ? " " : "", command->usage, command->summary);
}

static void print_command_help(const struct options *options, FILE *out)
{
	const struct command *command = options->command;
	auto_buf usage = BUF_INIT(400);

	buf_printf(&usage, "tollgate %s %s", command->name, command->usage);
	fputs("usage: ", out);
	wrap_print(out, (int)strlen("usage: "), buf_text(&usage));
	fprintf(out, "%s: %s\n", command->action ? command->action : command->name, command->summary);
	fprintf(out, "\n%s\n", command->notes);
	options_help(options, out);
}

/* Whether the words begin with the name; how many they are. */
static bool is_called(const char *name, char **words, int *ret_n)
{
	size_t len = strcspn(name, " ");

	*ret_n = name[len] ? 2 : 1;
	return words[0] && strlen(words[0]) == len && !strncmp(words[0], name, len) &&
		(!name[len] || (words[1] && !strcmp(words[1], name + len + 1)));
}

static const struct command *find_command(char **words, int *ret_n)
{
	const struct command *command = commands;

	while (command->name && !is_called(command->name, words, ret_n))
		command++;
	return command->name ? command : NULL;
}

/* An action needs the edition; the doctor looks into the settings by itself. */
static int run(const struct command *command, char **argv)
{
	struct options options;
	struct conf conf;
	struct err conf_err, err;
	enum status conf_rc = conf_load(&conf, &conf_err);
	const struct limits *limits = limits_find(conf_rc ? "today" : conf.api_edition);

	if (options_read(command, limits, argv, &options, &err)) {
		exit_say("%s: %s", command->name, err.text);
		return EX_USAGE;
	}
	if (options.help) {
		print_command_help(&options, stdout);
		return EX_OK;
	}
	if (conf_rc && command->action) {
		exit_say("%s", conf_err.text);
		return EX_CONFIG;
	}
	return command->run(&options);
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static bool is_group(const char *word)
{
	for (const struct command *command = commands; command->name; command++)
		if (is_half(command, word))
			return true;
	return false;
}

/* argv[0] begins commands, and none of them follows: shows which there are. */
static int run_group(char **argv)
{
	if (argv[1] && is_help(argv[1])) {
		print_group(argv[0], stdout);
		return EX_OK;
	}
	if (argv[1])
		exit_say("there is no command \"%s %s\"", argv[0], argv[1]);
	else
		exit_say("%s is not a whole command", argv[0]);
	print_group(argv[0], stderr);
	return EX_USAGE;
}

int main(int argc, char **argv)
{
	const struct rlimit no_core = { 0, 0 };
	int n_words = 0;
	const struct command *command = argc > 1 ? find_command(argv + 1, &n_words) : NULL;

	streams_open();
	setrlimit(RLIMIT_CORE, &no_core); /* it would hold tokens and keys */
	if (command)
		return run(command, argv + 1 + n_words);
	if (argc > 1 && is_group(argv[1]))
		return run_group(argv + 1);
	if (argc == 2 && is_help(argv[1])) {
		print_help(stdout);
		return EX_OK;
	}
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts("tollgate " TOLLGATE_VERSION);
		return EX_OK;
	}
	if (argc > 1)
		exit_say("there is no command \"%s\"", argv[1]);
	print_help(stderr);
	return EX_USAGE;
}
