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

static void lines_below_the_least_level_are_left_out(void **state)
{
	(void)state;
	begin();
	log_least(LOG_WARN);
	log_event(LOG_INFO, "progress", LOG_NUM("n", 1));
	log_event(LOG_WARN, "trouble", LOG_NUM("n", 2));
	log_event(LOG_ERROR, "end", LOG_NUM("n", 3));
	log_least(LOG_INFO);
	end();
	assert_null(strstr(line, "progress"));
	assert_non_null(strstr(line, "level=warn program=tollgate-test event=trouble n=2\n"));
	assert_non_null(strstr(line, "event=end n=3\n"));
}

static void put(void *text)
{
	assert_true(write(STDERR_FILENO, text, 1) == 1);
}

static void put_end(void *text)
{
	assert_true(write(STDERR_FILENO, (const char *)text + 1, 1) == 1);
}

static void a_frame_is_around_each_line_that_is_written(void **state)
{
	char text[] = "<>";

	(void)state;
	begin();
	log_frame((struct log_frame){ put, put_end, text });
	log_event(LOG_INFO, "one", LOG_NUM("n", 1));
	log_least(LOG_ERROR);
	log_event(LOG_WARN, "left_out", LOG_NUM("n", 2));
	log_least(LOG_INFO);
	log_frame((struct log_frame){ 0 });
	log_event(LOG_INFO, "bare", LOG_NUM("n", 3));
	end();
	assert_int_equal(line[0], '<');
	assert_non_null(strstr(line, "event=one n=1\n>2"));
	assert_non_null(strstr(line, "event=bare n=3\n"));
	assert_null(strstr(line + 1, "<"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_has_time_level_program_event_and_fields),
		cmocka_unit_test(control_characters_and_quotes_are_escaped),
		cmocka_unit_test(long_line_is_cut_and_still_a_line),
		cmocka_unit_test(lines_below_the_least_level_are_left_out),
		cmocka_unit_test(a_frame_is_around_each_line_that_is_written),
	};

	return UNIT_RUN(tests);
}
