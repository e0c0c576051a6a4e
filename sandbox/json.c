#include "sandbox/json.h"

#include <string.h>

#include "base/text.h"

void json_done(cJSON **json)
{
	cJSON_Delete(*json);
}

/* What one walk over the text finds; strings are skipped as JSON has them. */
static const char *check_text(const char *text, size_t len)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		if (in_string && text[i] == '\\') {
			if (len - i >= 6 && !memcmp(text + i, "\\u0000", 6))
				return "a string holds \\u0000";
			i++;
		} else if (text[i] == '"') {
			in_string = !in_string;
		} else if (!in_string && (text[i] == '{' || text[i] == '[')) {
			if (++depth > JSON_DEPTH_MAX)
				return "it is nested too deep";
		} else if (!in_string && (text[i] == '}' || text[i] == ']')) {
			depth--;
		}
	}
	return NULL;
}

static bool is_blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", text[i]))
			return false;
	return true;
}

cJSON *json_parse_object(const char *text, size_t len, const char **ret_why)
{
	cJSON *json;

	*ret_why = text_is_utf8(text, len) ? check_text(text, len) : "it is not UTF-8, or holds NUL";
	if (*ret_why)
		return NULL;
	if (is_blank(text, len))
		return cJSON_CreateObject();
	/* With the closing NUL counted in, cJSON sees that nothing follows. */
	json = cJSON_ParseWithLengthOpts(text, len + 1, NULL, true);
	if (!json) {
		*ret_why = "it is not JSON";
	} else if (!cJSON_IsObject(json)) {
		*ret_why = "it is not an object";
		cJSON_Delete(json);
		json = NULL;
	}
	return json;
}

const cJSON *json_member(const cJSON *object, const char *name)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNull(member) ? NULL : member;
}

const char *json_text(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(json_member(object, name));
}

bool json_whole(const cJSON *number, double min, double max)
{
	return cJSON_IsNumber(number) && number->valuedouble >= min && number->valuedouble <= max &&
		(double)(long long)number->valuedouble == number->valuedouble;
}

/* What cannot be completed must not be printed: cJSON does not print this type. */
static void spoil(cJSON *json, cJSON *value)
{
	cJSON_Delete(value);
	if (json)
		json->type = cJSON_Invalid;
}

void json_put(cJSON *object, const char *name, cJSON *value)
{
	if (!value || !cJSON_AddItemToObject(object, name, value))
		spoil(object, value);
}

void json_add(cJSON *array, cJSON *value)
{
	if (!value || !cJSON_AddItemToArray(array, value))
		spoil(array, value);
}

void json_print(struct buf *out, const cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);

	if (text)
		buf_puts(out, text);
	else
		out->failed = true;
	cJSON_free(text);
}
