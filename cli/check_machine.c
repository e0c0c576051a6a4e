/* What is on this machine: settings, state folder, session key. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/doctor.h"

enum { PATH_BYTES_MAX = 4096, KEY_BYTES = 32, KEYS_MAX = 2, KEY_FILE_MAX = 1024 };

void check_settings(struct doctor *doctor, struct report *report)
{
	if (doctor->conf_status)
		report_found(report, FOUND_WRONG, "%s", doctor->conf_err.text);
	else
		report_found(report, FOUND_GOOD, "all are known and in bounds; edition %s",
			doctor->conf.api_edition);
}

static const char *user_name(uid_t uid, char ret_number[16])
{
	struct passwd *user = getpwuid(uid);

	snprintf(ret_number, 16, "user %u", (unsigned)uid);
	return user ? user->pw_name : ret_number;
}

void check_state_dir(struct doctor *doctor, struct report *report)
{
	auto_buf dir = BUF_INIT(PATH_BYTES_MAX);
	char number[16];
	struct stat info;

	conf_state_dir(&doctor->conf, &dir);
	if (stat(buf_text(&dir), &info)) {
		report_found(report, errno == ENOENT ? FOUND_NOTHING : FOUND_WRONG, "%s: %s",
			buf_text(&dir), errno == ENOENT ? "not there yet; tollgate-fcgi makes it"
											: strerror(errno));
		return;
	}
	if (!S_ISDIR(info.st_mode))
		report_found(report, FOUND_WRONG, "%s is not a folder; set TOLLGATE_STATE_DIR to one",
			buf_text(&dir));
	else if (info.st_mode & (S_IWGRP | S_IWOTH))
		report_found(report, FOUND_WRONG, "%s can be written by others (mode %03o): chmod 700 %s",
			buf_text(&dir), (unsigned)info.st_mode & 0777, buf_text(&dir));
	else if ((info.st_mode & S_IRWXU) != S_IRWXU)
		report_found(report, FOUND_WRONG, "%s cannot be written by its owner %s (mode %03o): "
			"chmod 700 %s", buf_text(&dir), user_name(info.st_uid, number),
			(unsigned)info.st_mode & 0777, buf_text(&dir));
	else
		report_found(report, FOUND_GOOD, "%s, of %s", buf_text(&dir),
			user_name(info.st_uid, number));
}

/* How many keys the text has; -1: a line that is none. */
static int count_keys(char *text)
{
	unsigned char key[KEY_BYTES];
	char *rest = text;
	int n = 0;

	for (char *line; n >= 0 && (line = strsep(&rest, "\n"));) {
		line[strcspn(line, " \r\t")] = '\0';
		if (*line)
			n = text_unhex(line, key, sizeof key) ? n + 1 : -1;
	}
	explicit_bzero(key, sizeof key);
	return n;
}

static void look_into_key(int fd, const char *path, struct report *report)
{
	char text[KEY_FILE_MAX + 1];
	ssize_t len = read(fd, text, KEY_FILE_MAX);
	int n;

	text[len > 0 ? len : 0] = '\0';
	n = count_keys(text);
	explicit_bzero(text, sizeof text);
	if (len < 0)
		report_found(report, FOUND_WRONG, "cannot read %s: %s", path, strerror(errno));
	else if (n < 1 || n > KEYS_MAX)
		report_found(report, FOUND_WRONG, "%s must hold one or two lines of 64 hex digits: the "
			"key in use, then the one before it (make one: openssl rand -hex 32)", path);
	else
		report_found(report, FOUND_GOOD, "%s, %s", path,
			n == 1 ? "one key" : "the key in use and the one before it");
}

/* systemd's LoadCredential= shows its access list as group rights. */
static mode_t closed_to(const char *path)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	size_t len = credentials ? strlen(credentials) : 0;

	return len && !strncmp(path, credentials, len) && path[len] == '/' ? S_IRWXO
																	   : S_IRWXG | S_IRWXO;
}

/* Its own user, root, or whose the state folder is. */
static bool is_owner_trusted(const struct doctor *doctor, uid_t owner)
{
	auto_buf dir = BUF_INIT(PATH_BYTES_MAX);
	struct stat info;

	conf_state_dir(&doctor->conf, &dir);
	return owner == 0 || owner == geteuid() ||
		(!stat(buf_text(&dir), &info) && owner == info.st_uid);
}

void check_session_key(struct doctor *doctor, struct report *report)
{
	auto_buf path = BUF_INIT(PATH_BYTES_MAX);
	bool is_default = !doctor->conf.session_key_file;
	char number[16];
	struct stat info;
	int fd;

	if (is_default) {
		conf_state_dir(&doctor->conf, &path);
		buf_puts(&path, "/session.key");
	} else {
		buf_puts(&path, doctor->conf.session_key_file);
	}
	fd = open(buf_text(&path), O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &info)) {
		if (errno == ENOENT && is_default)
			report_found(report, FOUND_NOTHING, "%s: not there yet; tollgate-fcgi makes it",
				buf_text(&path));
		else
			report_found(report, FOUND_WRONG, "cannot read %s: %s%s", buf_text(&path),
				strerror(errno), errno == ENOENT ? " (make one: openssl rand -hex 32)" : "");
	} else if (info.st_mode & closed_to(buf_text(&path))) {
		report_found(report, FOUND_WRONG, "%s is open to others (mode %03o): chmod 600 it, and put "
			"a new key in", buf_text(&path), (unsigned)info.st_mode & 0777);
	} else if (!is_owner_trusted(doctor, info.st_uid)) {
		report_found(report, FOUND_WRONG, "%s is %s's: make it root's, or the program's own user's",
			buf_text(&path), user_name(info.st_uid, number));
	} else {
		look_into_key(fd, buf_text(&path), report);
	}
	if (fd >= 0)
		close(fd);
}
