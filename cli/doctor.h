/* `tollgate doctor`: a check is a function that looks at one thing and says what it found. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "aws/metering.h"
#include "base/conf.h"
#include "cli/options.h"
#include "db/db.h"

struct aws;

enum finding {
	FOUND_GOOD,
	FOUND_NOTHING, /* could not be looked at, or does not apply here; the text says why */
	FOUND_AWAY,    /* somebody does not answer */
	FOUND_WRONG,   /* a person has to set something right */
};

struct report {
	enum finding finding;
	struct buf text;
	struct buf advice; /* what to do, or nothing */
};

/* Puts down what was found; more of it is appended. */
void report_found(struct report *report, enum finding finding, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
void report_advise(struct report *report, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* By an error: away where it is to be tried again later, else wrong. */
void report_error(struct report *report, enum status status, const struct err *err);

/* A call to AWS, made once. */
struct asked {
	bool done;
	enum status status;
	struct aws_answer answer;
	struct err err;
	int64_t now_s; /* by this machine's clock, when it came back */
};

/* What checks have in common; each finds out what it is the first to need. */
struct doctor {
	struct conf conf;
	enum status conf_status;
	struct err conf_err;
	bool database_answers, schema_there, sees_products, sees_dimensions, sees_ledger;
	char product_code[256]; /* one of the seller's, or "" */
	bool region_wrong;
	bool aws_tried;
	struct aws *aws; /* NULL: there is no client */
	enum status aws_status;
	struct err aws_err;
	struct asked resolve;
};

/* The client, or NULL. */
struct aws *doctor_aws(struct doctor *doctor);

/* One statement (enum cli_query) on a connection of its own, whatever schema is there. As db_open
 * and db_run. */
MUST_CHECK enum status doctor_query(size_t query, struct db_result *ret_result, struct err *err);

void check_settings(struct doctor *doctor, struct report *report);
void check_templates(struct doctor *doctor, struct report *report);
void check_state_dir(struct doctor *doctor, struct report *report);
void check_session_key(struct doctor *doctor, struct report *report);
void check_database(struct doctor *doctor, struct report *report);
void check_schema(struct doctor *doctor, struct report *report);
void check_rights(struct doctor *doctor, struct report *report);
void check_products(struct doctor *doctor, struct report *report);
void check_dimensions(struct doctor *doctor, struct report *report);
void check_ledger(struct doctor *doctor, struct report *report);
void check_region(struct doctor *doctor, struct report *report);
void check_credentials(struct doctor *doctor, struct report *report);
void check_tls(struct doctor *doctor, struct report *report);
void check_clock(struct doctor *doctor, struct report *report);
void check_database_clock(struct doctor *doctor, struct report *report);
void check_resolve(struct doctor *doctor, struct report *report);
void check_meter(struct doctor *doctor, struct report *report);
void check_accounts(struct doctor *doctor, struct report *report);
void check_web(struct doctor *doctor, struct report *report);

#endif
