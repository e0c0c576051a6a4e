/* sandbox/validate: the reference's limits at their edges, for all actions in both editions. */
#include "tests/unit/unit.h"

#include "sandbox/validate.h"

enum { WHY_BYTES_MAX = 1000, BODY_BYTES_MAX = 200000 };

/* What is said of an input; "" if it fits. */
static enum refusal check(
	const char *edition, const char *action, const char *body, struct buf *ret_why)
{
	const char *why = NULL;
	auto_json *input = json_parse_object(body, strlen(body), &why);

	assert_non_null(input);
	buf_reset(ret_why);
	return validate_input(
		limits_find_action(limits_find(edition), action)->request, input, ret_why);
}

static void fits(const char *edition, const char *action, const char *body)
{
	auto_buf why = BUF_INIT(WHY_BYTES_MAX);
	enum refusal refusal = check(edition, action, body, &why);

	assert_string_equal(buf_text(&why), "");
	assert_int_equal(refusal, REFUSAL_NONE);
}

static void is_refused(const char *edition, const char *action, const char *body,
	enum refusal wanted, const char *says)
{
	auto_buf why = BUF_INIT(WHY_BYTES_MAX);
	enum refusal refusal = check(edition, action, body, &why);

	if (!strstr(buf_text(&why), says))
		assert_string_equal(buf_text(&why), says);
	assert_int_equal(refusal, wanted);
	assert_false(why.failed);
}

static void is_invalid(const char *edition, const char *action, const char *body, const char *says)
{
	is_refused(edition, action, body, REFUSAL_INVALID, says);
}

/* {"UsageRecords":[{…}]} with these members. */
#define RECORD(members) "{\"ProductCode\":\"p\",\"UsageRecords\":[{" members "}]}"
#define SOUND "\"Timestamp\":1,\"Dimension\":\"users\""
#define ALLOCATIONS(list) RECORD(SOUND ",\"UsageAllocations\":[" list "]")
#define TAG(key, value)                                                                            \
	ALLOCATIONS(                                                                                   \
		"{\"AllocatedUsageQuantity\":0,\"Tags\":[{\"Key\":\"" key "\",\"Value\":\"" value "\"}]}")
#define AT "usageRecords.1.member."

/* A body with `n` times `part`, after `before`, commas between if so asked, and `after`. */
static const char *repeat(
	struct buf *body, const char *before, const char *part, int n, const char *after)
{
	buf_reset(body);
	buf_puts(body, before);
	for (int i = 0; i < n; i++)
		buf_printf(body, "%s%s", i && *part == '{' ? "," : "", part);
	buf_puts(body, after);
	assert_false(body->failed);
	return buf_text(body);
}

static void what_the_reference_allows_fits(void **state)
{
	static const char *const editions[] = { "today", "2019" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		fits(editions[i], "ResolveCustomer", "{\"RegistrationToken\":\"x\"}");
		fits(editions[i], "BatchMeterUsage", "{\"UsageRecords\":[],\"ProductCode\":\"p\"}");
		fits(editions[i], "BatchMeterUsage",
			RECORD(SOUND ",\"Quantity\":5,\"CustomerIdentifier\":\"c\""));
		fits(editions[i], "MeterUsage",
			"{\"ProductCode\":\"p\",\"Timestamp\":1.499,\"UsageDimension\":\"d\",\"UsageQuantity\":"
			"5,\"DryRun\":true}");
		fits(editions[i], "RegisterUsage", "{\"ProductCode\":\"p\",\"PublicKeyVersion\":1}");
	}
}

