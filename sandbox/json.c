#include "sandbox/json.h"

#include <string.h>

#include "base/text.h"

void json_done(cJSON **json)
{
	cJSON_Delete(*json);
}

static size_t count_digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* The length of the number that begins here; 0 if it is none of JSON's. cJSON takes more, as 01. */
static size_t number_length(const char *text)
{
	const char *at = text + (*text == '-');
	size_t digits = count_digits(at);

	if (!digits || (digits > 1 && *at == '0'))
		return 0;
	at += digits;
	if (*at == '.') {
		digits = count_digits(++at);
		if (!digits)
			return 0;
		at += digits;
	}
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '-' || *at == '+';
		digits = count_digits(at);
		if (!digits)
			return 0;
		at += digits;
	}
	return (size_t)(at - text);
}

static bool begins_number(char c)
{
	return c == '-' || (c >= '0' && c <= '9');
}

static bool are_four_digits(const char *at)
{
	for (int i = 0; i < 4; i++)
		if (!strchr("0123456789abcdefABCDEF", at[i]))
			return false;
	return true;
}

/* A \u needs four digits. cJSON takes what is none for a zero, and a zero for the string's end. */
static const char *check_escape(const char *text, size_t len)
{
	if (len < 2 || text[1] != 'u')
		return NULL; /* the parser knows the others */
	if (len < 6 || !are_four_digits(text + 2))
		return "it is not JSON";
	return memcmp(text + 2, "0000", 4) ? NULL : "a string holds \\u0000";
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ';
}

/* What one walk over the text finds; strings are skipped as JSON has them. */
static const char *check_text(const char *text, size_t len)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		if (is_control(text[i]) && (in_string || !strchr("\t\r\n", text[i])))
			return "it is not JSON";
		if (in_string && text[i] == '\\') {
			const char *why = check_escape(text + i, len - i);

			if (why)
				return why;
			i++;
		} else if (text[i] == '"') {
			in_string = !in_string;
		} else if (!in_string && (text[i] == '{' || text[i] == '[')) {
			if (++depth > JSON_DEPTH_MAX)
				return "it is nested too deep";
		} else if (!in_string && (text[i] == '}' || text[i] == ']')) {
			depth--;
		} else if (!in_string && begins_number(text[i])) {
			size_t number = number_length(text + i);

			if (!number)
				return "it is not JSON";
			i += number - 1;
		}
	}
	return NULL;
}

/* Past the string that begins here, in a text that is JSON. */
static const char *skip_string(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at + 1 : at;
}

static const char *find_number(const char *at)
{
	while (*at && !begins_number(*at))
		at = *at == '"' ? skip_string(at) : at + 1;
	return at;
}

/* Gives each number, in the order of the text, how it is written. False: no memory. */
static bool keep_numbers(cJSON *json, const char **at)
{
	cJSON *item;

	cJSON_ArrayForEach(item, json)
	{
		if (cJSON_IsNumber(item)) {
			const char *number = find_number(*at);
			size_t len = number_length(number);

			item->valuestring = cJSON_malloc(len + 1);
			if (!item->valuestring)
				return false;
			memcpy(item->valuestring, number, len);
			item->valuestring[len] = '\0';
			*at = number + len;
		} else if (!keep_numbers(item, at)) {
			return false;
		}
	}
	return true;
}

void json_as_sent(cJSON *json)
{
	cJSON *item;

	cJSON_ArrayForEach(item, json)
	{
		if (cJSON_IsNumber(item) && item->valuestring)
			item->type = cJSON_Raw;
		json_as_sent(item);
	}
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
	} else if (!keep_numbers(json, &text)) {
		*ret_why = "no memory";
	} else {
		return json;
	}
	cJSON_Delete(json);
	return NULL;
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
