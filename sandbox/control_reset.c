/* POST /control/reset: forgets all but the products. */
#include "sandbox/control.h"
#include "sandbox/sandbox.h"
#include "sandbox_queries.h"

/* Calls that are under way may hold what it needs; they are over soon. */
enum { TRIES = 5 };

static const struct control_member members[] = { { 0 } };

static enum status forget(struct sandbox *sandbox, const struct request *request)
{
	enum status rc = ERR_RETRY;

	for (int i = 0; i < TRIES && rc == ERR_RETRY; i++)
		rc = sandbox_query(sandbox, request, SANDBOX_RESET, NULL, 0, NULL);
	return rc;
}

void control_reset(void *app, struct request *request, struct reply *reply)
{
	auto_json *input = control_read(request, reply, members);

	if (!input)
		return;
	if (forget(app, request))
		control_unavailable(reply);
	else
		control_answer(reply, input);
}
