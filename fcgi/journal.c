#include "fcgi/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/streams.h"
#include "base/text.h"

enum { LINE_BYTES_MAX = 16 * 1024 };

static const char suffix[] = ".journal";
static const char set_aside_name[] = "damaged";

struct journal {
	char *dir;
	int dir_fd;
	pthread_mutex_t lock;
	int fd; /* of this process's file, locked; -1: none yet */
	char name[40];
	off_t len;
};

/* A file of our own appears under its name with the lock on it already, so that nobody takes it for
 * a dead process's. */
static enum status open_file(struct journal *journal, struct err *err)
{
	unsigned char random[8];
	char hex[2 * sizeof random + 1], temporary[48];
	int fd;

	text_random(random, sizeof random);
	text_hex(random, sizeof random, hex);
	snprintf(journal->name, sizeof journal->name, "%s%s", hex, suffix);
	snprintf(temporary, sizeof temporary, "%s.new", hex);
	fd = openat(
		journal->dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(
			err, ERR_LOCAL, "cannot make a journal file in %s: %s", journal->dir, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) ||
		renameat(journal->dir_fd, temporary, journal->dir_fd, journal->name) ||
		fsync(journal->dir_fd)) {
		int why = errno;

		unlinkat(journal->dir_fd, temporary, 0);
		unlinkat(journal->dir_fd, journal->name, 0);
		close(fd);
		return err_set(
			err, ERR_LOCAL, "cannot set up a journal file in %s: %s", journal->dir, strerror(why));
	}
	journal->fd = fd;
	journal->len = 0;
	return OK;
}

/* Closes this process's file; from then on it is one that waits for a replay, whoever makes it. */
static void close_file(struct journal *journal)
{
	if (journal->fd < 0)
		return;
	if (!journal->len)
		unlinkat(journal->dir_fd, journal->name, 0);
	close(journal->fd);
	journal->fd = -1;
}

enum status journal_new(const char *dir, struct journal **ret_journal, struct err *err)
{
	struct journal *journal = calloc(1, sizeof *journal);
	enum status rc;

	if (!journal || !(journal->dir = strdup(dir))) {
		free(journal);
		return err_set(err, ERR_LOCAL, "no memory for the journal");
	}
	journal->fd = -1;
	pthread_mutex_init(&journal->lock, NULL);
	mkdir(dir, 0700); /* whether it is there now, the next line tells */
	journal->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (journal->dir_fd < 0)
		rc = err_set(err, ERR_LOCAL, "cannot open the journal folder %s: %s", dir, strerror(errno));
	else
		rc = open_file(journal, err);
	if (rc) {
		journal_free(journal);
		return rc;
	}
	close_file(journal);
	*ret_journal = journal;
	return OK;
}

void journal_free(struct journal *journal)
{
	if (!journal)
		return;
	close_file(journal);
	if (journal->dir_fd >= 0)
		close(journal->dir_fd);
	pthread_mutex_destroy(&journal->lock);
	free(journal->dir);
	free(journal);
}

static enum status append(struct journal *journal, const char *line, size_t len, struct err *err)
{
	enum status rc = journal->fd < 0 ? open_file(journal, err) : OK;

	if (rc)
		return rc;
	if (!streams_write(journal->fd, line, len) || fdatasync(journal->fd)) {
		int why = errno;

		/* A half line would be set aside by the replay; better there is none. */
		if (ftruncate(journal->fd, journal->len))
			close_file(journal);
		return err_set(
			err, ERR_LOCAL, "cannot write to the journal in %s: %s", journal->dir, strerror(why));
	}
	journal->len += (off_t)len;
	return OK;
}

enum status journal_add(struct journal *journal, const struct visit *visit, struct err *err)
{
	auto_buf line = BUF_INIT(LINE_BYTES_MAX);
	enum status rc;

	journal_format(visit, &line);
	if (line.failed)
		return err_set(err, ERR_LOCAL, "a visit is too long for the journal");
	pthread_mutex_lock(&journal->lock);
	rc = append(journal, buf_text(&line), line.len, err);
	pthread_mutex_unlock(&journal->lock);
	return rc;
}

static bool is_journal(const char *name)
{
	size_t len = strlen(name);

	return len > sizeof suffix - 1 && !strcmp(name + len - (sizeof suffix - 1), suffix);
}

