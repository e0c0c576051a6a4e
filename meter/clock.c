#include "meter/clock.h"

#include "aws/metering.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "meter_queries.h"

enum { APART_MAX_S = 2 * 60, CALL_MS = 20 * 1000 };

/* The columns of sql/queries/meter/read_clock.sql. */
enum column { NOW, PRODUCT_CODE };

static enum status read_here(
	struct run *run, struct db_result *ret_row, long *ret_now_s, struct err *err)
{
	enum status rc = db_run(run->db, METER_READ_CLOCK, NULL, 0, ret_row, err);

	if (!rc && !text_number(db_result_text(ret_row, 0, NOW), 0, 0x7fffffffffffffff, ret_now_s))
		rc = err_set(err, ERR_LOCAL, "the database's clock cannot be read");
	return rc;
}

enum status clock_compare(struct run *run, struct err *err)
{
	struct metering_result none[METERING_RECORDS_MAX];
	struct aws_answer answer;
	auto_result before = { 0 }, after = { 0 };
	long from_s, to_s, apart_s;
	enum status rc = read_here(run, &before, &from_s, err);

	if (rc)
		return rc;
	rc = metering_batch(run->aws, db_result_text(&before, 0, PRODUCT_CODE), NULL, 0,
		clock_monotonic_ms() + CALL_MS, none, &answer, err);
	if (!answer.date_s && !rc)
		return err_set(err, ERR_RETRY, "AWS does not tell the time: its answer has no Date");
	if (!answer.date_s)
		return err_wrap(err, rc, "AWS does not tell the time");
	rc = read_here(run, &after, &to_s, err);
	if (rc)
		return rc;
	/* Its time was read somewhere between the two. */
	apart_s = answer.date_s < from_s ? from_s - answer.date_s
		: answer.date_s > to_s       ? answer.date_s - to_s
									 : 0;
	if (apart_s <= APART_MAX_S)
		return OK;
	return err_set(err, ERR_LOCAL, "the database's clock is %ld s %s AWS's; set it right (NTP), or "
		"usage goes into the wrong hours", apart_s, answer.date_s < from_s ? "ahead of" : "behind");
}
