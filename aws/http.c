#include "aws/http.h"

#include <limits.h>
#include <string.h>

#include <curl/curl.h>

#include "base/text.h"

enum { VALUE_MAX = 512 }; /* longer ones are none that we read */

static void read_date(struct http_answer *answer, const char *value)
{
	/* Within a second they are alike, and to read one takes as long as all else in a head. */
	static _Thread_local char last[sizeof "Sun, 06 Nov 1994 08:49:37 GMT"];
	static _Thread_local time_t date;

	if (!*last || strcmp(value, last) != 0) {
		date = curl_getdate(value, NULL);
		if (!text_copy(last, sizeof last, value))
			*last = '\0';
	}
	answer->date_s = date > 0 ? date : 0;
}

/* Seconds. The other form, a date, is not what AWS sends. */
static void read_retry_after(struct http_answer *answer, const char *value)
{
	long seconds;

	if (!answer->retry_after_ms && text_number(value, 0, INT_MAX, &seconds))
		answer->retry_after_ms = (int64_t)seconds * 1000;
}

static void read_amz_retry_after(struct http_answer *answer, const char *value)
{
	long ms;

	if (text_number(value, 0, INT_MAX, &ms))
		answer->retry_after_ms = ms;
}

static void read_request_id(struct http_answer *answer, const char *value)
{
	static const char allowed[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_=+/.:";

	if (value[strspn(value, allowed)] ||
		!text_copy(answer->request_id, sizeof answer->request_id, value))
		answer->request_id[0] = '\0';
}

static void read_error_type(struct http_answer *answer, const char *value)
{
	if (!text_copy(answer->error_type, sizeof answer->error_type, value))
		answer->error_type[0] = '\0';
}

static const struct {
	const char *name;
	void (*read)(struct http_answer *answer, const char *value);
} headers[] = {
	{ "date", read_date },
	{ "retry-after", read_retry_after },
	{ "x-amz-retry-after", read_amz_retry_after },
	{ "x-amzn-errortype", read_error_type },
	{ "x-amzn-requestid", read_request_id },
};

static void start_anew(struct http_answer *answer)
{
	answer->date_s = answer->retry_after_ms = 0;
	answer->request_id[0] = answer->error_type[0] = '\0';
}

/* Copies the value without the white space around it; false if it is too long or holds a NUL. */
static bool get_value(char ret_value[VALUE_MAX], const char *from, const char *end)
{
	size_t len;

	while (from < end && strchr(" \t", *from))
		from++;
	while (end > from && strchr(" \t\r\n", end[-1]))
		end--;
	len = (size_t)(end - from);
	if (len >= VALUE_MAX || memchr(from, '\0', len))
		return false;
	memcpy(ret_value, from, len);
	ret_value[len] = '\0';
	return true;
}

void http_read_header(struct http_answer *answer, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	char value[VALUE_MAX];

	if (len > 5 && !memcmp(line, "HTTP/", 5))
		start_anew(answer);
	else if (colon && get_value(value, colon + 1, line + len))
		for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
			if (strlen(headers[i].name) == (size_t)(colon - line) &&
				!strncasecmp(headers[i].name, line, (size_t)(colon - line)))
				headers[i].read(answer, value);
}
