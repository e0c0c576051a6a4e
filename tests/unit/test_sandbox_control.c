/* sandbox/control: what a control call may hold, and that a refusal lists it. */
#include "tests/unit/unit.h"

#include "sandbox/control.h"

static const struct control_member members[] = {
	{ "Text", CONTROL_TEXT, true },
	{ "Number", CONTROL_NUMBER, false },
	{ "Now", CONTROL_NUMBER_OR_NULL, true },
	{ "Object", CONTROL_OBJECT, false },
	{ 0 },
};

static const char allowed[] =
	"Allowed: Text (text, needed), Number (number), Now (number or null, needed), Object (object).";

/* The answer's message; NULL if the body was taken. Owned by `reply`. */
static const char *refusal(const char *body, struct reply *reply)
{
	struct request request = { .path = "/control/x" };
	cJSON *input;
	bool taken;

	reply_reset(reply);
	request.body = BUF_INIT(10000);
	buf_puts(&request.body, body);
	input = control_read(&request, reply, members);
	taken = input != NULL;
	cJSON_Delete(input);
	buf_done(&request.body);
	if (!taken)
		assert_int_equal(reply->status, 400);
	return taken ? NULL : buf_text(&reply->body);
}

static void a_sound_call_is_read(void **state)
{
	struct reply reply = { 0 };

	(void)state;
	assert_null(refusal("{\"Text\":\"a\",\"Now\":5,\"Number\":1,\"Object\":{}}", &reply));
	assert_null(refusal("{\"Text\":\"a\",\"Now\":null,\"Number\":null,\"Object\":null}", &reply));
	reply_done(&reply);
}

static void what_is_wrong_is_said_with_what_is_allowed(void **state)
{
	static const struct {
		const char *body, *says;
	} wrong[] = {
		{ "{\"Text\":\"a\",\"Now\":1,\"Other\":1}", "\\\"Other\\\" is not known" },
		{ "{\"Text\":\"a\",\"Now\":1,\"text\":1}", "\\\"text\\\" is not known" },
		{ "{\"Text\":\"a\"}", "\\\"Now\\\" is missing" },
		{ "{\"Now\":1}", "\\\"Text\\\" is missing" },
		{ "{\"Text\":null,\"Now\":1}", "\\\"Text\\\" is missing" },
		{ "{\"Text\":5,\"Now\":1}", "\\\"Text\\\" has another kind" },
		{ "{\"Text\":\"a\",\"Now\":\"1\"}", "\\\"Now\\\" has another kind" },
		{ "{\"Text\":\"a\",\"Now\":1,\"Object\":[]}", "\\\"Object\\\" has another kind" },
		{ "{\"Text\":\"a\",\"Text\":\"b\",\"Now\":1}", "\\\"Text\\\" is there twice" },
	};
	struct reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const char *message = refusal(wrong[i].body, &reply);

		assert_non_null(message);
		assert_non_null(strstr(message, wrong[i].says));
		assert_non_null(strstr(message, allowed));
	}
	reply_done(&reply);
}

static void what_is_no_object_is_refused(void **state)
{
	struct reply reply = { 0 };

	(void)state;
	assert_non_null(strstr(refusal("[1]", &reply), "not an object"));
	assert_non_null(strstr(refusal("{", &reply), "not JSON"));
	assert_non_null(strstr(refusal("", &reply), "is missing"));
	reply_done(&reply);
}

static void times_are_of_this_century(void **state)
{
	static const double bad[] = { 0, -1, 946684799, 4102444801, 1767225600000, 1e300 };
	char text[CONTROL_EPOCH_SIZE];
	auto_json *number = cJSON_CreateNumber(1767225600.25);

	(void)state;
	assert_true(control_epoch(number, text));
	assert_string_equal(text, "1767225600.250");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		auto_json *wrong = cJSON_CreateNumber(bad[i]);

		assert_false(control_epoch(wrong, text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_call_is_read),
		cmocka_unit_test(what_is_wrong_is_said_with_what_is_allowed),
		cmocka_unit_test(what_is_no_object_is_refused),
		cmocka_unit_test(times_are_of_this_century),
	};

	return UNIT_RUN(tests);
}
