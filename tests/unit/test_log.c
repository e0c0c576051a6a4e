/* base/log: one line an event, and what a stranger sent does no harm in it. */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "base/log.h"

/* Runs with standard error in a pipe; the test reads what came. */
static char line[8192];
static int saved, ends[2];

static void begin(void)
{
	fflush(stderr);
	saved = dup(STDERR_FILENO);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
}

static void end(void)
{
	ssize_t len;

	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	len = read(ends[0], line, sizeof line - 1);
	line[len > 0 ? len : 0] = '\0';
	close(ends[0]);
}

static void line_has_time_level_program_event_and_fields(void **state)
{
	(void)state;
	log_program("tollgate-test");
	begin();
	log_event(LOG_WARN, "request", LOG_TEXT("path", "/a"), LOG_NUM("status", 200),
		LOG_TEXT("none", NULL));
	end();
	assert_string_equal(
		line + 24, " level=warn program=tollgate-test event=request path=/a status=200\n");
	assert_int_equal(line[4], '-');
	assert_int_equal(line[23], 'Z');
}

static void control_characters_and_quotes_are_escaped(void **state)
{
	(void)state;
	begin();
	log_event(LOG_INFO, "x", LOG_TEXT("a", "one\ntwo \x1b[31m \"q\" \\"), LOG_TEXT("b", ""),
		LOG_TEXT("c", "k=v"));
	end();
	assert_non_null(strstr(line, " a=\"one\\x0atwo \\x1b[31m \\\"q\\\" \\\\\" b=\"\" c=\"k=v\"\n"));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void long_line_is_cut_and_still_a_line(void **state)
{
	char huge[6000];

	(void)state;
	memset(huge, 'a', sizeof huge - 1);
	huge[sizeof huge - 1] = '\0';
	begin();
	log_event(LOG_INFO, "x", LOG_TEXT("before", "kept"), LOG_TEXT("huge", huge));
	end();
	assert_non_null(strstr(line, "before=kept"));
	assert_int_equal(line[strlen(line) - 1], '\n');
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_has_time_level_program_event_and_fields),
		cmocka_unit_test(control_characters_and_quotes_are_escaped),
		cmocka_unit_test(long_line_is_cut_and_still_a_line),
	};

	return UNIT_RUN(tests);
}
