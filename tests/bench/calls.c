/* A floor: the calls of metering and nothing else. calls URL RECORDS
 * BatchMeterUsage with 25 records, 16 at a time; the bodies are made before, nothing is signed or
 * stored, and of the answers only the status is looked at. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"

enum { BATCH = 25, IN_FLIGHT = 16, BODY_BYTES_MAX = 64 * 1024, POLL_MS = 1000 };

static struct buf body = { .max = BODY_BYTES_MAX };

static void make_body(void)
{
	buf_puts(&body, "{\"ProductCode\":\"prod-bench\",\"UsageRecords\":[");
	for (int i = 0; i < BATCH; i++)
		buf_printf(&body, "%s{\"Timestamp\":%lld,\"CustomerIdentifier\":\"buyer%014d\","
			"\"Dimension\":\"requests\",\"Quantity\":%d}", i ? "," : "", (long long)time(NULL), i, i + 1);
	buf_puts(&body, "]}");
}

static size_t ignore(char *data, size_t size, size_t n, void *arg)
{
	(void)data;
	(void)arg;
	return size * n;
}

static CURL *make_call(const char *url, struct curl_slist *headers)
{
	CURL *call = curl_easy_init();

	if (!call)
		exit(71);
	curl_easy_setopt(call, CURLOPT_URL, url);
	curl_easy_setopt(call, CURLOPT_PROXY, "");
	curl_easy_setopt(call, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(call, CURLOPT_POSTFIELDS, buf_text(&body));
	curl_easy_setopt(call, CURLOPT_POSTFIELDSIZE, (long)body.len);
	curl_easy_setopt(call, CURLOPT_WRITEFUNCTION, ignore);
	return call;
}

/* Returns how many ended; the same handles go again while calls are left. */
static long reap(CURLM *multi, long *left)
{
	CURLMsg *message;
	long ended = 0, status = 0;
	int more;

	while ((message = curl_multi_info_read(multi, &more))) {
		CURL *call = message->easy_handle;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(call, CURLINFO_RESPONSE_CODE, &status);
		if (message->data.result || status != 200) {
			fprintf(stderr, "calls: %s, status %ld\n", curl_easy_strerror(message->data.result), status);
			exit(1);
		}
		ended++;
		curl_multi_remove_handle(multi, call);
		if (*left > 0) {
			--*left;
			curl_multi_add_handle(multi, call);
		} else {
			curl_easy_cleanup(call);
		}
	}
	return ended;
}

int main(int argc, char **argv)
{
	static const char *const lines[] = { "Content-Type: application/x-amz-json-1.1",
		"X-Amz-Target: AWSMPMeteringService.BatchMeterUsage", "Expect:", "Accept:" };
	long calls = argc > 2 ? (strtol(argv[2], NULL, 10) + BATCH - 1) / BATCH : 0, left = calls;
	struct curl_slist *headers = NULL;
	CURLM *multi = curl_multi_init();
	int running;

	if (!calls || !multi || curl_global_init(CURL_GLOBAL_DEFAULT))
		return 64;
	make_body();
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		headers = curl_slist_append(headers, lines[i]);
	for (int i = 0; i < IN_FLIGHT && left > 0; i++, left--)
		curl_multi_add_handle(multi, make_call(argv[1], headers));
	for (long ended = 0; ended < calls; ended += reap(multi, &left))
		if (curl_multi_perform(multi, &running) ||
			(running && curl_multi_poll(multi, NULL, 0, POLL_MS, NULL)))
			return 1;
	return 0;
}
