#include "aws/json.h"
#include "aws/metering.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/output.h"

int resolve_customer_perform(const struct job *job)
{
	const char *token = json_text_of(job->request, "RegistrationToken");
	auto_output output = OUTPUT_INIT;
	struct metering_customer who;
	struct aws_answer answer;
	struct err err;
	enum status rc = metering_resolve(job->aws, token, job->deadline_ms, &who, &answer, &err);

	if (rc)
		return exit_explain(rc, &answer, &err);
	output_begin(&output, NULL, '{');
	output_text(&output, "CustomerIdentifier", who.customer_identifier);
	output_text(&output, "ProductCode", who.product_code);
	output_text(&output, "CustomerAWSAccountId", who.customer_aws_account_id);
	output_text(&output, "LicenseArn", who.license_arn);
	output_end(&output, '}');
	return output_show(&output);
}
