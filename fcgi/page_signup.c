/* The form. It shows only what this same session typed: a later visit starts empty, so nobody sees
 * or overwrites another person's contact data. */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "db/array.h"
#include "fcgi/page.h"
#include "fcgi/pages.h"
#include "fcgi/signup.h"
#include "fcgi_queries.h"

enum { ARRAY_BYTES_MAX = 512 * 1024 };

/* One form on its way into a page. */
struct form_page {
	struct app *app;
	const struct request *request;
	struct reply *reply;
	const struct session *session;
	const struct product *product;
	const struct signup *signup;
	bool not_saved;
};

/* HTML's word for what a field asks, so that browsers can fill it in (WCAG 1.3.5); "" if it has
 * none. */
static const char *autocomplete_of(const struct product_field *field)
{
	static const char *const words[][2] = { { "company", "organization" },
		{ "organization", "organization" }, { "name", "name" }, { "full_name", "name" },
		{ "first_name", "given-name" }, { "last_name", "family-name" },
		{ "job_title", "organization-title" }, { "phone", "tel" }, { "website", "url" },
		{ "country", "country-name" }, { "city", "address-level2" },
		{ "postal_code", "postal-code" } };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (!strcmp(field->name, words[i][0]))
			return words[i][1];
	return !strcmp(field->type, "tel") ? "tel" : "";
}

static void put_field(struct view_value values[N_FIELD], const struct signup_input *input)
{
	const struct product_field *field = input->field;

	memset(values, 0, N_FIELD * sizeof *values);
	values[FIELD_INPUT].text = field->input;
	values[FIELD_LABEL].text = field->label;
	values[FIELD_HINT].text = field->hint;
	values[FIELD_VALUE].text = input->value;
	values[FIELD_ERROR].text = input->error;
	values[FIELD_REQUIRED].flag = field->required;
	values[FIELD_MULTILINE].flag = !strcmp(field->type, "multiline");
	values[FIELD_TYPE].text = field->type;
	values[FIELD_MAX_LENGTH].text = field->max_length_text;
	values[FIELD_AUTOCOMPLETE].text = autocomplete_of(field);
}

static void send_form(const struct form_page *page)
{
	struct view_value values[N_SIGNUP] = { 0 }, fields[SIGNUP_INPUTS_MAX][N_FIELD],
					  errors[SIGNUP_INPUTS_MAX][N_SIGNUP_ERROR] = { 0 };
	const struct view_value *field_rows[SIGNUP_INPUTS_MAX], *error_rows[SIGNUP_INPUTS_MAX];
	size_t n_fields = 0, n_errors = 0;
	auto_buf csrf = BUF_INIT(100);

	for (size_t i = 0; i < page->signup->n; i++) {
		const struct signup_input *input = &page->signup->inputs[i];

		if (input->field) {
			put_field(fields[n_fields], input);
			field_rows[n_fields] = fields[n_fields];
			n_fields++;
		}
		if (*input->error) {
			errors[n_errors][SIGNUP_ERROR_INPUT].text = input->input;
			errors[n_errors][SIGNUP_ERROR_MESSAGE].text = input->error;
			error_rows[n_errors] = errors[n_errors];
			n_errors++;
		}
	}
	session_csrf(&page->app->keys, page->session, &csrf);
	values[SIGNUP_CSRF].text = buf_text(&csrf);
	values[SIGNUP_ACCOUNT_TAIL].text = page_account_tail(page->session);
	values[SIGNUP_ERRORS] = (struct view_value){ .items = error_rows, .n_items = n_errors };
	values[SIGNUP_NOT_SAVED].flag = page->not_saved;
	values[SIGNUP_EMAIL].text = page->signup->inputs[0].value;
	values[SIGNUP_EMAIL_ERROR].text = page->signup->inputs[0].error;
	values[SIGNUP_FIELDS] = (struct view_value){ .items = field_rows, .n_items = n_fields };
	values[SIGNUP_HAS_APP].flag = *page->product->handoff_url != '\0';
	page_send(page->app, page->request, page->reply, PAGE_SIGNUP, page->product, values);
	if (n_errors)
		page->reply->status = 422;
	if (page->not_saved) {
		page->reply->status = 503;
		reply_header(page->reply, "Retry-After", "30");
	}
}

/* Puts in what this session saved before, so that it can be corrected. While the database is away
 * the form is empty. */
