/* GET /control/keys/N: the public key that a program which calls RegisterUsage has built in.
 * POST /control/keys: the next version. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/control.h"
#include "sandbox/signing_key.h"

static const struct control_member members[] = {
	{ "RotatedAt", CONTROL_NUMBER, false },
	{ 0 },
};

void control_keys(void *app, struct request *request, struct reply *reply)
{
	auto_json *input = control_read(request, reply, members);
	auto_json *output = cJSON_CreateObject();
	auto_result version = { 0 };
	const cJSON *rotated_at;
	char epoch[CONTROL_EPOCH_SIZE];

	if (!input)
		return;
	rotated_at = json_member(input, "RotatedAt");
	if (rotated_at && !control_epoch(rotated_at, epoch)) {
		control_refuse(reply, 400, "RotatedAt must be epoch seconds between 2000 and 2100.");
		return;
	}
	if (signing_key_rotate(app, request, rotated_at ? epoch : NULL, &version)) {
		control_unavailable(reply);
		return;
	}
	json_put(output, "PublicKeyVersion",
		cJSON_CreateNumber(strtod(db_result_text(&version, 0, 0), NULL)));
	control_answer(reply, output);
}

void control_key(void *app, struct request *request, struct reply *reply)
{
	auto_result pem = { 0 };
	long version;

	if (!text_number(strrchr(request->path, '/') + 1, 1, INT_MAX, &version)) {
		control_refuse(reply, 404, "A version is a whole number from 1.");
		return;
	}
	if (signing_key_find(app, request, version, &pem)) {
		control_unavailable(reply);
	} else if (!db_result_rows(&pem)) {
		control_refuse(reply, 404, "There is no public key of version %ld.", version);
	} else {
		reply->bare = true;
		reply->status = 200;
		reply->content_type = "application/x-pem-file";
		buf_puts(&reply->body, db_result_text(&pem, 0, 0));
	}
}
