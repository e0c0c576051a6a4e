#include "fcgi/signup.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void signup_init(struct signup *signup, const struct product *product)
{
	*signup =
		(struct signup){ .n = 1, .inputs[0] = { .name = "email", .input = "email", .value = "" } };
	for (size_t i = 0; i < product->n_fields && signup->n < SIGNUP_INPUTS_MAX; i++) {
		const struct product_field *field = &product->fields[i];

		signup->inputs[signup->n++] = (struct signup_input){
			.name = field->name, .input = field->input, .field = field, .value = ""
		};
	}
}

void signup_read(struct signup *signup, const struct form *form)
{
	for (size_t i = 0; i < signup->n; i++) {
		const char *value = form_value(form, signup->inputs[i].input);

		signup->inputs[i].value = value ? value : "";
	}
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static bool has_control(const char *text, bool multiline)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c < ' ' && !(multiline && (c == '\n' || c == '\r' || c == '\t'))) || c == 0x7f)
			return true;
	}
	return false;
}

/* Whether mail could be sent there: one @ with something before it, and behind it a name with a dot
 * inside. Only a message that arrives proves more. */
static bool is_email(const char *text)
{
	const char *at = strrchr(text, '@'), *domain = at ? at + 1 : NULL,
			   *dot = domain ? strrchr(domain, '.') : NULL;

	if (!at || at == text || at - text > 64 || strlen(text) > SIGNUP_EMAIL_BYTES_MAX)
		return false;
	if (!dot || dot == domain || !dot[1] || strstr(domain, "..") || *domain == '.' ||
		*domain == '-')
		return false;
	return !strpbrk(text, " \t\"<>()[],;:\\") && memchr(text, '@', (size_t)(at - text)) == NULL &&
		!has_control(text, false);
}

static void refuse_email(struct signup_input *input)
{
	snprintf(input->error, sizeof input->error,
		"Enter an email address in the correct format, like name@example.com");
}

static void check_email(struct signup_input *input)
{
	if (is_blank(input->value))
		snprintf(input->error, sizeof input->error, "Enter your email address");
	else if (!is_email(input->value))
		refuse_email(input);
}

static void check_field(struct signup_input *input)
{
	const struct product_field *field = input->field;

	if (field->required && is_blank(input->value))
		snprintf(input->error, sizeof input->error, "Enter an answer for “%s”", field->label);
	else if (text_characters(input->value, strlen(input->value)) > (size_t)field->max_length)
		snprintf(input->error, sizeof input->error, "“%s” must be %ld characters or fewer",
			field->label, field->max_length);
	else if (has_control(input->value, !strcmp(field->type, "multiline")))
		snprintf(input->error, sizeof input->error,
			"“%s” must not hold line breaks or control characters", field->label);
}

bool signup_check(struct signup *signup)
{
	bool fine = true;

	for (size_t i = 0; i < signup->n; i++) {
		struct signup_input *input = &signup->inputs[i];

		if (input->field)
			check_field(input);
		else
			check_email(input);
		fine = fine && !*input->error;
	}
	return fine;
}

void signup_refuse_email(struct signup *signup)
{
	refuse_email(&signup->inputs[0]);
}
