/* The style sheet's colours: every pair that meets has the contrast that WCAG 2.2 AA asks for, in light
 * and in dark; and nothing in it comes from another site. */
#include <stdlib.h>

#include "base/buf.h"
#include "tests/unit/unit.h"

static char css[64 * 1024];

static int read_css(void **state)
{
	FILE *in = fopen("templates/static/style.css", "r");
	size_t len;

	(void)state;
	if (!in)
		return -1;
	len = fread(css, 1, sizeof css - 1, in);
	css[len] = '\0';
	return fclose(in);
}

/* x to the power of 2.4, without libm: x² times the square of x's fifth root (Newton). */
static double power_2_4(double x)
{
	double root = 1;

	for (int i = 0; i < 60 && x > 0; i++)
		root = (4 * root + x / (root * root * root * root)) / 5;
	return x > 0 ? x * x * root * root : 0;
}

/* WCAG 2.2, "relative luminance" of #rrggbb. */
static double luminance(const char *hex)
{
	static const double weights[] = { 0.2126, 0.7152, 0.0722 };
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		char two[3] = { hex[1 + 2 * i], hex[2 + 2 * i], '\0' };
		double c = (double)strtol(two, NULL, 16) / 255;

		sum += weights[i] * (c <= 0.04045 ? c / 12.92 : power_2_4((c + 0.055) / 1.055));
	}
	return sum;
}

/* The value of --name in the first block after `from`. */
static const char *colour(const char *from, const char *name)
{
	auto_buf declaration = BUF_INIT(100);
	const char *at;

	buf_printf(&declaration, "--%s: #", name);
	at = strstr(from, declaration.data);
	if (!at || strspn(at + declaration.len, "0123456789abcdef") != 6 || at > strchr(from, '}'))
		fail_msg("no colour --%s: #rrggbb", name);
	return at + declaration.len - 1;
}

static double contrast(const char *block, const char *a, const char *b)
{
	double x = luminance(colour(block, a)), y = luminance(colour(block, b));

	return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

struct pair {
	const char *front, *back;
};

static void assert_contrast(const struct pair *pairs, size_t n, double least)
{
	const char *light = strstr(css, ":root {"), *dark = strstr(css, "(prefers-color-scheme: dark)");

	assert_true(light && dark && light < dark);
	for (size_t i = 0; i < n; i++) {
		double in_light = contrast(light, pairs[i].front, pairs[i].back);
		double in_dark = contrast(dark, pairs[i].front, pairs[i].back);

		if (in_light < least || in_dark < least)
			fail_msg("%s on %s: %.2f in light, %.2f in dark, wanted %.1f", pairs[i].front,
				pairs[i].back, in_light, in_dark, least);
	}
}

static void contrast_is_computed_as_wcag_does(void **state)
{
	(void)state;
	assert_true(luminance("#000000") == 0);
	assert_true(luminance("#ffffff") > 0.9999 && luminance("#ffffff") < 1.0001);
	assert_true(luminance("#767676") > 0.1811 && luminance("#767676") < 0.1813);
}

static void text_stands_out(void **state)
{
	static const struct pair pairs[] = { { "text", "page" }, { "text", "card" },
		{ "text", "panel" }, { "text", "error-panel" }, { "text", "done-panel" },
		{ "soft", "page" }, { "soft", "card" }, { "soft", "panel" }, { "accent", "page" },
		{ "accent", "card" }, { "accent", "panel" }, { "accent", "done-panel" },
		{ "accent", "error-panel" }, { "accent-deep", "page" }, { "accent-deep", "card" },
		{ "accent-deep", "panel" }, { "on-accent", "accent" }, { "on-accent", "accent-deep" },
		{ "error", "card" }, { "error", "error-panel" }, { "done", "done-panel" } };

	(void)state;
	assert_contrast(pairs, sizeof pairs / sizeof pairs[0], 4.5);
}

static void edges_and_focus_stand_out(void **state)
{
	static const struct pair pairs[] = { { "edge", "card" }, { "edge", "page" },
		{ "accent", "card" }, { "accent", "page" }, { "error", "card" }, { "done", "done-panel" } };

	(void)state;
	assert_contrast(pairs, sizeof pairs / sizeof pairs[0], 3);
}

static void nothing_comes_from_elsewhere(void **state)
{
	(void)state;
	assert_null(strstr(css, "url("));
	assert_null(strstr(css, "@import"));
	assert_null(strstr(css, "http"));
}

static void every_colour_has_a_name(void **state)
{
	const char *rules = strstr(css, "*::before");

	(void)state;
	assert_non_null(rules);
	for (const char *at = rules; (at = strchr(at, '#')) != NULL; at++) {
		const char *line = at;

		while (line > css && line[-1] != '\n')
			line--;
		if (strncmp(line + strspn(line, " "), "--", 2) != 0)
			fail_msg("a colour without a name: %.*s", (int)strcspn(line, "\n"), line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contrast_is_computed_as_wcag_does),
		cmocka_unit_test(text_stands_out),
		cmocka_unit_test(edges_and_focus_stand_out),
		cmocka_unit_test(nothing_comes_from_elsewhere),
		cmocka_unit_test(every_colour_has_a_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("style", tests, read_css, NULL);
}
