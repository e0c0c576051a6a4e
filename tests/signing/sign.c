/* Signs requests with aws/sigv4, for scripts that compare it with other signers (tests/signing.t).
 *
 * Reads a request a line: its fields with tabs between, each percent-encoded: access key, secret,
 * region, service, time, method, path, query string, body, then names and values of headers as they
 * are sent, in any order and case. Writes a line for each: the value of the Authorization header, a
 * tab, and the canonical request, percent-encoded. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"

enum { HEADERS_MAX = 64, OUT_MAX = 1024 * 1024 };

struct field {
	char *data; /* NUL-terminated */
	size_t len;
};

/* In the order of the line. */
enum { KEY, SECRET, REGION, SERVICE, TIME, METHOD, PATH, QUERY, BODY, N_FIXED };

static void die(const char *why, size_t line)
{
	fprintf(stderr, "sign: line %zu: %s\n", line, why);
	exit(1);
}

/* Decodes in place. */
static struct field read_field(char *text, size_t line)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		unsigned byte = (unsigned char)*from;

		if (*from == '%') {
			if (sscanf(from + 1, "%2x", &byte) != 1)
				die("a % without its digits", line);
			from += 2;
		}
		*to++ = (char)byte;
	}
	*to = '\0';
	return (struct field){ text, (size_t)(to - text) };
}

/* Behind all that sort before it or are equal, so that values of one name keep their order. */
static void add_header(struct sigv4_request *request, struct sigv4_header *headers, char *name,
	const char *value)
{
	size_t at = request->n_headers++;

	for (char *c = name; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	for (; at && strcmp(headers[at - 1].name, name) > 0; at--)
		headers[at] = headers[at - 1];
	headers[at] = (struct sigv4_header){ name, value };
}

static size_t split(char *text, struct field fields[N_FIXED + 2 * HEADERS_MAX], size_t line)
{
	size_t n = 0;

	for (char *rest = text, *field; (field = strsep(&rest, "\t")) != NULL; n++) {
		if (n == N_FIXED + 2 * HEADERS_MAX)
			die("too many headers", line);
		fields[n] = read_field(field, line);
	}
	if (n < N_FIXED || (n - N_FIXED) % 2)
		die("fields are missing", line);
	return n;
}

static void answer(const struct sigv4_request *request, const struct field *fields, size_t line)
{
	struct sigv4_scope scope = { fields[TIME].data, fields[REGION].data, fields[SERVICE].data };
	auto_buf authorization = BUF_INIT(OUT_MAX), canonical = BUF_INIT(OUT_MAX);
	struct sigv4_key key;

	sigv4_signing_key(fields[SECRET].data, &scope, &key);
	sigv4_authorization(&authorization, request, &scope, fields[KEY].data, &key);
	sigv4_canonical_request(&canonical, request);
	if (authorization.failed || canonical.failed)
		die("too long", line);
	printf("%s\t", authorization.data);
	for (size_t i = 0; i < canonical.len; i++)
		printf("%%%02X", (unsigned char)canonical.data[i]);
	putchar('\n');
}

static void sign(char *text, size_t line)
{
	struct field fields[N_FIXED + 2 * HEADERS_MAX];
	struct sigv4_header headers[HEADERS_MAX];
	size_t n = split(text, fields, line);
	auto_buf path = BUF_INIT(OUT_MAX), query = BUF_INIT(OUT_MAX);
	struct sigv4_request request = { .method = fields[METHOD].data,
		.headers = headers,
		.body = fields[BODY].data,
		.body_len = fields[BODY].len };

	sigv4_canonical_path(&path, fields[PATH].data);
	sigv4_canonical_query(&query, fields[QUERY].data);
	if (path.failed || query.failed)
		die("too long", line);
	request.path = buf_text(&path);
	request.query = buf_text(&query);
	for (size_t i = N_FIXED; i < n; i += 2)
		add_header(&request, headers, fields[i].data, fields[i + 1].data);
	answer(&request, fields, line);
}

int main(void)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len;

	for (size_t line = 1; (len = getline(&text, &size, stdin)) >= 0; line++) {
		if (len && text[len - 1] == '\n')
			text[len - 1] = '\0';
		sign(text, line);
	}
	free(text);
	return ferror(stdin) || fflush(stdout) || ferror(stdout);
}
