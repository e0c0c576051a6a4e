#include "cli/shape.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/time.h"

/* All whole numbers up to here are exact in JSON. */
static const long exact_max = 1L << 53;

static enum status refuse_unknown(const struct limits_member *members, const char *name,
	struct err *err)
{
	auto_buf known = BUF_INIT(400);

	for (const struct limits_member *m = members; m->name; m++)
		buf_printf(&known, "%s%s", m == members ? "" : ", ", m->name);
	return err_set(err, ERR_INPUT, "there is no member \"%.60s\"; allowed are %s", name,
		buf_text(&known));
}

/* The node stays where it is, and is a number from now on. */
static void become_number(struct cJSON *json, double number)
{
	if (cJSON_IsString(json)) {
		cJSON_free(json->valuestring);
		json->valuestring = NULL;
		json->type = (json->type & ~0xff) | cJSON_Number;
	}
	cJSON_SetNumberValue(json, number);
}

static enum status check_integer(struct cJSON *json, bool texts, struct err *err)
{
	const char *text = cJSON_GetStringValue(json);
	long number;

	if (texts && text && text_number(text, -exact_max, exact_max, &number)) {
		become_number(json, (double)number);
		return OK;
	}
	if (cJSON_IsNumber(json) && json->valuedouble <= (double)exact_max &&
		json->valuedouble >= -(double)exact_max &&
		json->valuedouble == (double)(long)json->valuedouble)
		return OK;
	return err_set(err, ERR_INPUT, "it has to be a whole number%s",
		text && !texts ? ", and not a text" : "");
}

static enum status check_time(struct cJSON *json, struct err *err)
{
	const char *text = cJSON_GetStringValue(json);
	int64_t seconds;

	if (text ? !time_read(text, &seconds)
			 : !cJSON_IsNumber(json) || !time_of_number(json->valuedouble, &seconds))
		return err_set(err, ERR_INPUT, "it has to be " TIME_FORMS);
	become_number(json, (double)seconds);
	return OK;
}

static enum status check_boolean(struct cJSON *json, bool texts, struct err *err)
{
	const char *text = cJSON_GetStringValue(json);

	if (texts && text && (!strcmp(text, "true") || !strcmp(text, "false"))) {
		json->type = (json->type & ~0xff) | (*text == 't' ? cJSON_True : cJSON_False);
		cJSON_free(json->valuestring);
		json->valuestring = NULL;
	}
	return cJSON_IsBool(json) ? OK : err_set(err, ERR_INPUT, "it has to be true or false");
}

static enum status check_list(const struct limits_member *member, struct cJSON *list, bool texts,
	struct err *err)
{
	size_t i = 0;

	if (!cJSON_IsArray(list))
		return err_set(err, ERR_INPUT, "it has to be a list");
	for (struct cJSON *item = list->child; item; item = item->next, i++) {
		enum status rc = shape_check(member->members, item, texts, err);

		if (rc)
			return err_wrap(err, rc, "item %zu", i + 1);
	}
	return OK;
}

static enum status check_value(const struct limits_member *member, struct cJSON *json, bool texts,
	struct err *err)
{
	switch (member->kind) {
	case LIMITS_TEXT:
		return cJSON_IsString(json) ? OK : err_set(err, ERR_INPUT, "it has to be a text");
	case LIMITS_INTEGER:
		return check_integer(json, texts, err);
	case LIMITS_BOOLEAN:
		return check_boolean(json, texts, err);
	case LIMITS_TIMESTAMP:
		return check_time(json, err);
	case LIMITS_LIST:
		return check_list(member, json, texts, err);
	case LIMITS_STRUCTURE:
		return shape_check(member->members, json, texts, err);
	}
	return OK;
}

static bool is_there_before(const struct cJSON *object, const struct cJSON *child)
{
	const struct cJSON *at = object->child;

	while (strcmp(at->string, child->string) != 0)
		at = at->next;
	return at != child;
}

enum status shape_check_part(const struct limits_member *members, struct cJSON *object,
	bool texts, struct err *err)
{
	if (!cJSON_IsObject(object))
		return err_set(err, ERR_INPUT, "it has to be a structure of members");
	for (struct cJSON *child = object->child; child; child = child->next) {
		const struct limits_member *member = limits_find_member(members, child->string);
		enum status rc;

		if (!member)
			return refuse_unknown(members, child->string, err);
		if (is_there_before(object, child))
			return err_set(err, ERR_INPUT, "%s is there twice", member->name);
		rc = check_value(member, child, texts, err);
		if (rc)
			return err_wrap(err, rc, "%s", member->name);
	}
	return OK;
}

enum status shape_check(const struct limits_member *members, struct cJSON *object, bool texts,
	struct err *err)
{
	enum status rc = shape_check_part(members, object, texts, err);

	for (const struct limits_member *m = members; m->name && !rc; m++)
		if (m->need == LIMITS_REQUIRED && !cJSON_GetObjectItemCaseSensitive(object, m->name))
			rc = err_set(err, ERR_INPUT, "%s is missing", m->name);
	return rc;
}
