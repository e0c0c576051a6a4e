#include "fcgi/views.h"

static const struct view_name none[] = { { 0 } };

const struct view_name common_names[] = {
	[COMMON_PRODUCT_NAME] = { "product_name", VIEW_TEXT, NULL },
	[COMMON_SELLER_NAME] = { "seller_name", VIEW_TEXT, NULL },
	[COMMON_LOGO_URL] = { "logo_url", VIEW_URL, NULL },
	[COMMON_SUPPORT_EMAIL] = { "support_email", VIEW_TEXT, NULL },
	[COMMON_SUPPORT_URL] = { "support_url", VIEW_URL, NULL },
	[COMMON_TERMS_URL] = { "terms_url", VIEW_URL, NULL },
	[COMMON_PRIVACY_URL] = { "privacy_url", VIEW_URL, NULL },
	[COMMON_REQUEST_ID] = { "request_id", VIEW_TEXT, NULL },
	[N_COMMON] = { 0 },
};

static const struct view_name home_product[] = {
	[HOME_PRODUCT_NAME] = { "name", VIEW_TEXT, NULL },
	[N_HOME_PRODUCT] = { 0 },
};
static const struct view_name home[] = {
	[HOME_PRODUCTS] = { "products", VIEW_LIST, home_product },
	[N_HOME] = { 0 },
};

static const struct view_name signup_error[] = {
	[SIGNUP_ERROR_INPUT] = { "input", VIEW_TEXT, NULL },
	[SIGNUP_ERROR_MESSAGE] = { "message", VIEW_TEXT, NULL },
	[N_SIGNUP_ERROR] = { 0 },
};
static const struct view_name signup_field[] = {
	[FIELD_INPUT] = { "input", VIEW_TEXT, NULL },
	[FIELD_LABEL] = { "label", VIEW_TEXT, NULL },
	[FIELD_HINT] = { "hint", VIEW_TEXT, NULL },
	[FIELD_VALUE] = { "value", VIEW_TEXT, NULL },
	[FIELD_ERROR] = { "error", VIEW_TEXT, NULL },
	[FIELD_REQUIRED] = { "required", VIEW_FLAG, NULL },
	[FIELD_MULTILINE] = { "multiline", VIEW_FLAG, NULL },
	[FIELD_TYPE] = { "type", VIEW_TEXT, NULL },
	[FIELD_MAX_LENGTH] = { "max_length", VIEW_TEXT, NULL },
	[FIELD_AUTOCOMPLETE] = { "autocomplete", VIEW_TEXT, NULL },
	[N_FIELD] = { 0 },
};
static const struct view_name signup[] = {
	[SIGNUP_CSRF] = { "csrf", VIEW_TEXT, NULL },
	[SIGNUP_ACCOUNT_TAIL] = { "account_tail", VIEW_TEXT, NULL },
	[SIGNUP_ERRORS] = { "errors", VIEW_LIST, signup_error },
	[SIGNUP_NOT_SAVED] = { "not_saved", VIEW_FLAG, NULL },
	[SIGNUP_EMAIL] = { "email", VIEW_TEXT, NULL },
	[SIGNUP_EMAIL_ERROR] = { "email_error", VIEW_TEXT, NULL },
	[SIGNUP_FIELDS] = { "fields", VIEW_LIST, signup_field },
	[SIGNUP_HAS_APP] = { "has_app", VIEW_FLAG, NULL },
	[N_SIGNUP] = { 0 },
};

static const struct view_name thanks[] = {
	[THANKS_EMAIL] = { "email", VIEW_TEXT, NULL },
	[THANKS_ACCESS_NOTE] = { "access_note", VIEW_TEXT, NULL },
	[THANKS_HAS_APP] = { "has_app", VIEW_FLAG, NULL },
	[N_THANKS] = { 0 },
};

static const struct view_name existing[] = {
	[EXISTING_CSRF] = { "csrf", VIEW_TEXT, NULL },
	[EXISTING_ACCOUNT_TAIL] = { "account_tail", VIEW_TEXT, NULL },
	[EXISTING_APP_HOST] = { "app_host", VIEW_TEXT, NULL },
	[N_EXISTING] = { 0 },
};

static const struct view_name try_again[] = {
	[TRY_AGAIN_TOKEN] = { "token", VIEW_TEXT, NULL },
	[TRY_AGAIN_OFFER_TYPE] = { "offer_type", VIEW_TEXT, NULL },
	[N_TRY_AGAIN] = { 0 },
};

static const struct view_name wrong_method[] = {
	[WRONG_METHOD_ALLOWED] = { "allowed", VIEW_TEXT, NULL },
	[N_WRONG_METHOD] = { 0 },
};

const struct template_page pages[N_PAGES] = {
	[PAGE_HOME] = { "home", home },
	[PAGE_SIGNUP] = { "signup", signup },
	[PAGE_THANKS] = { "thanks", thanks },
	[PAGE_EXISTING] = { "existing", existing },
	[PAGE_NOT_MINE] = { "not_mine", none },
	[PAGE_TRY_AGAIN] = { "try_again", try_again },
	[PAGE_UNAVAILABLE] = { "unavailable", none },
	[PAGE_TOKEN_EXPIRED] = { "token_expired", none },
	[PAGE_TOKEN_INVALID] = { "token_invalid", none },
	[PAGE_NO_TOKEN] = { "no_token", none },
	[PAGE_UNKNOWN_PRODUCT] = { "unknown_product", none },
	[PAGE_SESSION_OVER] = { "session_over", none },
	[PAGE_FORM_EXPIRED] = { "form_expired", none },
	[PAGE_BAD_FORM] = { "bad_form", none },
	[PAGE_WRONG_TYPE] = { "wrong_type", none },
	[PAGE_TOO_LARGE] = { "too_large", none },
	[PAGE_NOT_FOUND] = { "not_found", none },
	[PAGE_WRONG_METHOD] = { "wrong_method", wrong_method },
};
