/* The folder for what must outlive a request or a run but is not in the database: journal, session
 * key, the state of the ledger. */
#ifndef BASE_STATE_DIR_H
#define BASE_STATE_DIR_H

#include "base/buf.h"
#include "base/conf.h"

/* Finds the folder (conf_state_dir) and makes it, mode 0700, if it is missing. ERR_INPUT: it can't
 * be made; the text names it. */
MUST_CHECK enum status state_dir_open(const struct conf *conf, struct buf *out, struct err *err);

#endif
