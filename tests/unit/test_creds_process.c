/* credential_process: real programs in a folder of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "aws/creds_ways.h"
#include "base/clock.h"
#include "tests/unit/creds_server.h"

enum { WORDS = 8 };

static struct buf out;

static int set_up(void **state)
{
	out = BUF_INIT(64 * 1024);
	return creds_set_up(state);
}

static int tear_down(void **state)
{
	buf_done(&out);
	unlink(env_path("program"));
	unlink(env_path("pid"));
	return creds_tear_down(state);
}

/* A script, and a profile that calls it with what follows its path. */
static void write_program(const char *script, const char *arguments)
{
	char config[2000];

	chmod(env_write("program", script), 0700);
	snprintf(config, sizeof config, "[default]\ncredential_process = %s%s\n", env_path("program"),
		arguments);
	env_write_profiles(NULL, config);
}

#define SAYS(json) "#!/bin/sh\ncat <<'END'\n" json "\nEND\n"

static enum status run(const char *script, int64_t ms)
{
	char command[512];
	char *words[] = { command, NULL };

	write_program(script, "");
	snprintf(command, sizeof command, "%s", env_path("program"));
	return creds_process_run(words, clock_monotonic_ms() + ms, &out, &err);
}

static void test_words_are_split_as_the_sdks_do(void **state)
{
	static const struct {
		const char *command, *words[WORDS];
	} splits[] = {
		{ "a", { "a" } },
		{ "  /bin/a \t b\n c ", { "/bin/a", "b", "c" } },
		{ "a 'b c' \"d e\"", { "a", "b c", "d e" } },
		{ "a b'c 'd\"e\"", { "a", "bc de" } },
		{ "a '' \"\"", { "a", "", "" } },
		{ "a b\\ c \\\" \\'", { "a", "b c", "\"", "'" } },
		{ "a 'b\\c' \"b\\c\" \"b\\\\c\" \"b\\\"c\" b\\c", { "a", "b\\c", "b\\c", "b\\c", "b\"c",
			"bc" } },
		{ "a '\"' \"'\"", { "a", "\"", "'" } },
		{ "a $HOME `x` *;~ | > #b", { "a", "$HOME", "`x`", "*;~", "|", ">", "#b" } },
	};
	char *words[WORDS + 1];
	struct buf text;

	(void)state;
	for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
		if (creds_process_split(splits[i].command, &text, words, WORDS + 1, &err))
			fail_msg("%s: %s", splits[i].command, err.text);
		for (size_t j = 0; j < WORDS && (words[j] || splits[i].words[j]); j++) {
			if (!words[j] || !splits[i].words[j])
				fail_msg("%s: the number of words", splits[i].command);
			assert_string_equal(words[j], splits[i].words[j]);
		}
		buf_done(&text);
	}
}

static void test_commands_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = { "", "  ", "''", "a 'b", "a \"b", "a b\\", "a \"b\\",
		"1 2 3 4 5 6 7 8 9" };
	char *words[WORDS + 1];
	struct buf text;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (creds_process_split(bad[i], &text, words, WORDS + 1, &err) != ERR_INPUT)
			fail_msg("taken for a command: %s", bad[i]);
		buf_done(&text);
	}
}

static void test_program_gives_credentials(void **state)
{
	(void)state;
	write_program(SAYS("{\"Version\": 1, \"AccessKeyId\": \"AKIDPROG\", \"SecretAccessKey\": \"s/e\","
		"\"SessionToken\": \"t==\", \"Expiration\": \"2100-01-01T00:00:00Z\", \"More\": [1]}"), "");
	must_get(&creds_profile);
	assert_string_equal(creds.access_key_id, "AKIDPROG");
	assert_string_equal(creds.secret_access_key, "s/e");
	assert_string_equal(creds.session_token, "t==");
	assert_true(creds.expires_s == 4102444800);
	assert_true(creds.background);
	assert_string_equal(creds.origin, "credential_process of profile \"default\"");
}

