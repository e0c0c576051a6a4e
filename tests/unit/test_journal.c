/* fcgi/journal: what AWS resolved outlives a lost database, a crash, and a second handler. */
#include "tests/unit/temp_dir.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "fcgi/journal.h"

enum { LONG_BYTES = 512 * 1024 * 1024 };

static struct visit visit_number(int n)
{
	struct visit visit = {
		.visited_at = "1700000000.123", .offer_type = "free-trial", .aws_request_id = "aws-1"
	};

	snprintf(visit.request_id, sizeof visit.request_id, "%032d", n);
	strcpy(visit.who.product_code, "prod-x");
	strcpy(visit.who.customer_identifier, "odd \t%\n é id");
	strcpy(visit.who.license_arn, "arn:aws:license-manager::1:license:l-1");
	strcpy(visit.token_sha256, "aa");
	return visit;
}

static struct journal *open_journal(void)
{
	struct journal *journal;
	struct err err;

	assert_int_equal(journal_new(dir, &journal, &err), OK);
	return journal;
}

static void add(struct journal *journal, int n)
{
	struct visit visit = visit_number(n);
	struct err err;

	assert_int_equal(journal_add(journal, &visit, &err), OK);
}

/* A database of 100 rows; `answer` is what it says to one of them. */
struct table {
	int seen[100], n, odd_row;
	enum status answer;
};

static enum status store(void *arg, const struct visit *visit, struct err *err)
{
	struct table *table = arg;
	int n = atoi(visit->request_id);

	if (table->answer && n == table->odd_row)
		return err_set(err, table->answer, "as told");
	table->seen[n]++;
	table->n++;
	return OK;
}

static struct journal_counts replay(
	struct journal *journal, struct table *table, enum status expected)
{
	struct journal_counts counts = { 0 };
	struct err err;

	assert_int_equal(journal_replay(journal, store, table, &counts, &err), expected);
	return counts;
}

static int count_files(const char *ending)
{
	DIR *at = opendir(dir);
	int n = 0;

	for (struct dirent *entry; (entry = readdir(at));) {
		size_t len = strlen(entry->d_name);

		n += len >= strlen(ending) && !strcmp(entry->d_name + len - strlen(ending), ending);
	}
	closedir(at);
	return n;
}

/* The one journal file's path. */
static void journal_path(char path[200])
{
	DIR *at = opendir(dir);

	for (struct dirent *entry; (entry = readdir(at));)
		if (strstr(entry->d_name, ".journal"))
			snprintf(path, 200, "%s/%.60s", dir, entry->d_name);
	closedir(at);
}

static void line_goes_there_and_back(void **state)
{
	struct visit visit = visit_number(7), back;
	auto_buf line = BUF_INIT(10000);

	(void)state;
	journal_format(&visit, &line);
	assert_int_equal(line.data[line.len - 1], '\n');
	assert_ptr_equal(strchr(line.data, '\n'), line.data + line.len - 1);
	assert_true(journal_parse(line.data, line.len - 1, &back));
	assert_string_equal(back.who.customer_identifier, visit.who.customer_identifier);
	assert_string_equal(back.who.license_arn, visit.who.license_arn);
	assert_string_equal(back.visited_at, visit.visited_at);
	assert_string_equal(back.offer_type, "free-trial");
	assert_string_equal(back.aws_request_id, "aws-1");
}

static void line_is_printable(void **state)
{
	struct visit visit = visit_number(7);
	auto_buf line = BUF_INIT(10000);

	(void)state;
	strcpy(visit.who.customer_identifier, "!~% \t\x7f\xff");
	journal_format(&visit, &line);
	assert_non_null(strstr(buf_text(&line), "\t!~%25%20%09%7f%ff\t"));
}

/* Whether a line of these fields, with the right CRC, is one. */
static bool is_line(const char *fields, struct visit *ret_visit)
{
	auto_buf line = BUF_INIT(10000);

	buf_printf(&line, "tg1\t%08x\t%s", text_crc32(fields, strlen(fields)), fields);
	return journal_parse(line.data, line.len, ret_visit);
}

static void line_of_another_shape_is_none(void **state)
{
	static const char *const others[] = { "", "id", "id\t\tprod\t\t\t\t\t", "\t\tprod\t\t\t\t\t\t",
		"id\t\t\t\t\t\t\t\t", "id\t\tprod\t\t\t\t\t\t%", "id\t\tprod\t\t\t\t\t\t%4",
		"id\t\tprod\t\t\t\t\t\t%4x", "%x4\t\tprod\t\t\t\t\t\t",
		"0123456789abcdef0123456789abcdef0\t\tprod\t\t\t\t\t\t" };
	struct visit visit;

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_false(is_line(others[i], &visit));
	assert_true(is_line("0123456789abcdef0123456789abcdef\t\tprod\t\t\t\t\t\t%41", &visit));
	assert_string_equal(visit.request_id, "0123456789abcdef0123456789abcdef");
	assert_string_equal(visit.aws_request_id, "A");
	/* One field more is let be. */
	assert_true(is_line("id\t\tprod\t\t\t\t\t\t\tmore", &visit));
}

