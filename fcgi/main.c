/* tollgate-fcgi: the landing page behind nginx. */
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/streams.h"
#include "fcgi/keeper.h"
#include "fcgi/pages.h"
#include "fcgi/worker.h"

enum { FORM_BYTES_MAX = 64 * 1024 };

static const struct route list[] = {
	{ "GET", "/", page_home },
	{ "GET", "/register", page_home },
	{ "POST", "/register", page_register },
	{ "GET", "/register/", page_home },
	{ "POST", "/register/", page_register },
	{ "GET", "/register/*", page_home },
	{ "POST", "/register/*", page_register },
	{ "GET", "/signup", page_signup },
	{ "POST", "/signup", page_signup_post },
	{ "GET", "/thanks", page_thanks },
	{ "GET", "/existing", page_existing },
	{ "POST", "/handoff", page_handoff },
	{ "POST", "/not-my-account", page_not_mine },
	{ "GET", "/healthz", page_healthz },
	{ "GET", "/readyz", page_readyz },
	{ 0 },
};

static const struct routes routes = { .list = list,
	.not_found = page_not_found,
	.wrong_method = page_wrong_method,
	.too_large = page_too_large,
	.bad_request = page_bad_request };

static void print_help(FILE *out)
{
	fputs("usage: tollgate-fcgi [-n] [--help] [--version]\n"
		  "The AWS Marketplace landing page, as a FastCGI program behind nginx.\n"
		  "  -n         check the settings and the templates, then exit; makes the state\n"
		  "             folder with its key and journal if missing, as a start does\n\n",
		out);
	conf_help(out);
}

/* A connection and a call to AWS each need a descriptor. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Whoever is woken does not push aside the one that runs: a request is handed on three times, and
 * who hands on is not done then. Under systemd the unit says so, and this is refused. */
static void be_batch(void)
{
	sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 });
}

/* malloc would have eight heaps a core, and hundreds of threads fill each to a peak of its own. */
static void share_heaps(void)
{
	mallopt(M_ARENA_MAX, 2 * get_nprocs());
}

static enum status serve(struct app *app, struct err *err)
{
	struct listener listener = { .fd = -1 };
	struct server server = { .listener = &listener,
		.threads = app->conf.threads,
		.body_max = FORM_BYTES_MAX,
		.routes = &routes,
		.app = app };
	struct keeper *keeper = NULL;
	enum status rc = keeper_start(app, &keeper, err);

	/* The socket comes last: from then on others count on us. */
	if (!rc)
		rc = listener_open(app->conf.listen, &listener, err);
	if (!rc) {
		log_event(LOG_INFO, "started", LOG_TEXT("version", TOLLGATE_VERSION),
			LOG_TEXT("listen",
				app->conf.listen      ? app->conf.listen
					: listener.fd < 0 ? "cgi"
									  : "inherited"),
			LOG_NUM("threads", app->conf.threads), LOG_TEXT("aws", aws_endpoint(app->aws)),
			LOG_TEXT("region", aws_region(app->aws)),
			LOG_TEXT("public_url", app->conf.public_url ? app->conf.public_url : "-"));
		rc = server_run(&server, err);
		listener_close(&listener);
	}
	keeper_stop(keeper);
	return rc;
}

static int run(bool check_only)
{
	struct conf conf;
	struct app app;
	struct err err = { 0 };
	enum status rc = conf_load(&conf, &err);

	if (!rc)
		rc = app_open(&app, &conf, &err);
	if (rc) {
		log_event(LOG_ERROR, "not_started", LOG_TEXT("error", err.text));
		return EX_CONFIG;
	}
	rc = check_only ? db_check_settings(&err) : serve(&app, &err);
	if (check_only && !rc)
		puts("settings and templates are fine");
	app_close(&app);
	if (rc)
		log_event(LOG_ERROR, "not_started", LOG_TEXT("error", err.text));
	else if (!check_only)
		log_event(LOG_INFO, "stopped", LOG_TEXT("what", "all requests are finished"));
	return rc ? EX_CONFIG : EX_OK;
}

/* -1: go on; else the exit status. */
static int parse(char **argv, bool *ret_check_only)
{
	bool check_only = false;

	for (argv++; *argv; argv++) {
		if (!strcmp(*argv, "--help")) {
			print_help(stdout);
			return EX_OK;
		}
		if (!strcmp(*argv, "--version")) {
			puts("tollgate-fcgi " TOLLGATE_VERSION);
			return EX_OK;
		}
		if (strcmp(*argv, "-n") != 0) {
			fprintf(stderr, "tollgate-fcgi: \"%s\" is no option; --help lists them\n", *argv);
			return EX_USAGE;
		}
		check_only = true;
	}
	*ret_check_only = check_only;
	return -1;
}

int main(int argc, char **argv)
{
	const struct rlimit no_core = { 0, 0 };
	bool check_only;
	int status;

	(void)argc;
	streams_open();
	status = parse(argv, &check_only);
	if (status >= 0)
		return status;
	log_program("tollgate-fcgi");
	setrlimit(RLIMIT_CORE, &no_core); /* it would hold tokens and keys */
	server_block_signals();
	raise_file_limit();
	share_heaps();
	be_batch();
	return run(check_only);
}