static void test_token_and_expiry_may_be_missing(void **state)
{
	(void)state;
	write_program(SAYS("{\"Version\":1,\"AccessKeyId\":\"AKIDPROG\",\"SecretAccessKey\":\"s\"}"), "");
	must_get(&creds_profile);
	assert_string_equal(creds.session_token, "");
	assert_int_equal(creds.expires_s, 0);
}

static void test_program_gets_its_words(void **state)
{
	(void)state;
	write_program("#!/bin/sh\n[ $# = 2 ] && [ \"$1\" = 'a b' ] && [ \"$2\" = '$HOME' ] || exit 9\n"
		"echo '{\"Version\":1,\"AccessKeyId\":\"AKIDPROG\",\"SecretAccessKey\":\"s\"}'\n",
		" 'a b' $HOME");
	must_get(&creds_profile);
}

static void test_key_in_the_credentials_file_goes_first_and_one_in_config_last(void **state)
{
	static const char key[] = "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = s\n";
	char config[1000];

	(void)state;
	env_write_profiles(key, "[default]\ncredential_process = /bin/false\n");
	must_get(&creds_profile);
	assert_string_equal(creds.access_key_id, "AKIDFILE");
	write_program(SAYS("{\"Version\":1,\"AccessKeyId\":\"AKIDPROG\",\"SecretAccessKey\":\"s\"}"), "");
	snprintf(config, sizeof config, "%scredential_process = %s\n", key, env_path("program"));
	env_write_profiles(NULL, config);
	must_get(&creds_profile);
	assert_string_equal(creds.access_key_id, "AKIDPROG");
}

static void test_answers_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *script, *why;
	} bad[] = {
		{ "#!/bin/sh\n", "not a JSON object" },
		{ SAYS("AccessKeyId: x"), "not a JSON object" },
		{ SAYS("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\"}"), "not of Version 1" },
		{ SAYS("{\"Version\":2,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\"}"),
			"not of Version 1" },
		{ SAYS("{\"Version\":\"1\",\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\"}"),
			"not of Version 1" },
		{ SAYS("{\"Version\":1,\"SecretAccessKey\":\"s\"}"), "no AccessKeyId" },
		{ SAYS("{\"Version\":1,\"AccessKeyId\":\"A\"}"), "no SecretAccessKey" },
		{ SAYS("{\"Version\":1,\"AccessKeyId\":7,\"SecretAccessKey\":\"s\"}"), "no AccessKeyId" },
		{ SAYS("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Expiration\":\"x\"}"),
			"Expiration in its answer is no time" },
		{ SAYS("{\"Version\":1,\"AccessKeyId\":\"A\\r\\nX: y\",\"SecretAccessKey\":\"s\"}"),
			"the access key id holds" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		write_program(bad[i].script, "");
		assert_int_equal(get(&creds_profile), ERR_REMOTE);
		check_text("credential_process of profile \"default\": ");
		check_text(bad[i].why);
	}
}

static void test_program_that_cannot_be_run_is_a_wrong_setting(void **state)
{
	(void)state;
	env_write_profiles(NULL, "[default]\ncredential_process = /nowhere/program\n");
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text("cannot run /nowhere/program: No such file");
	env_write_profiles(NULL, "[default]\ncredential_process = 'x\n");
	assert_int_equal(get(&creds_profile), ERR_INPUT);
}

/* Without a network, such a program fails. */
static void test_program_that_fails_may_succeed_later(void **state)
{
	(void)state;
	write_program("#!/bin/sh\necho the secret >&2\necho the secret\nexit 3\n", "");
	assert_int_equal(get(&creds_profile), ERR_RETRY);
	check_text("its exit status is 3");
	assert_null(strstr(err.text, "the secret"));
	assert_int_equal(run("#!/bin/sh\nkill -KILL $$\n", 2000), ERR_RETRY);
	check_text("it was ended by signal 9");
}

