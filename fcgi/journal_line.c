/* A visit as one line of text: a mark, the CRC of the rest, the fields apart by tabs, bytes outside
 * the printable ASCII percent-encoded. A person can read it, and a line that was cut shows. */
#include "fcgi/journal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char mark[] = "tg1";
enum { CRC_DIGITS = 8, N_FIELDS = 9, HEAD_BYTES = sizeof mark + CRC_DIGITS + 1 };

struct slot {
	char *text;
	size_t size;
};

static void slots_of(struct visit *visit, struct slot slots[N_FIELDS])
{
	struct metering_customer *who = &visit->who;

	slots[0] = (struct slot){ visit->request_id, sizeof visit->request_id };
	slots[1] = (struct slot){ visit->visited_at, sizeof visit->visited_at };
	slots[2] = (struct slot){ who->product_code, sizeof who->product_code };
	slots[3] = (struct slot){ who->customer_identifier, sizeof who->customer_identifier };
	slots[4] = (struct slot){ who->customer_aws_account_id, sizeof who->customer_aws_account_id };
	slots[5] = (struct slot){ who->license_arn, sizeof who->license_arn };
	slots[6] = (struct slot){ visit->token_sha256, sizeof visit->token_sha256 };
	slots[7] = (struct slot){ visit->offer_type, sizeof visit->offer_type };
	slots[8] = (struct slot){ visit->aws_request_id, sizeof visit->aws_request_id };
}

static void put_field(struct buf *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c <= ' ' || c >= 0x7f || c == '%')
			buf_printf(out, "%%%02x", c);
		else
			buf_putc(out, (char)c);
	}
}

void journal_format(const struct visit *visit, struct buf *out)
{
	auto_buf fields = BUF_INIT(out->max);
	struct visit copy = *visit;
	struct slot slots[N_FIELDS];

	slots_of(&copy, slots);
	for (int i = 0; i < N_FIELDS; i++) {
		if (i)
			buf_putc(&fields, '\t');
		put_field(&fields, slots[i].text);
	}
	buf_printf(
		out, "%s\t%08x\t%s\n", mark, text_crc32(buf_text(&fields), fields.len), buf_text(&fields));
	out->failed |= fields.failed;
}

/* Undoes put_field; false if the value does not fit or is not what put_field writes. */
static bool take_field(const char *from, size_t len, struct slot to)
{
	const char *end = from + len;
	size_t n = 0;

	for (; from < end; n++) {
		char hex[3] = { 0 };

		if (n + 1 >= to.size)
			return false;
		if (*from != '%') {
			to.text[n] = *from++;
			continue;
		}
		if (end - from < 3)
			return false;
		memcpy(hex, from + 1, 2);
		if (!text_unhex(hex, &to.text[n], 1))
			return false;
		from += 3;
	}
	to.text[n] = '\0';
	return true;
}

bool journal_parse(const char *line, size_t len, struct visit *ret_visit)
{
	struct visit visit = { 0 };
	struct slot slots[N_FIELDS];
	char crc[CRC_DIGITS + 1];
	const char *at = line + HEAD_BYTES, *end = line + len;
	int n = 0;

	if (len < HEAD_BYTES || memcmp(line, mark, sizeof mark - 1) != 0 ||
		line[sizeof mark - 1] != '\t' || line[HEAD_BYTES - 1] != '\t')
		return false;
	snprintf(crc, sizeof crc, "%08x", text_crc32(at, len - HEAD_BYTES));
	if (memcmp(line + sizeof mark, crc, CRC_DIGITS) != 0)
		return false;
	slots_of(&visit, slots);
	while (n < N_FIELDS) {
		const char *stop = memchr(at, '\t', (size_t)(end - at));

		if (!stop)
			stop = end;
		if (!take_field(at, (size_t)(stop - at), slots[n++]))
			return false;
		if (stop == end)
			break;
		at = stop + 1;
	}
	if (n < N_FIELDS || !*visit.request_id || !*visit.who.product_code)
		return false;
	*ret_visit = visit;
	return true;
}
