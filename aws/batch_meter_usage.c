#include "aws/metering.h"

#include <cjson/cJSON.h>

#include "aws/http.h"
#include "aws/metering_allocations.h"
#include "aws/metering_match.h"
#include "aws/metering_read.h"
#include "aws/metering_write.h"

enum { ROOM_BYTES = 8 * 1024 }; /* 25 records without tags fit */

static const char action[] = "BatchMeterUsage";

/* Whom a record names, and whether the request names the product (facts §1.3). */
enum shape {
	SHAPE_NONE,
	SHAPE_LICENSE,    /* LicenseArn and CustomerAWSAccountId; no ProductCode */
	SHAPE_IDENTIFIER, /* CustomerIdentifier; ProductCode */
	SHAPE_ACCOUNT,    /* CustomerAWSAccountId; ProductCode */
};

static bool is_set(const char *text)
{
	return text && *text;
}

static enum shape find_shape(const struct metering_record *record)
{
	if (is_set(record->license_arn))
		return SHAPE_LICENSE;
	if (is_set(record->customer_identifier))
		return SHAPE_IDENTIFIER;
	return is_set(record->customer_aws_account_id) ? SHAPE_ACCOUNT : SHAPE_NONE;
}

/* Whether the open record names one customer, in one way. */
static void check_customer(struct metering_writer *w, const struct metering_record *record,
	const char *product_code)
{
	bool has_account = is_set(record->customer_aws_account_id);
	bool has_identifier = is_set(record->customer_identifier);

	switch (find_shape(record)) {
	case SHAPE_NONE:
		metering_refuse(w, NULL, "names no customer; allowed are LicenseArn with "
			"CustomerAWSAccountId, CustomerIdentifier, or CustomerAWSAccountId");
		break;
	case SHAPE_LICENSE:
		if (has_identifier)
			metering_refuse(w, "CustomerIdentifier", "is not allowed beside LicenseArn");
		if (!has_account)
			metering_refuse(w, "CustomerAWSAccountId", "is required beside LicenseArn");
		if (is_set(product_code))
			metering_refuse(w, "LicenseArn", "is not allowed beside the request's ProductCode: "
				"AWS bills usage that is metered both ways twice");
		break;
	case SHAPE_IDENTIFIER:
		if (has_account)
			metering_refuse(w, "CustomerAWSAccountId", "is not allowed beside CustomerIdentifier");
		break;
	case SHAPE_ACCOUNT:
		break;
	}
}

static void write_record(struct metering_writer *w, const struct metering_record *record)
{
	metering_write_timestamp(w, "Timestamp", record->timestamp_s);
	metering_write_text(w, "CustomerIdentifier", record->customer_identifier);
	metering_write_text(w, "CustomerAWSAccountId", record->customer_aws_account_id);
	metering_write_text(w, "LicenseArn", record->license_arn);
	metering_write_text(w, "Dimension", record->dimension);
	metering_write_integer(w, "Quantity", record->quantity);
	metering_write_allocations(w, record->allocations, record->n_allocations, record->quantity);
}

/* The product is named but by licenses. An empty list names none; today's edition then takes a
 * ProductCode that is empty, and that of 2019 does not. */
static void check_product(struct metering_writer *w, const char *product_code,
	const struct metering_record *records, size_t n)
{
	const struct limits_member *limit =
		limits_find_member(w->levels[0].members, "ProductCode");
	bool needed = n ? find_shape(&records[0]) != SHAPE_LICENSE : limit->min > 0;

	if (needed && !is_set(product_code))
		metering_refuse(w, "ProductCode", "is required, unless the records name licenses");
}

static void write_records(struct metering_writer *w, const char *product_code,
	const struct metering_record *records, size_t n)
{
	metering_write_list(w, "UsageRecords", n);
	for (size_t i = 0; i < n && !w->rc; i++) {
		metering_write_item(w, i);
		check_customer(w, &records[i], product_code);
		if (find_shape(&records[i]) != find_shape(&records[0]))
			metering_refuse(w, NULL, "names its customer in another way than UsageRecords[0]; "
				"allowed is one way in a call");
		write_record(w, &records[i]);
		metering_write_item_end(w);
	}
	metering_write_list_end(w);
}

enum status metering_batch(struct aws *aws, const char *product_code,
	const struct metering_record *records, size_t n_records, int64_t deadline_ms,
	struct metering_result *ret_results, struct aws_answer *ret_answer, struct err *err)
{
	auto_metering_writer request;
	/* The answer repeats the records. */
	const struct aws_call call = { .secret = "", .answer_bytes_max = HTTP_BODY_MAX,
		.deadline_ms = deadline_ms, .once = true };
	struct cJSON *json = NULL;
	enum status rc;

	metering_write_begin(&request, aws->limits, action, ROOM_BYTES, err);
	metering_write_text(&request, "ProductCode", product_code);
	write_records(&request, product_code, records, n_records);
	check_product(&request, product_code, records, n_records);
	rc = metering_send(&request, aws, call, &json, ret_answer);
	if (rc)
		return rc;
	rc = metering_match((struct metering_batch_sent){ records, n_records }, json, ret_results, err);
	cJSON_Delete(json);
	return rc ? metering_nonsense(action, ret_answer, err) : OK;
}
