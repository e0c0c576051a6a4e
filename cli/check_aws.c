/* What AWS says: each action is called with something that changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "aws/accounts.h"
#include "aws/endpoint.h"
#include "aws/profile.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "cli_queries.h"

enum {
	CALL_MS = 6 * 1000,
	CLOCK_OFF_MAX_S = 60, /* AWS refuses signatures at five minutes */
};

struct aws *doctor_aws(struct doctor *doctor)
{
	if (!doctor->aws_tried) {
		doctor->aws_tried = true;
		doctor->aws_status = aws_new(1, &doctor->aws, &doctor->aws_err);
		if (!doctor->aws_status)
			aws_set_limits(doctor->aws, limits_find(doctor->conf.api_edition));
	}
	return doctor->aws;
}

static bool can_ask(struct doctor *doctor, struct report *report)
{
	if (doctor_aws(doctor))
		return true;
	report_found(report, FOUND_NOTHING, "not looked at without region and credentials");
	return false;
}

void check_region(struct doctor *doctor, struct report *report)
{
	struct profile profile = { 0 };
	struct endpoint endpoint;
	struct err err;
	enum status rc = profile_load(&profile, &err);

	if (!rc)
		rc = endpoint_load(&profile, &endpoint, &err);
	doctor->region_wrong = rc != OK;
	if (rc)
		report_error(report, rc, &err);
	else
		report_found(report, FOUND_GOOD, "%s at %s", endpoint.region, endpoint.url);
	profile_done(&profile);
}

/* A sandbox's key means nothing to AWS, and is not shown to it. */
static bool is_sts_of_sandbox(const struct doctor *doctor)
{
	return strncmp(aws_endpoint(doctor->aws), "https:", 6) != 0 &&
		!getenv("AWS_ENDPOINT_URL_STS") && !getenv("AWS_ENDPOINT_URL");
}

static void report_no_credentials(struct report *report, enum status status,
	const struct err *err)
{
	report_error(report, status, err);
	report_advise(report, "put an access key into /etc/tollgate/aws, for the services, or "
		"~/.aws/credentials, for who runs this; or attach a role to this machine or task");
}

static void report_account(struct doctor *doctor, const char *origin, struct report *report)
{
	char account[AWS_ACCOUNT_MAX + 1], arn[AWS_ARN_MAX + 1];
	struct err err;
	enum status rc = aws_caller_account(doctor->aws, clock_monotonic_ms() + CALL_MS, account, arn,
		&err);

	if (!rc)
		report_found(report, FOUND_GOOD, "%s: account %s, %s", origin, account, arn);
	else if (rc == ERR_RETRY)
		report_found(report, FOUND_NOTHING, "%s; whose they are is not known: %s", origin,
			err.text);
	else
		report_no_credentials(report, rc, &err);
}

void check_credentials(struct doctor *doctor, struct report *report)
{
	char origin[AWS_ORIGIN_MAX + 1];
	struct err err;
	enum status rc;

	if (!doctor_aws(doctor)) {
		if (doctor->region_wrong)
			report_found(report, FOUND_NOTHING, "not looked at without a region");
		else
			report_no_credentials(report, doctor->aws_status, &doctor->aws_err);
		return;
	}
	rc = aws_origin(doctor->aws, origin, &err);
	if (rc)
		report_no_credentials(report, rc, &err);
	else if (is_sts_of_sandbox(doctor))
		report_found(report, FOUND_GOOD, "%s; whose they are is not asked of a sandbox", origin);
	else
		report_account(doctor, origin, report);
}

static const struct asked *ask_resolve(struct doctor *doctor)
{
	/* No token that AWS made looks like this. */
	static const char token[] = "tollgate-doctor-made-this-up";
	struct asked *asked = &doctor->resolve;
	struct metering_customer who;

	if (asked->done)
		return asked;
	asked->done = true;
	asked->status = metering_resolve(doctor_aws(doctor), token, clock_monotonic_ms() + CALL_MS,
		&who, &asked->answer, &asked->err);
	asked->now_s = clock_epoch_ms() / 1000;
	return asked;
}