static void a_required_member_must_be_there(void **state)
{
	(void)state;
	is_invalid("today", "ResolveCustomer", "{}",
		"1 validation error detected: Value null at 'registrationToken' failed to satisfy "
		"constraint: Member must not be null");
	is_invalid("today", "BatchMeterUsage", "{}", "Value null at 'usageRecords' failed");
	is_invalid("today", "BatchMeterUsage", RECORD("\"Timestamp\":1"),
		"Value null at '" AT "dimension' failed to satisfy constraint: Member must not be null");
	is_invalid("2019", "BatchMeterUsage", RECORD("\"Dimension\":\"d\",\"Timestamp\":null"),
		"Value null at '" AT "timestamp'");
	is_invalid("today", "BatchMeterUsage", ALLOCATIONS("{}"),
		"Value null at '" AT "usageAllocations.1.member.allocatedUsageQuantity'");
	is_invalid("today", "MeterUsage", "{\"ProductCode\":\"p\",\"Timestamp\":1}",
		"Value null at 'usageDimension'");
	is_invalid("2019", "RegisterUsage", "{\"ProductCode\":\"p\"}", "'publicKeyVersion'");
}

static void an_optional_or_defaulted_one_need_not(void **state)
{
	(void)state;
	fits("today", "BatchMeterUsage", RECORD(SOUND));
	fits("2019", "BatchMeterUsage", RECORD(SOUND));
	fits("today", "BatchMeterUsage", RECORD(SOUND ",\"Quantity\":null,\"LicenseArn\":null"));
	fits("2019", "MeterUsage", "{\"ProductCode\":\"p\",\"Timestamp\":1,\"UsageDimension\":\"d\"}");
}

static void unknown_members_are_ignored(void **state)
{
	(void)state;
	fits(
		"today", "BatchMeterUsage", RECORD(SOUND ",\"Unknown\":[{\"x\":null}],\"quantity\":\"x\""));
	fits("2019", "BatchMeterUsage", ALLOCATIONS("5"));
}

