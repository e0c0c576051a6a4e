#include "meter/judge.h"

static const struct {
	const char *said;
	bool again;
} outcomes[] = {
	[METERING_UNNAMED] = { "unnamed", true },
	[METERING_SUCCESS] = { "success", false },
	[METERING_CUSTOMER_NOT_SUBSCRIBED] = { "not_subscribed", false },
	[METERING_DUPLICATE_RECORD] = { "duplicate", false },
	[METERING_UNPROCESSED] = { "unprocessed", true },
	/* Whether it was honoured, nobody can tell; it stays open, and is listed with its status. */
	[METERING_OTHER] = { "unnamed", false },
};

const char *judge_said(const struct call *call, size_t i)
{
	return call->rc ? "failed" : outcomes[call->results[i].outcome].said;
}

const char *judge_code(const struct call *call, size_t i)
{
	if (!call->rc)
		return call->results[i].status;
	if (call->answer.class == ERROR_RECORD && !call->answer.tries)
		return "unsendable";
	return call->answer.code;
}

enum judge_next judge_call(const struct call *call)
{
	if (!call->rc)
		return JUDGE_DONE;
	switch (call->answer.class) {
	case ERROR_THROTTLED:
	case ERROR_TRANSIENT:
		return JUDGE_AGAIN;
	case ERROR_BUYER:
	case ERROR_RECORD:
	case ERROR_UNKNOWN:
		return call->n > 1 ? JUDGE_HALVE : JUDGE_ALONE;
	case ERROR_NONE:
	case ERROR_AUTH:
	case ERROR_SETTING:
		break;
	}
	return call->rc == ERR_RETRY ? JUDGE_AGAIN : JUDGE_STOP;
}

bool judge_again(const struct call *call, size_t i)
{
	return outcomes[call->results[i].outcome].again;
}
