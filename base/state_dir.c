#include "base/state_dir.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

	conf_state_dir(conf, out);
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
