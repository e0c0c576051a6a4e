/* The real pages: what they say to the buyer, and what the forms send. */
#include "tests/unit/pages_fixture.h"

static void assert_says(const char *name, const char *html, const char *text)
{
	if (!strstr(html, text))
		fail_msg("%s does not say: %s", name, text);
}

static bool is_failure(size_t page)
{
	return page != PAGE_HOME && page != PAGE_SIGNUP && page != PAGE_THANKS && page != PAGE_EXISTING;
}

static void every_page_has_a_title_of_its_own(void **state)
{
	auto_buf titles = BUF_INIT(PAGE_BYTES_MAX);

	(void)state;
	for (size_t page = 0; page < N_PAGES; page++) {
		auto_buf html = BUF_INIT(PAGE_BYTES_MAX), title = BUF_INIT(1000);
		const char *from, *to;

		render_page(page, sets[EMPTY], &html);
		from = strstr(html.data, "<title>");
		to = strstr(html.data, "</title>");
		assert_true(from && to && to > from + 10);
		buf_add(&title, from, (size_t)(to - from));
		if (strstr(buf_text(&titles), title.data))
			fail_msg("%s: the title of another page: %s", pages[page].file, title.data);
		buf_puts(&titles, title.data);
	}
}

static void every_failure_names_the_reference_and_the_support_contact(void **state)
{
	(void)state;
	for (size_t page = 0; page < N_PAGES; page++) {
		auto_buf html = BUF_INIT(PAGE_BYTES_MAX);

		if (!is_failure(page))
			continue;
		render_page(page, sets[BENIGN], &html);
		assert_says(
			pages[page].file, html.data, "Reference for support: <code>xrequest_id0</code>");
		assert_says(pages[page].file, html.data,
			"Write to <a href=\"mailto:xsupport_email0\">xsupport_email0</a>");
		assert_says(pages[page].file, html.data, "<a href=\"https://a.example/support_url0\"");
	}
}

static void a_failure_without_a_known_contact_says_where_to_find_it(void **state)
{
	(void)state;
	for (size_t page = 0; page < N_PAGES; page++) {
		auto_buf html = BUF_INIT(PAGE_BYTES_MAX);

		if (!is_failure(page))
			continue;
		render_page(page, sets[EMPTY], &html);
		assert_says(pages[page].file, html.data, "on the product’s page in AWS Marketplace");
	}
}

static void every_failure_says_that_nothing_is_bought_or_charged_again(void **state)
{
	static const char *const ways[] = { "no new purchase", "charged nothing", "makes no purchase",
		"bought twice" };

	(void)state;
	for (size_t page = 0; page < N_PAGES; page++) {
		auto_buf html = BUF_INIT(PAGE_BYTES_MAX);
		bool said = !is_failure(page);

		render_page(page, sets[EMPTY], &html);
		for (size_t i = 0; i < 4; i++)
			said = said || strstr(html.data, ways[i]);
		if (!said)
			fail_msg("%s leaves the buyer to wonder about money", pages[page].file);
	}
}

static void every_page_offers_the_sellers_links(void **state)
{
	static const char *const links[] = { "support_url0", "terms_url0", "privacy_url0" };

	(void)state;
	for (size_t page = 0; page < N_PAGES; page++) {
		auto_buf html = BUF_INIT(PAGE_BYTES_MAX);

		render_page(page, sets[BENIGN], &html);
		for (size_t i = 0; i < 3; i++)
			assert_says(pages[page].file, strstr(html.data, "<footer>"), links[i]);
		assert_says(pages[page].file, html.data,
			"<img src=\"https://a.example/logo_url0\" alt=\"xseller_name0\">");
	}
}

static void the_form_says_who_subscribed_above_its_first_field(void **state)
{
	auto_buf html = BUF_INIT(PAGE_BYTES_MAX);
	const char *product, *account, *way_out, *field;

	(void)state;
	render_page(PAGE_SIGNUP, sets[BENIGN], &html);
	product = strstr(html.data, "<dd><bdi>xproduct_name0</bdi></dd>");
	account = strstr(html.data, "AWS account ending in xaccount_tail0");
	way_out = strstr(html.data, "<form method=\"post\" action=\"/not-my-account\">");
	field = strstr(html.data, "<input id=\"email\"");
	assert_true(product && account && way_out && field);
	assert_true(product < field && account < way_out && way_out < field);
}

