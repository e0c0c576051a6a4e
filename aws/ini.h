/* The file format of ~/.aws/config and ~/.aws/credentials: sections, "key = value", settings nested
 * by indentation under a key without a value, comments after '#' and ';'. */
#ifndef AWS_INI_H
#define AWS_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* A setting; texts point into the file's. A section's own line has no key. */
struct ini_entry {
	const char *section;
	const char *parent; /* the key that it is nested under, or "" */
	const char *key;    /* NULL: the section begins here */
	char *value;
};

struct ini {
	const char *path; /* not owned; for messages */
	bool there;       /* the file exists */
	struct buf text;
	struct ini_entry *entries;
	size_t n_entries, cap;
};

/* Reads a file whole. One that does not exist is an empty one, as for the AWS SDKs. `path` must
 * outlive the result.
 * ERR_LOCAL: it cannot be read.  ERR_INPUT: a line is not of the format; the text names file and
 * line, and shows nothing of the line, as it may be a secret. */
MUST_CHECK enum status ini_load(struct ini *ret_ini, const char *path, struct err *err);

/* Wipes what was read. Accepts a zeroed struct. */
void ini_done(struct ini *ini);

bool ini_has_section(const struct ini *ini, const char *section);

/* The value, or NULL. The case of a key does not matter; of two equal ones the last one holds.
 * `parent` is "" for a setting that is not nested. */
const char *ini_get(const struct ini *ini, const char *section, const char *parent,
	const char *key);

#endif
