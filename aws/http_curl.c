#include "aws/http_curl.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "aws/url.h"

enum {
	CONNECT_MS = 2000,
	/* Small, as there may be hundreds: an answer takes about one KiB, a request a few. One that may
	 * be long has 25 records, of which 16 KiB take in most. */
	RECEIVE_BYTES = 4 * 1024,
	RECEIVE_LONG_BYTES = 16 * 1024,
	SEND_BYTES = 16 * 1024, /* the least that libcurl takes */
	HEADERS_MAX = 8,
	LINES_MAX = 32 * 1024, /* all headers of a request; a session token takes up to 8 KiB */
};

struct http_curl {
	pthread_mutex_t lock;
	/* Names and TLS sessions are looked up once for all handles. */
	CURLSH *share;
	pthread_mutex_t share_locks[CURL_LOCK_DATA_LAST];
	/* One for all: libcurl would read the bundle, about one MiB in memory, for each connection. */
	X509_STORE *trusted;
	bool trusts_system; /* whose store the first that needs it will read: it takes 40 ms */
	long n_idle, max;
	CURL *idle[]; /* last in, first out: the warm ones stay warm, the others may cool down */
};

static void lock_share(CURL *curl, curl_lock_data what, curl_lock_access how, void *self)
{
	struct http_curl *pool = self;

	(void)curl;
	(void)how;
	pthread_mutex_lock(&pool->share_locks[what]);
}

static void unlock_share(CURL *curl, curl_lock_data what, void *self)
{
	struct http_curl *pool = self;

	(void)curl;
	pthread_mutex_unlock(&pool->share_locks[what]);
}

static size_t receive_header(char *line, size_t size, size_t n, void *answer)
{
	http_read_header(answer, line, size * n);
	return size * n;
}

static size_t receive_body(char *data, size_t size, size_t n, void *self)
{
	struct http_answer *answer = self;

	buf_add(&answer->body, data, size * n);
	return answer->body.failed ? 0 : size * n;
}

static CURLcode trust(CURL *curl, void *ssl_ctx, void *self)
{
	struct http_curl *pool = self;
	bool read = true;

	(void)curl;
	pthread_mutex_lock(&pool->lock);
	if (pool->trusts_system)
		read = X509_STORE_set_default_paths(pool->trusted) == 1;
	pool->trusts_system &= !read;
	pthread_mutex_unlock(&pool->lock);
	ERR_clear_error(); /* or it would be taken for a later connection's */
	SSL_CTX_set1_cert_store(ssl_ctx, pool->trusted);
	return read ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

/* What all calls have in common. False: no memory, or not the libcurl that it was built for. */
static bool set_up(struct http_curl *pool, CURL *curl)
{
	return !curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) &&
		!curl_easy_setopt(curl, CURLOPT_SHARE, pool->share) &&
		!curl_easy_setopt(curl, CURLOPT_MAXCONNECTS, 1L) &&
		!curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) &&
		!curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BYTES) &&
		!curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http") &&
		!curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
		!curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) &&
		!curl_easy_setopt(curl, CURLOPT_USERAGENT, "tollgate/" TOLLGATE_VERSION) &&
		!curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
		!curl_easy_setopt(curl, CURLOPT_CAINFO, NULL) &&
		!curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) &&
		!curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, trust) &&
		!curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, pool) &&
		!curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive_header) &&
		!curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive_body);
}

static CURL *make_handle(struct http_curl *pool)
{
	CURL *curl = curl_easy_init();

	if (curl && !set_up(pool, curl)) {
		curl_easy_cleanup(curl);
		return NULL;
	}
	return curl;
}

static CURL *lend_handle(struct http_curl *pool)
{
	CURL *curl = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->n_idle > 0)
		curl = pool->idle[--pool->n_idle];
	pthread_mutex_unlock(&pool->lock);
	return curl ? curl : make_handle(pool);
}

