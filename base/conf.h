/* Settings: one table gives parsing, limits, defaults, --help and the start-up message. */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

/* All TOLLGATE_* settings of all programs. Texts point into the environment, or are NULL where
 * unset and without default. */
struct conf {
	const char *listen;
	const char *public_url; /* scheme and host, no closing slash */
	const char *state_dir;
	const char *session_key_file;
	const char *templates;
	long threads;
	long aws_connections; /* three quarters of the threads, unless it was set */
	long db_connections;
	const char *api_edition;
	long meter_calls_per_second;
	const char *meter_coalesce;
};

/* Reads the environment. ERR_INPUT: a TOLLGATE_* that does not exist, or a value that is out of
 * bounds; the text names the setting, its value and what is allowed. */
MUST_CHECK enum status conf_load(struct conf *ret_conf, struct err *err);

/* The folder for what must outlive a request but is not in the database: TOLLGATE_STATE_DIR, else
 * systemd's STATE_DIRECTORY, else root's /var/lib/tollgate, else tollgate in XDG_STATE_HOME or
 * ~/.local/state. */
void conf_state_dir(const struct conf *conf, struct buf *out);

/* The settings with defaults and help, for --help: lines of 80 columns. */
void conf_help(FILE *out);

#endif
