/* Calls under way: a thread each, within what the caller lets in. */
#ifndef METER_SENDER_H
#define METER_SENDER_H

#include "meter/call.h"

struct sender;

/* Starts `threads` threads. */
MUST_CHECK enum status sender_new(int threads, struct sender **ret_sender, struct err *err);

/* Waits for what is under way. */
void sender_free(struct sender *sender);

/* How many more calls could start at once, and whether none is under way. */
int sender_room(const struct sender *sender);
bool sender_is_idle(const struct sender *sender);

/* Starts a call, which is the sender's until sender_wait gives it back. At most as many as there is
 * room. */
void sender_start(struct sender *sender, struct call *call);

/* Waits until a call came back, and gives all that have, as a list. NULL: none did within
 * timeout_ms. */
struct call *sender_wait(struct sender *sender, int timeout_ms);

#endif
