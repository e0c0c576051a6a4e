/* What all requests of the sandbox share. Its state is in PostgreSQL, so that it survives a restart
 * and threads and processes agree; nothing here changes after the start. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "aws/limits.h"
#include "base/conf.h"
#include "db/pool.h"
#include "fcgi/request.h"
#include "fcgi/template.h"

#define SANDBOX_LANDING_URL "http://127.0.0.1:8080/register"

struct sandbox {
	struct conf conf;
	const struct limits *limits; /* of the edition, unless /control/settings set another */
	const char *landing_url;     /* where the shop sends buyers */
	char landing_origin[300];    /* its scheme, host and port */
	struct templates *templates;
	struct db_pool *pool;
	int stop_fd; /* readable from when the program is told to stop: ends a slow answer's wait */
};

/* landing_url must live as long as the sandbox. Connects to nothing yet. Call it with SIGTERM and
 * SIGINT blocked. ERR_INPUT: a setting or the URL is wrong; the text says which. */
MUST_CHECK enum status sandbox_open(
	struct sandbox *sandbox, const struct conf *conf, const char *landing_url, struct err *err);
void sandbox_close(struct sandbox *sandbox);

/* Runs a statement of sql/queries/sandbox that is safe to repeat, and logs a failure. */
MUST_CHECK enum status sandbox_query(struct sandbox *sandbox, const struct request *request,
	size_t query, const char *const *values, size_t n_values, struct db_result *ret_result);

/* Waits that long, or until the program is told to stop. */
void sandbox_wait(const struct sandbox *sandbox, long delay_ms);

#endif
