#include "sandbox/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/template_dir.h"
#include "sandbox/shop.h"
#include "sandbox_queries.h"

enum { PATH_BYTES_MAX = 4096, URL_BYTES_MAX = 2000 };

/* The origin goes into a header and the whole into a link, so nothing odd may be in them. */
static enum status set_landing_url(struct sandbox *sandbox, const char *url, struct err *err)
{
	static const char host_chars[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
	static const char path_chars[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/?.-_~%=&+,:@";
	size_t len = strlen(url);
	size_t scheme = !strncmp(url, "https://", 8) ? 8 : !strncmp(url, "http://", 7) ? 7 : 0;
	size_t host = scheme ? strspn(url + scheme, host_chars) : 0, origin = scheme + host;

	if (!host || origin >= sizeof sandbox->landing_origin || len > URL_BYTES_MAX ||
		url[origin] != '/' || strspn(url + origin, path_chars) != len - origin)
		return err_set(err, ERR_INPUT,
			"--landing-url is \"%.200s\"; allowed is http://host:port/path or https://host/path",
			url);
	memcpy(sandbox->landing_origin, url, origin);
	sandbox->landing_origin[origin] = '\0';
	sandbox->landing_url = url;
	return OK;
}

static enum status open_templates(struct sandbox *sandbox, struct err *err)
{
	auto_buf dir = BUF_INIT(PATH_BYTES_MAX);
	enum status rc = template_dir_find(&sandbox->conf, &dir, err);

	if (rc)
		return rc;
	buf_puts(&dir, "/sandbox");
	return templates_load(
		buf_text(&dir), shop_common, shop_pages, N_SHOP_PAGES, &sandbox->templates, err);
}

/* The server's own descriptor of the same kind ends its loop; neither takes the signal away. */
static enum status watch_stop(struct sandbox *sandbox, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sandbox->stop_fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (sandbox->stop_fd < 0)
		return err_set(err, ERR_LOCAL, "cannot watch for signals: %s", strerror(errno));
	return OK;
}

enum status sandbox_open(
	struct sandbox *sandbox, const struct conf *conf, const char *landing_url, struct err *err)
{
	enum status rc;

	*sandbox = (struct sandbox){ .conf = *conf, .stop_fd = -1 };
	sandbox->limits = limits_find(conf->api_edition);
	rc = set_landing_url(sandbox, landing_url, err);
	if (!rc)
		rc = open_templates(sandbox, err);
	if (!rc)
		rc = watch_stop(sandbox, err);
	if (!rc)
		rc = db_pool_new(&sandbox_queries, (size_t)conf->db_connections, &sandbox->pool, err);
	if (rc)
		sandbox_close(sandbox);
	return rc;
}

void sandbox_close(struct sandbox *sandbox)
{
	db_pool_free(sandbox->pool);
	templates_free(sandbox->templates);
	if (sandbox->stop_fd >= 0)
		close(sandbox->stop_fd);
	*sandbox = (struct sandbox){ .stop_fd = -1 };
}

enum status sandbox_query(struct sandbox *sandbox, const struct request *request, size_t query,
	const char *const *values, size_t n_values, struct db_result *ret_result)
{
	struct err err = { 0 };
	enum status rc = db_pool_run(sandbox->pool, query, values, n_values, ret_result, &err);

	if (rc)
		log_event(LOG_ERROR, "database", LOG_TEXT("request_id", request->id),
			LOG_TEXT("statement", sandbox_queries.list[query].name), LOG_TEXT("error", err.text));
	return rc;
}

void sandbox_wait(const struct sandbox *sandbox, long delay_ms)
{
	struct pollfd stop = { .fd = sandbox->stop_fd, .events = POLLIN };
	int64_t until_ms = clock_monotonic_ms() + delay_ms, left_ms;

	while ((left_ms = until_ms - clock_monotonic_ms()) > 0)
		if (poll(&stop, 1, (int)left_ms) > 0)
			return;
}
