/* Mistakes in the canonical request. */
#include <stdio.h>
#include <string.h>

#include "sandbox/signature_search.h"

enum { HOST_SIZE = 300 };

static bool fits(struct search *s, const struct recipe *recipe, const char *detail)
{
	secret_buf canonical = BUF_INIT(SEARCH_TEXT_MAX), text = BUF_INIT(SEARCH_TEXT_MAX);

	signature_recipe_build(&canonical, recipe, s->in->right, s->in->request);
	sigv4_string_to_sign(&text, s->in->scope, buf_text(&canonical), canonical.len);
	return !canonical.failed && search_signs(s, &text, &s->key, sizeof s->key) &&
		search_found(s, "canonical_request", detail, "");
}

static bool find_in_headers(struct search *s)
{
	static const struct {
		unsigned style;
		const char *detail;
	} mistakes[] = {
		{ RECIPE_NO_EMPTY_LINE, "headers: the empty line after them is missing" },
		{ RECIPE_KEEPS_BLANKS, "headers: blanks inside a value were not folded to one" },
		{ RECIPE_LOWERS_VALUES, "headers: values were made lower-case" },
		{ RECIPE_BLANK_AFTER_COLON, "headers: a blank stands between colon and value" },
		{ RECIPE_CAPITALS, "headers: names were not made lower-case" },
		{ RECIPE_CAPITALS | RECIPE_CAPITALS_IN_LIST,
			"headers: names were not made lower-case, nor those of the list after them" },
		{ RECIPE_CAPITALS_IN_LIST, "headers: the names in the list after them are not lower-case" },
		{ RECIPE_ORDER_OF_SENDING, "headers: not sorted" },
		{ RECIPE_ORDER_OF_SENDING | RECIPE_ORDER_OF_SENDING_IN_LIST,
			"headers: not sorted, nor is the list of their names" },
	};

	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		struct recipe recipe = s->recipe;

		recipe.style = mistakes[i].style;
		if (fits(s, &recipe, mistakes[i].detail))
			return true;
	}
	return false;
}

static bool fits_host(struct search *s, const char *host, const char *detail)
{
	struct recipe recipe = s->recipe;

	recipe.host = host;
	return fits(s, &recipe, detail);
}

/* Host is what a client's HTTP library sets, often after the signing. */
static bool find_in_host(struct search *s)
{
	const char *sent = request_param(s->in->request, "HTTP_HOST");
	const char *port = request_param(s->in->request, "SERVER_PORT");
	const char *colon = sent ? strrchr(sent, ':') : NULL;
	char host[HOST_SIZE];

	snprintf(host, sizeof host, "%.*s", colon ? (int)(colon - sent) : 0, colon ? sent : "");
	if (colon && fits_host(s, host, "host: its port was left out"))
		return true;
	snprintf(host, sizeof host, "%s:%s", sent ? sent : "", port ? port : "80");
	if (!colon && fits_host(s, host, "host: a port was signed that was not sent"))
		return true;
	snprintf(host, sizeof host, "localhost%s", colon ? colon : "");
	if (fits_host(s, host, "host: localhost was signed, and another name sent"))
		return true;
	snprintf(host, sizeof host, "127.0.0.1%s", colon ? colon : "");
	if (fits_host(s, host, "host: 127.0.0.1 was signed, and another name sent"))
		return true;
	snprintf(host, sizeof host, "metering.marketplace.%s.amazonaws.com", s->in->scope->region);
	return fits_host(s, host, "host: AWS's own was signed, and another name sent");
}

static bool fits_payload(struct search *s, const char *payload, const char *detail)
{
	struct recipe recipe = s->recipe;

	recipe.payload = payload;
	return fits(s, &recipe, detail);
}

/* The body's last line may have lost its end, or got one, after the signing. */
static bool find_in_line_end(struct search *s)
{
	const struct sigv4_request *right = s->in->right;
	const char *body = right->body;
	secret_buf longer = BUF_INIT(SEARCH_TEXT_MAX);
	char hash[SEARCH_HASH_SIZE];

	buf_add(&longer, body, right->body_len);
	buf_putc(&longer, '\n');
	search_hash(buf_text(&longer), longer.len, hash);
	if (fits_payload(s, hash, "payload: a line's end was signed after the body, and not sent"))
		return true;
	if (!right->body_len || body[right->body_len - 1] != '\n')
		return false;
	search_hash(body, right->body_len - 1, hash);
	return fits_payload(s, hash, "payload: the body was signed without its last line's end");
}

static bool find_in_payload(struct search *s)
{
	const char *sent = request_param(s->in->request, "HTTP_X_AMZ_CONTENT_SHA256");
	secret_buf body = BUF_INIT(SEARCH_TEXT_MAX);
	char hash[SEARCH_HASH_SIZE];

	buf_add(&body, s->in->right->body, s->in->right->body_len);
	if (body.len != strlen(buf_text(&body)))
		buf_reset(&body); /* what comes after a NUL is not compared */
	search_hash("", 0, hash);
	if (fits_payload(s, hash, "payload: the hash of an empty body was signed") ||
		(sent && fits_payload(s, sent, "payload: X-Amz-Content-SHA256 is not the body's hash")) ||
		fits_payload(s, "UNSIGNED-PAYLOAD", "payload: UNSIGNED-PAYLOAD was signed") ||
		fits_payload(s, "", "payload: its hash is missing") ||
		fits_payload(s, buf_text(&body), "payload: the body was signed in place of its hash"))
		return true;
	search_upper(s->body_hash, hash);
	return fits_payload(s, hash, "payload: its hash is not in lower case") || find_in_line_end(s);
}

static bool find_in_first_lines(struct search *s)
{
	const char *query = s->recipe.query;
	auto_buf twice = BUF_INIT(SEARCH_TEXT_MAX);

	for (const char *c = query; *c; c++)
		buf_puts(&twice, *c == '%' ? "%25" : (const char[]){ *c, '\0' });

	const struct {
		const char *method, *path, *query, *detail;
	} mistakes[] = {
		{ "post", "/", query, "method: not in upper case" },
		{ "GET", "/", query, "method: GET was signed" },
		{ "POST", "", query, "path: an empty one was signed in place of /" },
		{ "POST", "/", "", "query: it was left out" },
		{ "POST", "/", s->in->request->query, "query: not sorted, or not encoded as it has to be" },
		{ "POST", "/", buf_text(&twice), "query: encoded twice" },
	};
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		struct recipe recipe = s->recipe;

		recipe.method = mistakes[i].method;
		recipe.path = mistakes[i].path;
		recipe.query = mistakes[i].query;
		if (fits(s, &recipe, mistakes[i].detail))
			return true;
	}
	return false;
}

bool search_canonical_request(struct search *s)
{
	return find_in_headers(s) || find_in_host(s) || find_in_payload(s) || find_in_first_lines(s);
}
