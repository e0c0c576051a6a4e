/* What each page may say: the names that the templates use, and the enum by which the pages' code
 * fills them. The tables are in views.c. */
#ifndef FCGI_VIEWS_H
#define FCGI_VIEWS_H

#include "fcgi/template.h"

enum page {
	PAGE_HOME,            /* home.html: how to subscribe; GET / and GET /register */
	PAGE_SIGNUP,          /* signup.html: the form */
	PAGE_THANKS,          /* thanks.html */
	PAGE_EXISTING,        /* existing.html: "I already have an account", on to the seller's app */
	PAGE_NOT_MINE,        /* not_mine.html: after "this is not my account" */
	PAGE_TRY_AGAIN,       /* try_again.html 503: AWS or we are busy; posts the same token again */
	PAGE_UNAVAILABLE,     /* unavailable.html 503: could not read or save; nothing to post again */
	PAGE_TOKEN_EXPIRED,   /* token_expired.html 400 */
	PAGE_TOKEN_INVALID,   /* token_invalid.html 400 */
	PAGE_NO_TOKEN,        /* no_token.html 400: none, empty, or two different ones */
	PAGE_UNKNOWN_PRODUCT, /* unknown_product.html 403: resolved, but not a product sold here */
	PAGE_SESSION_OVER,    /* session_over.html 403: no session, or older than two hours */
	PAGE_FORM_EXPIRED,    /* form_expired.html 403: CSRF token missing or of another visit */
	PAGE_BAD_FORM,        /* bad_form.html 400: not UTF-8, NUL, malformed */
	PAGE_WRONG_TYPE,      /* wrong_type.html 415 */
	PAGE_TOO_LARGE,       /* too_large.html 413 */
	PAGE_NOT_FOUND,       /* not_found.html 404 */
	PAGE_WRONG_METHOD,    /* wrong_method.html 405 */
	N_PAGES
};
extern const struct template_page pages[N_PAGES];

/* Names that every page may use. Empty where no product is known. */
enum common_name {
	COMMON_PRODUCT_NAME,
	COMMON_SELLER_NAME,
	COMMON_LOGO_URL, /* this and the other links: https, by constraint */
	COMMON_SUPPORT_EMAIL,
	COMMON_SUPPORT_URL,
	COMMON_TERMS_URL,
	COMMON_PRIVACY_URL,
	COMMON_REQUEST_ID,
	N_COMMON
};
extern const struct view_name common_names[];

enum home_name { HOME_PRODUCTS, N_HOME }; /* a list */
enum home_product_name { HOME_PRODUCT_NAME, N_HOME_PRODUCT };

enum signup_name {
	SIGNUP_CSRF,
	SIGNUP_ACCOUNT_TAIL, /* the AWS account's last four digits; empty if AWS named none */
	SIGNUP_ERRORS,       /* a list, for the summary on top */
	SIGNUP_NOT_SAVED,    /* flag: the database is away; press the button again */
	SIGNUP_EMAIL,
	SIGNUP_EMAIL_ERROR,
	SIGNUP_FIELDS, /* a list: the product's own */
	SIGNUP_HAS_APP, /* flag: the seller's app can take an existing account */
	N_SIGNUP
};
enum signup_error_name { SIGNUP_ERROR_INPUT, SIGNUP_ERROR_MESSAGE, N_SIGNUP_ERROR };
enum signup_field_name {
	FIELD_INPUT, /* name and id of the input: "field_" and the field's name */
	FIELD_LABEL,
	FIELD_HINT,
	FIELD_VALUE,
	FIELD_ERROR,
	FIELD_REQUIRED,  /* flag */
	FIELD_MULTILINE, /* flag: a textarea */
	FIELD_TYPE,      /* the input's type: text, tel, url */
	FIELD_MAX_LENGTH,
	FIELD_AUTOCOMPLETE, /* HTML's word for what it asks, such as organization; empty: none */
	N_FIELD
};

enum thanks_name {
	THANKS_EMAIL, /* what this session typed; empty if it cannot be read now */
	THANKS_ACCESS_NOTE,
	THANKS_HAS_APP,
	N_THANKS
};
enum existing_name { EXISTING_CSRF, EXISTING_ACCOUNT_TAIL, EXISTING_APP_HOST, N_EXISTING };
enum try_again_name { TRY_AGAIN_TOKEN, TRY_AGAIN_OFFER_TYPE, N_TRY_AGAIN };
enum wrong_method_name { WRONG_METHOD_ALLOWED, N_WRONG_METHOD };

#endif
