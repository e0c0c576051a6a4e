#include "sandbox/signature.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "aws/limits.h"
#include "aws/sigv4.h"
#include "base/log.h"
#include "base/text.h"
#include "sandbox/keypair.h"
#include "sandbox/signature_stage.h"
#include "sandbox/region.h"

enum {
	SIGNED_MAX = 64,           /* headers; the SDKs sign about ten */
	CANONICAL_MAX = 80 * 1024, /* all parameters of a request have 64 KiB at most */
	SIGNATURE_CHARS = 64,
	NAME_SIZE = 128, /* of a header */
};

/* The Authorization header, taken apart. */
struct authorization {
	char key[129];
	char date[9];
	char region[REGION_SIZE];
	char service[65];
	char terminator[65];
	char signed_headers[2049];
	char signature[SIGNATURE_CHARS + 1];
};

static enum refusal refuse(struct buf *why, enum refusal refusal, const char *sentence)
{
	buf_puts(why, sentence);
	return refusal;
}

/* Copies what is before `end` and steps over it; false if there is no end or it does not fit. */
static bool take(const char **at, char end, char *to, size_t size)
{
	const char *stop = strchr(*at, end);
	size_t len = stop ? (size_t)(stop - *at) : 0;

	if (!stop || len == 0 || len >= size)
		return false;
	memcpy(to, *at, len);
	to[len] = '\0';
	*at = stop + 1;
	return true;
}

/* KEY/DATE/REGION/SERVICE/aws4_request */
static bool parse_credential(const char *text, struct authorization *auth)
{
	return take(&text, '/', auth->key, sizeof auth->key) &&
		take(&text, '/', auth->date, sizeof auth->date) &&
		take(&text, '/', auth->region, sizeof auth->region) &&
		take(&text, '/', auth->service, sizeof auth->service) && *text && !strchr(text, '/') &&
		text_copy(auth->terminator, sizeof auth->terminator, text);
}

/* One "Name=value" of the header. False: unknown, twice, or malformed. */
static bool parse_part(const char *part, struct authorization *auth)
{
	const char *value = strchr(part, '=');
	size_t len = value ? (size_t)(value - part) : 0;

	if (!value || !*++value || strpbrk(value, " \t"))
		return false;
	if (len == 10 && !memcmp(part, "Credential", len))
		return !*auth->key && parse_credential(value, auth);
	if (len == 13 && !memcmp(part, "SignedHeaders", len))
		return !*auth->signed_headers &&
			text_copy(auth->signed_headers, sizeof auth->signed_headers, value);
	if (len == 9 && !memcmp(part, "Signature", len))
		return !*auth->signature && strlen(value) == SIGNATURE_CHARS &&
			text_copy(auth->signature, sizeof auth->signature, value);
	return false;
}

/* AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=… in any order. */
static bool parse_authorization(const char *text, struct authorization *auth)
{
	static const char algorithm[] = "AWS4-HMAC-SHA256 ";
	char part[2100];

	if (strncmp(text, algorithm, sizeof algorithm - 1) != 0)
		return false;
	for (text += sizeof algorithm - 1; *text;) {
		size_t len;

		text += strspn(text, " ");
		len = strcspn(text, ",");
		if (len >= sizeof part)
			return false;
		memcpy(part, text, len);
		part[len] = '\0';
		if (!parse_part(part, auth))
			return false;
		text += len + (text[len] == ',');
	}
	return *auth->key && *auth->signed_headers && *auth->signature;
}

bool signature_parse_time(const char *text, int64_t *ret_s)
{
	struct tm tm = { 0 };
	char again[17] = "";
	time_t at;

	if (strlen(text) != 16 || !strptime(text, "%Y%m%dT%H%M%SZ", &tm))
		return false;
	at = timegm(&tm);
	/* strptime is lenient about blanks and the 31st of February. */
	if (!gmtime_r(&at, &tm) || !strftime(again, sizeof again, "%Y%m%dT%H%M%SZ", &tm) ||
		strcmp(again, text) != 0)
		return false;
	*ret_s = at;
	return true;
}

/* A request header's value by its lower-case name; NULL if it was not sent. */
static const char *header_value(const struct request *request, const char *name)
{
	/* CGI passes these two without HTTP_, and empty when they were not sent. */
	bool bare = !strcmp(name, "content-type") || !strcmp(name, "content-length");
	char variable[NAME_SIZE] = "HTTP_";
	size_t at = bare ? 0 : strlen(variable);
	const char *value;

	if (strlen(name) + at >= sizeof variable)
		return NULL;
	for (; *name; name++)
		variable[at++] = *name == '-' ? '_' : (char)toupper((unsigned char)*name);
	variable[at] = '\0';
	value = request_param(request, variable);
	return bare && value && !*value ? NULL : value;
}

