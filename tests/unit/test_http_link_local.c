/* HTTP to link-local addresses, where machines and containers ask for their credentials: plain, but only
 * for who means it, and never by a proxy. What becomes of the call is the network's matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/http_client.h"

enum { PATIENCE_MS = 100 };

static const char url[] = "http://169.254.1.2/";

static void test_no_proxy_stands_before_it(void **state)
{
	char proxy[64];

	(void)state;
	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server->port);
	setenv("http_proxy", proxy, 1);
	setenv("ALL_PROXY", proxy, 1);
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
	http_link_local = true;
	http_send_to(url, PATIENCE_MS);
	assert_int_equal(server->n_requests, 0);
}

static void test_plain_http_is_refused_to_who_does_not_mean_it(void **state)
{
	(void)state;
	assert_int_equal(http_send_to(url, PATIENCE_MS), ERR_INPUT);
	http_check_text("169.254.1.2 is not called by plain http");
}

#define HTTP_TEST(test) cmocka_unit_test_setup_teardown(test, http_set_up, http_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HTTP_TEST(test_no_proxy_stands_before_it),
		HTTP_TEST(test_plain_http_is_refused_to_who_does_not_mean_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("http_link_local", tests, env_make_home, env_remove_home);
}
