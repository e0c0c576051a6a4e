#include "meter/product.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "meter/judge.h"

enum { NAME_MAX = 64 * 1024 };

/* ---- the list ---- */

static const char *text_of(const char *text)
{
	return text ? text : "";
}

static bool is_of(const struct product *product, const struct record *record)
{
	return !strcmp(product->code, record->product_code) &&
		!strcmp(product->role_arn, text_of(record->role.role_arn)) &&
		!strcmp(product->external_id, text_of(record->role.external_id)) &&
		!strcmp(product->region, text_of(record->role.region));
}

static void product_free(struct product *product)
{
	refusal_free_list(product->pending);
	refusal_free_list(product->due);
	causes_done(&product->causes);
	free(product->code);
	free(product->role_arn);
	free(product->external_id);
	free(product->region);
	free(product);
}

struct product *product_look_up(struct product **list, const struct record *record)
{
	struct product *product = *list;

	while (product && !is_of(product, record))
		product = product->next;
	if (product)
		return product;
	product = calloc(1, sizeof *product);
	if (!product)
		return NULL;
	product->code = strdup(record->product_code);
	product->role_arn = strdup(text_of(record->role.role_arn));
	product->external_id = strdup(text_of(record->role.external_id));
	product->region = strdup(text_of(record->role.region));
	if (!product->code || !product->role_arn || !product->external_id || !product->region) {
		product_free(product);
		return NULL;
	}
	product->next = *list;
	*list = product;
	return product;
}

void product_free_list(struct product *list)
{
	while (list) {
		struct product *first = list;

		list = first->next;
		product_free(first);
	}
}

/* ---- what comes back ---- */

void product_stop(struct product *product, const char *why)
{
	if (!product->stopped)
		log_event(LOG_ERROR, "product_stopped", LOG_TEXT("product", product->code),
			LOG_TEXT("region", product->region), LOG_TEXT("error", why));
	product->stopped = true;
}

void product_honour(struct product *product, struct call *call, int64_t records)
{
	product->honoured += records;
	if (records)
		call->family->honoured = true;
}

/* Whether the cause was not known; a record's own is always new. */
static enum status hold(
	struct product *product, const struct call *call, bool *ret_new, struct err *err)
{
	auto_buf name = BUF_INIT(NAME_MAX);
	enum status rc;

	*ret_new = true;
	cause_name(call->records[0], call->answer.about, &name);
	if (name.failed)
		return err_set(err, ERR_LOCAL, "no memory for a cause");
	if (!name.len)
		return OK;
	rc = causes_add(&product->causes, buf_text(&name), ret_new, err);
	if (!rc && *ret_new)
		log_event(LOG_WARN, "held", LOG_TEXT("product", product->code),
			LOG_TEXT("cause", buf_text(&name)), LOG_TEXT("error", call->answer.code));
	return rc;
}

enum status product_refuse(struct product *product, struct call *call, struct err *err)
{
	const struct record *record = call->records[0];
	struct refusal *refusal;
	bool is_new;
	enum status rc = hold(product, call, &is_new, err);

	if (rc)
		return rc;
	call->family->causes += is_new;
	product->why = call->err;
	/* Out of bounds for AWS and not for us: the clocks disagree, and the record waits. */
	if (call->answer.about == ABOUT_TIME)
		return OK;
	refusal = calloc(1, sizeof *refusal);
	if (!refusal)
		return err_set(err, ERR_LOCAL, "no memory for a refusal");
	*refusal = (struct refusal){ .record_id = record->id, .call_id = call->id,
		.quantity = record->sent.quantity, .next = call->family->refusals };
	text_copy(refusal->code, sizeof refusal->code, judge_code(call, 0));
	call->family->refusals = refusal;
	return OK;
}

/* ---- what it means ---- */

static void move(struct refusal **from, struct refusal **to)
{
	while (*to)
		to = &(*to)->next;
	*to = *from;
	*from = NULL;
}

/* Of a family that is over: while a part of it may pass, its refusals mean nothing. */
static void judge(struct product *product, struct family *family)
{
	move(&family->refusals, &product->pending);
	if (family->honoured) {
		product->causes_in_a_row = 0;
		if (!product->stopped)
			move(&product->pending, &product->due);
	} else {
		product->causes_in_a_row += family->causes;
	}
	/* Of a call that is refused whole for one cause, nothing else was tried. */
	if (!family->honoured && family->causes > 1)
		product_stop(product, product->why.text);
	if (product->causes_in_a_row >= PRODUCT_CAUSES_IN_A_ROW ||
		product->causes.n >= PRODUCT_CAUSES_MAX)
		product_stop(product, product->why.text);
}

void product_close(struct product *product, struct call *call)
{
	if (call->family->parts == 1)
		judge(product, call->family);
	call_free(call);
}

struct refusal *product_take_due(struct product *product, bool at_end)
{
	struct refusal *due;

	if (at_end && product->honoured && !product->stopped)
		move(&product->pending, &product->due);
	due = product->due;
	product->due = NULL;
	return due;
}