/* Cuts the list of signed headers into names with their values, which must be lower-case, sorted,
 * different and sent. `names` is cut up. NULL, or what is wrong. */
static const char *read_headers(
	const struct request *request, char *names, struct sigv4_header *headers, size_t *ret_n)
{
	size_t n = 0;

	for (char *rest = names, *name; (name = strsep(&rest, ";")) != NULL; n++) {
		if (n == SIGNED_MAX)
			return "It signs too many headers.";
		if (!*name || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")])
			return "SignedHeaders must be lower-case names of headers with ';' between.";
		if (n && strcmp(headers[n - 1].name, name) >= 0)
			return "SignedHeaders must be in alphabetical order, each once.";
		headers[n].name = name;
		headers[n].value = header_value(request, name);
		if (!headers[n].value)
			return "A header that SignedHeaders names was not sent.";
	}
	*ret_n = n;
	return NULL;
}

static bool is_signed(const struct sigv4_header *headers, size_t n, const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(headers[i].name) == len && !strncmp(headers[i].name, name, len))
			return true;
	return false;
}

/* The header that should be signed and is not, in `ret_name`: Host, Content-Type, and all of
 * X-Amz-* (AWS: "Create a signed AWS API request"). */
static bool find_unsigned(const struct request *request, const struct sigv4_header *headers,
	size_t n, char ret_name[NAME_SIZE])
{
	static const char *const always[] = { "host", "x-amz-date", NULL };

	for (const char *const *name = always; *name; name++)
		if (!is_signed(headers, n, *name, strlen(*name)))
			return text_copy(ret_name, NAME_SIZE, *name);
	if (header_value(request, "content-type") && !is_signed(headers, n, "content-type", 12))
		return text_copy(ret_name, NAME_SIZE, "content-type");
	for (char **param = request->params; param && *param; param++) {
		const char *name = *param + sizeof "HTTP_" - 1;
		size_t len = strncmp(*param, "HTTP_X_AMZ_", 11) ? 0 : strcspn(name, "=");

		if (!len)
			continue;
		if (len >= NAME_SIZE)
			return text_copy(ret_name, NAME_SIZE, "x-amz-*");
		for (size_t i = 0; i < len; i++)
			ret_name[i] = name[i] == '_' ? '-' : (char)tolower((unsigned char)name[i]);
		ret_name[len] = '\0';
		if (!is_signed(headers, n, ret_name, len))
			return true;
	}
	return false;
}

static enum refusal check_scope(const struct authorization *auth, const char *time, struct buf *why)
{
	if (strcmp(auth->key, SANDBOX_ACCESS_KEY_ID) != 0)
		return refuse(why, REFUSAL_UNKNOWN_KEY,
			"The security token included in the request is invalid: the sandbox knows one access "
			"key, " SANDBOX_ACCESS_KEY_ID ".");
	if (strcmp(auth->terminator, "aws4_request") != 0)
		return refuse(why, REFUSAL_BAD_SIGNATURE,
			"Credential should be scoped with a valid terminator: 'aws4_request'.");
	if (strcmp(auth->service, LIMITS_SIGNING_NAME) != 0)
		return refuse(why, REFUSAL_BAD_SIGNATURE,
			"Credential should be scoped to correct service: '" LIMITS_SIGNING_NAME "'.");
	if (region_find(auth->region) == REGION_UNKNOWN)
		return refuse(why, REFUSAL_BAD_SIGNATURE, "Credential should be scoped to a valid region.");
	if (strncmp(auth->date, time, strlen(auth->date)) != 0 || strlen(auth->date) != 8)
		return refuse(why, REFUSAL_BAD_SIGNATURE,
			"Date in Credential scope does not match YYYYMMDD of X-Amz-Date.");
	return REFUSAL_NONE;
}

static enum refusal check_time(int64_t signed_s, int64_t now_s, int skew_s, struct buf *why)
{
	int64_t late_s = now_s - signed_s;

	if (late_s >= -skew_s && late_s <= skew_s)
		return REFUSAL_NONE;
	buf_printf(why, "Signature %s: X-Amz-Date is %lld s %s the sandbox's time; %d s are allowed.",
		late_s > 0 ? "expired" : "not yet current", (long long)(late_s > 0 ? late_s : -late_s),
		late_s > 0 ? "before" : "after", skew_s);
	return REFUSAL_STALE_SIGNATURE;
}

