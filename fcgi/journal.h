/* Registrations that AWS resolved while PostgreSQL could not be reached: kept in files until it is
 * back.
 *
 * One file a process, locked by it, mode 0600, a line a visit with a CRC, fsynced before the buyer
 * is answered. A replay lets go of the file (the next line begins a new one), stores its lines with
 * their own time, and removes it. Files of processes that died are taken over. A line cut short or
 * damaged is set aside in `damaged`, never fatal. */
#ifndef FCGI_JOURNAL_H
#define FCGI_JOURNAL_H

#include <stdbool.h>

#include "base/buf.h"
#include "fcgi/visit.h"

struct journal;

/* dir: made if missing, mode 0700. Checks that a file can be written there, and leaves none. */
MUST_CHECK enum status journal_new(const char *dir, struct journal **ret_journal, struct err *err);
void journal_free(struct journal *journal);

/* Returns OK when the line is on the disk. Thread-safe. ERR_LOCAL: it is not, and nothing of it is
 * left. */
MUST_CHECK enum status journal_add(
	struct journal *journal, const struct visit *visit, struct err *err);

/* What to do with a visit that is replayed.
 * OK: stored.  ERR_RETRY: this one not now; its line goes on waiting, the others are replayed.
 * ERR_LOCAL: none now; the replay ends and the file stays.  Anything else: this one can never be
 * stored; the line is set aside. */
typedef enum status journal_store_fn(void *arg, const struct visit *visit, struct err *err);

struct journal_counts {
	size_t stored, set_aside;
};

/* Whether there may be something to replay: lines of this process, or files of dead ones. */
bool journal_waits(struct journal *journal);

/* Replays all of it. Runs beside journal_add; one thread at a time. ERR_RETRY: lines go on waiting;
 * err says why the first does. */
MUST_CHECK enum status journal_replay(struct journal *journal, journal_store_fn *store, void *arg,
	struct journal_counts *ret_counts, struct err *err);

/* One line, for tests. The CRC is CRC-32 (IEEE 802.3) of what follows it. */
void journal_format(const struct visit *visit, struct buf *out);
bool journal_parse(const char *line, size_t len, struct visit *ret_visit);

#endif
