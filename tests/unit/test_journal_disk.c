/* fcgi/journal: what is on the disk by when, and what happens where the disk or the folder fails. */
#include "tests/unit/temp_dir.h"

#include <dirent.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fcgi/journal.h"

static struct {
	int n_lines, n_names, n_set_aside; /* how often each was flushed */
	off_t bytes;                       /* of the lines' file, when it last was */
	int files;                         /* journal files that were there, when anything last was */
	bool fails, lines_fail;
} disk;

static int count_files(void)
{
	DIR *at = opendir(dir);
	int n = 0;

	for (struct dirent *entry; (entry = readdir(at));) {
		const char *dot = strchr(entry->d_name, '.');

		n += dot && dot != entry->d_name && !strcmp(dot, ".journal");
	}
	closedir(at);
	return n;
}

static int flush(int fd, int *n)
{
	struct stat st;

	disk.files = count_files();
	++*n;
	if (!fstat(fd, &st) && n == &disk.n_lines)
		disk.bytes = st.st_size;
	if (!disk.fails && !(disk.lines_fail && n == &disk.n_lines))
		return 0;
	errno = EIO;
	return -1;
}

/* In the place of libc's. */
int fdatasync(int fd)
{
	return flush(fd, &disk.n_lines);
}

int fsync(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return flush(fd, S_ISDIR(st.st_mode) ? &disk.n_names : &disk.n_set_aside);
}

static struct journal *journal;
static struct err err;

static int set_up(void **state)
{
	memset(&disk, 0, sizeof disk);
	return make_dir(state) || journal_new(dir, &journal, &err);
}

static int tear_down(void **state)
{
	journal_free(journal);
	return remove_dir(state);
}

static enum status add(int n)
{
	struct visit visit = { .who.product_code = "prod-x" };

	snprintf(visit.request_id, sizeof visit.request_id, "%032d", n);
	return journal_add(journal, &visit, &err);
}

/* What the database says to the first visit; it takes all others. */
static enum status first_is;
static int n_stored;

static enum status store(void *arg, const struct visit *visit, struct err *e)
{
	(void)arg;
	if (first_is && atoi(visit->request_id) == 1)
		return err_set(e, first_is, "as told");
	n_stored++;
	return OK;
}

static struct journal_counts replay(enum status answer, enum status expected)
{
	struct journal_counts counts = { 0 };

	first_is = answer;
	n_stored = 0;
	assert_int_equal(journal_replay(journal, store, NULL, &counts, &err), expected);
	return counts;
}

