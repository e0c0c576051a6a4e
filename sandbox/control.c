#include "sandbox/control.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_BYTES_MAX = 4096, NAME_BYTES_SHOWN = 100 };

static const char *const kinds[] = {
	[CONTROL_TEXT] = "text",
	[CONTROL_NUMBER] = "number",
	[CONTROL_NUMBER_OR_NULL] = "number or null",
	[CONTROL_OBJECT] = "object",
};

static void put_object(struct reply *reply, int status, const cJSON *object)
{
	reply->bare = true;
	reply->status = status;
	reply->content_type = "application/json";
	buf_reset(&reply->body);
	json_print(&reply->body, object);
	buf_putc(&reply->body, '\n');
}

void control_answer(struct reply *reply, const cJSON *object)
{
	put_object(reply, 200, object);
}

void control_refuse(struct reply *reply, int status, const char *fmt, ...)
{
	auto_json *object = cJSON_CreateObject();
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	json_put(object, "message", len < 0 ? NULL : cJSON_CreateString(text));
	put_object(reply, status, object);
	if (len >= 0)
		free(text);
}

void control_unavailable(struct reply *reply)
{
	control_refuse(reply, 503, "The sandbox cannot reach its database; its log says why.");
}

static bool is_kind(const cJSON *value, enum control_kind kind)
{
	switch (kind) {
	case CONTROL_TEXT:
		return cJSON_IsString(value);
	case CONTROL_NUMBER:
	case CONTROL_NUMBER_OR_NULL:
		return cJSON_IsNumber(value);
	case CONTROL_OBJECT:
		return cJSON_IsObject(value);
	}
	return false;
}

static void refuse_member(struct reply *reply, const char *what, const char *name,
	const char *problem, const struct control_member *members)
{
	auto_buf allowed = BUF_INIT(MESSAGE_BYTES_MAX);

	for (const struct control_member *member = members; member->name; member++)
		buf_printf(&allowed, "%s%s (%s%s)", member == members ? "" : ", ", member->name,
			kinds[member->kind], member->needed ? ", needed" : "");
	control_refuse(reply, 400, "%s: \"%s\" %s. Allowed: %s.", what,
		strlen(name) <= NAME_BYTES_SHOWN ? name : "…", problem,
		allowed.len ? buf_text(&allowed) : "no member");
}

static const struct control_member *find(const struct control_member *members, const char *name)
{
	for (; members->name; members++)
		if (!strcmp(members->name, name))
			return members;
	return NULL;
}

/* Why a member that was sent is wrong, or NULL. Null stands for an absent one. */
static const char *check_sent(
	const cJSON *object, const cJSON *sent, const struct control_member *members)
{
	const struct control_member *member = find(members, sent->string);

	if (!member)
		return "is not known";
	if (cJSON_GetObjectItemCaseSensitive(object, sent->string) != sent)
		return "is there twice";
	if (!cJSON_IsNull(sent) && !is_kind(sent, member->kind))
		return "has another kind of value";
	return NULL;
}

bool control_check(struct reply *reply, const char *what, const cJSON *object,
	const struct control_member *members)
{
	const cJSON *sent;

	cJSON_ArrayForEach(sent, object)
	{
		const char *problem = check_sent(object, sent, members);

		if (problem) {
			refuse_member(reply, what, sent->string, problem, members);
			return false;
		}
	}
	for (const struct control_member *member = members; member->name; member++) {
		sent = cJSON_GetObjectItemCaseSensitive(object, member->name);
		if (member->needed &&
			(!sent || (cJSON_IsNull(sent) && member->kind != CONTROL_NUMBER_OR_NULL))) {
			refuse_member(reply, what, member->name, "is missing", members);
			return false;
		}
	}
	return true;
}

cJSON *control_read(
	const struct request *request, struct reply *reply, const struct control_member *members)
{
	const char *why = NULL;
	cJSON *object = json_parse_object(buf_text(&request->body), request->body.len, &why);

	if (!object) {
		control_refuse(reply, 400, "The body must be a JSON object: %s.", why ? why : "no memory");
		return NULL;
	}
	if (control_check(reply, request->path, object, members))
		return object;
	cJSON_Delete(object);
	return NULL;
}

bool control_epoch(const cJSON *number, char ret_text[CONTROL_EPOCH_SIZE])
{
	if (!(number->valuedouble >= 946684800 && number->valuedouble <= 4102444800))
		return false;
	snprintf(ret_text, CONTROL_EPOCH_SIZE, "%.3f", number->valuedouble);
	return true;
}
