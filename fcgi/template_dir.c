#include "fcgi/template_dir.h"

#include <errno.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES_MAX = 4096 };

static enum status take_named(const char *folder, struct buf *out, struct err *err)
{
	buf_printf(out, "%s/.", folder);
	if (access(buf_text(out), R_OK | X_OK))
		return err_set(err, ERR_INPUT,
			"TOLLGATE_TEMPLATES is \"%s\"; allowed is a folder that can be read: %s", folder,
			strerror(errno));
	buf_reset(out);
	buf_puts(out, folder);
	return OK;
}

enum status template_dir_find(const struct conf *conf, struct buf *out, struct err *err)
{
	static const char *const places[] = { "../templates", "../../templates",
		"../share/tollgate/templates" };
	char program[PATH_BYTES_MAX];
	ssize_t len;
	const char *folder;

	if (conf->templates)
		return take_named(conf->templates, out, err);
	len = readlink("/proc/self/exe", program, sizeof program - 1);
	program[len > 0 ? len : 0] = '\0';
	folder = dirname(program);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		buf_reset(out);
		buf_printf(out, "%s/%s", folder, places[i]);
		if (!access(buf_text(out), R_OK | X_OK))
			return OK;
	}
	return err_set(err, ERR_INPUT,
		"the templates are not beside the program in %s; set TOLLGATE_TEMPLATES", folder);
}
