/* POST /control/reset: forgets all but the products. */
#include "sandbox/control.h"
#include "sandbox/sandbox.h"
#include "sandbox_queries.h"

static const struct control_member members[] = { { 0 } };

void control_reset(void *app, struct request *request, struct reply *reply)
{
	auto_json *input = control_read(request, reply, members);

	if (!input)
		return;
	if (sandbox_query(app, request, SANDBOX_RESET, NULL, 0, NULL))
		control_unavailable(reply);
	else
		control_answer(reply, input);
}