static DIR *open_dir(const struct journal *journal)
{
	int fd = openat(journal->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

bool journal_waits(struct journal *journal)
{
	DIR *dir = open_dir(journal);
	bool waits = false;

	if (!dir)
		return true; /* the replay finds out why, and says so */
	for (struct dirent *entry; !waits && (entry = readdir(dir));)
		waits = is_journal(entry->d_name);
	closedir(dir);
	return waits;
}

static enum status set_aside(
	const struct journal *journal, const char *line, size_t len, struct err *err)
{
	int fd =
		openat(journal->dir_fd, set_aside_name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	bool kept = fd >= 0 && streams_write(fd, line, len) &&
		(line[len - 1] == '\n' || streams_write(fd, "\n", 1)) && !fsync(fd);

	if (fd >= 0)
		close(fd);
	if (!kept)
		return err_set(err, ERR_LOCAL, "cannot set aside a damaged journal line in %s/%s: %s",
			journal->dir, set_aside_name, strerror(errno));
	return OK;
}

struct replay {
	struct journal *journal;
	journal_store_fn *store;
	void *arg;
	struct journal_counts counts;
	struct buf later; /* lines of this file that go on waiting */
	bool waits;       /* there were some, in any */
	struct err why;
};

/* One line must not hold up those behind it. */
static enum status postpone(struct replay *replay, const char *line, size_t len, struct err *err)
{
	if (!replay->waits)
		replay->why = *err;
	replay->waits = true;
	buf_add(&replay->later, line, len);
	return replay->later.failed ? err_set(err, ERR_LOCAL, "no memory to read the journal") : OK;
}

/* They become lines of this process's own file, before theirs goes. */
static enum status keep_postponed(struct replay *replay, struct err *err)
{
	struct journal *journal = replay->journal;
	enum status rc;

	if (!replay->later.len)
		return OK;
	pthread_mutex_lock(&journal->lock);
	rc = append(journal, replay->later.data, replay->later.len, err);
	pthread_mutex_unlock(&journal->lock);
	return rc;
}

static enum status replay_line(
	struct replay *replay, const char *line, size_t len, struct err *err)
{
	struct visit visit;
	enum status rc = ERR_INPUT;

	if (line[len - 1] == '\n' && journal_parse(line, len - 1, &visit))
		rc = replay->store(replay->arg, &visit, err);
	if (!rc) {
		replay->counts.stored++;
		return OK;
	}
	if (rc == ERR_RETRY)
		return postpone(replay, line, len, err);
	if (rc == ERR_LOCAL)
		return rc;
	rc = set_aside(replay->journal, line, len, err);
	replay->counts.set_aside += !rc;
	return rc;
}

static enum status replay_file(struct replay *replay, int fd, const char *name, struct err *err)
{
	FILE *file = fdopen(fd, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	enum status rc = OK;

	if (!file) {
		close(fd);
		return err_set(err, ERR_LOCAL, "no memory to read the journal file %s", name);
	}
	buf_reset(&replay->later);
	while (!rc && (len = getline(&line, &size, file)) > 0)
		rc = replay_line(replay, line, (size_t)len, err);
	/* Not ferror(): for want of memory getline() ends without one, and the rest was not read. */
	if (!rc && !feof(file))
		rc = err_set(err, ERR_LOCAL, "cannot read the journal file %s/%s: %s", replay->journal->dir,
			name, strerror(errno));
	if (!rc)
		rc = keep_postponed(replay, err);
	/* Unlinked with the lock still on it: nobody else can begin with it in between. */
	if (!rc && (unlinkat(replay->journal->dir_fd, name, 0) || fsync(replay->journal->dir_fd)))
		rc = err_set(err, ERR_LOCAL, "cannot remove the journal file %s/%s: %s",
			replay->journal->dir, name, strerror(errno));
	free(line);
	fclose(file);
	return rc;
}

/* Takes the file if no living process holds it. */
static int lock_file(const struct journal *journal, const char *name)
{
	int fd = openat(journal->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) || fstat(fd, &st) || !st.st_nlink || !S_ISREG(st.st_mode)) {
		close(fd);
		return -1;
	}
	return fd;
}

enum status journal_replay(struct journal *journal, journal_store_fn *store, void *arg,
	struct journal_counts *ret_counts, struct err *err)
{
	struct replay replay = { .journal = journal, .store = store, .arg = arg,
		.later = BUF_INIT(SIZE_MAX / 2) };
	enum status rc = OK;
	DIR *dir;

	pthread_mutex_lock(&journal->lock);
	close_file(journal);
	pthread_mutex_unlock(&journal->lock);
	dir = open_dir(journal);
	if (!dir)
		return err_set(
			err, ERR_LOCAL, "cannot read the journal folder %s: %s", journal->dir, strerror(errno));
	for (struct dirent *entry; !rc && (entry = readdir(dir));) {
		int fd = is_journal(entry->d_name) ? lock_file(journal, entry->d_name) : -1;

		if (fd >= 0)
			rc = replay_file(&replay, fd, entry->d_name, err);
	}
	closedir(dir);
	buf_done(&replay.later);
	*ret_counts = replay.counts;
	if (!rc && replay.waits) {
		*err = replay.why;
		return ERR_RETRY;
	}
	return rc;
}
