/* RegisterUsage: a container tells that it runs and gets to know, signed, that it may (API
 * reference: RegisterUsage). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/actions.h"
#include "sandbox/caller.h"
#include "sandbox/jwt.h"
#include "sandbox/signing_key.h"
#include "sandbox_queries.h"

/* The columns of sql/queries/sandbox/register_usage.sql. */
enum column { PROBLEM, PRIVATE_KEY, ROTATED_AT };

enum { PAYLOAD_BYTES_MAX = 4096, NUMBER_SIZE = 24 };

/* In 2019 there was one platform. */
static const char *platforms(const struct limits *limits)
{
	return strcmp(limits->edition, "2019") ? "{ecs,eks}" : "{ecs}";
}

static enum status register_caller(struct call *call, struct db_result *ret_row)
{
	auto_result key = { 0 };
	long version = (long)json_member(call->input, "PublicKeyVersion")->valuedouble;
	char hash[TOKEN_HASH_SIZE], number[NUMBER_SIZE];
	const char *const values[] = { caller_session(call, hash), call->region,
		json_text(call->input, "ProductCode"), number, platforms(call->limits) };
	enum status rc = signing_key_find(call->sandbox, call->request, version, &key);

	snprintf(number, sizeof number, "%ld", version);
	if (rc)
		return rc;
	return sandbox_query(call->sandbox, call->request, SANDBOX_REGISTER_USAGE, values,
		sizeof values / sizeof values[0], ret_row);
}

/* What is signed: the members of the reference's example in its order, and the time, which AWS's
 * guide for containers adds. */
static void put_payload(struct buf *out, const struct call *call, const char *rotated_at)
{
	static const char *const repeated[] = { "ProductCode", "PublicKeyVersion", "Nonce" };
	auto_json *payload = cJSON_CreateObject();

	for (size_t i = 0; i < sizeof repeated / sizeof repeated[0]; i++) {
		const cJSON *sent = json_member(call->input, repeated[i]);

		if (sent)
			json_put(payload, repeated[i], cJSON_Duplicate(sent, true));
	}
	json_put(payload, "PublicKeyRotationTimestamp",
		rotated_at ? cJSON_CreateNumber(strtod(rotated_at, NULL)) : cJSON_CreateNull());
	json_put(payload, "iat", cJSON_CreateNumber((double)(call->now_ms / 1000)));
	json_print(out, payload);
}

static void answer(struct call *call, const struct db_result *row)
{
	const char *rotated_at = db_result_text(row, 0, ROTATED_AT);
	auto_json *output = cJSON_CreateObject();
	auto_buf payload = BUF_INIT(PAYLOAD_BYTES_MAX), token = BUF_INIT(JWT_BYTES_MAX);

	put_payload(&payload, call, rotated_at);
	if (!jwt_sign(&token, db_result_text(row, 0, PRIVATE_KEY), &payload)) {
		call_refuse(call, REFUSAL_FAILED, "The sandbox cannot sign.");
		return;
	}
	if (rotated_at)
		json_put(
			output, "PublicKeyRotationTimestamp", cJSON_CreateNumber(strtod(rotated_at, NULL)));
	json_put(output, "Signature", cJSON_CreateString(buf_text(&token)));
	call_answer(call, output);
}

static void handle(struct call *call)
{
	auto_result row = { 0 };
	const char *problem;

	if (!call_begin(call, &(struct call_match){ 0 }))
		return;
	if (register_caller(call, &row)) {
		call_refuse(call, REFUSAL_OUR_DATABASE, "The sandbox cannot reach its database.");
		return;
	}
	problem = db_result_text(&row, 0, PROBLEM);
	if (problem)
		caller_refuse(call, problem);
	else
		answer(call, &row);
}

const struct action action_register_usage = { "RegisterUsage", handle };
