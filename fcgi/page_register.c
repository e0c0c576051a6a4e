/* The fulfilment URL: the browser comes from AWS with a token that says who its user is. The token
 * is traded at once, and from then on a signed cookie stands for it: it goes into no URL, log,
 * cookie or table, and only into the one page that posts it again after an outage. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "fcgi/page.h"
#include "fcgi/pages.h"

static const char own_path[] = "/register/"; /* of a product, whose code follows, or of none */
static const char token_name[] = "x-amzn-marketplace-token";
static const char offer_name[] = "x-amzn-marketplace-offer-type";

/* What the browser posted, and what became of it. */
struct landing {
	struct app *app;
	const struct request *request;
	struct reply *reply;
	const char *token;
	const char *product; /* the code in the URL, "" without one */
	struct visit visit;
};

/* The one claim that AWS documents is "free-trial"; what does not look like such a word is not
 * kept. */
static void keep_offer(struct visit *visit, const char *offer)
{
	if (offer && strspn(offer, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(offer) &&
		strlen(offer) < sizeof visit->offer_type)
		memcpy(visit->offer_type, offer, strlen(offer) + 1);
}

static void log_landing(enum log_level level, const char *event, const struct landing *landing,
	const struct aws_answer *answer, const char *error)
{
	log_event(level, event, LOG_TEXT("request_id", landing->request->id),
		LOG_TEXT(
			"product", *landing->visit.who.product_code ? landing->visit.who.product_code : NULL),
		LOG_TEXT("aws_code", *answer->code ? answer->code : NULL),
		LOG_NUM("aws_status", answer->http_status),
		LOG_TEXT("aws_request_id", *answer->request_id ? answer->request_id : NULL),
		LOG_NUM("tries", answer->tries), LOG_TEXT("error", error));
}

/* A row for the seller; the buyer's page does not depend on it. */
static void note(const struct landing *landing, const char *outcome)
{
	struct err err = { 0 };

	if (visit_note(landing->app->writer, &landing->visit, outcome, &err))
		log_event(LOG_WARN, "visit_not_noted", LOG_TEXT("request_id", landing->request->id),
			LOG_TEXT("outcome", outcome), LOG_TEXT("error", err.text));
}

static void send_try_again(const struct landing *landing)
{
	struct view_value values[N_TRY_AGAIN] = { [TRY_AGAIN_TOKEN].text = landing->token,
		[TRY_AGAIN_OFFER_TYPE].text = landing->visit.offer_type };

	page_send(landing->app, landing->request, landing->reply, PAGE_TRY_AGAIN, NULL, values);
}

static void refuse_token(const struct landing *landing, const struct aws_answer *answer)
{
	bool expired = !strcmp(answer->code, "ExpiredTokenException");

	note(landing, expired ? "token_expired" : "token_invalid");
	page_plain(landing->app, landing->request, landing->reply,
		expired ? PAGE_TOKEN_EXPIRED : PAGE_TOKEN_INVALID);
}

/* Stores the visit: in the journal while the database is away, and where it takes none of it, which
 * a person has to look into. */
static enum status keep_visit(struct landing *landing, struct err *err)
{
	struct visit *visit = &landing->visit;
	enum status rc = visit_store(landing->app->writer, visit, err);
	int64_t now_ms = clock_epoch_ms();

	if (!rc || rc == ERR_MISSING)
		return rc;
	log_event(LOG_WARN, "visit_to_journal", LOG_TEXT("request_id", visit->request_id),
		LOG_TEXT("error", err->text));
	snprintf(visit->visited_at, sizeof visit->visited_at, "%lld.%03d", (long long)(now_ms / 1000),
		(int)(now_ms % 1000));
	return journal_add(landing->app->journal, visit, err);
}

/* Whether the product is the seller's; ret_account, unless NULL, gets the client that calls AWS for
 * it. A product that was added a moment ago is found too.
 * ERR_MISSING: it is not.  ERR_RETRY: nobody knows, as the list can't be read. */
static enum status find_product(
	struct app *app, const char *code, struct aws **ret_account, struct err *err)
{
	bool fresh = false;

	for (;;) {
		struct product_list *list = products_hold(app->products);
		const struct product *product = product_find(list, code);
		enum status rc = OK;

		if (product && ret_account)
			rc = aws_accounts_get(app->accounts, &product->role, ret_account, err);
		products_release(app->products, list);
		if (product)
			return rc;
		if (fresh)
			return err_set(err, ERR_MISSING, "the table product has no such product");
		if (products_refresh(app->products, err))
			return ERR_RETRY;
		fresh = true;
	}
}

static void refuse_product(
	const struct landing *landing, const struct aws_answer *answer, const char *error)
{
	log_landing(LOG_WARN, "unknown_product", landing, answer, error);
	note(landing, "unknown_product");
	page_plain(landing->app, landing->request, landing->reply, PAGE_UNKNOWN_PRODUCT);
}

static void accept_buyer(struct landing *landing, const struct aws_answer *answer)
{
	struct err err = { 0 };
	enum status product =
		find_product(landing->app, landing->visit.who.product_code, NULL, &err);
	enum status kept;

	if (product == ERR_MISSING) {
		refuse_product(landing, answer, err.text);
		return;
	}
	kept = keep_visit(landing, &err);
	if (kept || product) {
		log_landing(LOG_ERROR, kept ? "registration_not_kept" : "products_not_read", landing,
			answer, err.text);
		send_try_again(landing);
		return;
	}
	log_landing(LOG_INFO, "registered", landing, answer, NULL);
	session_give(
		&landing->app->keys, &landing->visit.who, landing->app->secure, landing->reply);
	reply_redirect(landing->reply, "/signup");
}

static void resolve(struct landing *landing, struct resolver_question *question)
{
	struct aws_answer answer = { 0 };
	struct err err = { 0 };
	enum status rc = resolver_resolve(
		landing->app->resolver, question, &landing->visit.who, &answer, &err);

	text_copy(
		landing->visit.aws_request_id, sizeof landing->visit.aws_request_id, answer.request_id);
	if (!rc) {
		accept_buyer(landing, &answer);
		return;
	}
	log_landing(rc == ERR_INPUT ? LOG_INFO : LOG_ERROR, "not_resolved", landing, &answer, err.text);
	if (rc == ERR_INPUT) {
		refuse_token(landing, &answer);
		return;
	}
	if (rc == ERR_REMOTE)
		note(landing, "aws_refused");
	else
		note(landing, answer.class == ERROR_NONE ? "busy" : "aws_unavailable");
	send_try_again(landing);
}

/* Whom to ask: for a product with a URL of its own, the account that its row names. False: the
 * reply is made. */
static bool choose_account(struct landing *landing, struct resolver_question *question)
{
	const struct aws_answer none = { 0 };
	struct err err = { 0 };
	enum status rc = OK;

	question->aws = landing->app->aws;
	if (*landing->product)
		rc = find_product(landing->app, landing->product, &question->aws, &err);
	if (!rc)
		return true;
	if (rc == ERR_MISSING) {
		refuse_product(landing, &none, err.text);
	} else {
		log_landing(LOG_ERROR, "no_account", landing, &none, err.text);
		send_try_again(landing);
	}
	return false;
}

static void trade(struct landing *landing)
{
	struct resolver_question question = { .token = landing->token };
	unsigned char hashes[2 * HASH_BYTES];

	hash_sha256(landing->token, strlen(landing->token), question.hash);
	text_hex(question.hash, HASH_BYTES, landing->visit.token_sha256);
	if (*landing->product) {
		memcpy(hashes, question.hash, HASH_BYTES);
		hash_sha256(landing->product, strlen(landing->product), hashes + HASH_BYTES);
		hash_sha256(hashes, sizeof hashes, question.hash);
	}
	if (choose_account(landing, &question))
		resolve(landing, &question);
}

void page_register(void *arg, struct request *request, struct reply *reply)
{
	struct landing landing = { .app = arg, .request = request, .reply = reply, .product = "" };
	auto_form form = { 0 };
	bool differ;

	if (!page_form(landing.app, request, reply, &form))
		return;
	landing.token = form_only_value(&form, token_name, &differ);
	if (!landing.token || !*landing.token || differ) {
		page_plain(landing.app, request, reply, PAGE_NO_TOKEN);
		return;
	}
	if (!strncmp(request->path, own_path, sizeof own_path - 1))
		landing.product = request->path + sizeof own_path - 1;
	memcpy(landing.visit.request_id, request->id, sizeof request->id);
	keep_offer(&landing.visit, form_value(&form, offer_name));
	trade(&landing);
}
