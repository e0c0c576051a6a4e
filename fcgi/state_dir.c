#include "fcgi/state_dir.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *home(void)
{
	const char *dir = getenv("HOME");
	struct passwd *me = dir && *dir ? NULL : getpwuid(getuid());

	return me ? me->pw_dir : dir;
}

static void choose(const struct conf *conf, struct buf *out)
{
	const char *systemd = getenv("STATE_DIRECTORY"), *xdg = getenv("XDG_STATE_HOME");

	if (conf->state_dir)
		buf_puts(out, conf->state_dir);
	else if (systemd && *systemd)
		buf_add(
			out, systemd, strcspn(systemd, ":")); /* the first one, where the unit has several */
	else if (geteuid() == 0)
		buf_puts(out, "/var/lib/tollgate");
	else if (xdg && *xdg == '/')
		buf_printf(out, "%s/tollgate", xdg);
	else
		buf_printf(out, "%s/.local/state/tollgate", home() ? home() : "");
}

/* mkdir -p; the last one is for this program alone. */
static int make_all(char *path)
{
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			return -1;
		*at = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? -1 : 0;
}

enum status state_dir_open(const struct conf *conf, struct buf *out, struct err *err)
{
	struct stat st;

	choose(conf, out);
	if (out->failed || !out->len)
		return err_set(err, ERR_INPUT, "TOLLGATE_STATE_DIR is too long or empty");
	if (make_all(out->data))
		return err_set(err, ERR_INPUT,
			"cannot make the state folder %s: %s; set TOLLGATE_STATE_DIR to one that this user "
			"can write to",
			out->data, strerror(errno));
	if (stat(out->data, &st) || !S_ISDIR(st.st_mode) || access(out->data, R_OK | W_OK | X_OK))
		return err_set(err, ERR_INPUT,
			"the state folder %s is not a folder that this user can write to; set "
			"TOLLGATE_STATE_DIR to one",
			out->data);
	return OK;
}
