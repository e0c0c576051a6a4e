#include "meter/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* The columns of sql/queries/meter/next_records.sql; the reader knows the first two. */
enum column {
	DEADLINE,
	ID,
	LEFT_S,
	PRODUCT_CODE,
	METERED_BY,
	AWS_ROLE_ARN,
	AWS_EXTERNAL_ID,
	AWS_REGION,
	CUSTOMER_ID,
	DIMENSION,
	USED_AT,
	QUANTITY,
	CUSTOMER_IDENTIFIER,
	CUSTOMER_AWS_ACCOUNT_ID,
	LICENSE_ARN,
	ALLOCATIONS,
	DEADLINE_S,
	N_COLUMNS
};

enum {
	MS = 1000,
	HOUR_S = 60 * 60,
	MEMBERS_BYTES = 200,        /* names of a record's members, and what is around them */
	TAG_BYTES = 24,
	SHARE_BYTES = 50,
	ESCAPED_MAX = 6, /* bytes that JSON makes of one */
};

static const long number_max = 0x7fffffffffffffff;
static const long quantity_max = 0x7fffffff;

/* A record with room for all texts of the row, one after the other; NULL for SQL's NULL. */
static struct record *copy_row(const struct db_result *rows, size_t row,
	char *ret_texts[N_COLUMNS])
{
	const char *texts[N_COLUMNS];
	size_t sizes[N_COLUMNS] = { 0 }, all = 0;
	struct record *record;
	char *to;

	for (size_t i = 0; i < N_COLUMNS; i++) {
		texts[i] = db_result_text(rows, row, i);
		if (texts[i])
			all += sizes[i] = strlen(texts[i]) + 1;
	}
	record = malloc(sizeof *record + all);
	if (!record)
		return NULL;
	*record = (struct record){ .outcome = RECORD_OPEN };
	to = record->text;
	for (size_t i = 0; i < N_COLUMNS; i++) {
		ret_texts[i] = texts[i] ? memcpy(to, texts[i], sizes[i]) : NULL;
		to += sizes[i];
	}
	return record;
}

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; (text = strchr(text, c)) != NULL; text++)
		n++;
	return n;
}

/* A line: the quantity, then key and value of each tag, apart by tabs. *tag is the next free. */
static bool read_share(char *line, struct metering_allocation *share, struct metering_tag **tag)
{
	long quantity;

	if (!text_number(strsep(&line, "\t"), 0, quantity_max, &quantity))
		return false;
	*share = (struct metering_allocation){ .quantity = quantity, .tags = *tag };
	while (line) {
		const char *key = strsep(&line, "\t"), *value = strsep(&line, "\t");

		if (!value)
			return false;
		*(*tag)++ = (struct metering_tag){ key, value };
		share->n_tags++;
	}
	return true;
}

/* Cuts the text up; keys and values stay in it. */
static bool read_shares(struct record *record, char *text)
{
	size_t n = count(text, '\n') + 1;
	struct metering_tag *tag;

	record->allocations = calloc(n, sizeof *record->allocations);
	record->tags = calloc(count(text, '\t') / 2 + 1, sizeof *record->tags);
	if (!record->allocations || !record->tags)
		return false;
	tag = record->tags;
	for (size_t i = 0; i < n; i++)
		if (!read_share(strsep(&text, "\n"), &record->allocations[i], &tag))
			return false;
	record->sent.allocations = record->allocations;
	record->sent.n_allocations = n;
	return true;
}

static bool fill(struct record *record, char *const texts[N_COLUMNS], int64_t now_ms)
{
	long id, customer_id, used_at, quantity, left_s, deadline_s;

	if (!text_number(texts[ID], 1, number_max, &id) ||
		!text_number(texts[CUSTOMER_ID], 1, number_max, &customer_id) ||
		!text_number(texts[USED_AT], 1, number_max, &used_at) ||
		!text_number(texts[QUANTITY], 0, quantity_max, &quantity) ||
		!text_number(texts[LEFT_S], 0, number_max / MS / 2, &left_s) ||
		!text_number(texts[DEADLINE_S], 1, number_max, &deadline_s))
		return false;
	record->id = id;
	record->customer_id = customer_id;
	record->deadline_ms = now_ms + left_s * MS;
	record->deadline_s = deadline_s;
	record->product_code = texts[PRODUCT_CODE];
	record->by_license = !strcmp(texts[METERED_BY], "license");
	record->role = (struct aws_role){ texts[AWS_ROLE_ARN], texts[AWS_EXTERNAL_ID],
		texts[AWS_REGION] };
	record->sent = (struct metering_record){ .timestamp_s = used_at,
		.dimension = texts[DIMENSION],
		.quantity = quantity,
		.customer_identifier = texts[CUSTOMER_IDENTIFIER],
		.customer_aws_account_id = texts[CUSTOMER_AWS_ACCOUNT_ID],
		.license_arn = texts[LICENSE_ARN] };
	return !texts[ALLOCATIONS] || read_shares(record, texts[ALLOCATIONS]);
}

enum status record_read(const struct db_result *rows, size_t row, int64_t now_ms,
	struct record **ret_record, struct err *err)
{
	char *texts[N_COLUMNS];
	struct record *record = copy_row(rows, row, texts);

	if (!record || !fill(record, texts, now_ms)) {
		record_free(record);
		return err_set(err, ERR_LOCAL, "no memory for the record %s, or it cannot be read",
			db_result_text(rows, row, ID));
	}
	record->bytes = record_bytes(record);
	*ret_record = record;
	return OK;
}

void record_free(struct record *record)
{
	if (!record)
		return;
	free(record->allocations);
	free(record->tags);
	free(record);
}

int64_t record_hour(const struct record *record)
{
	return record->sent.timestamp_s - record->sent.timestamp_s % HOUR_S;
}

static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool has(const char *text)
{
	return text != NULL;
}

bool record_goes_with(const struct record *a, const struct record *b)
{
	return a->by_license == b->by_license && same(a->product_code, b->product_code) &&
		same(a->role.role_arn, b->role.role_arn) &&
		same(a->role.external_id, b->role.external_id) && same(a->role.region, b->role.region) &&
		has(a->sent.customer_identifier) == has(b->sent.customer_identifier);
}

/* In JSON, at most. */
static size_t length(const char *text)
{
	size_t n = 0;

	for (; text && *text; text++)
		n += (unsigned char)*text < ' ' ? ESCAPED_MAX : *text == '"' || *text == '\\' ? 2 : 1;
	return n;
}

size_t record_bytes(const struct record *record)
{
	const struct metering_record *sent = &record->sent;
	size_t bytes = MEMBERS_BYTES + length(sent->dimension) + length(sent->customer_identifier) +
		length(sent->customer_aws_account_id) + length(sent->license_arn);

	for (size_t i = 0; i < sent->n_allocations; i++) {
		const struct metering_allocation *share = &sent->allocations[i];

		bytes += SHARE_BYTES;
		for (size_t j = 0; j < share->n_tags; j++)
			bytes += TAG_BYTES + length(share->tags[j].key) + length(share->tags[j].value);
	}
	return bytes;
}
