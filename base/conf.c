#include "base/conf.h"

#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

extern char **environ;

enum kind { TEXT, NUMBER, ADDRESS, ORIGIN, CHOICE };

struct setting {
	const char *name;
	enum kind kind;
	size_t offset;
	long min, max;
	const char *fallback; /* NULL: none */
	const char *allowed;  /* for messages; of a CHOICE, the words apart by '|' */
	const char *help;
};

#define AT(member) offsetof(struct conf, member)

static const struct setting settings[] = {
	{ "TOLLGATE_LISTEN", ADDRESS, AT(listen), 0, 0, NULL,
		"a unix socket's path (with a /) or host:port",
		"where nginx connects; without it systemd's LISTEN_FDS, then a socket on descriptor 0, "
		"then one CGI request" },
	{ "TOLLGATE_PUBLIC_URL", ORIGIN, AT(public_url), 0, 0, NULL,
		"https://host or http://host:port, without a path",
		"what buyers see in the address bar; https makes cookies Secure" },
	{ "TOLLGATE_STATE_DIR", TEXT, AT(state_dir), 0, 0, NULL, "a folder",
		"journal, keys, state of the ledger; default: systemd's STATE_DIRECTORY, root's "
		"/var/lib/tollgate, else tollgate in XDG_STATE_HOME or ~/.local/state" },
	{ "TOLLGATE_SESSION_KEY_FILE", TEXT, AT(session_key_file), 0, 0, NULL,
		"a file of one or two lines of 64 hex digits",
		"signs cookies: the key in use, then the one before it; default: session.key in the state "
		"folder, made if missing" },
	{ "TOLLGATE_TEMPLATES", TEXT, AT(templates), 0, 0, NULL, "a folder",
		"the HTML pages; default: those that came with the program" },
	{ "TOLLGATE_THREADS", NUMBER, AT(threads), 4, 4096, "384", NULL, "requests served at a time" },
	{ "TOLLGATE_AWS_CONNECTIONS", NUMBER, AT(aws_connections), 0, 4096, "0", NULL,
		"calls to AWS at a time, at most three quarters of the threads; 0: just that" },
	{ "TOLLGATE_DB_CONNECTIONS", NUMBER, AT(db_connections), 1, 64, "4", NULL,
		"connections that read from PostgreSQL; one more writes" },
	{ "TOLLGATE_API_EDITION", CHOICE, AT(api_edition), 0, 0, "today", "today|2019",
		"which of AWS's API references holds" },
	{ "TOLLGATE_METER_CALLS_PER_SECOND", NUMBER, AT(meter_calls_per_second), 0, 100000, "10", NULL,
		"AWS's quota for BatchMeterUsage, a seller account and region; 0: none" },
	{ "TOLLGATE_METER_COALESCE", CHOICE, AT(meter_coalesce), 0, 0, "never", "never|when_late",
		"whether several hours become one record when AWS would not get all in time" },
};

enum { N_SETTINGS = sizeof settings / sizeof settings[0], PORT_MAX = 65535 };

enum { HELP_COLUMNS = 80, HELP_INDENT = 6 };

static const char prefix[] = "TOLLGATE_";

static enum status refuse_unknown(struct err *err)
{
	for (char **entry = environ; entry && *entry; entry++) {
		size_t len = strcspn(*entry, "=");
		bool known = strncmp(*entry, prefix, sizeof prefix - 1) != 0;

		for (size_t i = 0; i < N_SETTINGS && !known; i++)
			known = strlen(settings[i].name) == len && !strncmp(*entry, settings[i].name, len);
		if (!known)
			return err_set(err, ERR_INPUT, "%.*s is not a setting of Tollgate; --help lists them",
				(int)len, *entry);
	}
	return OK;
}

static bool is_choice(const char *value, const char *allowed)
{
	size_t len = strlen(value);

	for (const char *word = allowed; *word;) {
		size_t word_len = strcspn(word, "|");

		if (word_len == len && !strncmp(word, value, len))
			return true;
		word += word_len + (word[word_len] == '|');
	}
	return false;
}

/* A name without a slash is a mistyped port or host more likely than a socket wherever we are. */
static bool is_address(const char *value)
{
	const char *colon = strrchr(value, ':');
	long port;

	return strchr(value, '/') ||
		(colon && colon > value && text_number(colon + 1, 1, PORT_MAX, &port));
}

