/* Inside of the signer: how its credentials are read and kept fresh. All of it with the lock held,
 * but for the first read and the thread's end, which take it themselves. */
#ifndef AWS_SIGNER_CREDS_H
#define AWS_SIGNER_CREDS_H

#include "aws/signer.h"

/* AWS's time. */
int64_t signer_epoch_ms(const struct signer *signer, struct signer_now now);

/* The first read. As signer_init. */
MUST_CHECK enum status signer_creds_first(struct signer *signer, struct signer_now now,
	struct err *err);

/* Whether signer->creds can be used: reads them again where that takes no waiting, else wakes the
 * thread where it is time. Statuses as signer_sign. */
MUST_CHECK enum status signer_creds_use(struct signer *signer, struct signer_now now,
	struct err *err);

/* Reads them again, or has the thread do it at once. */
void signer_creds_force(struct signer *signer, struct signer_now now);

/* It is time for the thread to read them, or it does so just now. */
bool signer_creds_are_due(const struct signer *signer, struct signer_now now);

/* The thread's work: asks the sources, with the lock open meanwhile. */
void signer_creds_renew(struct signer *signer, struct signer_now now);

/* ERR_LOCAL: there can be none. OK where there is one already. */
MUST_CHECK enum status signer_thread_start(struct signer *signer, struct err *err);
void signer_thread_stop(struct signer *signer);

#endif
