/* For tests of aws/: an environment without AWS_*, and files to point to. */
#ifndef TESTS_UNIT_AWS_ENV_H
#define TESTS_UNIT_AWS_ENV_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* The folder that HOME is during a test. */
static char env_home[] = "/tmp/tollgate-test-XXXXXX";

static inline void env_forget_aws(void)
{
	char name[256];

	for (char **entry = environ; *entry;) {
		if (!strncmp(*entry, "AWS_", 4)) {
			snprintf(name, sizeof name, "%.*s", (int)strcspn(*entry, "="), *entry);
			unsetenv(name);
			entry = environ;
		} else {
			entry++;
		}
	}
	/* Or a test on a machine of EC2 would find the machine's own role. */
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
}

/* A group's set-up: HOME is an empty folder of our own. */
static inline int env_make_home(void **state)
{
	(void)state;
	env_forget_aws();
	return mkdtemp(env_home) ? setenv("HOME", env_home, 1) : -1;
}

/* A test's set-up: no AWS_* from the test before. */
static inline int env_reset(void **state)
{
	(void)state;
	env_forget_aws();
	return setenv("HOME", env_home, 1);
}

static inline const char *env_path(const char *name)
{
	static char path[512];

	snprintf(path, sizeof path, "%s/%s", env_home, name);
	return path;
}

/* Writes a file in HOME and returns its path, which is good until the next call. */
static inline const char *env_write(const char *name, const char *text)
{
	const char *path = env_path(name);
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		abort();
	return path;
}

/* Writes the two files and points the environment to them. NULL: there is none. */
static inline void env_write_profiles(const char *credentials, const char *config)
{
	const char *path = credentials ? env_write("credentials", credentials) : env_path("none");

	setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
	path = config ? env_write("config", config) : env_path("none");
	setenv("AWS_CONFIG_FILE", path, 1);
}

static inline int env_remove_home(void **state)
{
	(void)state;
	unlink(env_path("credentials"));
	unlink(env_path("config"));
	unlink(env_path("bundle.pem"));
	unlink(env_path(".aws/credentials"));
	unlink(env_path(".aws/config"));
	rmdir(env_path(".aws"));
	return rmdir(env_home);
}

#endif
