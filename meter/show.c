#include "meter/show.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "meter/json.h"

enum {
	LINE_BYTES_MAX = 8 * 1024 * 1024, /* 2,500 allocations, as JSON */
	TIME_SIZE = 32,
	SHARES_SHOWN = 3,
};

/* 2026-11-25T05:39:12Z */
static const char *write_time(int64_t epoch_s, char text[TIME_SIZE])
{
	time_t seconds = epoch_s;
	struct tm utc;

	if (!gmtime_r(&seconds, &utc) || !strftime(text, TIME_SIZE, "%FT%TZ", &utc))
		snprintf(text, TIME_SIZE, "%" PRId64, epoch_s);
	return text;
}

/* ---- JSON ---- */

static void add_share(struct buf *line, const struct metering_allocation *share)
{
	buf_puts(line, "{");
	json_add_number(line, "AllocatedUsageQuantity", share->quantity);
	if (share->n_tags) {
		json_name(line, "Tags");
		for (size_t i = 0; i < share->n_tags; i++) {
			buf_puts(line, i ? ",{" : "[{");
			json_add_text(line, "Key", share->tags[i].key);
			json_add_text(line, "Value", share->tags[i].value);
			buf_putc(line, '}');
		}
		buf_putc(line, ']');
	}
	buf_putc(line, '}');
}

/* What AWS gets, in its names, and in ours what it does not. */
static void add_object(struct buf *line, const struct record *record)
{
	const struct metering_record *sent = &record->sent;
	char text[TIME_SIZE];

	buf_putc(line, '{');
	json_add_number(line, "Timestamp", sent->timestamp_s);
	json_add_text(line, "CustomerIdentifier", sent->customer_identifier);
	json_add_text(line, "CustomerAWSAccountId", sent->customer_aws_account_id);
	json_add_text(line, "LicenseArn", sent->license_arn);
	json_add_text(line, "Dimension", sent->dimension);
	json_add_number(line, "Quantity", sent->quantity);
	for (size_t i = 0; i < sent->n_allocations; i++) {
		if (!i)
			json_name(line, "UsageAllocations");
		buf_putc(line, i ? ',' : '[');
		add_share(line, &sent->allocations[i]);
	}
	if (sent->n_allocations)
		buf_putc(line, ']');
	json_add_text(line, "ProductCode", record->product_code);
	json_add_text(line, "Region", record->role.region);
	json_add_text(line, "RoleArn", record->role.role_arn);
	json_add_number(line, "customer_id", record->customer_id);
	json_add_text(line, "hour", write_time(record_hour(record), text));
	json_add_text(line, "deadline", write_time(record->deadline_s, text));
	buf_putc(line, '}');
}

/* ---- the table ---- */

/* Text that came from outside is made harmless for terminals. */
static void add_plain(struct buf *line, const char *text)
{
	for (; *text; text++)
		buf_putc(line, (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void add_column(struct buf *line, const char *text, size_t columns)
{
	size_t before = line->len;

	add_plain(line, text);
	do
		buf_putc(line, ' ');
	while (!line->failed && line->len - before <= columns);
}

/* Of the time, so many characters from the first on. */
static void add_time(struct buf *line, int64_t epoch_s, size_t first, size_t n)
{
	char text[TIME_SIZE] = "";

	write_time(epoch_s, text);
	text[first + n] = '\0';
	add_column(line, text + first, n);
}

/* The first few: "2 team=blue, 3 team=red, 4, and 17 more". */
static void add_shares(struct buf *line, const struct metering_record *sent)
{
	for (size_t i = 0; i < sent->n_allocations && i < SHARES_SHOWN; i++) {
		const struct metering_allocation *share = &sent->allocations[i];

		buf_printf(line, "%s%" PRId64, i ? ", " : "", share->quantity);
		for (size_t j = 0; j < share->n_tags; j++) {
			buf_putc(line, ' ');
			add_plain(line, share->tags[j].key);
			buf_putc(line, '=');
			add_plain(line, share->tags[j].value);
		}
	}
	if (sent->n_allocations > SHARES_SHOWN)
		buf_printf(line, ", and %zu more", sent->n_allocations - SHARES_SHOWN);
}

/* Their widths, in the order of the columns; a longer text moves what follows. */
enum {
	PRODUCT = 25,
	CUSTOMER = 8,
	DIMENSION = 20,
	HOUR = 13,     /* 2026-11-25T05 */
	DATE = 11,     /* 2026-11-25T, which the Timestamp's column leaves out */
	TIMESTAMP = 9, /* 05:39:12Z */
	QUANTITY = 10,
	DEADLINE = 16, /* 2026-11-26T05:39 */
};

static void add_row(struct buf *line, const struct record *record)
{
	char text[TIME_SIZE];

	add_column(line, record->product_code, PRODUCT);
	snprintf(text, sizeof text, "%" PRId64, record->customer_id);
	add_column(line, text, CUSTOMER);
	add_column(line, record->sent.dimension, DIMENSION);
	add_time(line, record_hour(record), 0, HOUR);
	add_time(line, record->sent.timestamp_s, DATE, TIMESTAMP);
	snprintf(text, sizeof text, "%*" PRId64, QUANTITY, record->sent.quantity);
	add_column(line, text, QUANTITY);
	add_time(line, record->deadline_s, 0, DEADLINE);
	add_shares(line, &record->sent);
}

static void add_heading(struct buf *line)
{
	add_column(line, "product", PRODUCT);
	add_column(line, "customer", CUSTOMER);
	add_column(line, "dimension", DIMENSION);
	add_column(line, "hour (UTC)", HOUR);
	add_column(line, "Timestamp", TIMESTAMP);
	add_column(line, "  quantity", QUANTITY);
	add_column(line, "deadline", DEADLINE);
	buf_puts(line, "allocations\n");
}

/* ---- both ---- */

static bool put(struct show *show, struct buf *line)
{
	if (line->failed) {
		errno = ENOMEM;
		return false;
	}
	return fwrite(buf_text(line), 1, line->len, show->out) == line->len;
}

bool show_record(struct show *show, const struct record *record)
{
	auto_buf line = BUF_INIT(LINE_BYTES_MAX);

	if (show->json)
		buf_puts(&line, show->records ? ",\n" : "{\"UsageRecords\":[\n");
	else if (!show->records)
		add_heading(&line);
	if (show->json) {
		add_object(&line, record);
	} else {
		add_row(&line, record);
		while (line.len && line.data[line.len - 1] == ' ')
			line.len--;
		buf_putc(&line, '\n');
	}
	show->records++;
	show->units += record->sent.quantity;
	return put(show, &line);
}

bool show_end(struct show *show, const char *members)
{
	auto_buf line = BUF_INIT(LINE_BYTES_MAX);

	if (show->json)
		buf_printf(&line, "%s],\n\"records\":%" PRId64 ",\"units\":%" PRId64 "%s%s}\n",
			show->records ? "\n" : "{\"UsageRecords\":[", show->records, show->units,
			*members ? "," : "", members);
	else if (show->records)
		buf_printf(&line, "%" PRId64 " record%s of %" PRId64 " unit%s would be sent\n",
			show->records, show->records == 1 ? "" : "s", show->units,
			show->units == 1 ? "" : "s");
	else
		buf_puts(&line, "nothing would be sent\n");
	return put(show, &line) && !fflush(show->out);
}
