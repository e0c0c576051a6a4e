/* What the pages of tollgate-fcgi share. All of it is thread-safe or never changes after the start.
 */
#ifndef FCGI_APP_H
#define FCGI_APP_H

#include <stdbool.h>

#include "base/conf.h"
#include "db/pool.h"
#include "db/writer.h"
#include "fcgi/journal.h"
#include "fcgi/keys.h"
#include "fcgi/products.h"
#include "fcgi/resolver.h"
#include "fcgi/route.h"
#include "fcgi/template.h"

struct app {
	struct conf conf;
	bool secure; /* the public URL is https */
	struct keys keys;
	struct templates *templates;
	struct aws *aws;
	struct aws_accounts *accounts; /* made of `aws`, for products that name a role or region */
	struct db_pool *pool;
	struct db_writer *writer;
	struct products *products;
	struct resolver *resolver;
	struct journal *journal;
};

/* Builds it all from the settings; connects to nothing that may be away. Errors name the setting
 * and what to do. */
MUST_CHECK enum status app_open(struct app *app, const struct conf *conf, struct err *err);
void app_close(struct app *app);

#endif
