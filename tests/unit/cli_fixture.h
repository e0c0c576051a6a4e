/* For tests of cli/: the request that a command line makes. Include it after cmocka.h. */
#ifndef TESTS_UNIT_CLI_FIXTURE_H
#define TESTS_UNIT_CLI_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "cli/command.h"
#include "cli/input.h"

enum { FIXTURE_ARGS_MAX = 16 };

static const struct command fixture_resolve = { .name = "resolve-customer",
	.action = "ResolveCustomer", .takes_argument = true };
static const struct command fixture_batch = { .name = "batch-meter-usage",
	.action = "BatchMeterUsage" };
static const struct command fixture_meter = { .name = "meter-usage", .action = "MeterUsage" };
static const struct command fixture_register = { .name = "register-usage",
	.action = "RegisterUsage", .own = register_usage_words };

/* A copy of the arguments, which can be written to as those of main. */
struct fixture {
	char *args[FIXTURE_ARGS_MAX + 1], *owned[FIXTURE_ARGS_MAX];
	size_t n;
	struct options options;
	struct err err;
};

static inline void fixture_done(struct fixture *fixture)
{
	for (size_t i = 0; i < fixture->n; i++)
		free(fixture->owned[i]);
}

#define auto_fixture __attribute__((cleanup(fixture_done))) struct fixture

/* The list of arguments ends with NULL. */
static inline enum status fixture_options(struct fixture *fixture, const struct command *command,
	const char *edition, const char *const *args)
{
	*fixture = (struct fixture){ .n = 0 };
	for (; args[fixture->n]; fixture->n++) {
		assert_true(fixture->n < FIXTURE_ARGS_MAX);
		fixture->args[fixture->n] = fixture->owned[fixture->n] = strdup(args[fixture->n]);
	}
	return options_read(command, limits_find(edition), fixture->args, &fixture->options,
		&fixture->err);
}

#endif
