#include "meter/tally.h"

#include <string.h>

#include "base/text.h"

#define FIELD(name, kind, flags) { #name, kind, offsetof(struct tally, name), flags }

const struct tally_field tally_fields[] = {
	FIELD(billed, TALLY_NUMBER, TALLY_ALWAYS),
	FIELD(left, TALLY_NUMBER, TALLY_ALWAYS),
	FIELD(left_uncertain, TALLY_NUMBER, TALLY_ALWAYS),
	FIELD(waiting_units, TALLY_UNITS, TALLY_ALWAYS | TALLY_DRY),
	FIELD(next_deadline, TALLY_TIME, TALLY_ALWAYS),
	FIELD(billed_units, TALLY_NUMBER, 0),
	FIELD(left_units, TALLY_NUMBER, 0),
	FIELD(left_uncertain_units, TALLY_NUMBER, 0),
	FIELD(at_risk, TALLY_NUMBER, 0),
	FIELD(at_risk_units, TALLY_NUMBER, 0),
	FIELD(waiting_lines, TALLY_NUMBER, TALLY_DRY),
	FIELD(carried_lines, TALLY_NUMBER, TALLY_DRY),
	FIELD(carried_units, TALLY_UNITS, TALLY_DRY),
	FIELD(rolled_up, TALLY_NUMBER, TALLY_DRY),
	FIELD(rolled_up_units, TALLY_UNITS, TALLY_DRY),
	FIELD(lines, TALLY_NUMBER, TALLY_DRY),
	FIELD(moved, TALLY_NUMBER, TALLY_DRY),
	FIELD(moved_units, TALLY_NUMBER, TALLY_DRY),
	FIELD(expired, TALLY_NUMBER, TALLY_DRY),
	FIELD(expired_units, TALLY_NUMBER, TALLY_DRY),
	FIELD(written_off_units, TALLY_UNITS, TALLY_DRY),
	FIELD(frozen, TALLY_NUMBER, TALLY_DRY),
	FIELD(frozen_units, TALLY_NUMBER, TALLY_DRY),
	FIELD(late_units, TALLY_UNITS, TALLY_DRY),
	FIELD(hours_a_record, TALLY_NUMBER, TALLY_DRY),
	FIELD(records_saved, TALLY_NUMBER, TALLY_DRY),
	FIELD(lost_calls, TALLY_NUMBER, TALLY_DRY),
	FIELD(calls, TALLY_NUMBER, 0),
	FIELD(failed_calls, TALLY_NUMBER, 0),
	FIELD(sent, TALLY_NUMBER, 0),
	FIELD(sent_units, TALLY_NUMBER, 0),
	FIELD(refused, TALLY_NUMBER, 0),
	FIELD(refused_units, TALLY_NUMBER, 0),
	FIELD(unconfirmed, TALLY_NUMBER, 0),
	FIELD(unconfirmed_units, TALLY_NUMBER, 0),
	FIELD(unknown, TALLY_NUMBER, 0),
	FIELD(unknown_units, TALLY_NUMBER, 0),
	FIELD(held, TALLY_NUMBER, 0),
	FIELD(held_units, TALLY_NUMBER, 0),
	{ 0 },
};

static struct tally_code *find(struct tally *tally, const char *code)
{
	struct tally_code *end = tally->codes + tally->n_codes;

	for (struct tally_code *at = tally->codes; at < end; at++)
		if (!strcmp(at->code, code))
			return at;
	if (tally->n_codes == TALLY_CODES_MAX)
		return end - 1;
	tally->n_codes++;
	text_copy(end->code, sizeof end->code, tally->n_codes == TALLY_CODES_MAX ? "other" : code);
	return end;
}

void tally_refused(struct tally *tally, const char *code, int64_t units)
{
	char cut[TALLY_CODE_SIZE];
	struct tally_code *found;

	text_copy(cut, sizeof cut, *code ? code : "none");
	found = find(tally, cut);
	found->records++;
	found->units += units;
	tally->refused++;
	tally->refused_units += units;
}

void tally_sent(struct tally *tally, struct call *calls)
{
	for (; calls; calls = calls->next) {
		tally->calls++;
		for (size_t i = 0; i < calls->n; i++) {
			struct record *record = calls->records[i];

			tally->sent += !record->sent_before;
			tally->sent_units += record->sent_before ? 0 : record->sent.quantity;
			record->sent_before = true;
		}
	}
}

void tally_show(const struct tally *tally, struct progress *progress, int64_t all)
{
	int64_t errors = tally->refused + tally->unconfirmed + tally->unknown;

	progress_count(progress,
		(struct progress_counts){ .records = tally->billed + errors,
			.all = all,
			.calls = tally->calls,
			.errors = errors + tally->held + tally->failed_calls });
}
