/* Who calls MeterUsage and RegisterUsage: a buyer's instance, task or pod, known by its session
 * token. What it may is decided in SQL, which answers with AWS's error. */
#ifndef SANDBOX_CALLER_H
#define SANDBOX_CALLER_H

#include "sandbox/call.h"
#include "sandbox/token.h"

/* What tables know the caller by: the hash of the session token that the call is signed with, in
 * ret_hash. NULL: it has none. */
const char *caller_session(const struct call *call, char ret_hash[TOKEN_HASH_SIZE]);

/* Answers with the error that the statement named. */
void caller_refuse(struct call *call, const char *error);

#endif
