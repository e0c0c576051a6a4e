#include "aws/creds_ways.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

extern char **environ;

enum { FIRST_FREE_FD = 3, READ_BYTES = 4096, LOOK_EVERY_MS = 5 };

/* A program of its own group, so that what it starts ends with it; no signal is blocked or ignored
 * for it, and it has none of our descriptors. */
static int spawn(char *const *words, int out, pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int problem;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	problem = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!problem)
		problem = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (!problem)
		problem = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!problem)
		problem = posix_spawn_file_actions_addclosefrom_np(&files, FIRST_FREE_FD);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr,
		POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	if (!problem)
		problem = posix_spawnp(ret_pid, words[0], &files, &attr, words, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return problem;
}

/* Reads to the end, into room that is set aside. */
static enum status read_all(int fd, int64_t deadline_ms, struct buf *out, struct err *err)
{
	for (;;) {
		int64_t left_ms = deadline_ms - clock_monotonic_ms();
		struct pollfd poll_fd = { fd, POLLIN, 0 };
		char *end = out->data + out->len;
		ssize_t got;

		if (out->max - out->len < READ_BYTES)
			return err_set(err, ERR_RETRY, "it says over %zu bytes", out->max - READ_BYTES);
		if (left_ms <= 0)
			return err_set(err, ERR_RETRY, "it took too long");
		if (poll(&poll_fd, 1, (int)left_ms) <= 0)
			continue;
		got = read(fd, end, READ_BYTES);
		if (got < 0 && errno != EINTR)
			return err_set(err, ERR_LOCAL, "cannot read from it: %s", strerror(errno));
		if (!got) {
			*end = '\0';
			return OK;
		}
		if (got > 0)
			out->len += (size_t)got;
	}
}

/* Waits for the end of a program whose output is at its end. False: it goes on. */
static bool reap(pid_t pid, int64_t deadline_ms, int *ret_status)
{
	for (;;) {
		pid_t ended = waitpid(pid, ret_status, WNOHANG);

		if (ended == pid)
			return true;
		if (ended < 0 && errno != EINTR) {
			*ret_status = -1; /* somebody else took it, as where SIGCHLD is ignored */
			return true;
		}
		if (clock_monotonic_ms() >= deadline_ms)
			return false;
		clock_sleep_ms(LOOK_EVERY_MS);
	}
}

static enum status check_end(int status, struct err *err)
{
	if (status == -1)
		return err_set(err, ERR_LOCAL, "how it ended cannot be known");
	if (WIFSIGNALED(status))
		return err_set(err, ERR_RETRY, "it was ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status))
		return err_set(err, ERR_RETRY, "its exit status is %d", WEXITSTATUS(status));
	return OK;
}

enum status creds_process_run(char *const *words, int64_t deadline_ms, struct buf *ret_out,
	struct err *err)
{
	int fds[2], problem, status = 0;
	pid_t pid = 0;
	enum status rc;

	/* At once: memory that the buffer outgrows is not wiped. */
	if (!buf_reserve(ret_out, ret_out->max) || pipe2(fds, O_CLOEXEC))
		return err_set(err, ERR_LOCAL, "no memory or descriptor to run %s", words[0]);
	problem = spawn(words, fds[1], &pid);
	close(fds[1]);
	if (problem) {
		close(fds[0]);
		return err_set(err, ERR_INPUT, "cannot run %s: %s", words[0], strerror(problem));
	}
	rc = read_all(fds[0], deadline_ms, ret_out, err);
	close(fds[0]);
	if (rc || !reap(pid, deadline_ms, &status)) {
		kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		return rc ? rc : err_set(err, ERR_RETRY, "it took too long");
	}
	return check_end(status, err);
}
