/* POST /control/callers: who calls MeterUsage and RegisterUsage with a session token. */
#include <ctype.h>
#include <string.h>

#include "sandbox/control.h"
#include "sandbox/region.h"
#include "sandbox/sandbox.h"
#include "sandbox/token.h"
#include "sandbox_queries.h"

/* A request's line of headers holds no longer one: nginx takes 8 KiB. AWS's own are shorter. */
enum { SESSION_TOKEN_MAX = 4096 };

static const struct control_member members[] = {
	{ "SessionToken", CONTROL_TEXT, true },
	{ "CustomerAWSAccountId", CONTROL_TEXT, true },
	{ "Platform", CONTROL_TEXT, true },
	{ "Region", CONTROL_TEXT, true },
	{ 0 },
};

/* What arrives in a header as it was sent. */
static bool is_session_token(const char *token)
{
	size_t len = 0;

	while (isgraph((unsigned char)token[len]))
		len++;
	return len >= 1 && len <= SESSION_TOKEN_MAX && !token[len];
}

static bool is_platform(const char *platform)
{
	return !strcmp(platform, "ec2") || !strcmp(platform, "ecs") || !strcmp(platform, "eks") ||
		!strcmp(platform, "none");
}

static const char *check(const cJSON *input)
{
	const char *account = json_text(input, "CustomerAWSAccountId");

	if (!is_session_token(json_text(input, "SessionToken")))
		return "SessionToken must have 1 to 4096 printable ASCII characters without blanks";
	if (strlen(account) != 12 || account[strspn(account, "0123456789")])
		return "CustomerAWSAccountId must have 12 digits";
	if (!is_platform(json_text(input, "Platform")))
		return "Platform must be \"ec2\", \"ecs\", \"eks\" or \"none\"";
	if (region_find(json_text(input, "Region")) == REGION_UNKNOWN)
		return "Region must be one of AWS's, as us-east-1";
	return NULL;
}

static void set(
	struct sandbox *sandbox, const struct request *request, struct reply *reply, const cJSON *input)
{
	char hash[TOKEN_HASH_SIZE];
	const char *const values[] = { hash, json_text(input, "CustomerAWSAccountId"),
		json_text(input, "Platform"), json_text(input, "Region") };
	auto_json *output = cJSON_CreateObject();

	token_hash(json_text(input, "SessionToken"), hash);
	if (sandbox_query(
			sandbox, request, SANDBOX_SET_CALLER, values, sizeof values / sizeof values[0], NULL))
		control_unavailable(reply);
	else
		control_answer(reply, output);
}

void control_callers(void *app, struct request *request, struct reply *reply)
{
	auto_json *input = control_read(request, reply, members);
	const char *problem;

	if (!input)
		return;
	problem = check(input);
	if (problem)
		control_refuse(reply, 400, "%s.", problem);
	else
		set(app, request, reply, input);
}