static void fill_saved(
	struct app *app, const struct session *session, struct signup *signup, struct db_result *saved)
{
	char hash[HASH_HEX_SIZE];
	const char *const values[] = { hash };
	struct err err;

	session_hash_hex(session, hash);
	if (db_pool_run(app->pool, FCGI_CONTACT_OF_SESSION, values, 1, saved, &err))
		return;
	for (size_t row = 0; row < db_result_rows(saved); row++) {
		const char *name = db_result_text(saved, row, 0), *value = db_result_text(saved, row, 1);

		for (size_t i = 0; i < signup->n && name && value; i++)
			if (!strcmp(signup->inputs[i].name, name))
				signup->inputs[i].value = value;
	}
}

void page_signup(void *arg, struct request *request, struct reply *reply)
{
	struct app *app = arg;
	struct session session;
	struct product_list *list;
	const struct product *product;

	if (!page_session(app, request, reply, &session))
		return;
	list = products_hold(app->products);
	product = product_find(list, session.who.product_code);
	if (product) {
		auto_result saved = { 0 };
		struct signup signup;
		struct form_page page = { app, request, reply, &session, product, &signup, false };

		signup_init(&signup, product);
		fill_saved(app, &session, &signup, &saved);
		send_form(&page);
	} else {
		page_plain(app, request, reply, PAGE_UNAVAILABLE);
	}
	products_release(app->products, list);
}

static enum status save(struct app *app, const struct request *request,
	const struct session *session, const struct signup *signup, struct err *err)
{
	const struct metering_customer *who = &session->who;
	const char *names[SIGNUP_INPUTS_MAX], *texts[SIGNUP_INPUTS_MAX];
	auto_buf name_array = BUF_INIT(ARRAY_BYTES_MAX), text_array = BUF_INIT(ARRAY_BYTES_MAX);
	char hash[HASH_HEX_SIZE];
	enum status rc;

	for (size_t i = 1; i < signup->n; i++) {
		names[i - 1] = signup->inputs[i].name;
		texts[i - 1] = signup->inputs[i].value;
	}
	db_array(&name_array, names, signup->n - 1);
	db_array(&text_array, texts, signup->n - 1);
	if (name_array.failed || text_array.failed)
		return err_set(err, ERR_LOCAL, "the contact data is too long to store");
	session_hash_hex(session, hash);
	{
		const char *const values[] = { hash, who->product_code,
			text_or_null(who->customer_identifier), text_or_null(who->customer_aws_account_id),
			text_or_null(who->license_arn), signup->inputs[0].value, buf_text(&name_array),
			buf_text(&text_array), request->id };

		rc = db_writer_run(
			app->writer, FCGI_ADD_CONTACT, values, sizeof values / sizeof values[0], NULL, err);
	}
	buf_wipe(&text_array);
	return rc;
}

/* What was typed is never lost: while it can't be saved, the form comes back with it. */
static void save_or_show(struct form_page *page, struct signup *signup)
{
	struct err err = { 0 };
	enum status rc;
	bool email_is_bad;

	if (!signup_check(signup)) {
		send_form(page);
		return;
	}
	rc = save(page->app, page->request, page->session, signup, &err);
	if (!rc) {
		reply_redirect(page->reply, "/thanks");
		return;
	}
	/* The form was checked before: that the database is stricter is so of the address alone. */
	email_is_bad = rc == ERR_INPUT && strstr(err.text, "contact_email_shape");
	log_event(email_is_bad ? LOG_INFO : LOG_ERROR, "contact_not_saved",
		LOG_TEXT("request_id", page->request->id), LOG_TEXT("error", err.text));
	if (email_is_bad)
		signup_refuse_email(signup);
	else
		page->not_saved = true;
	send_form(page);
}

void page_signup_post(void *arg, struct request *request, struct reply *reply)
{
	struct app *app = arg;
	auto_form form = { 0 };
	struct session session;
	struct product_list *list;
	const struct product *product;

	if (!page_session_form(app, request, reply, &session, &form))
		return;
	list = products_hold(app->products);
	product = product_find(list, session.who.product_code);
	if (product) {
		struct signup signup;
		struct form_page page = { app, request, reply, &session, product, &signup, false };

		signup_init(&signup, product);
		form_unify_line_breaks(&form);
		signup_read(&signup, &form);
		save_or_show(&page, &signup);
	} else {
		page_plain(app, request, reply, PAGE_UNAVAILABLE);
	}
	products_release(app->products, list);
}
