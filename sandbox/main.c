/* tollgate-sandbox: a local AWS Marketplace behind nginx. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/streams.h"
#include "fcgi/worker.h"
#include "sandbox/keypair.h"
#include "sandbox/routes.h"
#include "sandbox/sandbox.h"
#include "sandbox_queries.h"

/* AWS refuses over 1 MB with an error of its own, so somewhat more has to be read. */
enum { BODY_BYTES_MAX = 4 * 1024 * 1024 };

struct options {
	const char *landing_url;
	bool check_only, help, version;
};

static void print_help(FILE *out)
{
	fputs(
		"usage: tollgate-sandbox [-n] [--landing-url URL] [--help] [--version]\n"
		"A local AWS Marketplace for sellers, as a FastCGI program behind nginx. No real\n"
		"purchase is made and nothing leaves this machine.\n"
		"  -n                 check the settings and the templates, then exit\n"
		"  --landing-url URL  where the shop sends buyers, default\n"
		"                     " SANDBOX_LANDING_URL "\n\n"
		"The API accepts one key pair:\n"
		"  AWS_ACCESS_KEY_ID=" SANDBOX_ACCESS_KEY_ID "\n"
		"  AWS_SECRET_ACCESS_KEY=" SANDBOX_SECRET_ACCESS_KEY "\n\n"
		"Control calls, JSON over HTTP (see tollgate-sandbox(8)):\n",
		out);
	for (const struct route *route = sandbox_routes.list; route->path; route++)
		if (!strncmp(route->path, "/control/", 9))
			fprintf(out, "  %-4s %s\n", route->method, route->path);
	fputs("\n", out);
	conf_help(out);
}

/* False: the command line is not understood. */
static bool parse_options(int argc, char **argv, struct options *ret_options)
{
	static const struct option known[] = {
		{ "landing-url", required_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ 0 },
	};
	struct options options = { .landing_url = SANDBOX_LANDING_URL };
	int c;

	while ((c = getopt_long(argc, argv, "n", known, NULL)) != -1) {
		if (c == 'n')
			options.check_only = true;
		else if (c == 'l')
			options.landing_url = optarg;
		else if (c == 'h')
			options.help = true;
		else if (c == 'v')
			options.version = true;
		else
			return false;
	}
	*ret_options = options;
	return optind == argc;
}

/* A database that is away comes back; one that lacks the schema or refuses us, or settings that no
 * connection can be made with, need the operator. */
static enum status check_database(struct sandbox *sandbox, struct err *err)
{
	enum status rc = db_pool_run(sandbox->pool, SANDBOX_TELL_STATE, NULL, 0, NULL, err);

	if (rc == ERR_LOCAL)
		return rc;
	if (rc)
		log_event(LOG_WARN, "database_away", LOG_TEXT("error", err->text));
	return OK;
}

static enum status serve(struct sandbox *sandbox, struct err *err)
{
	struct listener listener = { .fd = -1 };
	struct server server = { .listener = &listener,
		.threads = sandbox->conf.threads,
		.body_max = BODY_BYTES_MAX,
		.routes = &sandbox_routes,
		.app = sandbox };
	enum status rc = check_database(sandbox, err);

	if (!rc)
		rc = listener_open(sandbox->conf.listen, &listener, err);
	if (rc)
		return rc;
	log_event(LOG_INFO, "started", LOG_TEXT("version", TOLLGATE_VERSION),
		LOG_TEXT("listen", sandbox->conf.listen ? sandbox->conf.listen : "inherited"),
		LOG_NUM("threads", sandbox->conf.threads), LOG_TEXT("edition", sandbox->limits->edition),
		LOG_TEXT("landing_url", sandbox->landing_url));
	rc = server_run(&server, err);
	listener_close(&listener);
	return rc;
}

static int run(const struct options *options)
{
	struct conf conf;
	struct sandbox sandbox;
	struct err err = { 0 };
	enum status rc = conf_load(&conf, &err);

	if (!rc)
		rc = sandbox_open(&sandbox, &conf, options->landing_url, &err);
	if (!rc) {
		rc = options->check_only ? db_check_settings(&err) : serve(&sandbox, &err);
		if (options->check_only && !rc)
			puts("settings and templates are fine");
		sandbox_close(&sandbox);
	}
	if (rc)
		log_event(LOG_ERROR, "not_started", LOG_TEXT("error", err.text));
	else if (!options->check_only)
		log_event(LOG_INFO, "stopped", LOG_TEXT("what", "all requests are finished"));
	return rc ? EX_CONFIG : EX_OK;
}

int main(int argc, char **argv)
{
	struct options options;

	streams_open();
	log_program("tollgate-sandbox");
	if (!parse_options(argc, argv, &options)) {
		print_help(stderr);
		return EX_USAGE;
	}
	if (options.help || options.version) {
		if (options.help)
			print_help(stdout);
		else
			puts("tollgate-sandbox " TOLLGATE_VERSION);
		return EX_OK;
	}
	server_block_signals();
	return run(&options);
}
