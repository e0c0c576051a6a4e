#include "sandbox/echo.h"

static cJSON *echo_list(const struct limits_member *members, const cJSON *sent)
{
	cJSON *list = cJSON_CreateArray();
	const cJSON *item;

	cJSON_ArrayForEach(item, sent) json_add(list, echo_structure(members, item));
	return list;
}

static cJSON *echo_value(const struct limits_member *member, const cJSON *sent)
{
	if (member->kind == LIMITS_LIST)
		return echo_list(member->members, sent);
	if (member->kind == LIMITS_STRUCTURE)
		return echo_structure(member->members, sent);
	return cJSON_Duplicate(sent, true);
}

cJSON *echo_structure(const struct limits_member *members, const cJSON *sent)
{
	cJSON *object = cJSON_CreateObject();
	const cJSON *value;

	cJSON_ArrayForEach(value, sent)
	{
		const struct limits_member *member = limits_find_member(members, value->string);

		/* Of a member that is there twice, the first one holds. */
		if (member && json_member(sent, member->name) == value)
			json_put(object, member->name, echo_value(member, value));
	}
	return object;
}
