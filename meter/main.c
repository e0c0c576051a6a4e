/* tollgate-meter: bills what the stored customers used. Runs once and exits; a timer starts it. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "base/log.h"
#include "meter/advice.h"
#include "meter/run.h"

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

static void heed_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

static void print_help(FILE *out)
{
	fputs(
		"usage: tollgate-meter [--product CODE] [--no-rollup] [--help] [--version]\n"
		"Rolls up new usage, freezes the hours that are over, sends them to AWS Marketplace and\n"
		"notes what it said. Run it hourly or nightly; every hour must meet a run in time.\n"
		"  --product CODE  sends only this product's records\n"
		"  --no-rollup     leaves new usage for the next run\n\n"
		"Exit status: 0 all is settled; 64 wrong usage; 65 AWS refused something; 73 another run\n"
		"is under way; 75 something is left for the next run; 78 a setting is wrong.\n\n",
		out);
	conf_help(out);
}

/* -1: go on; else the exit status. */
static int parse(int argc, char **argv, struct run_options *options)
{
	static const struct option known[] = {
		{ "product", required_argument, NULL, 'p' },
		{ "no-rollup", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'p':
			options->product = optarg;
			break;
		case 'n':
			options->no_rollup = true;
			break;
		case 'h':
			print_help(stdout);
			return EX_OK;
		case 'v':
			puts("tollgate-meter " TOLLGATE_VERSION);
			return EX_OK;
		default:
			print_help(stderr);
			return EX_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "tollgate-meter: \"%s\" is not understood\n", argv[optind]);
	print_help(stderr);
	return EX_USAGE;
}

int main(int argc, char **argv)
{
	const struct rlimit no_core = { 0, 0 };
	struct run_options options = { 0 };
	struct conf conf;
	struct err err = { 0 };
	int status = parse(argc, argv, &options);

	if (status >= 0)
		return status;
	setrlimit(RLIMIT_CORE, &no_core); /* it would hold keys */
	log_program("tollgate-meter");
	if (conf_load(&conf, &err)) {
		log_event(LOG_ERROR, "not_started", LOG_TEXT("error", err.text), LOG_NUM("exit", EX_CONFIG),
			LOG_TEXT("todo", advice_find(EX_CONFIG)));
		return EX_CONFIG;
	}
	heed_signals();
	return run_meter(&conf, &options, &stop);
}
