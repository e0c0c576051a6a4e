#include "aws/metering_read.h"

#include <string.h>

#include <cjson/cJSON.h>

static enum status refuse_type(const char *name, const char *type, struct err *err)
{
	return err_set(err, ERR_RETRY, "%s in AWS's answer is not a %s", name, type);
}

enum status metering_read_member(const struct cJSON *object, const char *name,
	const struct cJSON **ret_member, struct err *err)
{
	const struct cJSON *found = NULL;

	for (const struct cJSON *child = object->child; child; child = child->next) {
		if (*child->string != *name || strcmp(child->string, name) != 0)
			continue;
		if (found)
			return err_set(err, ERR_RETRY, "AWS's answer has %s twice", name);
		found = child;
	}
	*ret_member = cJSON_IsNull(found) ? NULL : found;
	return OK;
}

enum status metering_read_text(const struct cJSON *object, const char *name,
	const char **ret_text, struct err *err)
{
	const struct cJSON *member;
	enum status rc = metering_read_member(object, name, &member, err);

	if (rc)
		return rc;
	if (member && !cJSON_IsString(member))
		return refuse_type(name, "string", err);
	*ret_text = member ? member->valuestring : "";
	return OK;
}

enum status metering_read_text_to(const struct cJSON *object, const char *name, char *ret_text,
	size_t size, struct err *err)
{
	const char *text;
	enum status rc = metering_read_text(object, name, &text, err);
	size_t len;

	if (rc)
		return rc;
	len = strlen(text);
	if (len >= size)
		return err_set(err, ERR_RETRY, "%s in AWS's answer is %zu bytes long; the most is %zu",
			name, len, size - 1);
	memcpy(ret_text, text, len + 1);
	return OK;
}

enum status metering_read_number(const struct cJSON *object, const char *name, bool *ret_there,
	double *ret_number, struct err *err)
{
	const struct cJSON *member;
	enum status rc = metering_read_member(object, name, &member, err);

	if (rc)
		return rc;
	if (member && !cJSON_IsNumber(member))
		return refuse_type(name, "number", err);
	*ret_there = member != NULL;
	*ret_number = member ? member->valuedouble : 0;
	return OK;
}

enum status metering_read_list(const struct cJSON *object, const char *name,
	const struct cJSON **ret_first, struct err *err)
{
	const struct cJSON *member;
	enum status rc = metering_read_member(object, name, &member, err);

	if (rc)
		return rc;
	if (member && !cJSON_IsArray(member))
		return refuse_type(name, "list", err);
	*ret_first = member ? member->child : NULL;
	return OK;
}

enum status metering_nonsense(const char *action, struct aws_answer *answer, struct err *err)
{
	answer->class = ERROR_TRANSIENT;
	answer->uncertain = true;
	return err_wrap(err, ERR_RETRY, "%s", action);
}
