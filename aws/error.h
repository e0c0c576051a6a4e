/* AWS's errors: their names, and what each means for the caller. The only place that knows them. */
#ifndef AWS_ERROR_H
#define AWS_ERROR_H

#include <stddef.h>

#include "aws/client.h"
#include "aws/http.h"

/* What an answer other than 200 says. */
struct error {
	enum error_class class;
	char code[128];     /* normalised; "" where the answer names none, as a proxy's does */
	char message[256];  /* printable ASCII, perhaps cut; it may repeat what was sent */
	const char *advice; /* what to do about it, or "" */
};

/* Finds out from header, body and status what an action was answered. Never fails: what cannot be
 * read goes by the status. */
void error_read(const char *action, const struct http_answer *answer, struct error *ret_error);

/* Cuts "namespace#Name:detail" down to Name. "" if that does not fit or cannot be a name. */
void error_normalise(const char *sent, char *ret_code, size_t size);

/* The class of an error's name and status, answered to an action; by the status alone where the
 * name is not known. ret_advice may be NULL. */
enum error_class error_classify(
	const char *action, const char *code, int http_status, const char **ret_advice);

/* What of a usage record an error of that name is about. */
enum error_about error_find_about(const char *code);

/* Copies a message, cut to fit, with a ? for what is not printable ASCII: messages go to logs and
 * terminals. */
void error_copy_message(const char *message, char *ret_message, size_t size);

/* Whether a message repeats a part of what was sent, and so must not be shown. */
bool error_repeats(const char *message, const char *secret);

#endif
