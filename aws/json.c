#include "aws/json.h"

#include <stdbool.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"

/* AWS's answers go eight levels deep. cJSON recurses, and our threads' stacks are small. */
enum { DEPTH_MAX = 32 };

/* What is in a string is skipped; what is wrong with it otherwise is for the parser to find. */
static size_t skip_string(const char *body, size_t at, size_t len, bool *ret_nul)
{
	for (at++; at < len && body[at] != '"'; at++) {
		if (body[at] != '\\')
			continue;
		/* cJSON would end the text there, and let two texts pass for one. */
		if (len - at >= 6 && !memcmp(body + at, "\\u0000", 6))
			*ret_nul = true;
		at++;
	}
	return at;
}

/* What is wrong with the body before it is parsed, or NULL. */
static const char *find_fault(const char *body, size_t len)
{
	bool nul = false;
	int depth = 0;

	if (!text_is_utf8(body, len))
		return "is not UTF-8 text";
	for (size_t at = 0; at < len; at++) {
		if (body[at] == '"')
			at = skip_string(body, at, len, &nul);
		else if (body[at] == '{' || body[at] == '[')
			depth++;
		else if (body[at] == '}' || body[at] == ']')
			depth--;
		if (depth > DEPTH_MAX)
			return "is nested too deeply";
	}
	return nul ? "has a NUL in a string" : NULL;
}

static enum status parse(const char *body, size_t len, bool object, struct cJSON **ret_json,
	struct err *err)
{
	const char *fault = find_fault(body, len), *end = NULL;
	struct cJSON *json;

	if (fault)
		return err_set(err, ERR_RETRY, "the body %s", fault);
	json = cJSON_ParseWithLengthOpts(body, len, &end, false);
	while (json && end < body + len && strchr(" \t\r\n", *end))
		end++;
	if (!json || (object && !cJSON_IsObject(json)) || end != body + len) {
		cJSON_Delete(json);
		return err_set(err, ERR_RETRY, "the body is not %s, or not all of one",
			object ? "a JSON object" : "JSON");
	}
	*ret_json = json;
	return OK;
}

enum status json_parse(const char *body, size_t len, struct cJSON **ret_json, struct err *err)
{
	return parse(body, len, true, ret_json, err);
}

enum status json_parse_value(const char *body, size_t len, struct cJSON **ret_json,
	struct err *err)
{
	return parse(body, len, false, ret_json, err);
}
