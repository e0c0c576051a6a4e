/* GET /app/handoff: stands in for the seller's app, which a buyer who has an account there already
 * comes to with a code. It redeems nothing and never shows the code: this page only proves that the
 * browser arrived. */
#include <string.h>

#include "sandbox/sandbox.h"
#include "sandbox/shop.h"

static bool has_code(const char *query)
{
	for (const char *at = query; at; at = strchr(at, '&')) {
		at += *at == '&';
		if (!strncmp(at, "code=", 5))
			return at[5] && at[5] != '&';
	}
	return false;
}

void shop_handoff(void *app, struct request *request, struct reply *reply)
{
	const struct view_value values[N_HANDOFF] = {
		[HANDOFF_HAS_CODE] = { .flag = has_code(request->query) },
	};

	shop_send(app, request, reply, SHOP_HANDOFF, values);
}
