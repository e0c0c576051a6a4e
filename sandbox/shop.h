/* The pages that a person sees: the shop, and what stands in for the seller's app. */
#ifndef SANDBOX_SHOP_H
#define SANDBOX_SHOP_H

#include "fcgi/reply.h"
#include "fcgi/route.h"
#include "fcgi/template.h"

struct sandbox;

enum shop_page {
	SHOP_LIST,    /* shop.html: the products, a Subscribe button each */
	SHOP_SETUP,   /* setup.html: after it, the button that posts the token to the seller */
	SHOP_HANDOFF, /* handoff.html: the seller's app after "I already have an account" */
	SHOP_CONSOLE, /* console.html: what was metered, what it costs, the calls */
	SHOP_FAILURE, /* failure.html */
	N_SHOP_PAGES
};
extern const struct template_page shop_pages[N_SHOP_PAGES];

enum shop_common_name { SHOP_REQUEST_ID, N_SHOP_COMMON };
extern const struct view_name shop_common[];

enum shop_list_name { LIST_PRODUCTS, N_LIST };
enum list_product_name {
	PRODUCT_CODE,
	PRODUCT_TITLE,
	PRODUCT_ABOUT,
	PRODUCT_LICENSED,      /* flag: known by account and license, as products of today are */
	PRODUCT_DIMENSIONS,    /* a list */
	PRODUCT_SUBSCRIPTIONS, /* a list: of buyers met before */
	PRODUCT_ACCOUNTS,      /* a list: those buyers */
	N_PRODUCT
};
enum list_dimension_name { DIMENSION_NAME, DIMENSION_PRICE, N_DIMENSION };
enum list_subscription_name {
	SUBSCRIPTION_LICENSE,
	SUBSCRIPTION_ACCOUNT,
	SUBSCRIPTION_SINCE,
	N_SUBSCRIPTION
};
enum list_account_name { ACCOUNT_ID, N_ACCOUNT };

enum shop_setup_name {
	SETUP_PRODUCT,
	SETUP_ACCOUNT,
	SETUP_LICENSE,
	SETUP_IDENTIFIER, /* empty where the seller does not get to see it */
	SETUP_TOKEN,
	SETUP_OFFER_TYPE,
	SETUP_LANDING_URL,
	N_SETUP
};
enum shop_handoff_name { HANDOFF_HAS_CODE, N_HANDOFF };
enum shop_console_name {
	CONSOLE_NOW,
	CONSOLE_EDITION,
	CONSOLE_STILL, /* flag: it does not refresh by itself */
	CONSOLE_BILLS,   /* a list: what each buyer would pay */
	CONSOLE_RECORDS, /* a list: the newest records that were honoured */
	CONSOLE_USAGE,   /* a list: the newest that MeterUsage honoured */
	CONSOLE_ANSWERS, /* a list: the newest calls */
	N_CONSOLE
};
enum console_bill_name {
	BILL_PRODUCT,
	BILL_ACCOUNT,
	BILL_LICENSE,
	BILL_UNITS,
	BILL_COST,
	BILL_TWICE, /* flag: some hours were metered in both shapes, and are billed in both */
	N_BILL
};
enum console_record_name {
	RECORD_HOUR,
	RECORD_PRODUCT,
	RECORD_ACCOUNT,
	RECORD_LICENSE,
	RECORD_DIMENSION,
	RECORD_QUANTITY,
	RECORD_COST,
	RECORD_REGION,
	RECORD_ID,
	RECORD_TWICE,
	N_RECORD
};
enum console_usage_name {
	USAGE_HOUR,
	USAGE_PRODUCT,
	USAGE_ACCOUNT,
	USAGE_PLATFORM,
	USAGE_DIMENSION,
	USAGE_QUANTITY,
	USAGE_COST,
	USAGE_REGION,
	USAGE_ID,
	N_USAGE
};
enum console_answer_name {
	ANSWER_AT,
	ANSWER_ACTION,
	ANSWER_RESULT,
	ANSWER_STATUS,
	ANSWER_FAULT,
	ANSWER_REQUEST_ID,
	ANSWER_IS_ERROR,
	N_ANSWER
};
enum shop_failure_name { FAILURE_TITLE, FAILURE_MESSAGE, N_FAILURE };

/* Renders one; values are parallel to the page's names. */
void shop_send(struct sandbox *sandbox, const struct request *request, struct reply *reply,
	enum shop_page page, const struct view_value *values);

/* A failure, in words for a person. */
void shop_refuse(struct sandbox *sandbox, const struct request *request, struct reply *reply,
	int status, const char *title, const char *message);

/* shop.c: GET / */
handler_fn shop_list;

/* shop_subscribe.c: POST /shop/subscribe */
handler_fn shop_subscribe;

/* console.c: GET /console; /console?still does not refresh by itself */
handler_fn console_show;

/* shop_handoff.c: GET /app/handoff */
handler_fn shop_handoff;

#endif
