#include "meter/record.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/text.h"

/* The columns of sql/queries/meter/next_records.sql. */
enum column {
	DEADLINE,
	ID,
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
	N_COLUMNS
};

enum {
	TEXT_MAX = 4 * 1024 * 1024, /* 2,500 allocations of five tags, each with 356 characters */
	MEMBERS_BYTES = 200,        /* names of a record's members, and what is around them */
	TAG_BYTES = 24,
	SHARE_BYTES = 50,
};

/* All texts of the row, one after the other; NULL for SQL's NULL. */
static bool copy_texts(const struct db_result *rows, size_t row, const char *ret_texts[N_COLUMNS],
	void **ret_block)
{
	auto_buf block = BUF_INIT(TEXT_MAX);
	size_t at[N_COLUMNS];

	for (size_t i = 0; i < N_COLUMNS; i++) {
		const char *text = db_result_text(rows, row, i);

		at[i] = block.len;
		buf_add(&block, text ? text : "", (text ? strlen(text) : 0) + 1);
	}
	if (block.failed)
		return false;
	for (size_t i = 0; i < N_COLUMNS; i++)
		ret_texts[i] = db_result_text(rows, row, i) ? block.data + at[i] : NULL;
	*ret_block = block.data;
	block.data = NULL; /* the record's now */
	return true;
}

static size_t count_tags(const cJSON *json)
{
	const cJSON *share;
	size_t n = 0;

	cJSON_ArrayForEach(share, json) n +=
		(size_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(share, "tags"));
	return n;
}

/* What the record owns of its allocations: arrays, and the JSON whose texts they point to. */
struct shares {
	cJSON *json;
	struct metering_allocation *allocations;
	struct metering_tag *tags;
};

static void fill_shares(struct shares *shares)
{
	struct metering_tag *tag = shares->tags;
	const cJSON *share, *member;
	size_t i = 0;

	cJSON_ArrayForEach(share, shares->json)
	{
		struct metering_allocation *allocation = &shares->allocations[i++];

		allocation->quantity =
			(int64_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(share, "q"));
		allocation->tags = tag;
		cJSON_ArrayForEach(member, cJSON_GetObjectItemCaseSensitive(share, "tags"))
		{
			*tag++ = (struct metering_tag){ member->string, cJSON_GetStringValue(member) };
			allocation->n_tags++;
		}
	}
}

static bool read_shares(struct record *record, const char *text)
{
	struct shares *shares = calloc(1, sizeof *shares);
	size_t n;

	record->shares = shares;
	if (!shares || !(shares->json = cJSON_Parse(text)))
		return false;
	n = (size_t)cJSON_GetArraySize(shares->json);
	shares->allocations = calloc(n + 1, sizeof *shares->allocations);
	shares->tags = calloc(count_tags(shares->json) + 1, sizeof *shares->tags);
	if (!shares->allocations || !shares->tags)
		return false;
	fill_shares(shares);
	record->sent.allocations = shares->allocations;
	record->sent.n_allocations = n;
	return true;
}

static bool fill(struct record *record, const char *const texts[N_COLUMNS])
{
	long id, used_at, quantity;

	if (!text_number(texts[ID], 1, 0x7fffffffffffffff, &id) ||
		!text_number(texts[USED_AT], 1, 0x7fffffffffffffff, &used_at) ||
		!text_number(texts[QUANTITY], 0, 0x7fffffff, &quantity))
		return false;
	record->id = id;
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

enum status record_read(
	const struct db_result *rows, size_t row, struct record **ret_record, struct err *err)
{
	struct record *record = calloc(1, sizeof *record);
	const char *texts[N_COLUMNS];

	if (!record || !copy_texts(rows, row, texts, &record->text) || !fill(record, texts)) {
		record_free(record);
		return err_set(err, ERR_LOCAL, "no memory for the record %s, or it cannot be read",
			db_result_text(rows, row, ID));
	}
	*ret_record = record;
	return OK;
}

void record_free(struct record *record)
{
	struct shares *shares = record ? record->shares : NULL;

	if (!record)
		return;
	if (shares) {
		cJSON_Delete(shares->json);
		free(shares->allocations);
		free(shares->tags);
		free(shares);
	}
	free(record->text);
	free(record);
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

static size_t length(const char *text)
{
	return text ? strlen(text) : 0;
}

size_t record_bytes(const struct record *record)
{
	const struct metering_record *sent = &record->sent;
	size_t bytes = MEMBERS_BYTES + 2 * length(sent->dimension) +
		2 * length(sent->customer_identifier) + length(sent->customer_aws_account_id) +
		length(sent->license_arn);

	for (size_t i = 0; i < sent->n_allocations; i++) {
		const struct metering_allocation *share = &sent->allocations[i];

		bytes += SHARE_BYTES;
		for (size_t j = 0; j < share->n_tags; j++)
			bytes += TAG_BYTES + strlen(share->tags[j].key) + strlen(share->tags[j].value);
	}
	return bytes;
}
