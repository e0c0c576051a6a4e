/* The shared profile files of the AWS SDKs: which files, which profile, and what it says. */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include "aws/ini.h"

/* One of the two files, and the profile's section in it. */
struct profile_file {
	char *path;    /* NULL: none, as HOME is not set */
	char *section; /* "name" in the credentials file, "profile name" in the config file */
	struct ini ini;
};

struct profile {
	const char *name;   /* not owned */
	const char *setting; /* what names it, so that it has to be there; NULL: nothing does */
	struct profile_file credentials, config;
};

/* Reads AWS_SHARED_CREDENTIALS_FILE (or ~/.aws/credentials) and AWS_CONFIG_FILE (or ~/.aws/config),
 * and takes the profile that AWS_PROFILE or AWS_DEFAULT_PROFILE names, or "default".
 * Files that do not exist are empty ones.
 * ERR_INPUT: a file is not of the format, or has no profile of the chosen name.  ERR_LOCAL: a file
 * cannot be read. The text names the file. */
MUST_CHECK enum status profile_load(struct profile *ret_profile, struct err *err);

/* The same of the profile that a setting of the files names, `setting`; both texts must outlive the
 * result. */
MUST_CHECK enum status profile_load_named(const char *name, const char *setting,
	struct profile *ret_profile, struct err *err);

/* Wipes what was read. Accepts a zeroed struct. */
void profile_done(struct profile *profile);

/* What the profile says in one file, or NULL. */
const char *profile_file_get(const struct profile_file *file, const char *key);

/* What it says in the credentials file, else in the config file, or NULL. */
const char *profile_get(const struct profile *profile, const char *key);

/* A service's setting in the [services …] section that the profile refers to, or NULL. */
const char *profile_service_get(const struct profile *profile, const char *service,
	const char *key);

#endif