/* The path of a name in the folder. */
static const char *path_of(const char *name)
{
	static char path[200];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static void line_is_on_the_disk_before_the_answer(void **state)
{
	off_t first;

	(void)state;
	assert_int_equal(add(1), OK);
	assert_int_equal(disk.n_lines, 1);
	first = disk.bytes;
	assert_true(first > 0);
	assert_int_equal(add(2), OK);
	assert_int_equal(disk.n_lines, 2);
	assert_int_equal(disk.bytes, 2 * first);
}

static void file_has_its_name_on_the_disk_before_its_first_line(void **state)
{
	(void)state;
	memset(&disk, 0, sizeof disk);
	disk.fails = true;
	assert_int_equal(add(1), ERR_LOCAL);
	assert_non_null(strstr(err.text, "cannot set up a journal file in"));
	assert_int_equal(disk.n_names, 1);
	assert_int_equal(disk.files, 1);
	assert_int_equal(disk.n_lines, 0);
	assert_int_equal(count_files(), 0);
	disk.fails = false;
	assert_int_equal(add(2), OK);
}

static void line_that_is_not_on_the_disk_is_not_in_the_file(void **state)
{
	(void)state;
	assert_int_equal(add(1), OK);
	assert_int_equal(add(2), OK);
	disk.fails = true;
	assert_int_equal(add(3), ERR_LOCAL);
	assert_non_null(strstr(err.text, "cannot write to the journal in"));
	disk.fails = false;
	assert_int_equal(add(4), OK);
	assert_int_equal(replay(OK, OK).stored, 3);
	assert_int_equal(n_stored, 3);
	/* The first of the next file. */
	disk.lines_fail = true;
	assert_int_equal(add(5), ERR_LOCAL);
	disk.lines_fail = false;
	assert_int_equal(add(6), OK);
	assert_int_equal(replay(OK, OK).stored, 1);
	assert_int_equal(access(path_of("damaged"), F_OK), -1);
}

static void file_is_gone_from_the_disk_when_the_replay_has_ended(void **state)
{
	(void)state;
	assert_int_equal(add(1), OK);
	disk.n_names = 0;
	replay(OK, OK);
	assert_int_equal(disk.n_names, 1);
	assert_int_equal(disk.files, 0);
	assert_int_equal(add(2), OK);
	disk.fails = true;
	replay(OK, ERR_LOCAL);
	assert_non_null(strstr(err.text, "cannot remove the journal file"));
}

static void line_that_is_set_aside_is_on_the_disk_before_its_file_goes(void **state)
{
	(void)state;
	assert_int_equal(add(1), OK);
	disk.n_names = 0;
	disk.fails = true;
	assert_int_equal(replay(ERR_MISSING, ERR_LOCAL).set_aside, 0);
	assert_int_equal(disk.n_set_aside, 1);
	assert_int_equal(disk.n_names, 0);
	assert_int_equal(count_files(), 1);
	disk.fails = false;
	assert_int_equal(replay(ERR_MISSING, OK).set_aside, 1);
	assert_int_equal(count_files(), 0);
}

static void line_that_waits_on_is_on_the_disk_before_its_file_goes(void **state)
{
	(void)state;
	assert_int_equal(add(1), OK);
	assert_int_equal(add(2), OK);
	disk.fails = true;
	replay(ERR_RETRY, ERR_LOCAL);
	assert_int_equal(n_stored, 1);
	assert_int_equal(count_files(), 1);
	disk.fails = false;
	disk.n_lines = 0;
	replay(ERR_RETRY, ERR_RETRY);
	assert_int_equal(disk.n_lines, 1);
	assert_string_equal(err.text, "as told");
	assert_int_equal(count_files(), 1);
	assert_int_equal(replay(OK, OK).stored, 1);
}

/* One cannot be opened, the other is full. */
static void line_that_cannot_be_set_aside_stays(void **state)
{
	(void)state;
	assert_int_equal(add(1), OK);
	assert_int_equal(mkdir(path_of("damaged"), 0700), 0);
	replay(ERR_MISSING, ERR_LOCAL);
	assert_non_null(strstr(err.text, "cannot set aside a damaged journal line in"));
	assert_int_equal(count_files(), 1);
	assert_int_equal(rmdir(path_of("damaged")), 0);
	assert_int_equal(symlink("/dev/full", path_of("damaged")), 0);
	replay(ERR_MISSING, ERR_LOCAL);
	assert_int_equal(count_files(), 1);
	assert_int_equal(replay(OK, OK).stored, 1);
}

/* A half line that was set aside does not run into the next. */
static void lines_that_are_set_aside_are_lines(void **state)
{
	char text[1000] = "";
	FILE *file;
	struct stat st;

	(void)state;
	for (int i = 0; i < 2; i++) {
		file = fopen(path_of("0.journal"), "w");
		fputs("a line\nhalf a line", file);
		fclose(file);
		assert_int_equal(replay(OK, OK).set_aside, 2);
	}
	file = fopen(path_of("damaged"), "r");
	assert_int_equal(fread(text, 1, sizeof text - 1, file), 38);
	fclose(file);
	assert_string_equal(text, "a line\nhalf a line\na line\nhalf a line\n");
	assert_int_equal(stat(path_of("damaged"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void folder_is_made_for_its_owner_only(void **state)
{
	struct journal *other;
	struct stat st;

	(void)state;
	assert_int_equal(journal_new(path_of("new"), &other, &err), OK);
	assert_int_equal(stat(path_of("new"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	journal_free(other);
}

static void nothing_is_lost_where_descriptors_are_short(void **state)
{
	struct rlimit limit, none;
	bool waits;
	enum status added;

	(void)state;
	assert_int_equal(add(1), OK);
	replay(ERR_LOCAL, ERR_LOCAL); /* closes the file */
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	waits = journal_waits(journal);
	replay(OK, ERR_LOCAL);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_true(waits); /* the replay finds out why, and says so */
	assert_non_null(strstr(err.text, "cannot read the journal folder"));
	setrlimit(RLIMIT_NOFILE, &none);
	added = add(2);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(added, ERR_LOCAL);
	assert_non_null(strstr(err.text, "cannot make a journal file in"));
	assert_int_equal(replay(OK, OK).stored, 1);
}

static void what_is_no_journal_file_is_left_alone(void **state)
{
	FILE *file = fopen(path_of("0123456789abcdef.journal.new"), "w");

	(void)state;
	fputs("half a line\n", file);
	fclose(file);
	assert_false(journal_waits(journal));
	assert_int_equal(mkdir(path_of("folder.journal"), 0700), 0);
	assert_int_equal(symlink("0123456789abcdef.journal.new", path_of("link.journal")), 0);
	assert_int_equal(replay(OK, OK).set_aside, 0);
	assert_int_equal(access(path_of("0123456789abcdef.journal.new"), F_OK), 0);
	assert_int_equal(rmdir(path_of("folder.journal")), 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IN_FOLDER(line_is_on_the_disk_before_the_answer),
		IN_FOLDER(file_has_its_name_on_the_disk_before_its_first_line),
		IN_FOLDER(line_that_is_not_on_the_disk_is_not_in_the_file),
		IN_FOLDER(file_is_gone_from_the_disk_when_the_replay_has_ended),
		IN_FOLDER(line_that_is_set_aside_is_on_the_disk_before_its_file_goes),
		IN_FOLDER(line_that_waits_on_is_on_the_disk_before_its_file_goes),
		IN_FOLDER(line_that_cannot_be_set_aside_stays),
		IN_FOLDER(lines_that_are_set_aside_are_lines),
		IN_FOLDER(folder_is_made_for_its_owner_only),
		IN_FOLDER(nothing_is_lost_where_descriptors_are_short),
		IN_FOLDER(what_is_no_journal_file_is_left_alone),
	};

	return UNIT_RUN(tests);
}
