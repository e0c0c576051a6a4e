#include "cli/records.h"

#include <stdlib.h>

#include <cjson/cJSON.h>

#include "aws/json.h"
#include "cli/input.h"

static size_t count(const struct cJSON *list)
{
	return (size_t)cJSON_GetArraySize(list);
}

static const struct cJSON *member(const struct cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static enum status no_memory(struct err *err)
{
	return err_set(err, ERR_LOCAL, "no memory for the records");
}

/* Returns where the next allocation's tags go. */
static struct metering_tag *read_allocation(const struct cJSON *json, struct metering_tag *tags,
	struct metering_allocation *ret_allocation)
{
	const struct cJSON *list = member(json, "Tags"), *tag;

	*ret_allocation = (struct metering_allocation){
		.quantity = input_number(json, "AllocatedUsageQuantity"),
		.tags = tags,
		.n_tags = count(list),
	};
	cJSON_ArrayForEach(tag, list)
		*tags++ = (struct metering_tag){ json_text_of(tag, "Key"), json_text_of(tag, "Value") };
	return tags;
}

enum status allocations_read(const struct cJSON *list, struct allocations *ret_allocations,
	struct err *err)
{
	const struct cJSON *item;
	struct metering_tag *tags;
	size_t n_tags = 0;

	*ret_allocations = (struct allocations){ .n = count(list) };
	if (!ret_allocations->n)
		return OK;
	cJSON_ArrayForEach(item, list)
		n_tags += count(member(item, "Tags"));
	ret_allocations->list = calloc(ret_allocations->n, sizeof ret_allocations->list[0]);
	ret_allocations->tags = tags = calloc(n_tags + 1, sizeof ret_allocations->tags[0]);
	if (!ret_allocations->list || !tags)
		return no_memory(err);
	ret_allocations->n = 0;
	cJSON_ArrayForEach(item, list)
		tags = read_allocation(item, tags, &ret_allocations->list[ret_allocations->n++]);
	return OK;
}

void allocations_done(struct allocations *allocations)
{
	free(allocations->list);
	free(allocations->tags);
	*allocations = (struct allocations){ 0 };
}

static void read_record(const struct cJSON *json, const struct allocations *allocations,
	struct metering_record *ret_record)
{
	*ret_record = (struct metering_record){
		.timestamp_s = input_number(json, "Timestamp"),
		.dimension = json_text_of(json, "Dimension"),
		.quantity = input_number(json, "Quantity"),
		.customer_identifier = json_text_of(json, "CustomerIdentifier"),
		.customer_aws_account_id = json_text_of(json, "CustomerAWSAccountId"),
		.license_arn = json_text_of(json, "LicenseArn"),
		.allocations = allocations->list,
		.n_allocations = allocations->n,
	};
}

enum status records_read(const struct cJSON *list, struct records *ret_records, struct err *err)
{
	const struct cJSON *item;
	size_t i = 0;
	enum status rc;

	*ret_records = (struct records){ .n = count(list) };
	if (!ret_records->n)
		return OK;
	ret_records->list = calloc(ret_records->n, sizeof ret_records->list[0]);
	ret_records->allocations = calloc(ret_records->n, sizeof ret_records->allocations[0]);
	if (!ret_records->list || !ret_records->allocations)
		return no_memory(err);
	cJSON_ArrayForEach(item, list) {
		rc = allocations_read(member(item, "UsageAllocations"), &ret_records->allocations[i], err);
		if (rc)
			return rc;
		read_record(item, &ret_records->allocations[i], &ret_records->list[i]);
		i++;
	}
	return OK;
}

void records_done(struct records *records)
{
	for (size_t i = 0; records->allocations && i < records->n; i++)
		allocations_done(&records->allocations[i]);
	free(records->allocations);
	free(records->list);
	*records = (struct records){ 0 };
}

static void show_tags(struct output *output, const struct metering_allocation *allocation)
{
	if (!allocation->n_tags)
		return;
	output_begin(output, "Tags", '[');
	for (size_t i = 0; i < allocation->n_tags; i++) {
		output_begin(output, NULL, '{');
		output_text(output, "Key", allocation->tags[i].key);
		output_text(output, "Value", allocation->tags[i].value);
		output_end(output, '}');
	}
	output_end(output, ']');
}

static void show_allocations(struct output *output, const struct metering_record *record)
{
	if (!record->n_allocations)
		return;
	output_begin(output, "UsageAllocations", '[');
	for (size_t i = 0; i < record->n_allocations; i++) {
		output_begin(output, NULL, '{');
		output_number(output, "AllocatedUsageQuantity", record->allocations[i].quantity);
		show_tags(output, &record->allocations[i]);
		output_end(output, '}');
	}
	output_end(output, ']');
}

void record_show(struct output *output, const char *name, const struct metering_record *record)
{
	output_begin(output, name, '{');
	output_time(output, "Timestamp", record->timestamp_s);
	output_text(output, "CustomerIdentifier", record->customer_identifier);
	output_text(output, "Dimension", record->dimension);
	output_number(output, "Quantity", record->quantity);
	show_allocations(output, record);
	output_text(output, "CustomerAWSAccountId", record->customer_aws_account_id);
	output_text(output, "LicenseArn", record->license_arn);
	output_end(output, '}');
}