static void the_form_links_each_error_to_its_field(void **state)
{
	auto_buf html = BUF_INIT(PAGE_BYTES_MAX);

	(void)state;
	render_page(PAGE_SIGNUP, sets[BENIGN], &html);
	assert_says("signup", html.data, "<title>Error: ");
	assert_says("signup", html.data, "<h2 id=\"problem\">There is a problem</h2>");
	assert_says("signup", html.data, "<li><a href=\"#xinput1\">xmessage1</a></li>");
	assert_says("signup", html.data, "id=\"xinput1\" name=\"xinput1\" maxlength=\"xmax_length1\"");
	assert_says("signup", html.data, "aria-describedby=\"xinput1-hint xinput1-error\"");
	assert_says(
		"signup", html.data, "aria-describedby=\"email-hint email-error\" aria-invalid=\"true\"");
	assert_int_equal(count(html.data, "aria-invalid=\"true\""), 1 + ITEMS);
}

static void the_form_without_errors_shows_none(void **state)
{
	auto_buf html = BUF_INIT(PAGE_BYTES_MAX);

	(void)state;
	render_page(PAGE_SIGNUP, sets[EMPTY], &html);
	assert_null(strstr(html.data, "role=\"alert\""));
	assert_null(strstr(html.data, "aria-invalid"));
	assert_null(strstr(html.data, "Error"));
	assert_null(strstr(html.data, "/existing"));
	assert_says("signup", html.data, "The AWS account that you came from");
}

static void a_text_area_keeps_a_line_end_that_the_buyer_typed_first(void **state)
{
	auto_buf html = BUF_INIT(PAGE_BYTES_MAX);

	(void)state;
	render_page(PAGE_SIGNUP, sets[BENIGN], &html);
	/* Browsers drop one line end after the tag. */
	assert_says("signup", html.data, ">\nxvalue0</textarea>");
}

static void try_again_sends_the_same_token_and_offer(void **state)
{
	auto_buf html = BUF_INIT(PAGE_BYTES_MAX), bare = BUF_INIT(PAGE_BYTES_MAX);

	(void)state;
	render_page(PAGE_TRY_AGAIN, sets[BENIGN], &html);
	render_page(PAGE_TRY_AGAIN, sets[EMPTY], &bare);
	assert_int_equal(count(html.data, "xtoken0"), 1);
	assert_says("try_again", html.data, "<form method=\"post\">");
	assert_says("try_again", html.data,
		"<input type=\"hidden\" name=\"x-amzn-marketplace-token\" value=\"xtoken0\">");
	assert_says("try_again", html.data,
		"<input type=\"hidden\" name=\"x-amzn-marketplace-offer-type\" value=\"xoffer_type0\">");
	assert_null(strstr(bare.data, "x-amzn-marketplace-offer-type"));
}

static void the_hand_off_names_where_it_leads(void **state)
{
	auto_buf html = BUF_INIT(PAGE_BYTES_MAX);

	(void)state;
	render_page(PAGE_EXISTING, sets[BENIGN], &html);
	assert_says("existing", html.data, "<form method=\"post\" action=\"/handoff\">");
	assert_says("existing", html.data, ">Continue to xapp_host0</button>");
	assert_says("existing", html.data, "AWS account ending in xaccount_tail0");
}

static void thanks_says_when_access_starts_and_which_address_is_used(void **state)
{
	auto_buf html = BUF_INIT(PAGE_BYTES_MAX), bare = BUF_INIT(PAGE_BYTES_MAX);

	(void)state;
	render_page(PAGE_THANKS, sets[BENIGN], &html);
	render_page(PAGE_THANKS, sets[EMPTY], &bare);
	assert_says("thanks", html.data, "xaccess_note0");
	assert_says("thanks", html.data, "<bdi>xemail0</bdi>");
	assert_null(strstr(html.data, "two business days"));
	assert_says("thanks", bare.data, "two business days");
	assert_says("thanks", bare.data, "the email address that you gave");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_page_has_a_title_of_its_own),
		cmocka_unit_test(every_failure_names_the_reference_and_the_support_contact),
		cmocka_unit_test(a_failure_without_a_known_contact_says_where_to_find_it),
		cmocka_unit_test(every_failure_says_that_nothing_is_bought_or_charged_again),
		cmocka_unit_test(every_page_offers_the_sellers_links),
		cmocka_unit_test(the_form_says_who_subscribed_above_its_first_field),
		cmocka_unit_test(the_form_links_each_error_to_its_field),
		cmocka_unit_test(the_form_without_errors_shows_none),
		cmocka_unit_test(a_text_area_keeps_a_line_end_that_the_buyer_typed_first),
		cmocka_unit_test(try_again_sends_the_same_token_and_offer),
		cmocka_unit_test(the_hand_off_names_where_it_leads),
		cmocka_unit_test(thanks_says_when_access_starts_and_which_address_is_used),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("templates text", tests, load_pages, free_pages);
}
