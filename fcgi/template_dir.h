/* Where the templates are. */
#ifndef FCGI_TEMPLATE_DIR_H
#define FCGI_TEMPLATE_DIR_H

#include "base/buf.h"
#include "base/conf.h"

/* Appends the folder: TOLLGATE_TEMPLATES, else the one beside the program in a checkout or where
 * `make install` puts it, so that it starts from any folder.
 * ERR_INPUT: set to what is no folder, or not set, and not beside the program. */
MUST_CHECK enum status template_dir_find(
	const struct conf *conf, struct buf *out, struct err *err);

#endif
