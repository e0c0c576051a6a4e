#include "fcgi/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum { FILE_BYTES_MAX = 4 * HASH_BYTES + 16 };

/* The use is part of the key, so that what was signed for one use never passes for another. */
static const char *const use_names[N_KEY_USES] = {
	[KEY_COOKIE] = "tollgate session cookie 1",
	[KEY_CSRF] = "tollgate csrf token 1",
};

static void derive(const unsigned char secret[HASH_BYTES], struct keys *keys)
{
	unsigned char derived[HASH_BYTES];

	for (int use = 0; use < N_KEY_USES; use++) {
		hash_hmac(secret, HASH_BYTES, use_names[use], strlen(use_names[use]), derived);
		keys->derived[keys->n][use] = hash_key_new(derived, sizeof derived);
	}
	explicit_bzero(derived, sizeof derived);
	keys->n++;
}

static enum status parse(const char *path, char *text, struct keys *keys, struct err *err)
{
	unsigned char secret[HASH_BYTES];
	enum status rc = OK;
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n")) && !rc;) {
		line[strcspn(line, " \r\t")] = '\0';
		if (!*line)
			continue;
		if (keys->n == KEY_GENERATIONS || !text_unhex(line, secret, sizeof secret))
			rc = err_set(err, ERR_INPUT,
				"the session key file %s must hold one or two lines of 64 hex digits: the key in "
				"use, then the one before it (make one: openssl rand -hex 32)",
				path);
		else
			derive(secret, keys);
	}
	explicit_bzero(secret, sizeof secret);
	if (!rc && !keys->n)
		rc = err_set(err, ERR_INPUT,
			"the session key file %s is empty (make a key: openssl rand -hex 32)", path);
	return rc;
}

/* Writes a new key beside the path and links it there: whoever comes second uses the first one's.
 */
static enum status make_file(const char *path, struct err *err)
{
	unsigned char secret[HASH_BYTES];
	char line[HASH_HEX_SIZE + 1], temporary[4096];
	bool written;
	int fd, len = snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());

	if (len < 0 || (size_t)len >= sizeof temporary)
		return err_set(err, ERR_INPUT, "the session key file's path is too long");
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(
			err, ERR_INPUT, "cannot make the session key file %s: %s", path, strerror(errno));
	text_random(secret, sizeof secret);
	text_hex(secret, sizeof secret, line);
	line[HASH_HEX_SIZE - 1] = '\n';
	written = write(fd, line, HASH_HEX_SIZE) == HASH_HEX_SIZE && !fsync(fd);
	explicit_bzero(secret, sizeof secret);
	explicit_bzero(line, sizeof line);
	close(fd);
	if (!written || (link(temporary, path) && errno != EEXIST)) {
		int why = errno;

		unlink(temporary);
		return err_set(
			err, ERR_INPUT, "cannot write the session key file %s: %s", path, strerror(why));
	}
	unlink(temporary);
	return OK;
}

static enum status read_file(const char *path, struct keys *keys, struct err *err)
{
	char text[FILE_BYTES_MAX + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t len;
	enum status rc;

	if (fd < 0)
		return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_INPUT,
			"cannot read the session key file %s: %s%s", path, strerror(errno),
			errno == ENOENT ? " (make one: openssl rand -hex 32)" : "");
	if (!fstat(fd, &st) && (st.st_mode & 07)) {
		close(fd);
		return err_set(err, ERR_INPUT,
			"the session key file %s is open to everybody; chmod o-rwx it and put a new key in",
			path);
	}
	len = read(fd, text, FILE_BYTES_MAX);
	close(fd);
	if (len < 0)
		return err_set(
			err, ERR_INPUT, "cannot read the session key file %s: %s", path, strerror(errno));
	text[len] = '\0';
	rc = parse(path, text, keys, err);
	explicit_bzero(text, sizeof text);
	return rc;
}

enum status keys_load(
	const char *path, bool make_if_missing, struct keys *ret_keys, struct err *err)
{
	struct keys keys = { 0 };
	enum status rc = read_file(path, &keys, err);

	if (rc == ERR_MISSING && make_if_missing) {
		rc = make_file(path, err);
		if (!rc)
			rc = read_file(path, &keys, err);
	}
	if (rc == ERR_MISSING)
		rc = ERR_INPUT;
	if (rc)
		keys_wipe(&keys);
	else
		*ret_keys = keys;
	return rc;
}

void keys_wipe(struct keys *keys)
{
	for (size_t i = 0; i < keys->n; i++)
		for (int use = 0; use < N_KEY_USES; use++)
			hash_key_free(keys->derived[i][use]);
	*keys = (struct keys){ 0 };
}

void keys_sign(const struct keys *keys, enum key_use use, const void *data, size_t len,
	unsigned char ret_mac[HASH_BYTES])
{
	hash_key_hmac(keys->derived[0][use], data, len, ret_mac);
}

bool keys_verify(const struct keys *keys, enum key_use use, const void *data, size_t len,
	const unsigned char mac[HASH_BYTES])
{
	unsigned char expected[HASH_BYTES];
	bool equal = false;

	for (size_t i = 0; i < keys->n && !equal; i++) {
		hash_key_hmac(keys->derived[i][use], data, len, expected);
		equal = hash_equal(expected, mac);
	}
	explicit_bzero(expected, sizeof expected);
	return equal;
}
