#include "sandbox/signature_recipe.h"

#include <ctype.h>
#include <string.h>

enum { HEADERS_MAX = 64 };

static void add_folded(struct buf *out, const char *value)
{
	for (value += strspn(value, " \t"); *value; value += strspn(value, " \t")) {
		size_t len = strcspn(value, " \t");

		buf_add(out, value, len);
		value += len;
		if (value[strspn(value, " \t")])
			buf_putc(out, ' ');
	}
}

static void add_lower(struct buf *out, const char *value)
{
	for (; *value; value++)
		buf_putc(out, (char)tolower((unsigned char)*value));
}

static void add_value(struct buf *out, const char *value, unsigned style)
{
	if (style & RECIPE_KEEPS_BLANKS)
		buf_puts(out, value);
	else if (style & RECIPE_LOWERS_VALUES)
		add_lower(out, value);
	else
		add_folded(out, value);
}

static void add_name(struct buf *out, const char *name, bool capitals)
{
	for (size_t i = 0; name[i]; i++) {
		bool first = i == 0 || name[i - 1] == '-';

		buf_putc(out, capitals && first ? (char)toupper((unsigned char)name[i]) : name[i]);
	}
}

/* Whether a CGI variable, NAME=value, is that header's. */
static bool is_variable_of(const char *variable, const char *name)
{
	static const char prefix[] = "HTTP_";

	if (strncmp(variable, prefix, sizeof prefix - 1) != 0)
		return false;
	for (variable += sizeof prefix - 1; *name; name++, variable++)
		if (*variable != (*name == '-' ? '_' : (char)toupper((unsigned char)*name)))
			return false;
	return *variable == '=';
}

/* Behind all others where CGI does not tell. */
static size_t place_of(const struct request *request, const char *name)
{
	size_t place = 0;

	while (request->params[place] && !is_variable_of(request->params[place], name))
		place++;
	return place;
}

static void sort_as_sent(struct sigv4_header *headers, size_t n, const struct request *request)
{
	for (size_t i = 1; i < n; i++) {
		struct sigv4_header header = headers[i];
		size_t place = place_of(request, header.name), at = i;

		for (; at && place_of(request, headers[at - 1].name) > place; at--)
			headers[at] = headers[at - 1];
		headers[at] = header;
	}
}

static void add_lines(struct buf *out, const struct recipe *recipe,
	const struct sigv4_header *headers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool is_host = recipe->host && !strcmp(headers[i].name, "host");

		add_name(out, headers[i].name, recipe->style & RECIPE_CAPITALS);
		buf_puts(out, recipe->style & RECIPE_BLANK_AFTER_COLON ? ": " : ":");
		add_value(out, is_host ? recipe->host : headers[i].value, recipe->style);
		buf_putc(out, '\n');
	}
	if (!(recipe->style & RECIPE_NO_EMPTY_LINE))
		buf_putc(out, '\n');
}

void signature_recipe_build(struct buf *out, const struct recipe *recipe,
	const struct sigv4_request *right, const struct request *request)
{
	struct sigv4_header as_sent[HEADERS_MAX];
	size_t n = right->n_headers;
	const struct sigv4_header *lines = right->headers, *list = right->headers;

	if (n > HEADERS_MAX) {
		out->failed = true;
		return;
	}
	if (recipe->style & (RECIPE_ORDER_OF_SENDING | RECIPE_ORDER_OF_SENDING_IN_LIST)) {
		memcpy(as_sent, right->headers, n * sizeof *as_sent);
		sort_as_sent(as_sent, n, request);
		lines = as_sent;
	}
	if (recipe->style & RECIPE_ORDER_OF_SENDING_IN_LIST)
		list = as_sent;
	buf_printf(out, "%s\n%s\n%s\n", recipe->method, recipe->path, recipe->query);
	add_lines(out, recipe, lines, n);
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i ? ";" : "");
		add_name(out, list[i].name, recipe->style & RECIPE_CAPITALS_IN_LIST);
	}
	buf_printf(out, "\n%s", recipe->payload);
}
