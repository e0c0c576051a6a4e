#include "aws/metering_write.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "aws/metering_check.h"

enum {
	/* Today's requests are shorter by the reference, those of 2019 by their members' limits. */
	BODY_BYTES_MAX = 4 * 1024 * 1024,
	PLACE_MAX = 160, /* three lists with their indexes, and a member */
};

/* Where the open structure is: "UsageRecords[3].UsageAllocations[0]", "" for the request. */
static void print_place(const struct metering_writer *w, const char *name, char to[PLACE_MAX])
{
	int len = 0;

	to[0] = '\0';
	for (int i = 1; i <= w->depth && len < PLACE_MAX; i++) {
		const struct metering_level *level = &w->levels[i];

		len += snprintf(to + len, (size_t)(PLACE_MAX - len), "%s%s[%zu]", i > 1 ? "." : "",
			level->list, level->index);
	}
	if (name && len < PLACE_MAX)
		snprintf(to + len, (size_t)(PLACE_MAX - len), "%s%s", w->depth ? "." : "", name);
}

/* The fault's text is in err already, without the place. */
static void fail(struct metering_writer *w, const char *name, enum status rc)
{
	char place[PLACE_MAX];

	print_place(w, name, place);
	w->rc = *place ? err_wrap(w->err, rc, "%s: %s", w->action, place)
				   : err_wrap(w->err, rc, "%s", w->action);
}

void metering_refuse(struct metering_writer *w, const char *name, const char *fmt, ...)
{
	va_list args;

	if (w->rc)
		return;
	va_start(args, fmt);
	vsnprintf(w->err->text, sizeof w->err->text, fmt, args);
	va_end(args);
	fail(w, name, ERR_INPUT);
}

void metering_write_begin(struct metering_writer *w, const struct limits *limits,
	const char *action, size_t room, struct err *err)
{
	*w = (struct metering_writer){
		.limits = limits,
		.action = action,
		.body = BUF_INIT(BODY_BYTES_MAX),
		.err = err,
		.levels[0].members = limits_find_action(limits, action)->request,
	};
	buf_reserve(&w->body, room);
	buf_putc(&w->body, '{');
}

void metering_write_done(struct metering_writer *w)
{
	buf_wipe(&w->body);
}

/* What the edition says of a member that is to be sent, or NULL, and the request has a fault. */
static const struct limits_member *find_limit(struct metering_writer *w, const char *name)
{
	const struct limits_member *limit;

	if (w->rc)
		return NULL;
	limit = limits_find_member(w->levels[w->depth].members, name);
	if (!limit)
		metering_refuse(w, name, "is not in the API's edition \"%s\", which this client speaks; "
			"leave it out", w->limits->edition);
	return limit;
}

static void write_name(struct metering_writer *w, const char *name)
{
	/* Every value ends otherwise. */
	bool first = w->body.len && strchr("{[", w->body.data[w->body.len - 1]);

	buf_puts(&w->body, first ? "\"" : ",\"");
	buf_puts(&w->body, name);
	buf_puts(&w->body, "\":");
}

static bool is_required(const struct metering_writer *w, const char *name)
{
	const struct limits_member *limit = limits_find_member(w->levels[w->depth].members, name);

	return limit && limit->need == LIMITS_REQUIRED;
}

void metering_write_text(struct metering_writer *w, const char *name, const char *text)
{
	const struct limits_member *limit;
	enum status rc;

	if (!text || !*text) {
		if (is_required(w, name))
			metering_refuse(w, name, "is required, and is missing or empty");
		return;
	}
	limit = find_limit(w, name);
	if (!limit)
		return;
	rc = metering_check_text(limit, text, w->err);
	if (rc) {
		fail(w, name, rc);
		return;
	}
	write_name(w, name);
	buf_json_text(&w->body, text);
}

static void write_number(struct metering_writer *w, const char *name, int64_t number,
	enum status rc)
{
	if (rc) {
		fail(w, name, rc);
		return;
	}
	write_name(w, name);
	buf_number(&w->body, number);
}

void metering_write_integer(struct metering_writer *w, const char *name, int64_t number)
{
	const struct limits_member *limit = find_limit(w, name);

	if (limit)
		write_number(w, name, number, metering_check_integer(limit, number, w->err));
}

void metering_write_timestamp(struct metering_writer *w, const char *name, int64_t seconds)
{
	if (find_limit(w, name))
		write_number(w, name, seconds, metering_check_timestamp(seconds, w->err));
}

void metering_write_boolean(struct metering_writer *w, const char *name, bool value)
{
	const struct limits_member *limit = find_limit(w, name);

	if (!limit || (!value && limit->need == LIMITS_OPTIONAL))
		return;
	write_name(w, name);
	buf_puts(&w->body, value ? "true" : "false");
}

void metering_write_list(struct metering_writer *w, const char *name, size_t n)
{
	const struct limits_member *limit = find_limit(w, name);
	enum status rc;

	if (!limit)
		return;
	rc = metering_check_count(limit, n, w->err);
	if (rc) {
		fail(w, name, rc);
		return;
	}
	write_name(w, name);
	buf_putc(&w->body, '[');
	assert(w->depth + 1 < METERING_LEVELS);
	w->levels[++w->depth] = (struct metering_level){ .members = limit->members, .list = name };
}

void metering_write_item(struct metering_writer *w, size_t index)
{
	if (w->rc)
		return;
	buf_puts(&w->body, index ? ",{" : "{");
	w->levels[w->depth].index = index;
}

/* After each structure, so that what is refused was not written much further. */
static void check_size(struct metering_writer *w)
{
	int64_t max = w->limits->request_bytes_max;

	if (max && (int64_t)w->body.len >= max)
		metering_refuse(w, NULL, "the request is %lld bytes long or longer; allowed are fewer",
			(long long)max);
}

void metering_write_item_end(struct metering_writer *w)
{
	if (w->rc)
		return;
	buf_putc(&w->body, '}');
	check_size(w);
}

void metering_write_list_end(struct metering_writer *w)
{
	if (w->rc)
		return;
	buf_putc(&w->body, ']');
	w->depth--;
}

static enum status end(struct metering_writer *w)
{
	if (w->rc)
		return w->rc;
	buf_putc(&w->body, '}');
	if (w->body.failed)
		w->rc = err_set(w->err, ERR_LOCAL, "%s: no memory for the request", w->action);
	check_size(w);
	return w->rc;
}

enum status metering_send(struct metering_writer *w, struct aws *aws, struct aws_call call,
	struct cJSON **ret_json, struct aws_answer *ret_answer)
{
	enum status rc = end(w);

	if (rc) {
		*ret_answer = (struct aws_answer){
			.class = rc == ERR_INPUT ? ERROR_RECORD : ERROR_TRANSIENT };
		return rc;
	}
	call.action = w->action;
	call.body = &w->body;
	return aws_call(aws, &call, ret_json, ret_answer, w->err);
}
