/* What STS answers, apart from how it is asked: for the actions, and for tests that bring bodies of
 * their own. */
#ifndef AWS_STS_ANSWER_H
#define AWS_STS_ANSWER_H

#include "aws/sts.h"

/* An answer other than 200. Texts are "" where it says nothing. */
struct sts_error {
	char code[128];
	char message[256]; /* printable ASCII, perhaps cut; it may repeat what was sent */
};

/* Reads Credentials in the answer of `action`.
 * ERR_RETRY: they are not all there, or not of a kind that credentials can be. */
MUST_CHECK enum status sts_read_creds(const char *action, const char *body, size_t len,
	struct creds *ret_creds, struct err *err);

MUST_CHECK enum status sts_read_caller(const char *body, size_t len,
	char ret_account[AWS_ACCOUNT_MAX + 1], char ret_arn[AWS_ARN_MAX + 1], struct err *err);

/* Never fails: a body that is not STS's says nothing. */
void sts_read_error(const char *body, size_t len, struct sts_error *ret_error);

#endif