static void any_damage_to_a_line_is_seen(void **state)
{
	struct visit visit = visit_number(7), back;
	auto_buf line = BUF_INIT(10000);

	(void)state;
	journal_format(&visit, &line);
	for (size_t i = 0; i + 1 < line.len; i++) {
		line.data[i] ^= 1;
		assert_false(journal_parse(line.data, line.len - 1, &back));
		line.data[i] ^= 1;
		assert_false(journal_parse(line.data, i, &back));
	}
}

static void nothing_waits_in_a_new_journal(void **state)
{
	struct journal *journal = open_journal();

	(void)state;
	assert_false(journal_waits(journal));
	assert_int_equal(count_files(""), 2); /* . and .. */
	journal_free(journal);
}

static void lines_are_replayed_once_and_the_file_removed(void **state)
{
	struct journal *journal = open_journal();
	struct table table = { 0 };

	(void)state;
	add(journal, 1);
	add(journal, 2);
	assert_true(journal_waits(journal));
	assert_int_equal(replay(journal, &table, OK).stored, 2);
	assert_int_equal(table.seen[1], 1);
	assert_int_equal(table.seen[2], 1);
	assert_false(journal_waits(journal));
	assert_int_equal(replay(journal, &table, OK).stored, 0);
	add(journal, 3);
	assert_int_equal(replay(journal, &table, OK).stored, 1);
	journal_free(journal);
}

static void file_is_for_its_owner_only(void **state)
{
	struct journal *journal = open_journal();
	char path[200];
	struct stat st;

	(void)state;
	add(journal, 1);
	journal_path(path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	journal_free(journal);
}

static void database_that_goes_away_again_keeps_the_file(void **state)
{
	struct journal *journal = open_journal();
	struct table table = { .odd_row = 2, .answer = ERR_LOCAL };

	(void)state;
	add(journal, 1);
	add(journal, 2);
	add(journal, 3);
	replay(journal, &table, ERR_LOCAL);
	assert_int_equal(table.n, 1);
	assert_true(journal_waits(journal));
	add(journal, 4);
	table.answer = OK;
	replay(journal, &table, OK);
	assert_int_equal(table.seen[1], 2); /* storing is safe to repeat */
	assert_int_equal(table.seen[2], 1);
	assert_int_equal(table.seen[3], 1);
	assert_int_equal(table.seen[4], 1);
	assert_false(journal_waits(journal));
	journal_free(journal);
}

static void line_that_waits_does_not_hold_up_the_others(void **state)
{
	struct journal *journal = open_journal();
	struct table table = { .odd_row = 1, .answer = ERR_RETRY };

	(void)state;
	add(journal, 1);
	add(journal, 2);
	add(journal, 3);
	for (int i = 0; i < 3; i++) {
		replay(journal, &table, ERR_RETRY);
		assert_true(journal_waits(journal));
	}
	assert_int_equal(table.seen[1], 0);
	assert_int_equal(table.seen[2], 1); /* once: what is stored does not come again */
	assert_int_equal(table.seen[3], 1);
	table.answer = OK;
	replay(journal, &table, OK);
	assert_int_equal(table.seen[1], 1);
	assert_int_equal(table.n, 3);
	assert_false(journal_waits(journal));
	journal_free(journal);
}

static void missing_rights_keep_the_file_too(void **state)
{
	struct journal *journal = open_journal();
	struct table table = { .odd_row = 1, .answer = ERR_LOCAL };

	(void)state;
	add(journal, 1);
	replay(journal, &table, ERR_LOCAL);
	assert_true(journal_waits(journal));
	journal_free(journal);
}

static void row_that_can_never_be_stored_is_set_aside(void **state)
{
	struct journal *journal = open_journal();
	struct table table = { .odd_row = 2, .answer = ERR_MISSING };
	struct journal_counts counts;

	(void)state;
	add(journal, 1);
	add(journal, 2);
	add(journal, 3);
	counts = replay(journal, &table, OK);
	assert_int_equal(counts.stored, 2);
	assert_int_equal(counts.set_aside, 1);
	assert_int_equal(count_files("damaged"), 1);
	assert_false(journal_waits(journal));
	journal_free(journal);
}

static void line_cut_short_by_a_crash_is_set_aside(void **state)
{
	struct journal *journal = open_journal();
	struct table table = { 0 };
	struct journal_counts counts;
	char path[200];
	struct stat st;

	(void)state;
	add(journal, 1);
	add(journal, 2);
	journal_path(path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 5), 0);
	counts = replay(journal, &table, OK);
	assert_int_equal(counts.stored, 1);
	assert_int_equal(counts.set_aside, 1);
	assert_int_equal(table.seen[1], 1);
	journal_free(journal);
}

