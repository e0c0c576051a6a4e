#include "aws/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/env.h"
#include "base/text.h"

static char *join(const char *first, const char *second)
{
	char *both;

	return asprintf(&both, "%s%s", first, second) < 0 ? NULL : both;
}

/* Where the file is: the variable's value, with ~ for HOME, else a file below HOME. */
static enum status find_file(const char *variable, const char *usual, char **ret_path,
	struct err *err)
{
	const char *given = env_get(variable), *home = env_get("HOME");

	if (!given && !home)
		return OK;
	if (given && strncmp(given, "~/", 2) != 0)
		*ret_path = strdup(given);
	else if (home)
		*ret_path = join(home, given ? given + 1 : usual);
	else
		return err_set(err, ERR_INPUT, "%s is \"%s\", but HOME is not set", variable, given);
	return *ret_path ? OK : err_set(err, ERR_LOCAL, "no memory for the path in %s", variable);
}

static enum status load_file(struct profile_file *file, const char *variable, const char *usual,
	struct err *err)
{
	enum status rc = find_file(variable, usual, &file->path, err);

	if (!rc && file->path)
		rc = ini_load(&file->ini, file->path, err);
	return rc;
}

/* In the config file a profile is [profile name]; only the default one may stand as [default] too,
 * and counts for less so. */
static enum status name_sections(struct profile *profile, struct err *err)
{
	const struct ini *config = &profile->config.ini;

	profile->credentials.section = strdup(profile->name);
	profile->config.section = join("profile ", profile->name);
	if (!profile->credentials.section || !profile->config.section)
		return err_set(err, ERR_LOCAL, "no memory for the name of a profile");
	if (!strcmp(profile->name, "default") && !ini_has_section(config, profile->config.section))
		text_copy(profile->config.section, sizeof "default", profile->name);
	return OK;
}

static enum status check_there(const struct profile *profile, struct err *err)
{
	const struct profile_file *credentials = &profile->credentials, *config = &profile->config;

	if (!profile->setting || ini_has_section(&credentials->ini, credentials->section) ||
		ini_has_section(&config->ini, config->section))
		return OK;
	if (ini_has_section(&config->ini, profile->name))
		return err_set(err, ERR_INPUT, "%s is \"%s\"; %s has [%s], which must be called "
			"[profile %s] there", profile->setting, profile->name, config->path, profile->name,
			profile->name);
	return err_set(err, ERR_INPUT, "%s is \"%s\", but neither %s nor %s has that profile",
		profile->setting, profile->name,
		credentials->path ? credentials->path : "~/.aws/credentials",
		config->path ? config->path : "~/.aws/config");
}

enum status profile_load_named(const char *name, const char *setting,
	struct profile *ret_profile, struct err *err)
{
	struct profile profile = { .name = name, .setting = setting };
	enum status rc = load_file(&profile.credentials, "AWS_SHARED_CREDENTIALS_FILE",
		"/.aws/credentials", err);

	if (!rc)
		rc = load_file(&profile.config, "AWS_CONFIG_FILE", "/.aws/config", err);
	if (!rc)
		rc = name_sections(&profile, err);
	if (!rc)
		rc = check_there(&profile, err);
	if (rc)
		profile_done(&profile);
	else
		*ret_profile = profile;
	return rc;
}

enum status profile_load(struct profile *ret_profile, struct err *err)
{
	static const char *const settings[] = { "AWS_PROFILE", "AWS_DEFAULT_PROFILE" };

	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
		const char *name = env_get(settings[i]);

		if (name)
			return profile_load_named(name, settings[i], ret_profile, err);
	}
	return profile_load_named("default", NULL, ret_profile, err);
}

static void file_done(struct profile_file *file)
{
	ini_done(&file->ini);
	free(file->section);
	free(file->path);
}

void profile_done(struct profile *profile)
{
	file_done(&profile->credentials);
	file_done(&profile->config);
	*profile = (struct profile){ 0 };
}

const char *profile_file_get(const struct profile_file *file, const char *key)
{
	return ini_get(&file->ini, file->section, "", key);
}

const char *profile_get(const struct profile *profile, const char *key)
{
	const char *value = profile_file_get(&profile->credentials, key);

	return value ? value : profile_file_get(&profile->config, key);
}

const char *profile_service_get(const struct profile *profile, const char *service,
	const char *key)
{
	const char *services = profile_get(profile, "services"), *value;
	char *section = services ? join("services ", services) : NULL;

	if (!section)
		return NULL;
	value = ini_get(&profile->config.ini, section, service, key);
	free(section);
	return value;
}
