/* The templates are compiled by tollgate-fcgi alone, so it is asked. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/doctor.h"

enum { PATH_BYTES_MAX = 4096, SAID_BYTES_MAX = 16000, PIECE = 1000 };

/* Beside this program, or where `make install` puts it. */
static bool find_program(struct buf *out)
{
	static const char *const places[] = { "", "../sbin/" };
	char self[PATH_BYTES_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	const char *folder;

	self[len > 0 ? len : 0] = '\0';
	folder = dirname(self);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		buf_reset(out);
		buf_printf(out, "%s/%stollgate-fcgi", folder, places[i]);
		if (!access(buf_text(out), X_OK))
			return true;
	}
	return false;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
	(void)info;
	(void)kind;
	(void)place;
	return remove(path);
}

/* It makes key and journal where they are missing, which a doctor must not: so it gets a state
 * folder for the moment, and nothing that other checks are about. */
static void become(const char *program, const char *state, const char *templates)
{
	clearenv();
	setenv("TOLLGATE_STATE_DIR", state, 1);
	if (templates)
		setenv("TOLLGATE_TEMPLATES", templates, 1);
	setenv("AWS_REGION", "us-east-1", 1);
	setenv("AWS_ACCESS_KEY_ID", "none", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "none", 1);
	setenv("AWS_CONFIG_FILE", "/dev/null", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
	execl(program, program, "-n", (char *)NULL);
	_exit(127);
}

static void read_all(int fd, struct buf *out)
{
	char *to;
	ssize_t got;

	while ((to = buf_reserve(out, PIECE)) &&
		((got = read(fd, to, PIECE)) > 0 || (got < 0 && errno == EINTR)))
		out->len += got > 0 ? (size_t)got : 0;
	if (out->data)
		out->data[out->len] = '\0';
}

/* Returns its wait status, or -1. */
static int run(const char *program, const char *state, const char *templates, struct buf *said)
{
	int ends[2], wait_status = -1;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		become(program, state, templates);
	}
	close(ends[1]);
	if (pid > 0) {
		read_all(ends[0], said);
		while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
	return wait_status;
}

/* The text of the last error="…" in its log, or all that it said. */
static const char *find_error(struct buf *said)
{
	static const char before[] = "error=\"";
	char *text = said->data ? said->data : NULL, *at = text ? strstr(text, before) : NULL, *end;

	if (!at)
		return text ? text : "";
	at += strlen(before);
	end = strrchr(at, '"');
	if (end)
		*end = '\0';
	return at;
}

static void judge(int wait_status, struct buf *said, struct report *report)
{
	if (wait_status == 0)
		report_found(report, FOUND_GOOD, "tollgate-fcgi -n compiles all of them");
	else if (wait_status < 0)
		report_found(report, FOUND_WRONG, "tollgate-fcgi -n cannot be run: %s", strerror(errno));
	else
		report_found(report, FOUND_WRONG, "tollgate-fcgi -n: %s", find_error(said));
}

void check_templates(struct doctor *doctor, struct report *report)
{
	const char *temporary = getenv("TMPDIR");
	auto_buf program = BUF_INIT(PATH_BYTES_MAX), state = BUF_INIT(PATH_BYTES_MAX);
	auto_buf said = BUF_INIT(SAID_BYTES_MAX);

	if (!find_program(&program)) {
		report_found(report, FOUND_NOTHING, "tollgate-fcgi, which compiles them, is neither beside "
			"this program nor in ../sbin");
		return;
	}
	buf_printf(&state, "%s/tollgate-doctor.XXXXXX", temporary && *temporary ? temporary : "/tmp");
	if (state.failed || !mkdtemp(state.data)) {
		report_found(report, FOUND_WRONG, "cannot make a temporary folder: %s", strerror(errno));
		return;
	}
	judge(run(buf_text(&program), buf_text(&state), doctor->conf.templates, &said), &said, report);
	nftw(buf_text(&state), remove_entry, 4, FTW_DEPTH | FTW_PHYS);
}