static void take_back(struct http_curl *pool, CURL *curl)
{
	pthread_mutex_lock(&pool->lock);
	if (pool->n_idle < pool->max) {
		pool->idle[pool->n_idle++] = curl;
		curl = NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	curl_easy_cleanup(curl);
}

static enum status explain(CURLcode code, const char *host, const char *detail,
	struct http_answer *answer, struct err *err)
{
	if (!*detail)
		detail = curl_easy_strerror(code);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return err_set(err, ERR_REMOTE, "the certificate of %s is not trusted: %s. If a proxy or "
			"an authority of your own is meant to be there, name its bundle in AWS_CA_BUNDLE",
			host, detail);
	if (code == CURLE_OUT_OF_MEMORY || code == CURLE_FAILED_INIT)
		return err_set(err, ERR_LOCAL, "cannot call %s: %s", host, detail);
	if (code == CURLE_ABORTED_BY_CALLBACK)
		detail = "the connection ended before one began; this request is not sent again";
	answer->timed_out = code == CURLE_OPERATION_TIMEDOUT;
	if (code == CURLE_WRITE_ERROR)
		return err_set(err, ERR_RETRY, "the answer of %s is over %zu bytes long", host,
			answer->body.max);
	return err_set(err, ERR_RETRY, "no whole answer from %s: %s", host, detail);
}

/* libcurl's list, made of nodes of our own, so that what is secret in it can be wiped. */
static bool list_headers(const struct http_request *request, struct buf *lines,
	struct curl_slist nodes[HEADERS_MAX])
{
	size_t at[HEADERS_MAX];

	if (!request->n_headers || request->n_headers > HEADERS_MAX)
		return false;
	for (size_t i = 0; i < request->n_headers; i++) {
		at[i] = lines->len;
		buf_texts(lines, request->headers[i].name, ": ", request->headers[i].value, NULL);
		buf_putc(lines, '\0');
	}
	/* The lines stay where they are from here on. */
	for (size_t i = 0; i < request->n_headers && !lines->failed; i++)
		nodes[i] = (struct curl_slist){ lines->data + at[i],
			i + 1 < request->n_headers ? &nodes[i + 1] : NULL };
	return !lines->failed;
}

/* Before each time that libcurl sends a request; whether it may. */
static int send_once(void *self, char *peer, char *own, int peer_port, int own_port)
{
	bool *sent = self, again = *sent;

	(void)peer, (void)own, (void)peer_port, (void)own_port;
	*sent = true;
	return again ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static bool load_body(CURL *curl, const struct http_request *request)
{
	if (!request->body)
		return !curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	return !curl_easy_setopt(curl, CURLOPT_POST, 1L) &&
		!curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)request->body) &&
		!curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)request->body_len);
}

/* What this call alone has: where to, what, how long. */
static bool load(CURL *curl, const struct http_request *request, const struct url *url,
	struct curl_slist *headers, bool *sent)
{
	long timeout_ms = request->timeout_ms < 1 ? 1 : (long)request->timeout_ms;

	/* Nothing can stand between us and this machine; NULL lets the environment say. */
	return !curl_easy_setopt(curl, CURLOPT_PROXY,
			url_is_loopback(url) || url_is_link_local(url) ? "" : NULL) &&
		!curl_easy_setopt(curl, CURLOPT_URL, request->url) &&
		!curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) &&
		load_body(curl, request) &&
		!curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, request->once ? send_once : NULL) &&
		!curl_easy_setopt(curl, CURLOPT_PREREQDATA, sent) &&
		!curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method) &&
		!curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
}

static void unload(CURL *curl)
{
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, NULL);
	curl_easy_setopt(curl, CURLOPT_PREREQDATA, NULL);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, NULL);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, NULL);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
}

static enum status perform(CURL *curl, const struct url *url, struct http_answer *ret_answer,
	struct err *err)
{
	char detail[CURL_ERROR_SIZE] = "";
	CURLcode code;
	long status = 0, sent_bytes = 0;

	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE,
		(long)(ret_answer->body.max < HTTP_BODY_MAX ? RECEIVE_BYTES : RECEIVE_LONG_BYTES));
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, ret_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, ret_answer);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	code = curl_easy_perform(curl);
	/* Of all that it sent, where it did so more than once. */
	curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &sent_bytes);
	ret_answer->sent = sent_bytes > 0;
	if (code)
		return explain(code, url->authority, detail, ret_answer, err);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	ret_answer->status = (int)status;
	return OK;
}

