/* fcgi/signup: the form as a table. */
#include "tests/unit/unit.h"

#include "fcgi/signup.h"

static struct product_field fields[] = {
	{ .name = "company",
		.label = "Company",
		.hint = "",
		.type = "text",
		.input = NULL,
		.max_length = 5,
		.required = true },
	{ .name = "note",
		.label = "Note",
		.hint = "",
		.type = "multiline",
		.input = NULL,
		.max_length = 20 },
};
static struct product product = { .fields = fields, .n_fields = 2 };

static char company_input[] = "field_company", note_input[] = "field_note";

/* The error of input number n after posting this body. Static storage. */
static const char *error_of(const char *body, size_t n)
{
	static struct signup signup;
	auto_form form = { 0 };
	struct err err;
	bool fine;

	fields[0].input = company_input;
	fields[1].input = note_input;
	signup_init(&signup, &product);
	assert_int_equal(signup.n, 3);
	assert_int_equal(form_parse(body, strlen(body), &form, &err), OK);
	signup_read(&signup, &form);
	fine = signup_check(&signup);
	assert_int_equal(
		fine, !*signup.inputs[0].error && !*signup.inputs[1].error && !*signup.inputs[2].error);
	return signup.inputs[n].error;
}

static void good_addresses_pass(void **state)
{
	static const char *const good[] = { "a@b.co", "first.last%2Btag@example.com",
		"x@sub.example.co.uk", "o'brien@example.ie", "j%C3%B6rg@b%C3%BCcher.example",
		"_@example.com", "1@2.example" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		char body[200];

		snprintf(body, sizeof body, "email=%s&field_company=Acme", good[i]);
		assert_string_equal(error_of(body, 0), "");
	}
}

static void bad_addresses_say_what_is_right(void **state)
{
	static const char *const bad[] = { "a", "@b.co", "a@", "a@b", "a@b.", "a@.b", "a@b..co",
		"a b@c.de", "a@@b.co", "a@b@c.de", "<a@b.co>", "a@b.co,c@d.co", "a@b.co%0d%0aBcc:x@y.zz",
		"a%0d%0ab@c.de", "a@b%0a.co", "a@b%20.co", "a@-b.co" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char body[200];

		snprintf(body, sizeof body, "email=%s&field_company=Acme", bad[i]);
		assert_non_null(strstr(error_of(body, 0), "name@example.com"));
	}
}

static void email_is_required(void **state)
{
	(void)state;
	assert_string_equal(error_of("field_company=Acme", 0), "Enter your email address");
	assert_string_equal(error_of("email=++&field_company=Acme", 0), "Enter your email address");
}

static void email_has_254_bytes_at_most_and_64_before_the_at(void **state)
{
	char body[400];

	(void)state;
	snprintf(body, sizeof body, "email=%064d@%0185d.com", 1, 1);
	assert_string_equal(error_of(body, 0), "");
	snprintf(body, sizeof body, "email=%064d@%0186d.com", 1, 1);
	assert_string_not_equal(error_of(body, 0), "");
	snprintf(body, sizeof body, "email=%065d@b.com", 1);
	assert_string_not_equal(error_of(body, 0), "");
}

static void required_field_may_not_be_blank(void **state)
{
	(void)state;
	assert_string_equal(error_of("email=a@b.co", 1), "Enter an answer for “Company”");
	assert_string_equal(
		error_of("email=a@b.co&field_company=+%09", 1), "Enter an answer for “Company”");
	assert_string_equal(error_of("email=a@b.co&field_company=x+y", 1), "");
	assert_string_equal(error_of("email=a@b.co&field_company=x", 2), "");
}

static void length_counts_characters_not_bytes(void **state)
{
	(void)state;
	assert_string_equal(
		error_of("email=a@b.co&field_company=%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9", 1), "");
	assert_non_null(
		strstr(error_of("email=a@b.co&field_company=abcdef", 1), "5 characters or fewer"));
}

static void line_breaks_are_for_multiline_only(void **state)
{
	(void)state;
	assert_string_not_equal(error_of("email=a@b.co&field_company=a%0Ab", 1), "");
	assert_string_equal(error_of("email=a@b.co&field_company=a&field_note=a%0D%0Ab", 2), "");
	assert_string_not_equal(error_of("email=a@b.co&field_company=a&field_note=a%1Bb", 2), "");
}

/* 100 characters, of four bytes. */
static void long_label_is_shown_whole(void **state)
{
	static char label[401];
	const char *plain = fields[0].label, *error;

	(void)state;
	for (size_t i = 0; i < 400; i += 4)
		memcpy(label + i, "\xf0\x9f\x8d\x8f", 4);
	fields[0].label = label;
	error = error_of("email=a@b.co&field_company=toolong", 1);
	assert_non_null(strstr(error, label));
	assert_non_null(strstr(error, "must be 5 characters or fewer"));
	fields[0].label = plain;
}

static void fields_that_nobody_asked_for_are_ignored(void **state)
{
	(void)state;
	assert_string_equal(
		error_of("email=a@b.co&field_company=a&status=active&field_admin=1&company=b", 1), "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_addresses_pass),
		cmocka_unit_test(bad_addresses_say_what_is_right),
		cmocka_unit_test(email_is_required),
		cmocka_unit_test(email_has_254_bytes_at_most_and_64_before_the_at),
		cmocka_unit_test(required_field_may_not_be_blank),
		cmocka_unit_test(length_counts_characters_not_bytes),
		cmocka_unit_test(line_breaks_are_for_multiline_only),
		cmocka_unit_test(long_label_is_shown_whole),
		cmocka_unit_test(fields_that_nobody_asked_for_are_ignored),
	};

	return UNIT_RUN(tests);
}
