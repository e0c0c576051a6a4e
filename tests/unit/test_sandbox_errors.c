/* sandbox/errors and fault: AWS's names and statuses in both editions, and what a fault may be. */
#include "tests/unit/unit.h"

#include "sandbox/errors.h"
#include "sandbox/fault.h"

/* Every name in the API reference of 2019, in its actions and its page "Common Errors". */
static const char *const names_2019[] = { "AccessDeniedException", "CustomerNotEntitledException",
	"DisabledApiException", "DuplicateRequestException", "ExpiredTokenException",
	"IncompleteSignature", "InternalFailure", "InternalServiceErrorException", "InvalidAction",
	"InvalidClientTokenId", "InvalidCustomerIdentifierException", "InvalidEndpointRegionException",
	"InvalidParameterCombination", "InvalidParameterValue", "InvalidProductCodeException",
	"InvalidPublicKeyVersionException", "InvalidQueryParameter", "InvalidRegionException",
	"InvalidTokenException", "InvalidUsageDimensionException", "MalformedQueryString",
	"MissingAction", "MissingAuthenticationToken", "MissingParameter", "OptInRequired",
	"PlatformNotSupportedException", "RequestExpired", "ServiceUnavailable", "ThrottlingException",
	"TimestampOutOfBoundsException", "ValidationError" };

static const struct limits *edition(const char *name)
{
	const struct limits *limits = limits_find(name);

	assert_non_null(limits);
	return limits;
}

static void each_refusal_has_a_name_and_a_status_in_each_edition(void **state)
{
	static const char *const editions[] = { "today", "2019" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (enum refusal refusal = REFUSAL_NONE + 1; refusal < N_REFUSALS; refusal++) {
			const char *name = refusal_name(refusal, edition(editions[i]));

			assert_non_null(name);
			assert_in_range(errors_status(edition(editions[i]), "ResolveCustomer", name), 400, 599);
		}
	}
}

static void the_editions_differ(void **state)
{
	(void)state;
	assert_string_equal(refusal_name(REFUSAL_STALE_SIGNATURE, edition("2019")), "RequestExpired");
	assert_string_equal(
		refusal_name(REFUSAL_STALE_SIGNATURE, edition("today")), "InvalidSignatureException");
	assert_int_equal(errors_status(edition("today"), NULL, "AccessDeniedException"), 403);
	assert_int_equal(errors_status(edition("2019"), NULL, "AccessDeniedException"), 400);
}

static void an_expired_token_is_the_buyers_before_it_is_the_callers(void **state)
{
	(void)state;
	assert_int_equal(
		errors_status(edition("today"), "ResolveCustomer", "ExpiredTokenException"), 400);
	assert_int_equal(errors_status(edition("today"), NULL, "ExpiredTokenException"), 403);
}

static void a_name_of_the_other_edition_keeps_its_status(void **state)
{
	(void)state;
	assert_int_equal(
		errors_status(edition("today"), "ResolveCustomer", "MalformedQueryString"), 404);
	assert_int_equal(errors_status(edition("2019"), "ResolveCustomer", "NotAuthorized"), 401);
	assert_int_equal(errors_status(edition("today"), "ResolveCustomer", "NoSuchError"), 0);
}

static void every_name_of_the_reference_can_be_a_fault(void **state)
{
	auto_buf list = BUF_INIT(10000), wanted = BUF_INIT(100);

	(void)state;
	fault_list(&list);
	for (size_t i = 0; i < sizeof names_2019 / sizeof names_2019[0]; i++) {
		assert_int_equal(
			fault_find(edition("today"), "ResolveCustomer", names_2019[i]), FAULT_ERROR);
		buf_reset(&wanted);
		buf_printf(&wanted, "%s", names_2019[i]);
		assert_non_null(strstr(buf_text(&list), buf_text(&wanted)));
	}
	assert_false(list.failed);
}

static void the_list_has_each_name_once_in_order(void **state)
{
	auto_buf list = BUF_INIT(10000);
	char *rest, *name, *last = NULL;

	(void)state;
	errors_list(&list);
	rest = list.data;
	while ((name = strsep(&rest, ",")) != NULL) {
		name += *name == ' ';
		if (last)
			assert_true(strcmp(last, name) < 0);
		last = name;
	}
	assert_non_null(last);
}

static void the_sandboxs_own_faults_have_effects_of_their_own(void **state)
{
	(void)state;
	assert_int_equal(fault_find(edition("today"), "ResolveCustomer", "slow"), FAULT_SLOW);
	assert_int_equal(fault_find(edition("today"), "ResolveCustomer", "html503"), FAULT_HTML503);
	assert_int_equal(fault_find(edition("today"), "ResolveCustomer", "reset"), FAULT_RESET);
	assert_int_equal(fault_find(edition("today"), "ResolveCustomer", "lost"), FAULT_LOST);
	assert_int_equal(fault_find(edition("today"), "ResolveCustomer", "cut"), FAULT_CUT);
	assert_int_equal(fault_find(edition("today"), "ResolveCustomer", "extra"), FAULT_EXTRA);
	assert_int_equal(fault_find(edition("today"), "ResolveCustomer", "Slow"), FAULT_NONE);
	assert_int_equal(fault_find(edition("today"), "ResolveCustomer", ""), FAULT_NONE);
}

static void a_fault_concerns_the_records_that_its_effect_says(void **state)
{
	static const struct {
		const char *name, *records;
	} faults[] = { { "unprocessed", "1111" }, { "partial", "0101" }, { "shuffled", "1111" },
		{ "drop", "0001" }, { "lost", "0000" }, { "ThrottlingException", "0000" } };

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		struct fault fault = { .effect = fault_find(
								   edition("today"), "BatchMeterUsage", faults[i].name) };

		for (size_t n = 0; n < 4; n++)
			assert_int_equal(fault_concerns(&fault, n, 4), faults[i].records[n] == '1');
	}
}

static void with_match_it_concerns_those_that_fit(void **state)
{
	static const char *const names[] = { "unprocessed", "partial", "shuffled", "drop" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct fault fault = { .effect = fault_find(edition("today"), "BatchMeterUsage", names[i]),
			.matched = "101" };

		assert_true(fault_is_of_records(fault.effect));
		assert_true(fault_concerns(&fault, 0, 4));
		assert_false(fault_concerns(&fault, 1, 4));
		assert_true(fault_concerns(&fault, 2, 4));
		assert_false(fault_concerns(&fault, 3, 4));
	}
	assert_false(fault_is_of_records(FAULT_EXTRA));
}

static void every_fault_name_fits(void **state)
{
	auto_buf list = BUF_INIT(10000);
	char *rest, *name;

	(void)state;
	fault_list(&list);
	rest = list.data;
	while ((name = strsep(&rest, ", ")) != NULL)
		assert_true(strlen(name) < FAULT_NAME_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_refusal_has_a_name_and_a_status_in_each_edition),
		cmocka_unit_test(the_editions_differ),
		cmocka_unit_test(an_expired_token_is_the_buyers_before_it_is_the_callers),
		cmocka_unit_test(a_name_of_the_other_edition_keeps_its_status),
		cmocka_unit_test(every_name_of_the_reference_can_be_a_fault),
		cmocka_unit_test(the_list_has_each_name_once_in_order),
		cmocka_unit_test(the_sandboxs_own_faults_have_effects_of_their_own),
		cmocka_unit_test(a_fault_concerns_the_records_that_its_effect_says),
		cmocka_unit_test(with_match_it_concerns_those_that_fit),
		cmocka_unit_test(every_fault_name_fits),
	};

	return UNIT_RUN(tests);
}
