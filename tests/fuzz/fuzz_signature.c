/* A signed request in lines: the Authorization header, X-Amz-Date, the query string, other CGI
 * variables; after an empty line the body. Whatever comes, it is refused with a sentence or holds;
 * and the canonical form of a query string is its own. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "sandbox/signature.h"

enum { NOW_S = 1767225600, SKEW_S = 900, PARAMS_MAX = 20, TEXT_MAX = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_query(const char *query)
{
	auto_buf once = BUF_INIT(4 * TEXT_MAX), twice = BUF_INIT(4 * TEXT_MAX);
	auto_buf path = BUF_INIT(4 * TEXT_MAX);

	sigv4_canonical_query(&once, query);
	sigv4_canonical_query(&twice, buf_text(&once));
	if (once.failed || strcmp(buf_text(&once), buf_text(&twice)) != 0)
		abort();
	sigv4_canonical_path(&path, query);
	if (path.failed || path.data[0] != '/' || strstr(path.data, "//"))
		abort();
}

static char *variable(const char *name, const char *value)
{
	char *text = NULL;

	if (asprintf(&text, "%s%s", name, value) < 0)
		abort();
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "HTTP_AUTHORIZATION=", "HTTP_X_AMZ_DATE=" };
	auto_buf text = BUF_INIT(TEXT_MAX), why = BUF_INIT(2000);
	struct request request = { .method = "POST", .path = "/", .query = "" };
	char *params[PARAMS_MAX + 1] = { 0 }, *rest, *line;
	size_t n = 0;
	enum refusal refusal;

	if (size > TEXT_MAX)
		return 0;
	buf_add(&text, data, size);
	rest = text.data;
	for (size_t i = 0; n < PARAMS_MAX && (line = strsep(&rest, "\n")) != NULL && *line; i++) {
		if (i == 2)
			request.query = line;
		else
			params[n++] = variable(i < 2 ? names[i] : "", line);
	}
	request.params = params;
	request.body.max = TEXT_MAX;
	buf_puts(&request.body, rest ? rest : "");
	check_query(request.query);
	refusal = signature_check(&request, NOW_S, SKEW_S, &why);
	if (why.failed || (refusal == REFUSAL_NONE) != (why.len == 0))
		abort();
	for (size_t i = 0; i < n; i++)
		free(params[i]);
	buf_done(&request.body);
	return 0;
}
