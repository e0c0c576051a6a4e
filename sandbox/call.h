/* One call of the API: what every action does alike, from its start to its answer. */
#ifndef SANDBOX_CALL_H
#define SANDBOX_CALL_H

#include <stdint.h>

#include "fcgi/reply.h"
#include "sandbox/errors.h"
#include "sandbox/fault.h"
#include "sandbox/json.h"
#include "sandbox/region.h"
#include "sandbox/sandbox.h"

struct call {
	struct sandbox *sandbox;
	const struct request *request;
	struct reply *reply;
	const struct limits *limits;  /* of the edition in force */
	const struct action *action;  /* NULL until it is known */
	const cJSON *input;           /* fits the action's limits */
	int64_t now_ms;               /* the sandbox's time */
	char region[REGION_SIZE];     /* that it is signed for */
	struct fault fault;           /* what call_begin found */
	char result[FAULT_NAME_SIZE]; /* AWS's error, or Success: for the log */
};

/* An action of the API, a file each. Its input is within the edition's limits (sandbox/validate.h).
 * Its handler finds what the members name, calls call_begin, does it, and answers; until call_begin
 * it may only refuse. */
struct action {
	const char *name;
	void (*handle)(struct call *call);
};

/* What a call or one of its records names: a fault's Match is compared with it. NULL: nothing. */
struct call_match {
	const char *customer_identifier, *license_arn, *dimension;
};

/* Counts the call, holds it against the rate and takes the fault that waits for it, all at once in
 * the database, and waits if the fault says so. False: the reply is made and the action must not
 * run. */
bool call_begin(struct call *call, const struct call_match *match);

/* The same for a call with records, FAULT_RECORDS_MAX at most: it meets a fault that fits one. */
bool call_begin_any(struct call *call, const struct call_match *matches, size_t n);

/* Answers with AWS's error. */
void call_refuse(struct call *call, enum refusal refusal, const char *message);

/* The same by AWS's name for it, which must be one of a reference. */
void call_refuse_as(struct call *call, const char *name, const char *message);

/* Answers 200 with what the action puts out, or as the fault wants it. */
void call_answer(struct call *call, cJSON *output);

/* The headers that AWS sends with each answer. */
void call_put_headers(struct call *call);

#endif
