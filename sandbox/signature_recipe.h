/* A canonical request as a signer may put it together, with or without a mistake. */
#ifndef SANDBOX_SIGNATURE_RECIPE_H
#define SANDBOX_SIGNATURE_RECIPE_H

#include "aws/sigv4.h"
#include "fcgi/request.h"

/* What can go wrong with the headers, and with the list of their names after them. */
enum recipe_style {
	RECIPE_RIGHT = 0,
	RECIPE_KEEPS_BLANKS = 1,
	RECIPE_LOWERS_VALUES = 2,
	RECIPE_BLANK_AFTER_COLON = 4,
	RECIPE_NO_EMPTY_LINE = 8,
	RECIPE_CAPITALS = 16, /* X-Amz-Date */
	RECIPE_CAPITALS_IN_LIST = 32,
	RECIPE_ORDER_OF_SENDING = 64,
	RECIPE_ORDER_OF_SENDING_IN_LIST = 128,
};

struct recipe {
	const char *method, *path, *query, *payload;
	const char *host; /* in place of the header's value; NULL: that */
	unsigned style;   /* a sum of enum recipe_style */
};

/* `right` has the headers, sorted; `request` their order of sending, as far as CGI keeps it. */
void signature_recipe_build(struct buf *out, const struct recipe *recipe,
	const struct sigv4_request *right, const struct request *request);

#endif