static void file_of_a_dead_process_is_taken_over(void **state)
{
	struct journal *journal = open_journal();
	struct table table = { 0 };
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct journal *theirs;
		struct visit visit = visit_number(9);
		struct err err;

		_exit(journal_new(dir, &theirs, &err) ||
			journal_add(theirs, &visit, &err)); /* no clean end */
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_true(journal_waits(journal));
	replay(journal, &table, OK);
	assert_int_equal(table.seen[9], 1);
	journal_free(journal);
}

static void file_of_a_living_process_is_left_alone(void **state)
{
	struct journal *ours = open_journal();
	struct table table = { 0 };
	int ready[2], done[2], status;
	char byte = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready) | pipe(done), 0);
	pid = fork();
	if (pid == 0) {
		struct journal *theirs;
		struct visit visit = visit_number(9);
		struct err err;

		close(done[1]);
		if (journal_new(dir, &theirs, &err) || journal_add(theirs, &visit, &err))
			_exit(1);
		_exit(write(ready[1], &byte, 1) != 1 || read(done[0], &byte, 1) != 0);
	}
	close(done[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	add(ours, 1);
	replay(ours, &table, OK);
	assert_int_equal(table.seen[1], 1);
	assert_int_equal(table.seen[9], 0);
	close(done[1]);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	replay(ours, &table, OK);
	assert_int_equal(table.seen[9], 1);
	journal_free(ours);
}

static void full_disk_leaves_no_half_line(void **state)
{
	struct journal *journal = open_journal();
	struct rlimit limit, small;
	struct table table = { 0 };
	struct visit visit = visit_number(2);
	struct err err;
	char path[200];
	struct stat st;

	(void)state;
	add(journal, 1);
	journal_path(path);
	assert_int_equal(stat(path, &st), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	small = limit;
	small.rlim_cur = (rlim_t)st.st_size + 10;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(journal_add(journal, &visit, &err), ERR_LOCAL);
	setrlimit(RLIMIT_FSIZE, &limit);
	add(journal, 3);
	assert_int_equal(replay(journal, &table, OK).set_aside, 0);
	assert_int_equal(table.seen[1], 1);
	assert_int_equal(table.seen[2], 0);
	assert_int_equal(table.seen[3], 1);
	journal_free(journal);
}

#ifndef __SANITIZE_ADDRESS__ /* it takes more room than there is, and ends where it gets none */
/* Of a line that is longer than the memory, as a short one is when there is next to none. */
static void file_is_kept_where_memory_is_short(void **state)
{
	struct journal *journal = open_journal();
	struct rlimit limit, small;
	struct table table = { 0 };
	char path[200];
	struct stat st;

	(void)state;
	add(journal, 1);
	journal_path(path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size + LONG_BYTES), 0);
	getrlimit(RLIMIT_AS, &limit);
	small = limit;
	small.rlim_cur = LONG_BYTES;
	setrlimit(RLIMIT_AS, &small);
	replay(journal, &table, ERR_LOCAL);
	setrlimit(RLIMIT_AS, &limit);
	assert_int_equal(table.seen[1], 1);
	assert_int_equal(count_files(".journal"), 1);
	journal_free(journal);
}
#endif

static void folder_that_cannot_be_made_is_named(void **state)
{
	struct journal *journal;
	struct err err;

	(void)state;
	assert_int_equal(journal_new("/proc/tollgate", &journal, &err), ERR_LOCAL);
	assert_non_null(strstr(err.text, "/proc/tollgate"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_goes_there_and_back),
		cmocka_unit_test(line_is_printable),
		cmocka_unit_test(line_of_another_shape_is_none),
		cmocka_unit_test(any_damage_to_a_line_is_seen),
		IN_FOLDER(nothing_waits_in_a_new_journal),
		IN_FOLDER(lines_are_replayed_once_and_the_file_removed),
		IN_FOLDER(file_is_for_its_owner_only),
		IN_FOLDER(database_that_goes_away_again_keeps_the_file),
		IN_FOLDER(line_that_waits_does_not_hold_up_the_others),
		IN_FOLDER(missing_rights_keep_the_file_too),
		IN_FOLDER(row_that_can_never_be_stored_is_set_aside),
		IN_FOLDER(line_cut_short_by_a_crash_is_set_aside),
		IN_FOLDER(file_of_a_dead_process_is_taken_over),
		IN_FOLDER(file_of_a_living_process_is_left_alone),
		IN_FOLDER(full_disk_leaves_no_half_line),
#ifndef __SANITIZE_ADDRESS__
		IN_FOLDER(file_is_kept_where_memory_is_short),
#endif
		cmocka_unit_test(folder_that_cannot_be_made_is_named),
	};

	return UNIT_RUN(tests);
}
