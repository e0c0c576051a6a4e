/* How the command ends: an exit status of sysexits.h, and a line on standard error. */
#ifndef CLI_EXIT_H
#define CLI_EXIT_H

#include "aws/metering.h"
#include "base/err.h"

/* The exit status of a call's: 0 done; 65 AWS, or the reference's limits, refuse what was given; 75
 * try again later; 78 the configuration or the credentials. */
int exit_of_status(enum status status);

/* The same of what became of a record in a batch that AWS answered. */
int exit_of_outcome(enum metering_outcome outcome);

/* The worse of two: 64, 70, 78, 65, 75, 0. */
int exit_worse(int a, int b);

/* Says "tollgate: …" on standard error, in one line, without control characters. */
void exit_say(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Says why a call failed and what to do, with AWS's name for it, status and request id where there
 * was an answer; `answer` may be NULL. Returns the exit status. */
int exit_explain(enum status status, const struct aws_answer *answer, const struct err *err);

#endif
