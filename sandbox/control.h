/* /control/: what a test or a seller asks of the sandbox, JSON over HTTP. A call that is not
 * understood is refused whole, with a message that lists what is allowed. */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include "fcgi/route.h"
#include "sandbox/json.h"

enum control_kind {
	CONTROL_TEXT,
	CONTROL_NUMBER,
	CONTROL_NUMBER_OR_NULL,
	CONTROL_OBJECT,
};

/* A member that a call knows; a list ends with a NULL name. */
struct control_member {
	const char *name;
	enum control_kind kind;
	bool needed;
};

/* Reads the body. NULL: the reply says what is wrong with it. The caller frees it. */
cJSON *control_read(
	const struct request *request, struct reply *reply, const struct control_member *members);

/* The same check of an object inside it, called `what`. */
bool control_check(struct reply *reply, const char *what, const cJSON *object,
	const struct control_member *members);

/* Epoch seconds as a statement's parameter; false if the time is not within 2000 and 2100. One in
 * milliseconds would be far beyond. */
enum { CONTROL_EPOCH_SIZE = 32 };
bool control_epoch(const cJSON *number, char ret_text[CONTROL_EPOCH_SIZE]);

/* 200 with that object. */
void control_answer(struct reply *reply, const cJSON *object);

/* An error, as {"message": …}. */
void control_refuse(struct reply *reply, int status, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* 503: the sandbox's database is away. */
void control_unavailable(struct reply *reply);

/* One a file. */
handler_fn control_tokens;
handler_fn control_faults;
handler_fn control_clock;
handler_fn control_rate;
handler_fn control_settings;
handler_fn control_end;
handler_fn control_calls;
handler_fn control_records;
handler_fn control_callers;
handler_fn control_usage;
handler_fn control_keys;
handler_fn control_key; /* in control_keys.c */
handler_fn control_reset;

#endif
