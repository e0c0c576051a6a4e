/* base/ledger_state: what the machine knows of the ledger comes back as it was written, or not. */
#include "tests/unit/temp_dir.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ledger_state.h"

enum { FILE_SIZE_MAX = 2000 };

static struct ledger_state ledger(void)
{
	return (struct ledger_state){ .ledger = "1b38e130-3980-435f-94e3-5f2e40560eb3",
		.system_identifier = "7712006149710425354",
		.timeline = "1",
		.database = "16384",
		.database_name = "toll \"gate\" = é",
		.generation = "2",
		.last_call = "4711",
		.called_at = "2026-11-25 07:28:01.435775+00" };
}

static const char *path_of(const char *name)
{
	static char path[100];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static size_t read_file(char text[FILE_SIZE_MAX])
{
	FILE *file = fopen(path_of("ledger"), "r");
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, FILE_SIZE_MAX, file);
	fclose(file);
	return len;
}

static void write_file(const char *text, size_t len)
{
	FILE *file = fopen(path_of("ledger"), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
}

static enum status read_back(struct ledger_state *ret_state, struct err *err)
{
	memset(ret_state, 0, sizeof *ret_state);
	return ledger_state_read(dir, ret_state, err);
}

static void write_it(const struct ledger_state *state)
{
	struct err err;

	assert_int_equal(ledger_state_write(dir, state, &err), OK);
}

static void what_is_written_comes_back(void **state)
{
	struct ledger_state there = ledger(), back;
	struct stat info;
	struct err err;

	(void)state;
	write_it(&there);
	assert_int_equal(read_back(&back, &err), OK);
	assert_memory_equal(&back, &there, sizeof back);
	strcpy(there.last_call, "4712");
	write_it(&there);
	assert_int_equal(read_back(&back, &err), OK);
	assert_string_equal(back.last_call, "4712");
	assert_int_equal(stat(path_of("ledger"), &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_int_not_equal(access(path_of("ledger.new"), F_OK), 0);
}

static void a_ledger_without_calls_comes_back(void **state)
{
	struct ledger_state there = ledger(), back;
	struct err err;

	(void)state;
	memset(there.last_call, 0, sizeof there.last_call);
	there.last_call[0] = '0';
	memset(there.called_at, 0, sizeof there.called_at);
	write_it(&there);
	assert_int_equal(read_back(&back, &err), OK);
	assert_memory_equal(&back, &there, sizeof back);
}

static void a_missing_file_is_told_from_a_bad_one(void **state)
{
	struct ledger_state back;
	struct err err;

	(void)state;
	assert_int_equal(read_back(&back, &err), ERR_MISSING);
	assert_non_null(strstr(err.text, path_of("ledger")));
	write_file("", 0);
	assert_int_equal(read_back(&back, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, path_of("ledger")));
	unlink(path_of("ledger"));
	assert_int_equal(mkdir(path_of("ledger"), 0700), 0);
	assert_int_equal(read_back(&back, &err), ERR_LOCAL);
	rmdir(path_of("ledger"));
	assert_int_equal(symlink("/dev/null", path_of("ledger")), 0);
	assert_int_equal(read_back(&back, &err), ERR_LOCAL);
	unlink(path_of("ledger"));
	assert_int_equal(mkfifo(path_of("ledger"), 0600), 0);
	assert_int_equal(read_back(&back, &err), ERR_LOCAL);
}

static void every_cut_and_every_flipped_bit_shows(void **state)
{
	struct ledger_state there = ledger(), back;
	char text[FILE_SIZE_MAX];
	struct err err;
	size_t len;

	(void)state;
	write_it(&there);
	len = read_file(text);
	for (size_t cut = 0; cut < len; cut++) {
		write_file(text, cut);
		assert_int_equal(read_back(&back, &err), ERR_INPUT);
	}
	for (size_t i = 0; i < len * 8; i++) {
		text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
		write_file(text, len);
		assert_int_equal(read_back(&back, &err), ERR_INPUT);
		text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
	}
	text[len] = '\n';
	write_file(text, len + 1);
	assert_int_equal(read_back(&back, &err), ERR_INPUT);
}

static void a_write_that_fails_leaves_what_was_there(void **state)
{
	struct ledger_state there = ledger(), other = ledger(), back;
	struct err err;

	(void)state;
	write_it(&there);
	strcpy(other.last_call, "9999");
	assert_int_equal(mkdir(path_of("ledger.new"), 0700), 0);
	assert_int_equal(ledger_state_write(dir, &other, &err), ERR_LOCAL);
	assert_non_null(strstr(err.text, "Is a directory"));
	assert_non_null(strstr(err.text, path_of("ledger")));
	assert_int_equal(read_back(&back, &err), OK);
	assert_memory_equal(&back, &there, sizeof back);
	rmdir(path_of("ledger.new"));
	/* What a power cut left in the middle of a write is no obstacle. */
	fclose(fopen(path_of("ledger.new"), "w"));
	write_it(&other);
	assert_int_equal(read_back(&back, &err), OK);
	assert_string_equal(back.last_call, "9999");
	assert_int_equal(ledger_state_write("/tmp/tollgate-nowhere", &other, &err), ERR_LOCAL);
}

static void as_json_it_is_escaped(void **state)
{
	struct ledger_state there = ledger();
	struct buf json = BUF_INIT(4000);

	(void)state;
	memset(there.called_at, 0, sizeof there.called_at);
	ledger_state_json(&there, &json);
	assert_string_equal(buf_text(&json),
		"{\"ledger\":\"1b38e130-3980-435f-94e3-5f2e40560eb3\","
		"\"system_identifier\":\"7712006149710425354\",\"timeline\":\"1\",\"database\":\"16384\","
		"\"database_name\":\"toll \\\"gate\\\" = é\",\"generation\":\"2\",\"last_call\":\"4711\","
		"\"called_at\":null}");
	buf_done(&json);
}

#define UNIT_TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT_TEST(what_is_written_comes_back),
		UNIT_TEST(a_ledger_without_calls_comes_back),
		UNIT_TEST(a_missing_file_is_told_from_a_bad_one),
		UNIT_TEST(every_cut_and_every_flipped_bit_shows),
		UNIT_TEST(a_write_that_fails_leaves_what_was_there),
		UNIT_TEST(as_json_it_is_escaped),
	};

	return UNIT_RUN(tests);
}
