/* One run of the meter: roll up, freeze, send, settle, sum up. */
#ifndef METER_RUN_H
#define METER_RUN_H

#include <signal.h>
#include <stdbool.h>

#include "aws/accounts.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/ledger_state.h"
#include "db/db.h"
#include "meter/exit.h"
#include "meter/arguments.h"
#include "meter/heard.h"
#include "meter/progress.h"
#include "meter/tally.h"

enum {
	RUN_CALLS_MAX = 16,     /* in flight; at AWS's quota and 0.2 s a call, 2 would do */
	RUN_CALLS_AHEAD = 16,   /* noted already, so that none waits for the ledger when one is back */
	RUN_MARGIN_S = 10 * 60, /* before a deadline: clocks differ, calls take time */
	RUN_PATIENCE_MS = 60 * 60 * 1000, /* with a statement: a roll-up of many millions */
};

struct run {
	struct conf conf;
	const struct limits *limits;
	const struct run_options *options;
	const volatile sig_atomic_t *stop; /* set: no more calls */
	struct buf state_dir;
	struct ledger_state state; /* as it is in the state file */
	struct db *db;
	struct aws *aws;
	struct aws_accounts *accounts;
	struct progress *progress; /* NULL: nobody looks */
	int64_t id;                /* in the ledger; 0: a dry run */
	struct tally tally;
	struct heard heard;
	struct exit_facts facts;
	bool may_freeze; /* AWS agrees with the database's clock */
	struct {
		int64_t newest, looked_ms; /* the last end that is known, and when that was */
	} ending;
};

/* Does it all, or shows it (--dry-run), and says so in the log. Returns the program's exit status,
 * as sysexits has it: 0 all is settled; 64 an option names what there is not; 65 AWS refused
 * something, a person is needed; 70 the ledger does not add up; 73 another run holds the lock; 75
 * something is left for the next run; 78 a setting. The worst wins: 70, 78, 65, 75. */
int run_meter(const struct conf *conf, const struct run_options *options,
	const volatile sig_atomic_t *stop);

#endif
