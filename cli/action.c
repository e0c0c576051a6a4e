/* What the commands that call AWS have in common. */
#include <sysexits.h>

#include "aws/client.h"
#include "aws/json.h"
#include "base/clock.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/input.h"

enum { CALL_MS = 20 * 1000 }; /* for all tries; who waits is a person or a script */

static int call(const struct options *options, const struct cJSON *request)
{
	struct job job = { .options = options, .request = request };
	struct err err;
	enum status rc = aws_new(1, &job.aws, &err);
	int code;

	if (rc) {
		exit_say("%s", err.text);
		return rc == ERR_RETRY ? EX_TEMPFAIL : EX_CONFIG;
	}
	aws_set_limits(job.aws, options->limits);
	job.deadline_ms = clock_monotonic_ms() + CALL_MS;
	code = options->command->perform(&job);
	aws_free(job.aws);
	return code;
}

int action_run(const struct options *options)
{
	struct cJSON *request = NULL;
	struct err err;
	enum status rc = input_read(options, &request, &err);
	int code;

	if (rc == ERR_MISSING) {
		exit_say("%s: %s; --help says more", options->command->name, err.text);
		return EX_USAGE;
	}
	if (rc)
		return exit_explain(rc, NULL, &err);
	options_set_environment(options);
	code = call(options, request);
	json_wipe(request);
	return code;
}