static bool is_origin(const char *url)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
	size_t scheme = !strncmp(url, "https://", 8) ? 8 : !strncmp(url, "http://", 7) ? 7 : 0;

	return scheme && url[scheme] && url[scheme + strspn(url + scheme, allowed)] == '\0';
}

static enum status parse(
	const struct setting *s, const char *value, struct conf *conf, struct err *err)
{
	void *at = (char *)conf + s->offset;
	long number = 0;

	if (s->kind == NUMBER) {
		if (!text_number(value, s->min, s->max, &number))
			return err_set(err, ERR_INPUT,
				"%s is \"%s\"; allowed is a whole number from %ld to %ld", s->name, value, s->min,
				s->max);
		memcpy(at, &number, sizeof number);
		return OK;
	}
	if ((s->kind == ADDRESS && !is_address(value)) || (s->kind == ORIGIN && !is_origin(value)) ||
		(s->kind == CHOICE && !is_choice(value, s->allowed)) || !*value)
		return err_set(err, ERR_INPUT, "%s is \"%s\"; allowed is %s", s->name, value, s->allowed);
	memcpy(at, &value, sizeof value);
	return OK;
}

enum status conf_load(struct conf *ret_conf, struct err *err)
{
	struct conf conf = { 0 };
	enum status rc = refuse_unknown(err);

	for (size_t i = 0; i < N_SETTINGS && !rc; i++) {
		const char *value = getenv(settings[i].name);

		if (!value)
			value = settings[i].fallback;
		if (value)
			rc = parse(&settings[i], value, &conf, err);
	}
	if (!rc && conf.aws_connections > conf.threads * 3 / 4)
		rc = err_set(err, ERR_INPUT,
			"TOLLGATE_AWS_CONNECTIONS is \"%ld\"; allowed is at most three quarters of "
			"TOLLGATE_THREADS (%ld), so that pages are served while AWS is slow",
			conf.aws_connections, conf.threads * 3 / 4);
	if (rc)
		return rc;
	if (!conf.aws_connections)
		conf.aws_connections = conf.threads * 3 / 4;
	*ret_conf = conf;
	return OK;
}

static const char *home(void)
{
	const char *dir = getenv("HOME");
	struct passwd *me = dir && *dir ? NULL : getpwuid(getuid());

	return me ? me->pw_dir : dir;
}

void conf_state_dir(const struct conf *conf, struct buf *out)
{
	const char *systemd = getenv("STATE_DIRECTORY"), *xdg = getenv("XDG_STATE_HOME");

	if (conf->state_dir)
		buf_puts(out, conf->state_dir);
	else if (systemd && *systemd)
		/* The first one, where the unit has several. */
		buf_add(out, systemd, strcspn(systemd, ":"));
	else if (geteuid() == 0)
		buf_puts(out, "/var/lib/tollgate");
	else if (xdg && *xdg == '/')
		buf_printf(out, "%s/tollgate", xdg);
	else
		buf_printf(out, "%s/.local/state/tollgate", home() ? home() : "");
}

/* In lines of their own. */
static void print_words(FILE *out, const char *text)
{
	size_t column = HELP_COLUMNS;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column + 1 + len <= HELP_COLUMNS)
			column += (size_t)fprintf(out, " %.*s", (int)len, text);
		else
			column = (size_t)fprintf(out, "\n%*s%.*s", HELP_INDENT, "", (int)len, text) - 1;
		text += len + strspn(text + len, " ");
	}
	putc('\n', out);
}

void conf_help(FILE *out)
{
	fputs("Settings (environment):\n", out);
	for (size_t i = 0; i < N_SETTINGS; i++) {
		const struct setting *s = &settings[i];

		fprintf(out, "  %s", s->name);
		if (s->kind == NUMBER)
			fprintf(out, "  %ld to %ld", s->min, s->max);
		else
			fprintf(out, "  %s", s->allowed);
		if (s->fallback)
			fprintf(out, ", default %s", s->fallback);
		print_words(out, s->help);
	}
	fputs("PostgreSQL's PG* and the AWS SDKs' AWS_* have their usual meaning.\n", out);
}