/* What the signature should be. */
static bool compute(const struct sigv4_scope *scope, const struct sigv4_request *to_sign,
	char ret_hex[SIGNATURE_CHARS + 1])
{
	/* The canonical request may hold a session token. */
	__attribute__((cleanup(buf_wipe))) struct buf canonical = BUF_INIT(CANONICAL_MAX);
	auto_buf text = BUF_INIT(CANONICAL_MAX);
	struct sigv4_key key;

	sigv4_canonical_request(&canonical, to_sign);
	sigv4_string_to_sign(&text, scope, buf_text(&canonical), canonical.len);
	sigv4_signing_key(SANDBOX_SECRET_ACCESS_KEY, scope, &key);
	sigv4_signature(&key, buf_text(&text), text.len, ret_hex);
	return !canonical.failed && !text.failed;
}

static void log_mismatch(const struct request *request, const struct authorization *auth,
	const struct sigv4_scope *scope, const struct sigv4_request *right)
{
	const struct stage_input in = { request, right, scope, SANDBOX_ACCESS_KEY_ID,
		SANDBOX_SECRET_ACCESS_KEY, auth->signature };
	struct stage_finding finding;

	signature_stage_find(&in, &finding);
	log_event(LOG_WARN, "wrong_signature", LOG_TEXT("request_id", request->id),
		LOG_TEXT("stage", finding.stage), LOG_TEXT("detail", finding.detail),
		LOG_TEXT("canonical_request_sha256", finding.canonical_sha256));
}

/* Headers and signature, once scope and time are right. */
static enum refusal check_signature(
	const struct request *request, struct authorization *auth, const char *time, struct buf *why)
{
	struct sigv4_header headers[SIGNED_MAX];
	struct sigv4_scope scope = { .time = time, .region = auth->region, .service = auth->service };
	auto_buf query = BUF_INIT(CANONICAL_MAX);
	struct sigv4_request to_sign = { .method = request->method,
		.path = "/",
		.headers = headers,
		.body = buf_text(&request->body),
		.body_len = request->body.len };
	char name[NAME_SIZE], expected[SIGNATURE_CHARS + 1];
	const char *wrong = read_headers(request, auth->signed_headers, headers, &to_sign.n_headers);

	if (wrong)
		return refuse(why, REFUSAL_BAD_SIGNATURE, wrong);
	if (find_unsigned(request, headers, to_sign.n_headers, name)) {
		buf_printf(why, "'%s' must be a 'SignedHeader' in the AWS Authorization.", name);
		return REFUSAL_BAD_SIGNATURE;
	}
	sigv4_canonical_query(&query, request->query);
	to_sign.query = buf_text(&query);
	if (query.failed || !compute(&scope, &to_sign, expected))
		return refuse(why, REFUSAL_BAD_SIGNATURE, "The headers and the query string are too long.");
	if (CRYPTO_memcmp(expected, auth->signature, SIGNATURE_CHARS) != 0) {
		log_mismatch(request, auth, &scope, &to_sign);
		return refuse(why, REFUSAL_BAD_SIGNATURE,
			"The request signature we calculated does not match the signature you provided. Check "
			"your AWS Secret Access Key and signing method.");
	}
	return REFUSAL_NONE;
}

enum refusal signature_check(
	const struct request *request, int64_t now_s, int skew_s, struct buf *ret_why)
{
	const char *header = header_value(request, "authorization");
	const char *time = header_value(request, "x-amz-date");
	struct authorization auth = { 0 };
	int64_t signed_s = 0;
	enum refusal refusal;

	if (!header || !*header)
		return refuse(ret_why, REFUSAL_UNSIGNED, "Missing Authentication Token.");
	if (!parse_authorization(header, &auth))
		return refuse(ret_why, REFUSAL_INCOMPLETE_SIGNATURE,
			"Authorization must be: AWS4-HMAC-SHA256 Credential=KEY/YYYYMMDD/REGION/SERVICE/"
			"aws4_request, SignedHeaders=..., Signature=64 hex digits.");
	if (!time || !signature_parse_time(time, &signed_s))
		return refuse(ret_why, REFUSAL_INCOMPLETE_SIGNATURE,
			"The header X-Amz-Date, YYYYMMDDTHHMMSSZ, is needed.");
	refusal = check_scope(&auth, time, ret_why);
	if (!refusal)
		refusal = check_time(signed_s, now_s, skew_s, ret_why);
	if (!refusal)
		refusal = check_signature(request, &auth, time, ret_why);
	return refusal;
}

bool signature_region(const struct request *request, char ret_region[REGION_SIZE])
{
	const char *header = header_value(request, "authorization");
	struct authorization auth = { 0 };

	return header && parse_authorization(header, &auth) &&
		text_copy(ret_region, REGION_SIZE, auth.region);
}
