/* tollgate-meter: bills what the stored customers used. Runs once and exits; a timer starts it. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/streams.h"
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

/* -1: go on; else the exit status. */
static int parse(char **argv, struct run_options *ret_options)
{
	struct err err = { 0 };

	if (arguments_read(argv, ret_options, &err)) {
		fprintf(stderr, "tollgate-meter: %s\n", err.text);
		return EX_USAGE;
	}
	if (ret_options->help)
		arguments_help(stdout);
	else if (ret_options->version)
		puts("tollgate-meter " TOLLGATE_VERSION);
	else
		return -1;
	return EX_OK;
}

int main(int argc, char **argv)
{
	const struct rlimit no_core = { 0, 0 };
	struct run_options options = { 0 };
	struct conf conf;
	struct err err = { 0 };
	int status;

	(void)argc;
	streams_open();
	status = parse(argv, &options);
	if (status >= 0)
		return status;
	setrlimit(RLIMIT_CORE, &no_core); /* it would hold keys */
	log_program("tollgate-meter");
	if (options.quiet)
		log_least(LOG_WARN);
	if (conf_load(&conf, &err)) {
		log_event(LOG_ERROR, "not_started", LOG_TEXT("error", err.text), LOG_NUM("exit", EX_CONFIG),
			LOG_TEXT("todo", advice_find(EX_CONFIG)));
		return EX_CONFIG;
	}
	heed_signals();
	return run_meter(&conf, &options, &stop);
}
