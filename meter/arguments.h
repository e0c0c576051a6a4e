/* The command line of tollgate-meter. */
#ifndef METER_ARGUMENTS_H
#define METER_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

struct run_options {
	const char *product; /* NULL: all */
	const char *final;   /* a customer's id; NULL: nobody's last call */
	const char *until;   /* as it was written; NULL: all hours */
	int64_t until_s;     /* only hours that end by then (since 1970); 0: all */
	bool no_rollup, dry_run, json, quiet;
	bool help, version; /* that is all it is to do */
};

/* Reads it; keeps pointers into argv.
 * ERR_INPUT: an option that there is not, or a value that cannot be; the text says which, and what
 * is allowed. */
MUST_CHECK enum status arguments_read(
	char **argv, struct run_options *ret_options, struct err *err);

/* 2026-11-25T06:00:00Z and nothing else; false: it is no time, or before 1970. */
bool arguments_read_time(const char *text, int64_t *ret_epoch_s);

void arguments_help(FILE *out);

#endif