void check_tls(struct doctor *doctor, struct report *report)
{
	const struct asked *asked;

	if (!can_ask(doctor, report))
		return;
	asked = ask_resolve(doctor);
	if (strncmp(aws_endpoint(doctor->aws), "https:", 6) != 0)
		report_found(report, FOUND_NOTHING, "plain http to this machine: a sandbox, and not AWS");
	else if (asked->answer.http_status)
		report_found(report, FOUND_GOOD, "the certificate is trusted");
	else if (asked->status == ERR_REMOTE)
		report_error(report, asked->status, &asked->err);
	else
		report_found(report, FOUND_NOTHING, "not seen: there was no answer");
}

static void report_clock(
	struct report *report, int64_t off_s, const char *whose, const char *advice)
{
	if (llabs(off_s) <= CLOCK_OFF_MAX_S) {
		report_found(report, FOUND_GOOD, "within %lld s of %s", llabs(off_s) + 1, whose);
		return;
	}
	report_found(report, FOUND_WRONG, "%lld minutes %s %s", (llabs(off_s) + 30) / 60,
		off_s > 0 ? "ahead of" : "behind", whose);
	report_advise(report, "%s", advice);
}

void check_clock(struct doctor *doctor, struct report *report)
{
	const struct asked *asked;

	if (!can_ask(doctor, report))
		return;
	asked = ask_resolve(doctor);
	if (!asked->answer.date_s) {
		report_found(report, FOUND_NOTHING, "not compared: no answer of AWS's said the time");
		return;
	}
	report_clock(report, asked->now_s - asked->answer.date_s, "AWS's",
		"set it: timedatectl set-ntp true. AWS refuses signatures that are five minutes off");
}

/* Usage is stamped by PostgreSQL's clock; it is compared with AWS's by way of ours. */
void check_database_clock(struct doctor *doctor, struct report *report)
{
	const struct asked *asked = &doctor->resolve;
	bool is_aws_known = asked->done && asked->answer.date_s;
	int64_t aws_ahead_s = is_aws_known ? asked->answer.date_s - asked->now_s : 0;
	auto_result row = { 0 };
	struct err err;
	int64_t from_s, to_s;
	long now_s = 0;
	enum status rc;

	if (!doctor->sees_ledger) {
		report_found(report, FOUND_NOTHING, "not looked at without the ledger");
		return;
	}
	from_s = clock_epoch_ms() / 1000 + aws_ahead_s;
	rc = doctor_query(CLI_READ_CLOCK, &row, &err);
	to_s = clock_epoch_ms() / 1000 + aws_ahead_s;
	if (!rc && !text_number(db_result_text(&row, 0, 0), 0, 0x7fffffffffffffff, &now_s))
		rc = err_set(&err, ERR_LOCAL, "the database's clock cannot be read");
	if (rc)
		report_error(report, rc, &err);
	else /* It was read somewhere between the two. */
		report_clock(report, now_s < from_s ? now_s - from_s : now_s > to_s ? now_s - to_s : 0,
			is_aws_known ? "AWS's" : "this machine's",
			"set it on PostgreSQL's machine: timedatectl set-ntp true. Usage gets into its hour "
			"by it, and tollgate-meter does not run where it is two minutes off "
			"AWS's");
}

/* What a refusal that is not about the request says. */
static void report_refusal(struct report *report, const char *action, enum status status,
	const struct aws_answer *answer, const struct err *err)
{
	report_error(report, status, err);
	if (!strncmp(answer->code, "AccessDenied", strlen("AccessDenied")))
		report_advise(report, "the identity's policy lacks: {\"Effect\": \"Allow\", \"Action\": "
			"\"aws-marketplace:%s\", \"Resource\": \"*\"}", action);
	else if (status == ERR_RETRY && !answer->http_status)
		report_advise(report, "can this machine reach it? Look at firewall, proxy and DNS, and at "
			"AWS_ENDPOINT_URL_MARKETPLACE_METERING if that is set");
}

