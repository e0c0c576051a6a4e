/* What a stranger posts to the sandbox's API: JSON, the limits of every action in both editions,
 * and what is repeated of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/echo.h"
#include "sandbox/validate.h"

enum { WHY_BYTES_MAX = 1000, ECHO_BYTES_MAX = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

/* What was fit stays so when it is repeated, and is then repeated to the byte. */
static void check_echo(const struct limits_member *members, const cJSON *input)
{
	auto_json *echo = echo_structure(members, input);
	auto_buf text = BUF_INIT(ECHO_BYTES_MAX), again = BUF_INIT(ECHO_BYTES_MAX);
	auto_buf ignored = BUF_INIT(WHY_BYTES_MAX);
	const char *why;

	json_as_sent(echo);
	json_print(&text, echo);
	check(!text.failed);
	{
		auto_json *read = json_parse_object(buf_text(&text), text.len, &why);

		check(read && validate_input(members, read, &ignored) == REFUSAL_NONE);
		json_as_sent(read);
		json_print(&again, read);
	}
	check(!strcmp(buf_text(&text), buf_text(&again)));
}

static void check_edition(const char *edition, const cJSON *input)
{
	const struct limits_action *action = limits_find(edition)->actions;

	for (; action->name; action++) {
		auto_buf why = BUF_INIT(WHY_BYTES_MAX);

		if (validate_input(action->request, input, &why) == REFUSAL_NONE) {
			check(!why.len);
			check_echo(action->request, input);
		} else {
			check(why.len && !why.failed && text_is_utf8(buf_text(&why), why.len));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of exactly this size, so that reading on past the closing NUL is seen. */
	char *body = malloc(size + 1);
	const char *why = NULL;
	cJSON *input;

	check(body != NULL);
	if (size)
		memcpy(body, data, size);
	body[size] = '\0';
	input = json_parse_object(body, size, &why);
	check(input || why);
	if (input) {
		check_edition("today", input);
		check_edition("2019", input);
	}
	cJSON_Delete(input);
	free(body);
	return 0;
}
