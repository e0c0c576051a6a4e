/* Calls under way: a thread each, and some more that start as soon as one is free. */
#ifndef METER_SENDER_H
#define METER_SENDER_H

#include "meter/call.h"

struct sender;

/* Starts `threads` threads. `ahead`: how many more calls it takes than can start at once. */
MUST_CHECK enum status sender_new(
	int threads, int ahead, struct sender **ret_sender, struct err *err);

/* Waits for what is under way. */
void sender_free(struct sender *sender);

/* How many more calls it takes, and whether it has none. */
int sender_room(const struct sender *sender);
bool sender_is_idle(const struct sender *sender);

/* Starts the calls of a list, in their order; they are the sender's until sender_wait gives them
 * back. At most as many as there is room. */
void sender_start(struct sender *sender, struct call *calls);

/* Gives back the calls that no thread has begun yet, and those that aws_withdraw() ended before
 * they were made; NULL: there is none. */
struct call *sender_withdraw(struct sender *sender);

/* Waits until a call came back, and gives all that have, as a list. NULL: none did within
 * timeout_ms. */
struct call *sender_wait(struct sender *sender, int timeout_ms);

#endif
