/* A request of the metering service: written as JSON, and each member checked as it goes in against
 * what the client's edition says of it. For the actions' files.
 *
 * The first fault stays, as in base/buf.h: write all of it, then look once. Its text names the
 * action and the place: "BatchMeterUsage: UsageRecords[3].Dimension: has 300 characters; …". */
#ifndef AWS_METERING_WRITE_H
#define AWS_METERING_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/call.h"
#include "base/buf.h"

enum { METERING_LEVELS = 4 }; /* request, record, allocation, tag */

struct metering_writer {
	const struct limits *limits;
	const char *action;
	struct buf body;
	struct err *err; /* the fault's text */
	enum status rc;  /* the fault, or OK */
	int depth;
	/* The structures that are open, from the request on; `list` is where each is an item. */
	struct metering_level {
		const struct limits_member *members;
		const char *list;
		size_t index;
	} levels[METERING_LEVELS];
};

#define auto_metering_writer \
	__attribute__((cleanup(metering_write_done))) struct metering_writer

/* Begins a request of the action; `err` outlives the writer. room: how many bytes to take at once,
 * as memory that the body outgrows is not wiped. */
void metering_write_begin(struct metering_writer *writer, const struct limits *limits,
	const char *action, size_t room, struct err *err);

/* Wipes and frees. */
void metering_write_done(struct metering_writer *writer);

/* A text. NULL and "" are none: refused where the member is required, left out elsewhere. */
void metering_write_text(struct metering_writer *writer, const char *name, const char *text);

void metering_write_integer(struct metering_writer *writer, const char *name, int64_t number);
void metering_write_timestamp(struct metering_writer *writer, const char *name, int64_t seconds);

/* False, the default, is left out where the member is optional. */
void metering_write_boolean(struct metering_writer *writer, const char *name, bool value);

/* A list of n structures: open it, open and close each item in turn, close it. */
void metering_write_list(struct metering_writer *writer, const char *name, size_t n);
void metering_write_item(struct metering_writer *writer, size_t index);
void metering_write_item_end(struct metering_writer *writer);
void metering_write_list_end(struct metering_writer *writer);

/* Refuses the request, if nothing did before, for this member of the open structure, or with NULL
 * for the structure. */
void metering_refuse(struct metering_writer *writer, const char *name, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* Ends the request and sends it as aws_call does, which fills in the rest of `call`: its action and
 * body are the writer's. A request with a fault is not sent, and ret_answer says so. */
MUST_CHECK enum status metering_send(struct metering_writer *writer, struct aws *aws,
	struct aws_call call, struct cJSON **ret_json, struct aws_answer *ret_answer);

#endif