static void another_kind_is_no_json_of_the_service(void **state)
{
	static const char *const bodies[][2] = {
		{ "{\"UsageRecords\":{}}", "'usageRecords' must be a list" },
		{ "{\"UsageRecords\":[5]}", "'usageRecords.1.member' must be an object" },
		{ "{\"UsageRecords\":[],\"ProductCode\":5}", "'productCode' must be a string" },
		{ RECORD("\"Timestamp\":\"2026-01-01T00:00:00Z\",\"Dimension\":\"d\""), "seconds since" },
		{ RECORD("\"Timestamp\":1e999,\"Dimension\":\"d\""), "'" AT "timestamp' must be a number" },
		{ RECORD(SOUND ",\"Quantity\":\"5\""), "'" AT "quantity' must be a whole number" },
		{ RECORD(SOUND ",\"Quantity\":1.5"), "'" AT "quantity' must be a whole number" },
		{ RECORD(SOUND ",\"Quantity\":true"), "'" AT "quantity' must be a whole number" },
		{ ALLOCATIONS("[]"), "'" AT "usageAllocations.1.member' must be an object" },
		{ ALLOCATIONS("{\"AllocatedUsageQuantity\":0,\"Tags\":{}}"), ".tags' must be a list" },
		/* Even where a limit before it is broken. */
		{ RECORD("\"Timestamp\":1,\"Dimension\":\"\",\"CustomerAWSAccountId\":5"),
			"'" AT "customerAWSAccountId' must be a string" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
		is_refused("today", "BatchMeterUsage", bodies[i][0], REFUSAL_NOT_JSON, bodies[i][1]);
	is_refused("today", "MeterUsage", "{\"DryRun\":\"true\"}", REFUSAL_NOT_JSON,
		"'dryRun' must be true or false");
}

static void whole_numbers_may_be_written_in_any_way(void **state)
{
	(void)state;
	fits("today", "BatchMeterUsage", RECORD(SOUND ",\"Quantity\":5.0"));
	fits("today", "BatchMeterUsage", RECORD(SOUND ",\"Quantity\":1.5e9"));
	fits("today", "BatchMeterUsage", RECORD(SOUND ",\"Quantity\":-0"));
}

static void quantities_have_the_editions_range(void **state)
{
	(void)state;
	fits("today", "BatchMeterUsage", RECORD(SOUND ",\"Quantity\":2147483647"));
	is_invalid("today", "BatchMeterUsage", RECORD(SOUND ",\"Quantity\":2147483648"),
		"Value '2147483648' at '" AT
		"quantity' failed to satisfy constraint: Member must have value "
		"less than or equal to 2147483647");
	is_invalid("today", "BatchMeterUsage", RECORD(SOUND ",\"Quantity\":1e300"), "less than");
	is_invalid("today", "BatchMeterUsage", RECORD(SOUND ",\"Quantity\":-1"),
		"Member must have value greater than or equal to 0");
	fits("2019", "BatchMeterUsage", RECORD(SOUND ",\"Quantity\":1000000"));
	is_invalid("2019", "BatchMeterUsage", RECORD(SOUND ",\"Quantity\":1000001"),
		"less than or equal to 1000000");
	is_invalid("2019", "RegisterUsage", "{\"ProductCode\":\"p\",\"PublicKeyVersion\":0}",
		"'publicKeyVersion' failed to satisfy constraint: Member must have value greater");
}

static void lengths_are_of_characters(void **state)
{
	static const char before[] = "{\"UsageRecords\":[{\"Timestamp\":1,\"Dimension\":\"";
	auto_buf body = BUF_INIT(BODY_BYTES_MAX);

	(void)state;
	is_invalid("today", "BatchMeterUsage", RECORD("\"Timestamp\":1,\"Dimension\":\"\""),
		"1 validation error detected: Value '' at '" AT "dimension' failed to satisfy constraint: "
		"Member must have length greater than or equal to 1");
	fits("today", "BatchMeterUsage", repeat(&body, before, "\xc3\xa4", 255, "\"}]}"));
	fits("2019", "BatchMeterUsage", repeat(&body, before, "\xf0\x9f\x8d\x8f", 255, "\"}]}"));
	is_invalid("today", "BatchMeterUsage", repeat(&body, before, "\xc3\xa4", 256, "\"}]}"),
		"Member must have length less than or equal to 255");
	fits(
		"today", "ResolveCustomer", repeat(&body, "{\"RegistrationToken\":\"", "x", 100000, "\"}"));
}

static void empty_texts_depend_on_the_edition(void **state)
{
	(void)state;
	fits("today", "BatchMeterUsage", "{\"UsageRecords\":[],\"ProductCode\":\"\"}");
	is_invalid("2019", "BatchMeterUsage", "{\"UsageRecords\":[],\"ProductCode\":\"\"}",
		"Value '' at 'productCode'");
	fits("today", "BatchMeterUsage", RECORD(SOUND ",\"CustomerIdentifier\":\"\""));
	is_invalid("2019", "BatchMeterUsage", RECORD(SOUND ",\"CustomerIdentifier\":\"\""),
		"Value '' at '" AT "customerIdentifier'");
}

static void lists_have_bounds(void **state)
{
	auto_buf body = BUF_INIT(BODY_BYTES_MAX);
	static const char before[] = "{\"UsageRecords\":[", record[] = "{" SOUND "}";
	static const char list[] = "{\"UsageRecords\":[{" SOUND ",\"UsageAllocations\":[";
	static const char tags[] = "{\"UsageRecords\":[{" SOUND
							   ",\"UsageAllocations\":[{\"AllocatedUsageQuantity\":0,\"Tags\":[";
	static const char tag[] = "{\"Key\":\"k\",\"Value\":\"v\"}";

	(void)state;
	fits("today", "BatchMeterUsage", repeat(&body, before, record, 25, "]}"));
	is_invalid("today", "BatchMeterUsage", repeat(&body, before, record, 26, "]}"),
		"Value at 'usageRecords' failed to satisfy constraint: Member must have length less than "
		"or "
		"equal to 25");
	is_invalid("today", "BatchMeterUsage", ALLOCATIONS(""),
		"usageAllocations' failed to satisfy constraint: Member must have length greater");
	fits("today", "BatchMeterUsage",
		repeat(&body, list, "{\"AllocatedUsageQuantity\":0}", 2500, "]}]}"));
	is_invalid("today", "BatchMeterUsage",
		repeat(&body, list, "{\"AllocatedUsageQuantity\":0}", 2501, "]}]}"),
		"less than or equal to 2500");
	fits("today", "BatchMeterUsage", repeat(&body, tags, tag, 5, "]}]}]}"));
	is_invalid("today", "BatchMeterUsage", repeat(&body, tags, tag, 6, "]}]}]}"),
		"usageAllocations.1.member.tags' failed to satisfy constraint: Member must have length "
		"less "
		"than or equal to 5");
	is_invalid("today", "BatchMeterUsage", "{\"UsageRecords\":[null]}",
		"Value null at 'usageRecords.1.member' failed to satisfy constraint: Member must not be");
}

static void patterns_hold(void **state)
{
	static const char any[] = "{\"UsageRecords\":[],\"ProductCode\":\"a b\"}";

	(void)state;
	fits("today", "BatchMeterUsage", "{\"UsageRecords\":[],\"ProductCode\":\"-aZ0/=:_.@\"}");
	is_invalid("today", "BatchMeterUsage", any,
		"Member must satisfy regular expression pattern: ^[-a-zA-Z0-9/=:_.@]*$");
	fits("2019", "BatchMeterUsage", any);
	is_invalid("today", "BatchMeterUsage",
		RECORD(SOUND ",\"CustomerAWSAccountId\":\"12345678901x\""),
		"Value '12345678901x' at '" AT "customerAWSAccountId'");
	is_invalid("2019", "BatchMeterUsage", RECORD(SOUND ",\"CustomerAWSAccountId\":\"\""),
		"greater than or equal to 1");
	fits("today", "ResolveCustomer", "{\"RegistrationToken\":\"a b\\n\"}");
	is_invalid("2019", "ResolveCustomer", "{\"RegistrationToken\":\"a b\"}", "pattern: \\S+");
}

static void arns_are_of_five_parts(void **state)
{
	static const char *const good[] = { "arn:aws:license-manager::123456789012:license:l-0a",
		"arn:aws-cn:a:::b", "arn:awsABC-:0_/.-:a/b:c.d:0:_/+=,@.-:" };
	static const char *const bad[] = { "", "arn", "arn:aws", "arn:aws:l-0",
		"aws:license-manager:us-east-1:123456789012:l-0a", "arn:aws::::b", "arn:aws1:a:::b",
		"arn:aws:-a:::b", "arn:aws:a b:::b", "arn:aws:a:::", "arn:aws:a:::-b", "arn:aws:a:::b b",
		"arn:aws:a::\xc3\xa4:b", " arn:aws:a:::b", "ARN:aws:a:::b" };
	auto_buf body = BUF_INIT(BODY_BYTES_MAX);

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		fits("today", "BatchMeterUsage",
			repeat(&body, "{\"UsageRecords\":[{" SOUND ",\"LicenseArn\":\"", good[i], 1, "\"}]}"));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		is_invalid("2019", "BatchMeterUsage",
			repeat(&body, "{\"UsageRecords\":[{" SOUND ",\"LicenseArn\":\"", bad[i], 1, "\"}]}"),
			"' at '" AT "licenseArn' failed to satisfy constraint: Member must satisfy regular");
}

static void arns_have_lengths(void **state)
{
	static const struct {
		const char *before, *after;
		int most;
	} parts[] = { { "arn:aws:", ":::b", 63 }, { "arn:aws:a:", "::b", 63 },
		{ "arn:aws:a::", ":b", 63 }, { "arn:aws:a:::", "", 1024 } };
	auto_buf arn = BUF_INIT(2000), body = BUF_INIT(3000);

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		for (int more = 0; more < 2; more++) {
			repeat(&arn, parts[i].before, "x", parts[i].most + more, parts[i].after);
			repeat(&body, "{\"UsageRecords\":[{" SOUND ",\"LicenseArn\":\"", buf_text(&arn), 1,
				"\"}]}");
			if (more)
				is_invalid("today", "BatchMeterUsage", buf_text(&body), "pattern: ^arn:aws");
			else
				fits("today", "BatchMeterUsage", buf_text(&body));
		}
	}
}

static void tags_have_the_published_pattern_with_its_range(void **state)
{
	(void)state;
	fits("today", "BatchMeterUsage", TAG("aZ0+-=._:/@ ", "v"));
	fits("today", "BatchMeterUsage", TAG("k", "!#$%&'()*,;<"));
	is_invalid("today", "BatchMeterUsage", TAG("k", "a>b"),
		"Value 'a>b' at '" AT "usageAllocations.1.member.tags.1.member.value'");
	is_invalid(
		"today", "BatchMeterUsage", TAG("a\\\\b", "v"), "pattern: ^[a-zA-Z0-9+ -=._:\\/@]+$");
	is_invalid("today", "BatchMeterUsage", TAG("\xc3\xa4", "v"), "tags.1.member.key'");
	is_invalid("today", "BatchMeterUsage", TAG("", "v"), "tags.1.member.key'");
	is_invalid("today", "BatchMeterUsage", TAG("k", ""), "tags.1.member.value'");
	is_invalid("today", "BatchMeterUsage", TAG("\\t", "v"), "tags.1.member.key'");
}

static void the_path_names_the_item(void **state)
{
	(void)state;
	is_invalid("today", "BatchMeterUsage",
		"{\"UsageRecords\":[{" SOUND "},{" SOUND ",\"UsageAllocations\":[{"
		"\"AllocatedUsageQuantity\":1},{\"AllocatedUsageQuantity\":1},{\"AllocatedUsageQuantity\":"
		"1,"
		"\"Tags\":[{\"Key\":\"k\",\"Value\":\"v\"},{\"Key\":\"k\"}]}]}]}",
		"'usageRecords.2.member.usageAllocations.3.member.tags.2.member.value'");
}

static void a_token_is_never_repeated(void **state)
{
	auto_buf why = BUF_INIT(WHY_BYTES_MAX);

	(void)state;
	assert_int_equal(check("2019", "ResolveCustomer", "{\"RegistrationToken\":\"se cret\"}", &why),
		REFUSAL_INVALID);
	assert_null(strstr(buf_text(&why), "cret"));
	assert_non_null(strstr(buf_text(&why), "Value at 'registrationToken' failed"));
}

static void a_long_value_is_cut_between_characters(void **state)
{
	auto_buf body = BUF_INIT(BODY_BYTES_MAX), why = BUF_INIT(WHY_BYTES_MAX);
	static const char before[] = "{\"UsageRecords\":[{\"Timestamp\":1,\"Dimension\":\"x";

	(void)state;
	assert_int_equal(
		check("today", "BatchMeterUsage", repeat(&body, before, "\xc3\xa4", 9999, "\"}]}"), &why),
		REFUSAL_INVALID);
	assert_non_null(strstr(buf_text(&why), "\xc3\xa4' at '" AT "dimension' failed"));
	assert_true(why.len < 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_reference_allows_fits),
		cmocka_unit_test(a_required_member_must_be_there),
		cmocka_unit_test(an_optional_or_defaulted_one_need_not),
		cmocka_unit_test(unknown_members_are_ignored),
		cmocka_unit_test(another_kind_is_no_json_of_the_service),
		cmocka_unit_test(whole_numbers_may_be_written_in_any_way),
		cmocka_unit_test(quantities_have_the_editions_range),
		cmocka_unit_test(lengths_are_of_characters),
		cmocka_unit_test(empty_texts_depend_on_the_edition),
		cmocka_unit_test(lists_have_bounds),
		cmocka_unit_test(patterns_hold),
		cmocka_unit_test(arns_are_of_five_parts),
		cmocka_unit_test(arns_have_lengths),
		cmocka_unit_test(tags_have_the_published_pattern_with_its_range),
		cmocka_unit_test(the_path_names_the_item),
		cmocka_unit_test(a_token_is_never_repeated),
		cmocka_unit_test(a_long_value_is_cut_between_characters),
	};

	return UNIT_RUN(tests);
}
