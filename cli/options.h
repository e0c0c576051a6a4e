/* The command line after the command's name. Which options there are says data: the words that all
 * commands have, the command's own, and the members of the action's request. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "aws/limits.h"
#include "base/err.h"

enum { OPTIONS_MEMBERS_MAX = 8, OPTIONS_NAME_SIZE = 64 };

struct command;

/* An option that is no member of a request. */
struct option_word {
	const char *name;  /* without its dashes; NULL ends a list */
	const char *value; /* what it takes, for --help; NULL: nothing */
	const char *help;
	size_t offset;     /* in struct options: of a text, or of a bool where it takes nothing */
};

/* A member that was given. */
struct option_given {
	const struct limits_member *member;
	char **values; /* of argv; NULL for a flag */
	size_t n;
	bool flag; /* of a BOOLEAN */
};

struct options {
	const struct command *command;
	const struct limits *limits; /* the edition's */
	const struct limits_action *action; /* NULL: the command has none */
	char *input_json;
	const char *region, *endpoint_url, *profile, *output, *public_key, *reason;
	bool no_verify, nothing_lost, help;
	struct option_given given[OPTIONS_MEMBERS_MAX];
	size_t n_given;
};

/* Reads what follows the command's name; keeps pointers into argv.
 * ERR_INPUT: an option that there is not, or twice, or without its value; the text says what is
 * allowed. */
MUST_CHECK enum status options_read(const struct command *command, const struct limits *limits,
	char **argv, struct options *ret_options, struct err *err);

/* Overwrites the values that may be secret, so that process lists do not show them for longer than
 * they have to. Their pointers must not be used any more. */
void options_wipe(const struct options *options);

/* How a member's option is called, without its dashes: ProductCode is product-code. */
void options_name(const struct limits_member *member, char ret_name[OPTIONS_NAME_SIZE]);

/* Puts region, endpoint and profile where aws/ reads them: into the environment. */
void options_set_environment(const struct options *options);

/* The options of the command, for --help. */
void options_help(const struct options *options, FILE *out);

#endif