static void test_program_that_takes_too_long_is_ended_with_all_that_it_started(void **state)
{
	int64_t begun_ms = clock_monotonic_ms();
	long pid = 0;
	char path[600];
	FILE *file;

	(void)state;
	snprintf(path, sizeof path, "#!/bin/sh\nsleep 60 &\necho $! > %s\nwait\n", env_path("pid"));
	assert_int_equal(run(path, 90), ERR_RETRY);
	check_text("it took too long");
	assert_true(clock_monotonic_ms() - begun_ms < 2000);
	file = fopen(env_path("pid"), "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld", &pid), 1);
	fclose(file);
	/* Ended, or a zombie that nobody has taken yet. */
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	for (int i = 0; i < 100 && (file = fopen(path, "r")); i++) {
		char state_of = '?';

		assert_int_equal(fscanf(file, "%*d (%*[^)]) %c", &state_of), 1);
		fclose(file);
		if (state_of == 'Z' || state_of == 'X')
			return;
		clock_sleep_ms(5);
	}
	assert_null(file);
}

static void test_program_that_closes_its_output_and_goes_on_is_ended(void **state)
{
	(void)state;
	assert_int_equal(run("#!/bin/sh\nexec >&-\nexec sleep 60\n", 90), ERR_RETRY);
	check_text("it took too long");
}

static void test_output_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(run("#!/bin/sh\nexec yes\n", 5000), ERR_RETRY);
	check_text("it says over 61440 bytes");
}

static void test_program_has_none_of_our_descriptors(void **state)
{
	int leak = dup(2);

	(void)state;
	assert_true(leak > 2);
	/* What `ls` opens to read the folder is the last one. */
	assert_int_equal(run("#!/bin/sh\nexec ls /proc/self/fd\n", 5000), OK);
	assert_string_equal(buf_text(&out), "0\n1\n2\n3\n");
	close(leak);
}

static void test_program_gets_usual_signals_and_no_input(void **state)
{
	sigset_t all, before;

	(void)state;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* as in the signer's thread */
	assert_int_equal(run("#!/bin/sh\ngrep SigBlk /proc/self/status\ncat\n", 5000), OK);
	assert_string_equal(buf_text(&out), "SigBlk:\t0000000000000000\n");
	buf_reset(&out);
	/* Ignored in this program (server_start), but not in that one. */
	assert_int_equal(run("#!/bin/sh\nkill -PIPE $$\n", 5000), ERR_RETRY);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	check_text("it was ended by signal 13");
}

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void test_descriptors_do_not_run_out(void **state)
{
	int before = count_descriptors();

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(run("#!/bin/sh\nexit 1\n", 5000), ERR_RETRY);
		buf_reset(&out);
	}
	env_write_profiles(NULL, "[default]\ncredential_process = /nowhere/program\n");
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	assert_int_equal(count_descriptors(), before);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_words_are_split_as_the_sdks_do),
		TEST(test_commands_that_are_none_are_refused),
		TEST(test_program_gives_credentials),
		TEST(test_token_and_expiry_may_be_missing),
		TEST(test_program_gets_its_words),
		TEST(test_key_in_the_credentials_file_goes_first_and_one_in_config_last),
		TEST(test_answers_that_are_none_are_refused),
		TEST(test_program_that_cannot_be_run_is_a_wrong_setting),
		TEST(test_program_that_fails_may_succeed_later),
		TEST(test_program_that_takes_too_long_is_ended_with_all_that_it_started),
		TEST(test_program_that_closes_its_output_and_goes_on_is_ended),
		TEST(test_output_is_bounded),
		TEST(test_program_has_none_of_our_descriptors),
		TEST(test_program_gets_usual_signals_and_no_input),
		TEST(test_descriptors_do_not_run_out),
	};

	return CREDS_RUN("creds_process", tests);
}