void check_resolve(struct doctor *doctor, struct report *report)
{
	const struct asked *asked;

	if (!can_ask(doctor, report))
		return;
	asked = ask_resolve(doctor);
	if (asked->status == ERR_INPUT && asked->answer.class == ERROR_BUYER)
		report_found(report, FOUND_GOOD, "ResolveCustomer is allowed: %s to a made-up token",
			asked->answer.code);
	else if (!asked->status)
		report_found(report, FOUND_WRONG, "ResolveCustomer took a made-up token: this is not AWS");
	else
		report_refusal(report, "ResolveCustomer", asked->status, &asked->answer, &asked->err);
}

/* Today's edition wants no product where no record is; that of 2019 one of the seller's. */
static bool needs_product(const struct doctor *doctor)
{
	return !strcmp(doctor->conf.api_edition, "2019");
}

static enum status meter_nothing(const struct doctor *doctor, struct aws *aws, const char *product,
	struct aws_answer *ret_answer, struct err *err)
{
	struct metering_result none[METERING_RECORDS_MAX];

	return metering_batch(aws, needs_product(doctor) ? product : NULL, NULL, 0,
		clock_monotonic_ms() + CALL_MS, none, ret_answer, err);
}

void check_meter(struct doctor *doctor, struct report *report)
{
	struct aws_answer answer;
	struct err err;
	enum status rc;

	if (!can_ask(doctor, report))
		return;
	if (needs_product(doctor) && !*doctor->product_code) {
		report_found(report, FOUND_NOTHING, "not asked: the edition of 2019 needs a product");
		return;
	}
	rc = meter_nothing(doctor, doctor->aws, doctor->product_code, &answer, &err);
	if (rc)
		report_refusal(report, "BatchMeterUsage", rc, &answer, &err);
	else
		report_found(report, FOUND_GOOD, "BatchMeterUsage is allowed: it took an empty list");
}

/* Up to the first that is refused, which is told. */
static void try_accounts(const struct doctor *doctor, struct aws_accounts *accounts,
	const struct db_result *rows, struct report *report)
{
	enum { ROLE, EXTERNAL_ID, REGION, PRODUCT };
	size_t n = db_result_rows(rows);

	for (size_t i = 0; i < n; i++) {
		const struct aws_role role = { db_result_text(rows, i, ROLE),
			db_result_text(rows, i, EXTERNAL_ID), db_result_text(rows, i, REGION) };
		const char *product = db_result_text(rows, i, PRODUCT);
		struct aws_answer answer = { 0 };
		struct aws *aws;
		struct err err;
		enum status rc = aws_accounts_get(accounts, &role, &aws, &err);

		if (!rc)
			rc = meter_nothing(doctor, aws, product, &answer, &err);
		if (!rc)
			continue;
		err_wrap(&err, rc, "product %s, %s%s%s", product, role.role_arn ? role.role_arn : "",
			role.role_arn && role.region ? " in " : "", role.region ? role.region : "");
		report_refusal(report, "BatchMeterUsage", rc, &answer, &err);
		if (answer.class == ERROR_AUTH && !answer.http_status)
			report_advise(report, "compare the product's aws_role_arn and aws_external_id with the "
				"role, whose trust policy has to let the identity above assume it");
		return;
	}
	report_found(report, FOUND_GOOD, "BatchMeterUsage is allowed as each role and in each region "
		"that products name: %zu", n);
}

/* What products name for themselves may lack what the settings have. */
void check_accounts(struct doctor *doctor, struct report *report)
{
	auto_result rows = { 0 };
	struct aws_accounts *accounts = NULL;
	struct err err;
	enum status rc;

	if (!can_ask(doctor, report))
		return;
	if (!doctor->sees_products) {
		report_found(report, FOUND_NOTHING, "not looked at without the products");
		return;
	}
	rc = doctor_query(CLI_ACCOUNTS, &rows, &err);
	if (!rc && !db_result_rows(&rows)) {
		report_found(report, FOUND_NOTHING, "no product names a role or a region of its own");
		return;
	}
	if (!rc)
		rc = aws_accounts_new(doctor->aws, &accounts, &err);
	if (rc)
		report_error(report, rc, &err);
	else
		try_accounts(doctor, accounts, &rows, report);
	aws_accounts_free(accounts);
}
