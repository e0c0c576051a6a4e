#include "cli/input.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "aws/json.h"
#include "base/buf.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/shape.h"
#include "cli/shorthand.h"
#include "cli/source.h"

#define auto_secret __attribute__((cleanup(buf_wipe))) struct buf

static const char blanks[] = " \t\r\n";

/* What aws/json says of a server's body, of what was given here. */
static enum status parse(const struct buf *text, struct cJSON **ret_json, struct err *err)
{
	if (!json_parse_value(buf_text(text), text->len, ret_json, err))
		return OK;
	return err_set(err, ERR_INPUT, "it is not JSON: not UTF-8, cut short, nested too deeply, or "
		"with a \\u0000 in it");
}

/* Moves an array's items, or the value itself, to the end of the list. */
static void add_items(struct cJSON *list, struct cJSON *json)
{
	struct cJSON *item;

	if (!cJSON_IsArray(json)) {
		cJSON_AddItemToArray(list, json);
		return;
	}
	while ((item = cJSON_DetachItemFromArray(json, 0)))
		cJSON_AddItemToArray(list, item);
	cJSON_Delete(json);
}

static enum status read_shorthand(const struct limits_member *member, const struct buf *text,
	struct cJSON *list, struct err *err)
{
	struct cJSON *json = NULL;
	enum status rc = shorthand_read(buf_text(text), &json, err);

	if (!rc)
		rc = shape_check(member->members, json, true, err);
	if (rc)
		cJSON_Delete(json);
	else
		cJSON_AddItemToArray(list, json);
	return rc;
}

static enum status read_items(const struct limits_member *member, const char *value,
	struct cJSON *list, struct err *err)
{
	auto_secret text = BUF_INIT(SOURCE_BYTES_MAX);
	struct cJSON *json = NULL;
	const char *first;
	enum status rc = source_read(value, false, &text, err);

	if (rc)
		return rc;
	source_trim(&text);
	first = buf_text(&text) + strspn(buf_text(&text), blanks);
	if (*first != '[' && *first != '{')
		return read_shorthand(member, &text, list, err);
	rc = parse(&text, &json, err);
	if (!rc)
		add_items(list, json);
	return rc;
}

static enum status read_list(const struct option_given *given, struct cJSON **ret_json,
	struct err *err)
{
	struct cJSON *list = cJSON_CreateArray();
	enum status rc = OK;

	for (size_t i = 0; i < given->n && !rc; i++) {
		rc = read_items(given->member, given->values[i], list, err);
		if (rc && given->n > 1)
			err_wrap(err, rc, "value %zu", i + 1);
	}
	if (rc)
		cJSON_Delete(list);
	else
		*ret_json = list;
	return rc;
}

/* A single value, as a text: shape_check makes it a number where that is its kind. */
static enum status read_text(const struct option_given *given, bool stdin_allowed,
	struct cJSON **ret_json, struct err *err)
{
	auto_secret text = BUF_INIT(SOURCE_BYTES_MAX);
	enum status rc = source_read(given->values[0], stdin_allowed, &text, err);

	if (rc)
		return rc;
	source_trim(&text);
	if (!text_is_utf8(buf_text(&text), text.len))
		return err_set(err, ERR_INPUT, "it is not UTF-8 text");
	*ret_json = cJSON_CreateString(buf_text(&text));
	return *ret_json ? OK : err_set(err, ERR_LOCAL, "no memory");
}

static enum status read_member(const struct option_given *given, bool stdin_allowed,
	struct cJSON **ret_json, struct err *err)
{
	if (given->member->kind == LIMITS_LIST)
		return read_list(given, ret_json, err);
	if (given->values)
		return read_text(given, stdin_allowed, ret_json, err);
	*ret_json = cJSON_CreateBool(given->flag);
	return OK;
}

/* Puts a member in place of the one that --cli-input-json has. */
static enum status add_given(const struct options *options, const struct option_given *given,
	struct cJSON *request, struct err *err)
{
	const char *name = given->member->name;
	struct cJSON *json = NULL, *part = cJSON_CreateObject();
	bool is_argument = options->command->takes_argument &&
		given->member == options->action->request;
	bool texts = given->member->kind != LIMITS_LIST; /* JSON's numbers are no texts */
	enum status rc = read_member(given, is_argument, &json, err);

	if (rc) {
		cJSON_Delete(part);
		return err_wrap(err, rc, "%s", name);
	}
	cJSON_AddItemToObject(part, name, json);
	rc = shape_check_part(options->action->request, part, texts, err);
	cJSON_DetachItemViaPointer(part, json);
	cJSON_Delete(part);
	if (rc) {
		json_wipe(json);
		return rc;
	}
	json_wipe(cJSON_DetachItemFromObjectCaseSensitive(request, name));
	cJSON_AddItemToObject(request, name, json);
	return OK;
}

static enum status read_input_json(const char *value, const struct limits_action *action,
	struct cJSON **ret_request, struct err *err)
{
	auto_secret text = BUF_INIT(SOURCE_BYTES_MAX);
	enum status rc = source_read(value, true, &text, err);

	if (!rc)
		rc = parse(&text, ret_request, err);
	if (!rc)
		rc = shape_check_part(action->request, *ret_request, false, err);
	return rc ? err_wrap(err, rc, "--cli-input-json") : OK;
}

/* Where nothing names the first member: from standard input. */
static enum status add_argument(const struct options *options, struct cJSON *request,
	struct err *err)
{
	char dash[] = "-", *values[] = { dash };
	const struct option_given given = { options->action->request, values, 1, false };

	if (!options->command->takes_argument ||
		cJSON_GetObjectItemCaseSensitive(request, given.member->name))
		return OK;
	return add_given(options, &given, request, err);
}

static enum status check_required(const struct limits_action *action, struct cJSON *request,
	struct err *err)
{
	char name[OPTIONS_NAME_SIZE];

	for (const struct limits_member *m = action->request; m->name; m++) {
		if (m->need == LIMITS_REQUIRED && !cJSON_GetObjectItemCaseSensitive(request, m->name)) {
			options_name(m, name);
			return err_set(err, ERR_MISSING, "--%s is required", name);
		}
	}
	return shape_check(action->request, request, false, err);
}

enum status input_read(const struct options *options, struct cJSON **ret_request, struct err *err)
{
	struct cJSON *request = NULL;
	enum status rc = OK;

	if (options->input_json)
		rc = read_input_json(options->input_json, options->action, &request, err);
	else
		request = cJSON_CreateObject();
	for (size_t i = 0; i < options->n_given && !rc; i++)
		rc = add_given(options, &options->given[i], request, err);
	if (!rc)
		rc = add_argument(options, request, err);
	if (!rc)
		rc = check_required(options->action, request, err);
	options_wipe(options);
	if (rc)
		json_wipe(request);
	else
		*ret_request = request;
	return rc;
}

int64_t input_number(const struct cJSON *object, const char *name)
{
	const struct cJSON *json = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNumber(json) ? (int64_t)json->valuedouble : 0;
}
