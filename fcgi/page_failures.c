/* What no route serves. */
#include <stdio.h>
#include <string.h>

#include "fcgi/page.h"
#include "fcgi/pages.h"

void page_not_found(void *arg, struct request *request, struct reply *reply)
{
	page_plain(arg, request, reply, PAGE_NOT_FOUND);
}

void page_wrong_method(void *arg, struct request *request, struct reply *reply)
{
	const char *allow = strstr(buf_text(&reply->headers), "Allow: ");
	char allowed[64] = "";
	struct view_value values[N_WRONG_METHOD] = { [WRONG_METHOD_ALLOWED].text = allowed };

	if (allow)
		snprintf(allowed, sizeof allowed, "%.*s", (int)strcspn(allow + 7, "\r"), allow + 7);
	page_send(arg, request, reply, PAGE_WRONG_METHOD, NULL, values);
}

void page_too_large(void *arg, struct request *request, struct reply *reply)
{
	page_plain(arg, request, reply, PAGE_TOO_LARGE);
}

void page_bad_request(void *arg, struct request *request, struct reply *reply)
{
	page_plain(arg, request, reply, PAGE_BAD_FORM);
}
