/* The commands of `tollgate`. Those that call an action of AWS's have its members as options. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/options.h"

struct aws;
struct cJSON;

/* A call that is ready to go. */
struct job {
	const struct options *options;
	const struct cJSON *request; /* of the action's members, each of its kind */
	struct aws *aws;
	int64_t deadline_ms;
};

struct command {
	const char *name;    /* one word or two; AWS's as its CLI has them; NULL ends the list */
	const char *action;  /* of AWS's; NULL: none */
	const char *summary; /* a line */
	const char *usage;   /* what follows the name */
	const char *notes;   /* for --help, or "" */
	bool takes_argument; /* the first member without its option */
	bool is_local;       /* AWS is not called: no region, endpoint, profile */
	const struct option_word *own; /* options that are not members; ends with a NULL name */
	/* Does it all; returns the exit status. */
	int (*run)(const struct options *options);
	/* Of an action: calls AWS and shows the answer; returns the exit status. */
	int (*perform)(const struct job *job);
};

int action_run(const struct options *options);
int resolve_customer_perform(const struct job *job);
int batch_meter_usage_perform(const struct job *job);
int meter_usage_perform(const struct job *job);
int register_usage_perform(const struct job *job);
int doctor_run(const struct options *options);
int ledger_status_run(const struct options *options);
int ledger_adopt_run(const struct options *options);

extern const struct option_word register_usage_words[], ledger_adopt_words[];

#endif
