#include "fcgi/app.h"

#include <string.h>

#include "aws/limits.h"
#include "base/buf.h"
#include "base/state_dir.h"
#include "fcgi/template_dir.h"
#include "fcgi/views.h"
#include "fcgi_queries.h"

enum { PATH_BYTES_MAX = 4096 };

static enum status open_templates(struct app *app, struct err *err)
{
	auto_buf dir = BUF_INIT(PATH_BYTES_MAX);
	enum status rc = template_dir_find(&app->conf, &dir, err);

	if (rc)
		return rc;
	rc = templates_load(buf_text(&dir), common_names, pages, N_PAGES, &app->templates, err);
	if (rc == ERR_MISSING && app->conf.templates)
		return err_wrap(err, rc, "TOLLGATE_TEMPLATES");
	return rc;
}

static enum status open_state(struct app *app, struct err *err)
{
	auto_buf dir = BUF_INIT(PATH_BYTES_MAX), path = BUF_INIT(PATH_BYTES_MAX);
	enum status rc = state_dir_open(&app->conf, &dir, err);

	if (rc)
		return rc;
	buf_printf(&path, "%s/session.key", buf_text(&dir));
	if (app->conf.session_key_file)
		rc = keys_load(app->conf.session_key_file, false, &app->keys, err);
	else
		rc = keys_load(buf_text(&path), true, &app->keys, err);
	if (rc)
		return rc;
	buf_reset(&path);
	buf_printf(&path, "%s/journal", buf_text(&dir));
	return journal_new(buf_text(&path), &app->journal, err);
}

static enum status open_aws(struct app *app, struct err *err)
{
	enum status rc = aws_new(app->conf.aws_connections, &app->aws, err);

	if (rc)
		return rc;
	aws_set_limits(app->aws, limits_find(app->conf.api_edition));
	rc = aws_accounts_new(app->aws, &app->accounts, err);
	return rc ? rc : resolver_new(app->conf.aws_connections, &app->resolver, err);
}

enum status app_open(struct app *app, const struct conf *conf, struct err *err)
{
	enum status rc;

	*app = (struct app){ .conf = *conf,
		.secure = conf->public_url && !strncmp(conf->public_url, "https:", 6) };
	rc = open_templates(app, err);
	if (!rc)
		rc = open_state(app, err);
	if (!rc)
		rc = open_aws(app, err);
	if (!rc)
		rc = db_pool_new(&fcgi_queries, (size_t)conf->db_connections, &app->pool, err);
	if (!rc)
		rc = db_writer_new(&fcgi_queries, &app->writer, err);
	if (!rc)
		rc = products_new(app->pool, &app->products, err);
	if (rc)
		app_close(app);
	return rc;
}

void app_close(struct app *app)
{
	products_free(app->products);
	db_writer_free(app->writer);
	db_pool_free(app->pool);
	resolver_free(app->resolver);
	aws_accounts_free(app->accounts);
	aws_free(app->aws);
	journal_free(app->journal);
	templates_free(app->templates);
	keys_wipe(&app->keys);
}
