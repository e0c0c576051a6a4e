/* The names that the templates of templates/sandbox may use. */
#include "sandbox/shop.h"

const struct view_name shop_common[] = {
	[SHOP_REQUEST_ID] = { "request_id", VIEW_TEXT, NULL },
	[N_SHOP_COMMON] = { 0 },
};

static const struct view_name dimension[] = {
	[DIMENSION_NAME] = { "name", VIEW_TEXT, NULL },
	[DIMENSION_PRICE] = { "price", VIEW_TEXT, NULL },
	[N_DIMENSION] = { 0 },
};
static const struct view_name subscription[] = {
	[SUBSCRIPTION_LICENSE] = { "license", VIEW_TEXT, NULL },
	[SUBSCRIPTION_ACCOUNT] = { "account", VIEW_TEXT, NULL },
	[SUBSCRIPTION_SINCE] = { "since", VIEW_TEXT, NULL },
	[N_SUBSCRIPTION] = { 0 },
};
static const struct view_name account[] = {
	[ACCOUNT_ID] = { "account", VIEW_TEXT, NULL },
	[N_ACCOUNT] = { 0 },
};
static const struct view_name product[] = {
	[PRODUCT_CODE] = { "code", VIEW_TEXT, NULL },
	[PRODUCT_TITLE] = { "title", VIEW_TEXT, NULL },
	[PRODUCT_ABOUT] = { "about", VIEW_TEXT, NULL },
	[PRODUCT_LICENSED] = { "licensed", VIEW_FLAG, NULL },
	[PRODUCT_DIMENSIONS] = { "dimensions", VIEW_LIST, dimension },
	[PRODUCT_SUBSCRIPTIONS] = { "subscriptions", VIEW_LIST, subscription },
	[PRODUCT_ACCOUNTS] = { "accounts", VIEW_LIST, account },
	[N_PRODUCT] = { 0 },
};
static const struct view_name list[] = {
	[LIST_PRODUCTS] = { "products", VIEW_LIST, product },
	[N_LIST] = { 0 },
};

static const struct view_name setup[] = {
	[SETUP_PRODUCT] = { "product", VIEW_TEXT, NULL },
	[SETUP_ACCOUNT] = { "account", VIEW_TEXT, NULL },
	[SETUP_LICENSE] = { "license", VIEW_TEXT, NULL },
	[SETUP_IDENTIFIER] = { "identifier", VIEW_TEXT, NULL },
	[SETUP_TOKEN] = { "token", VIEW_TEXT, NULL },
	[SETUP_OFFER_TYPE] = { "offer_type", VIEW_TEXT, NULL },
	[SETUP_LANDING_URL] = { "landing_url", VIEW_URL, NULL },
	[N_SETUP] = { 0 },
};

static const struct view_name handoff[] = {
	[HANDOFF_HAS_CODE] = { "has_code", VIEW_FLAG, NULL },
	[N_HANDOFF] = { 0 },
};

static const struct view_name bill[] = {
	[BILL_PRODUCT] = { "product", VIEW_TEXT, NULL },
	[BILL_ACCOUNT] = { "account", VIEW_TEXT, NULL },
	[BILL_LICENSE] = { "license", VIEW_TEXT, NULL },
	[BILL_UNITS] = { "units", VIEW_TEXT, NULL },
	[BILL_COST] = { "cost", VIEW_TEXT, NULL },
	[BILL_TWICE] = { "twice", VIEW_FLAG, NULL },
	[N_BILL] = { 0 },
};
static const struct view_name record[] = {
	[RECORD_HOUR] = { "hour", VIEW_TEXT, NULL },
	[RECORD_PRODUCT] = { "product", VIEW_TEXT, NULL },
	[RECORD_ACCOUNT] = { "account", VIEW_TEXT, NULL },
	[RECORD_LICENSE] = { "license", VIEW_TEXT, NULL },
	[RECORD_DIMENSION] = { "dimension", VIEW_TEXT, NULL },
	[RECORD_QUANTITY] = { "quantity", VIEW_TEXT, NULL },
	[RECORD_COST] = { "cost", VIEW_TEXT, NULL },
	[RECORD_REGION] = { "region", VIEW_TEXT, NULL },
	[RECORD_ID] = { "record_id", VIEW_TEXT, NULL },
	[RECORD_TWICE] = { "twice", VIEW_FLAG, NULL },
	[N_RECORD] = { 0 },
};
static const struct view_name usage[] = {
	[USAGE_HOUR] = { "hour", VIEW_TEXT, NULL },
	[USAGE_PRODUCT] = { "product", VIEW_TEXT, NULL },
	[USAGE_ACCOUNT] = { "account", VIEW_TEXT, NULL },
	[USAGE_PLATFORM] = { "platform", VIEW_TEXT, NULL },
	[USAGE_DIMENSION] = { "dimension", VIEW_TEXT, NULL },
	[USAGE_QUANTITY] = { "quantity", VIEW_TEXT, NULL },
	[USAGE_COST] = { "cost", VIEW_TEXT, NULL },
	[USAGE_REGION] = { "region", VIEW_TEXT, NULL },
	[USAGE_ID] = { "record_id", VIEW_TEXT, NULL },
	[N_USAGE] = { 0 },
};
static const struct view_name answer[] = {
	[ANSWER_AT] = { "at", VIEW_TEXT, NULL },
	[ANSWER_ACTION] = { "action", VIEW_TEXT, NULL },
	[ANSWER_RESULT] = { "result", VIEW_TEXT, NULL },
	[ANSWER_STATUS] = { "status", VIEW_TEXT, NULL },
	[ANSWER_FAULT] = { "fault", VIEW_TEXT, NULL },
	[ANSWER_REQUEST_ID] = { "call_id", VIEW_TEXT, NULL },
	[ANSWER_IS_ERROR] = { "is_error", VIEW_FLAG, NULL },
	[N_ANSWER] = { 0 },
};
static const struct view_name console[] = {
	[CONSOLE_NOW] = { "now", VIEW_TEXT, NULL },
	[CONSOLE_EDITION] = { "edition", VIEW_TEXT, NULL },
	[CONSOLE_STILL] = { "still", VIEW_FLAG, NULL },
	[CONSOLE_BILLS] = { "bills", VIEW_LIST, bill },
	[CONSOLE_RECORDS] = { "records", VIEW_LIST, record },
	[CONSOLE_USAGE] = { "usage", VIEW_LIST, usage },
	[CONSOLE_ANSWERS] = { "answers", VIEW_LIST, answer },
	[N_CONSOLE] = { 0 },
};

static const struct view_name failure[] = {
	[FAILURE_TITLE] = { "title", VIEW_TEXT, NULL },
	[FAILURE_MESSAGE] = { "message", VIEW_TEXT, NULL },
	[N_FAILURE] = { 0 },
};

const struct template_page shop_pages[N_SHOP_PAGES] = {
	[SHOP_LIST] = { "shop", list },
	[SHOP_SETUP] = { "setup", setup },
	[SHOP_HANDOFF] = { "handoff", handoff },
	[SHOP_CONSOLE] = { "console", console },
	[SHOP_FAILURE] = { "failure", failure },
};
