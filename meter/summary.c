#include "meter/summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "meter/advice.h"
#include "meter/ending.h"
#include "meter/held_back.h"
#include "meter/json.h"
#include "meter/point.h"
#include "meter/row.h"
#include "meter_queries.h"

enum {
	/* The next nightly run is up to 12 hours away; it may start late, takes its time, and leaves
	 * out what is in the margin. */
	AT_RISK_S = 12 * 60 * 60 + 30 * 60,
	NUMBER_SIZE = 24,
	JSON_BYTES_MAX = 64 * 1000, /* metering_run takes 65536 */
	CODES_BYTES_MAX = 1000,
	FIELDS_MAX = 48,
};

/* The columns of sql/queries/meter/sum_up.sql. */
enum column {
	WAITING_LINES,
	WAITING_UNITS,
	CARRIED_LINES,
	CARRIED_UNITS,
	LEFT,
	LEFT_UNITS,
	UNCERTAIN,
	UNCERTAIN_UNITS,
	RISK,
	RISK_UNITS,
	NEXT_DEADLINE,
};

enum status summary_count(struct run *run, struct err *err)
{
	struct tally *tally = &run->tally;
	char risk[NUMBER_SIZE];
	const char *const values[] = { risk };
	const char *deadline;
	auto_result rows = { 0 };
	enum status rc;

	snprintf(risk, sizeof risk, "%d", AT_RISK_S);
	rc = db_run(run->db, METER_SUM_UP, values, 1, &rows, err);
	if (rc)
		return rc;
	tally->waiting_lines = row_number(&rows, 0, WAITING_LINES);
	tally->carried_lines = row_number(&rows, 0, CARRIED_LINES);
	tally->left = row_number(&rows, 0, LEFT);
	tally->left_units = row_number(&rows, 0, LEFT_UNITS);
	tally->left_uncertain = row_number(&rows, 0, UNCERTAIN);
	tally->left_uncertain_units = row_number(&rows, 0, UNCERTAIN_UNITS);
	tally->at_risk = row_number(&rows, 0, RISK);
	tally->at_risk_units = row_number(&rows, 0, RISK_UNITS);
	deadline = db_result_text(&rows, 0, NEXT_DEADLINE);
	text_copy(tally->next_deadline, sizeof tally->next_deadline, deadline ? deadline : "");
	text_copy(tally->waiting_units, TALLY_UNITS_SIZE, row_units(&rows, 0, WAITING_UNITS));
	text_copy(tally->carried_units, TALLY_UNITS_SIZE, row_units(&rows, 0, CARRIED_UNITS));
	return OK;
}

static const char *text_of(const struct tally *tally, const struct tally_field *field)
{
	return (const char *)tally + field->offset;
}

static int64_t number_of(const struct tally *tally, const struct tally_field *field)
{
	int64_t number;

	memcpy(&number, (const char *)tally + field->offset, sizeof number);
	return number;
}

/* ---- as JSON ---- */

static void write_codes(const struct tally *tally, struct buf *json)
{
	json_name(json, "refused_by");
	buf_putc(json, '{');
	for (size_t i = 0; i < tally->n_codes; i++) {
		const struct tally_code *code = &tally->codes[i];

		json_name(json, code->code);
		buf_printf(json, "{\"records\":%" PRId64 ",\"units\":%" PRId64 "}", code->records,
			code->units);
	}
	buf_putc(json, '}');
}

static void write_field(
	const struct tally *tally, const struct tally_field *field, struct buf *json)
{
	const char *text = text_of(tally, field);

	switch (field->kind) {
	case TALLY_NUMBER:
		json_add_number(json, field->name, number_of(tally, field));
		break;
	case TALLY_UNITS:
		json_name(json, field->name);
		buf_puts(json, *text ? text : "0");
		break;
	case TALLY_TIME:
		json_add_text(json, field->name, text_or_null(text));
		break;
	}
}

void summary_write(const struct tally *tally, bool dry, struct buf *json)
{
	for (const struct tally_field *field = tally_fields; field->name; field++)
		if (!dry || field->flags & TALLY_DRY)
			write_field(tally, field, json);
	if (!dry)
		write_codes(tally, json);
}

