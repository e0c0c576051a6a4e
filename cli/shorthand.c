#include "cli/shorthand.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/text.h"

enum {
	DEPTH_MAX = 8, /* a record goes five levels deep */
	TEXT_BYTES_MAX = 64 * 1024,
};

struct reader {
	const char *text, *at;
	int depth;
	struct err *err;
};

static enum status fail(const struct reader *r, const char *what)
{
	return err_set(r->err, ERR_INPUT, "in the shorthand, %s at character %zu (\"%.20s\"); it is "
		"written Name=value,Name=value", what, (size_t)(r->at - r->text) + 1, r->at);
}

static void skip_blanks(struct reader *r)
{
	r->at += strspn(r->at, " \t\r\n");
}

/* Text up to one of `ends`, or in quotes. */
static enum status read_text(struct reader *r, const char *ends, struct cJSON **ret_json)
{
	auto_buf text = BUF_INIT(TEXT_BYTES_MAX);
	char quote = *r->at == '\'' || *r->at == '"' ? *r->at++ : '\0';

	while (*r->at && (quote ? *r->at != quote : !strchr(ends, *r->at))) {
		if (*r->at == '\\' && r->at[1])
			r->at++;
		buf_putc(&text, *r->at++);
	}
	if (quote && *r->at++ != quote) {
		r->at--;
		return fail(r, "a quotation mark is missing");
	}
	while (!quote && text.len && text.data[text.len - 1] == ' ')
		text.data[--text.len] = '\0';
	if (text.failed || !(*ret_json = cJSON_CreateString(buf_text(&text))))
		return fail(r, "a text is too long");
	return OK;
}

static enum status read_pairs(struct reader *r, char end, struct cJSON *object);

static enum status read_value(struct reader *r, const char *ends, struct cJSON **ret_json);

static enum status read_items(struct reader *r, struct cJSON *list)
{
	enum status rc = OK;

	skip_blanks(r);
	while (!rc && *r->at != ']') {
		struct cJSON *item = NULL;

		rc = read_value(r, ",]", &item);
		if (rc)
			return rc;
		cJSON_AddItemToArray(list, item);
		skip_blanks(r);
		if (*r->at == ',')
			r->at++;
		else if (*r->at != ']')
			rc = fail(r, "a , or ] is missing");
		skip_blanks(r);
	}
	if (!rc)
		r->at++;
	return rc;
}

static enum status read_nested(struct reader *r, struct cJSON **ret_json)
{
	bool list = *r->at++ == '[';
	struct cJSON *json = list ? cJSON_CreateArray() : cJSON_CreateObject();
	enum status rc;

	if (++r->depth > DEPTH_MAX)
		rc = fail(r, "too much is nested");
	else
		rc = list ? read_items(r, json) : read_pairs(r, '}', json);
	r->depth--;
	if (rc)
		cJSON_Delete(json);
	else
		*ret_json = json;
	return rc;
}

static enum status read_value(struct reader *r, const char *ends, struct cJSON **ret_json)
{
	skip_blanks(r);
	if (*r->at == '[' || *r->at == '{')
		return read_nested(r, ret_json);
	return read_text(r, ends, ret_json);
}

static enum status read_pair(struct reader *r, char end, struct cJSON *object)
{
	char ends[] = { ',', end, '\0' }, name[64];
	struct cJSON *value = NULL;
	size_t len;
	enum status rc;

	skip_blanks(r);
	len = strspn(r->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
	if (!len || len >= sizeof name || r->at[len] != '=')
		return fail(r, "there is no Name=");
	memcpy(name, r->at, len);
	name[len] = '\0';
	r->at += len + 1;
	rc = read_value(r, ends, &value);
	if (!rc)
		/* A name that is there already stays, and shape_check finds it twice. */
		cJSON_AddItemToObject(object, name, value);
	return rc;
}

/* Up to `end`, which is stepped over; '\0' is the end of it all. */
static enum status read_pairs(struct reader *r, char end, struct cJSON *object)
{
	enum status rc = OK;

	while (!rc) {
		rc = read_pair(r, end, object);
		skip_blanks(r);
		if (!rc && *r->at != ',')
			break;
		r->at++;
	}
	if (!rc && *r->at != end)
		rc = fail(r, end ? "a , or } is missing" : "a , is missing");
	if (!rc && end)
		r->at++;
	return rc;
}

enum status shorthand_read(const char *text, struct cJSON **ret_json, struct err *err)
{
	struct reader reader = { text, text, 0, err };
	struct cJSON *json;
	enum status rc;

	if (!text_is_utf8(text, strlen(text)))
		return err_set(err, ERR_INPUT, "it is not UTF-8 text");
	json = cJSON_CreateObject();
	rc = json ? read_pairs(&reader, '\0', json) : err_set(err, ERR_LOCAL, "no memory");
	if (rc)
		cJSON_Delete(json);
	else
		*ret_json = json;
	return rc;
}
