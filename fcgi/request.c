#include "fcgi/request.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

enum {
	PARAMS_BYTES_MAX = 64 * 1024, /* nginx's own header buffers end at 32 KiB by default */
	READ_BYTES = 16 * 1024,
};

const char *request_param(const struct request *request, const char *name)
{
	size_t len = strlen(name);

	for (char **param = request->params; param && *param; param++)
		if (!strncmp(*param, name, len) && (*param)[len] == '=')
			return *param + len + 1;
	return NULL;
}

static const char *param_or_empty(const struct request *request, const char *name)
{
	const char *value = request_param(request, name);

	return value ? value : "";
}

static bool is_request_id(const char *id)
{
	return strlen(id) == 32 && strspn(id, "0123456789abcdef") == 32;
}

static void set_id(struct request *request)
{
	const char *given = param_or_empty(request, "REQUEST_ID");
	unsigned char random[16];

	if (is_request_id(given)) {
		memcpy(request->id, given, sizeof request->id);
		return;
	}
	text_random(random, sizeof random);
	text_hex(random, sizeof random, request->id);
}

static size_t params_bytes(char **params)
{
	size_t sum = 0;

	for (; params && *params; params++)
		sum += strlen(*params) + 1;
	return sum;
}

static void read_body(struct request *request, const struct wire *wire, size_t body_max)
{
	const char *declared = param_or_empty(request, "CONTENT_LENGTH");
	long length = 0;
	size_t got;

	buf_reset(&request->body);
	request->body.max = body_max;
	request->body_state = BODY_WHOLE;
	if (!*declared)
		return;
	if (!text_number(declared, 0, 1L << 40, &length)) {
		request->body_state = BODY_CUT_SHORT;
		return;
	}
	if ((size_t)length > body_max) {
		request->body_state = BODY_TOO_LARGE;
		return;
	}
	while (request->body.len < (size_t)length) {
		size_t want = (size_t)length - request->body.len;
		char *to = buf_reserve(&request->body, want < READ_BYTES ? want : READ_BYTES);

		got = to ? wire->read(wire->self, to, want < READ_BYTES ? want : READ_BYTES) : 0;
		if (got == 0) {
			request->body_state = BODY_CUT_SHORT;
			return;
		}
		request->body.len += got;
		to[got] = '\0';
	}
}

void request_read(struct request *request, const struct wire *wire, size_t body_max)
{
	request->params = wire->params;
	request->params_too_large = params_bytes(wire->params) > PARAMS_BYTES_MAX;
	set_id(request);
	request->method = param_or_empty(request, "REQUEST_METHOD");
	request->query = param_or_empty(request, "QUERY_STRING");
	request->content_type = param_or_empty(request, "CONTENT_TYPE");
	/* CGI splits the path in two; our routes are whole paths, and nginx puts all of it into one of
	 * them. */
	request->path = param_or_empty(request, "SCRIPT_NAME");
	if (!*request->path)
		request->path = param_or_empty(request, "PATH_INFO");
	read_body(request, wire, body_max);
}

const char *request_cookie(const struct request *request, const char *name, size_t *ret_len)
{
	const char *at = param_or_empty(request, "HTTP_COOKIE");
	size_t name_len = strlen(name);

	while (*at) {
		size_t len;

		at += strspn(at, "; \t");
		len = strcspn(at, ";");
		if (len > name_len && !strncmp(at, name, name_len) && at[name_len] == '=') {
			*ret_len = len - name_len - 1;
			return at + name_len + 1;
		}
		at += len;
	}
	return NULL;
}

bool request_is_type(const struct request *request, const char *type)
{
	size_t len = strlen(type);

	return !strncasecmp(request->content_type, type, len) &&
		strchr("; \t", request->content_type[len]) != NULL;
}
