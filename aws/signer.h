/* Signs requests: keeps the credentials fresh, the day's key at hand, and the clock as AWS sees it.
 * Thread-safe. What must be waited for is read by a thread of the signer's own, early, while
 * callers go on with what there is. */
#ifndef AWS_SIGNER_H
#define AWS_SIGNER_H

#include <pthread.h>

#include "aws/creds.h"
#include "aws/http.h"
#include "aws/renewal.h"
#include "aws/signature.h"

/* The two clocks. */
struct signer_now {
	int64_t epoch_ms, monotonic_ms;
};

/* Zeroed but for what stands above the lock, which the caller fills in. */
struct signer {
	const struct creds_source *const *sources;
	struct http *http;
	const char *region, *host;
	/* The clocks, for the thread. NULL: there is none, and a test calls signer_creds_renew. */
	struct signer_now (*now)(void *self);
	void *self;

	pthread_mutex_t lock;      /* of what follows, but for `fresh` while `reading` */
	struct creds creds, fresh; /* in use; room for reading them again */
	unsigned generation;       /* counts changes of the credentials; 0: none were read yet */
	int64_t read_ms, forced_ms, failing_since_ms; /* monotonic; 0: not yet, not now */
	enum status trouble_status;
	struct err trouble;        /* why they could not be read again, or "" */
	struct signature_key key;
	int64_t clock_off_ms;      /* to add to this machine's clock */

	bool by_thread; /* the sources have to be waited for: the thread reads, and no caller */
	bool reading;   /* just now, with the lock open */
	bool started, stopping;
	struct renewal renewal;
	pthread_t thread;
	pthread_cond_t wake, was_read; /* for the thread; for who waits for its first attempt */
};

/* Reads the credentials for the first time, and waits for them. Keeps all pointers. After a failure
 * only signer_done may follow. OK without any where a source is set up but away: the thread goes on
 * asking.
 * ERR_MISSING, ERR_INPUT, ERR_REMOTE, ERR_LOCAL: there are none that could be used; the text says
 * why. */
MUST_CHECK enum status signer_init(struct signer *signer, struct signer_now now, struct err *err);

/* The same without waiting: the thread reads what takes some, and callers are told what came of it.
 * ERR_LOCAL: there can be no thread. */
MUST_CHECK enum status signer_init_later(struct signer *signer, struct signer_now now,
	struct err *err);

/* Waits until the first attempt to read them is over, but not longer than this. */
void signer_wait(struct signer *signer, int64_t ms);

/* Ends the thread; a source that is being asked is waited for, five seconds at most. */
void signer_done(struct signer *signer);

/* Makes the headers of a POST of `body` to the host's "/": content type, host, date, target,
 * session token, authorization. Waits for nobody. Free with signature_done.
 * ERR_RETRY: there are no credentials now, but there may be later.  Otherwise as signer_init: they
 * are gone or out of date. */
MUST_CHECK enum status signer_sign(struct signer *signer, struct signer_now now,
	const char *target, const struct buf *body, struct signature *ret_signature,
	struct err *err);

/* What signer_sign would sign with, to be wiped, and its generation. Statuses as there. */
MUST_CHECK enum status signer_copy_creds(struct signer *signer, struct signer_now now,
	struct creds *ret_creds, unsigned *ret_generation, struct err *err);

/* Where they come from. Statuses as signer_sign. */
MUST_CHECK enum status signer_origin(struct signer *signer, struct signer_now now,
	char ret_origin[CREDS_ORIGIN_MAX + 1], struct err *err);

enum signer_renewal {
	SIGNER_SAME,      /* the sources have no others */
	SIGNER_OTHER,     /* there are others by now */
	SIGNER_UNDER_WAY, /* the thread is asking for others: later */
};

/* After AWS refused a signature of that generation. Reads the credentials again, or has the thread
 * do so, but at most once a minute. ret_trouble: why that failed, or "". */
enum signer_renewal signer_renew(struct signer *signer, struct signer_now now,
	unsigned generation, struct err *ret_trouble);

/* After AWS refused a signature that says signed_s, in an answer of date_s: whether the clocks are
 * so far apart that this is why. From then on requests say AWS's time. */
bool signer_set_clock(struct signer *signer, struct signer_now now, int64_t signed_s,
	int64_t date_s);

#endif
