#include "fcgi/visit.h"

#include "base/text.h"
#include "fcgi_queries.h"

enum status visit_store(struct db_writer *writer, const struct visit *visit, struct err *err)
{
	const struct metering_customer *who = &visit->who;
	const char *const values[] = { visit->request_id, text_or_null(visit->visited_at),
		who->product_code, text_or_null(who->customer_identifier),
		text_or_null(who->customer_aws_account_id), text_or_null(who->license_arn),
		visit->token_sha256, text_or_null(visit->offer_type), text_or_null(visit->aws_request_id) };

	return db_writer_run(
		writer, FCGI_REGISTER_VISITS, values, sizeof values / sizeof values[0], NULL, err);
}

enum status visit_note(
	struct db_writer *writer, const struct visit *visit, const char *outcome, struct err *err)
{
	const char *const values[] = { visit->request_id, NULL, text_or_null(visit->who.product_code),
		visit->token_sha256, outcome, text_or_null(visit->aws_request_id) };

	return db_writer_run(
		writer, FCGI_NOTE_VISIT, values, sizeof values / sizeof values[0], NULL, err);
}
