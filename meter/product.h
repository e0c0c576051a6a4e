/* What AWS's refusals mean for a product. A record that AWS refuses by itself may be at fault, or a
 * setting may be: that shows when another one of the product passes. Until then it is only held. */
#ifndef METER_PRODUCT_H
#define METER_PRODUCT_H

#include "meter/call.h"
#include "meter/cause.h"
#include "meter/lane.h"

enum {
	PRODUCT_CAUSES_IN_A_ROW = 5, /* without a record that passes: a setting is wrong */
	PRODUCT_CAUSES_MAX = 10000,  /* of a run; beyond, it is one too, and memory has an end */
};

/* Of one seller account and region: another one's setting may be right. */
struct product {
	char *code, *role_arn, *external_id, *region;
	struct aws *aws;   /* NULL: not asked for yet */
	struct lane *lane; /* that of `aws` */
	bool stopped;
	int64_t honoured;     /* records, in this run */
	int causes_in_a_row;  /* found since the last one */
	struct causes causes; /* held for the rest of the run */
	struct refusal *pending, *due; /* fault not known yet; the records' own, not taken yet */
	struct err why; /* the last refusal */
	struct product *next;
};

/* The product of a record, made if need be. NULL: no memory. */
struct product *product_look_up(struct product **list, const struct record *record);
void product_free_list(struct product *list);

/* Nothing more of it is sent in this run. */
void product_stop(struct product *product, const char *why);

/* AWS took records of this call. */
void product_honour(struct product *product, struct call *call, int64_t records);

/* AWS refused the call's only record. ERR_LOCAL: no memory. */
MUST_CHECK enum status product_refuse(
	struct product *product, struct call *call, struct err *err);

/* The call is over; frees it. With the last one of its family it shows what its refusals mean. */
void product_close(struct product *product, struct call *call);

/* Refusals that are the records' own, to be freed; at_end: nothing more of the product comes. */
struct refusal *product_take_due(struct product *product, bool at_end);

#endif
