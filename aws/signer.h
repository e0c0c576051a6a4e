/* Signs requests: keeps the credentials fresh, the day's key at hand, and the clock as AWS sees it.
 * Thread-safe. */
#ifndef AWS_SIGNER_H
#define AWS_SIGNER_H

#include <pthread.h>

#include "aws/creds.h"
#include "aws/http.h"
#include "aws/sigv4.h"

/* The two clocks, read by the caller. */
struct signer_now {
	int64_t epoch_ms, monotonic_ms;
};

struct signer {
	pthread_mutex_t lock;
	const struct creds_source *const *sources;
	struct http *http;
	const char *region, *host;
	struct creds creds, fresh; /* in use; room for reading them again */
	unsigned generation;       /* counts changes of the credentials; 0: none were read yet */
	int64_t read_ms, forced_ms, failing_since_ms; /* monotonic; 0: not yet, not now */
	struct err trouble;        /* why they could not be read again, or "" */
	struct sigv4_key key;
	char key_date[9];          /* the day that the key is for, "" for none */
	int64_t clock_off_ms;      /* to add to this machine's clock */
};

enum { SIGNER_HEADERS = 6 };

/* A request's headers, signed. */
struct signature {
	struct sigv4_header headers[SIGNER_HEADERS];
	size_t n_headers;
	const char *session_token; /* "" for none */
	struct buf text;           /* what they point into; secret */
	unsigned generation;       /* of the credentials */
	int64_t signed_s;          /* the time that it says */
};

/* Reads the credentials for the first time. Keeps all pointers. After a failure only signer_done
 * may follow.
 * ERR_MISSING, ERR_INPUT, ERR_LOCAL: there are none that could be used; the text says why. */
MUST_CHECK enum status signer_init(struct signer *signer, struct signer_now now, struct err *err);
void signer_done(struct signer *signer);

/* Makes the headers of a POST of `body` to the host's "/": content type, host, date, target,
 * session token, authorization. Free with signature_done.
 * Statuses as signer_init: the credentials are gone or out of date. */
MUST_CHECK enum status signer_sign(struct signer *signer, struct signer_now now,
	const char *target, const struct buf *body, struct signature *ret_signature,
	struct err *err);
void signature_done(struct signature *signature);

/* After AWS refused a signature of that generation: whether there are other credentials by now.
 * Reads them again, but at most once a minute. ret_trouble: why that failed, or "". */
bool signer_renew(struct signer *signer, struct signer_now now, unsigned generation,
	struct err *ret_trouble);

/* After AWS refused a signature that says signed_s, in an answer of date_s: whether the clocks are
 * so far apart that this is why. From then on requests say AWS's time. */
bool signer_set_clock(struct signer *signer, struct signer_now now, int64_t signed_s,
	int64_t date_s);

#endif