/* ---- in the log ---- */

static void list_codes(const struct tally *tally, struct buf *text)
{
	for (size_t i = 0; i < tally->n_codes; i++)
		buf_printf(text, "%s%s: %" PRId64 " (%" PRId64 " units)", i ? ", " : "",
			tally->codes[i].code, tally->codes[i].records, tally->codes[i].units);
}

/* Whether it is worth a word. */
static bool is_told(const struct tally *tally, const struct tally_field *field)
{
	const char *text = text_of(tally, field);

	if (field->kind == TALLY_NUMBER)
		return field->flags & TALLY_ALWAYS || number_of(tally, field);
	return *text && (field->flags & TALLY_ALWAYS || strcmp(text, "0") != 0);
}

static void log_finished(const struct run *run)
{
	auto_buf codes = BUF_INIT(CODES_BYTES_MAX);
	struct log_field fields[FIELDS_MAX] = { LOG_NUM("exit", exit_status(run->facts)) };
	size_t n = 1;

	for (const struct tally_field *field = tally_fields; field->name; field++)
		if (is_told(&run->tally, field))
			fields[n++] = field->kind == TALLY_NUMBER
				? LOG_NUM(field->name, number_of(&run->tally, field))
				: LOG_TEXT(field->name, text_of(&run->tally, field));
	list_codes(&run->tally, &codes);
	fields[n++] = LOG_TEXT("refused_by", text_or_null(buf_text(&codes)));
	fields[n++] = LOG_TEXT("todo", advice_find(exit_status(run->facts)));
	fields[n] = (struct log_field){ 0 };
	log_write(exit_status(run->facts) ? LOG_WARN : LOG_INFO, "finished", fields);
}

/* ---- all of it ---- */

static void write_all(
	const struct run *run, const char *held_back, const char *ending, struct buf *json)
{
	buf_putc(json, '{');
	json_add_number(json, "run", run->id);
	json_add_number(json, "exit", exit_status(run->facts));
	summary_write(&run->tally, false, json);
	json_name(json, "held_back");
	buf_puts(json, *held_back ? held_back : "[]");
	json_name(json, "ending");
	buf_puts(json, *ending ? ending : "[]");
	buf_putc(json, '}');
}

static enum status end_run(struct run *run, const struct buf *json, struct err *err)
{
	char id[NUMBER_SIZE], code[NUMBER_SIZE];
	const char *const values[] = { id, code, buf_text(json) };

	if (json->failed)
		return err_set(err, ERR_LOCAL, "no memory for the summary");
	snprintf(id, sizeof id, "%" PRId64, run->id);
	snprintf(code, sizeof code, "%d", exit_status(run->facts));
	point_reach("ending");
	return db_run(run->db, METER_END_RUN, values, 3, NULL, err);
}

void summary_tell(struct run *run)
{
	auto_buf held_back = BUF_INIT(JSON_BYTES_MAX), ending = BUF_INIT(JSON_BYTES_MAX);
	auto_buf json = BUF_INIT(JSON_BYTES_MAX);
	struct err err;
	enum status rc = summary_count(run, &err);

	run->facts.unsettled |= run->tally.left > 0;
	if (!rc)
		rc = held_back_tell(run, &held_back, &err);
	if (!rc)
		rc = ending_tell(run, &ending, &err);
	write_all(run, buf_text(&held_back), buf_text(&ending), &json);
	if (!rc)
		rc = end_run(run, &json, &err);
	if (rc) {
		run->facts.unsettled = true;
		log_event(LOG_ERROR, "no_summary", LOG_TEXT("error", err.text),
			LOG_NUM("exit", exit_status(run->facts)),
			LOG_TEXT("todo", advice_find(exit_status(run->facts))));
		buf_reset(&json); /* the status is another one now */
		write_all(run, buf_text(&held_back), buf_text(&ending), &json);
	} else {
		log_finished(run);
	}
	if (run->options->json && (puts(buf_text(&json)) < 0 || fflush(stdout)))
		log_event(LOG_WARN, "no_output", LOG_TEXT("error", strerror(errno)));
}