static enum status call(void *self, const struct http_request *request,
	struct http_answer *ret_answer, struct err *err)
{
	struct http_curl *pool = self;
	char room[1024] = ""; /* does without a session token */
	__attribute__((cleanup(buf_wipe))) struct buf lines = BUF_ON(room, LINES_MAX);
	struct curl_slist headers[HEADERS_MAX];
	struct url url;
	const char *rest;
	CURL *curl;
	bool sent = false;
	enum status rc = url_split(request->url, &url, &rest, err);

	if (rc)
		return err_wrap(err, rc, "cannot call this URL");
	if (!url.tls && !url_is_loopback(&url) && !(request->link_local && url_is_link_local(&url)))
		return err_set(err, ERR_INPUT, "%s is not called by plain http: it is not this machine, "
			"and what is sent is secret", url.authority);
	curl = lend_handle(pool);
	if (!curl)
		return err_set(err, ERR_LOCAL, "no memory for a connection to %s", url.authority);
	if (list_headers(request, &lines, headers) && load(curl, request, &url, headers, &sent))
		rc = perform(curl, &url, ret_answer, err);
	else
		rc = err_set(err, ERR_LOCAL, "no memory for a request to %s", url.authority);
	/* What libcurl counts begins with a proxy's CONNECT. */
	if (request->once)
		ret_answer->sent = ret_answer->sent && sent;
	unload(curl);
	take_back(pool, curl);
	return rc;
}

static void init_libcurl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool set_up_share(struct http_curl *pool)
{
	CURLSH *share = pool->share = curl_share_init();

	return share && !curl_share_setopt(share, CURLSHOPT_LOCKFUNC, lock_share) &&
		!curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, unlock_share) &&
		!curl_share_setopt(share, CURLSHOPT_USERDATA, pool) &&
		!curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) &&
		!curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

static enum status load_bundle(X509_STORE *store, const char *bundle, struct err *err)
{
	struct stat info;
	int loaded;

	if (!stat(bundle, &info) && S_ISDIR(info.st_mode))
		loaded = X509_STORE_load_path(store, bundle);
	else
		loaded = X509_STORE_load_file(store, bundle);
	if (loaded == 1)
		return OK;
	ERR_clear_error(); /* or it would be taken for a later connection's */
	return err_set(err, ERR_INPUT, "no certificate can be read from %s; AWS_CA_BUNDLE, or "
		"ca_bundle in the profile, has to name a file of PEM certificates", bundle);
}

enum status http_curl_new(long connections, const char *ca_bundle, struct http_curl **ret_pool,
	struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct http_curl *pool = calloc(1, sizeof *pool + (size_t)connections * sizeof pool->idle[0]);
	CURL *first;
	enum status rc = OK;

	pthread_once(&once, init_libcurl);
	if (!pool)
		return err_set(err, ERR_LOCAL, "no memory for %ld connections", connections);
	pool->max = connections;
	pthread_mutex_init(&pool->lock, NULL);
	for (int i = 0; i < CURL_LOCK_DATA_LAST; i++)
		pthread_mutex_init(&pool->share_locks[i], NULL);
	pool->trusted = X509_STORE_new();
	if (!pool->trusted || !set_up_share(pool) || !(first = make_handle(pool))) {
		http_curl_free(pool);
		return err_set(err, ERR_LOCAL, "libcurl cannot be used: no memory, or it is older than "
			"7.85 or built without OpenSSL (this is %s)", curl_version());
	}
	pool->idle[pool->n_idle++] = first;
	pool->trusts_system = !ca_bundle;
	if (ca_bundle)
		rc = load_bundle(pool->trusted, ca_bundle, err);
	if (rc)
		http_curl_free(pool);
	else
		*ret_pool = pool;
	return rc;
}

void http_curl_free(struct http_curl *pool)
{
	if (!pool)
		return;
	while (pool->n_idle > 0)
		curl_easy_cleanup(pool->idle[--pool->n_idle]);
	if (pool->share)
		curl_share_cleanup(pool->share);
	X509_STORE_free(pool->trusted);
	for (int i = 0; i < CURL_LOCK_DATA_LAST; i++)
		pthread_mutex_destroy(&pool->share_locks[i]);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

struct http http_curl_http(struct http_curl *pool)
{
	return (struct http){ call, pool };
}
