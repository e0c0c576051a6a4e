/* What refusals mean: a record's own fault, or a setting's. */
#include "tests/unit/meter_fixture.h"

static struct err err;

/* A record of that customer, refused by itself, in a call of its own. */
static void refuse(struct product *product, int64_t customer_id, enum error_about about)
{
	struct call *call = make_call(product, customer_id, 1);

	call->id = 100 + customer_id;
	answer_error(call, "Refused", ERROR_RECORD, about);
	assert_int_equal(product_refuse(product, call, &err), OK);
	product_close(product, call);
}

static void honour(struct product *product, int64_t records)
{
	struct call *call = make_call(product, 99, 1);

	product_honour(product, call, records);
	product_close(product, call);
}

static int count_pending(const struct product *product)
{
	int n = 0;

	for (const struct refusal *at = product->pending; at; at = at->next)
		n++;
	return n;
}

static int count_due(struct product *product, bool at_end)
{
	struct refusal *due = product_take_due(product, at_end);
	int n = 0;

	for (const struct refusal *at = due; at; at = at->next) {
		assert_string_equal(at->code, "Refused");
		assert_int_equal(at->quantity, 1);
		n++;
	}
	refusal_free_list(due);
	return n;
}

static struct product *make_product(struct product **list)
{
	struct record *record = make_record(1, 1, "d");
	struct product *product = product_look_up(list, record);

	record_free(record);
	assert_non_null(product);
	return product;
}

static void test_a_product_is_one_for_each_account_and_region(void **state)
{
	struct product *list = NULL, *first = make_product(&list);
	struct record *record = make_record(1, 2, "e");

	(void)state;
	assert_ptr_equal(product_look_up(&list, record), first);
	record->role.role_arn = "arn";
	assert_ptr_not_equal(product_look_up(&list, record), first);
	record->role.role_arn = NULL;
	record->role.region = "eu-west-1";
	assert_ptr_not_equal(product_look_up(&list, record), first);
	record->role.region = "us-east-1";
	record->product_code = "q";
	assert_ptr_not_equal(product_look_up(&list, record), first);
	record->product_code = "p";
	assert_ptr_equal(product_look_up(&list, record), first); /* behind the others now */
	record_free(record);
	product_free_list(list);
}

static void test_nothing_is_refused_until_another_passes(void **state)
{
	struct product *list = NULL, *product = make_product(&list);

	(void)state;
	refuse(product, 1, ABOUT_CUSTOMER);
	assert_int_equal(count_due(product, false), 0);
	assert_int_equal(count_pending(product), 1);
	honour(product, 0); /* an answer without a success shows nothing */
	assert_int_equal(count_due(product, false), 0);
	honour(product, 1);
	assert_int_equal(count_due(product, false), 1);
	assert_int_equal(count_pending(product), 0);
	product_free_list(list);
}

static void test_at_the_end_one_before_it_will_do(void **state)
{
	struct product *list = NULL, *product = make_product(&list);

	(void)state;
	honour(product, 1);
	refuse(product, 1, ABOUT_CUSTOMER);
	assert_int_equal(count_due(product, false), 0);
	assert_int_equal(count_due(product, true), 1);
	product_free_list(list);
}

static void test_without_any_nothing_is_refused_at_the_end(void **state)
{
	struct product *list = NULL, *product = make_product(&list);

	(void)state;
	refuse(product, 1, ABOUT_CUSTOMER);
	assert_int_equal(count_due(product, true), 0);
	assert_int_equal(count_pending(product), 1);
	assert_false(product->stopped);
	product_free_list(list);
}

static void test_five_causes_in_a_row_stop_the_product(void **state)
{
	struct product *list = NULL, *product = make_product(&list);

	(void)state;
	honour(product, 100);
	for (int i = 1; i <= 4; i++)
		refuse(product, i, ABOUT_CUSTOMER);
	assert_false(product->stopped);
	refuse(product, 4, ABOUT_CUSTOMER); /* the same cause again is none more */
	assert_false(product->stopped);
	refuse(product, 5, ABOUT_CUSTOMER);
	assert_true(product->stopped);
	assert_string_equal(product->why.text, "Refused");
	honour(product, 1); /* was under way: too late */
	assert_int_equal(count_due(product, false), 0);
	assert_int_equal(count_due(product, true), 0);
	assert_int_equal(count_pending(product), 6);
	product_free_list(list);
}

static void test_one_that_passes_begins_the_row_anew(void **state)
{
	struct product *list = NULL, *product = make_product(&list);

	(void)state;
	for (int i = 1; i <= 100; i++) {
		refuse(product, i, ABOUT_CUSTOMER);
		if (i % 4 == 0)
			honour(product, 1);
	}
	assert_false(product->stopped);
	assert_int_equal(count_due(product, false), 100);
	product_free_list(list);
}

static void test_very_many_causes_stop_it_too(void **state)
{
	struct product *list = NULL, *product = make_product(&list);

	(void)state;
	for (int i = 1; i < PRODUCT_CAUSES_MAX; i++) {
		refuse(product, i, ABOUT_CUSTOMER);
		honour(product, 1);
		assert_int_equal(count_due(product, false), 1);
	}
	assert_false(product->stopped);
	refuse(product, PRODUCT_CAUSES_MAX, ABOUT_CUSTOMER);
	assert_true(product->stopped);
	product_free_list(list);
}

/* A call of two customers that is refused whole: both halves are. */
static struct call *split(struct product *product, struct call **ret_other)
{
	struct call *call = make_call(product, 1, 1);

	*ret_other = call_new_part(call);
	assert_non_null(*ret_other);
	call_add(*ret_other, make_record(2, 2, "d"));
	answer_error(call, "Refused", ERROR_RECORD, ABOUT_CUSTOMER);
	answer_error(*ret_other, "Refused", ERROR_RECORD, ABOUT_CUSTOMER);
	return call;
}

static void test_no_record_of_a_bisected_call_gets_through(void **state)
{
	struct product *list = NULL, *product = make_product(&list);
	struct call *other, *call = split(product, &other);

	(void)state;
	honour(product, 100);
	assert_int_equal(product_refuse(product, call, &err), OK);
	product_close(product, call);
	assert_false(product->stopped); /* the other half may pass */
	assert_int_equal(product_refuse(product, other, &err), OK);
	product_close(product, other);
	assert_true(product->stopped);
	assert_int_equal(count_due(product, true), 0);
	product_free_list(list);
}

static void test_another_call_that_passes_says_nothing_of_half_a_call(void **state)
{
	struct product *list = NULL, *product = make_product(&list);
	struct call *other, *call = split(product, &other);

	(void)state;
	assert_int_equal(product_refuse(product, call, &err), OK);
	product_close(product, call);
	honour(product, 1); /* was under way beside it */
	assert_int_equal(count_due(product, false), 0);
	assert_int_equal(product_refuse(product, other, &err), OK);
	product_close(product, other);
	assert_true(product->stopped);
	assert_int_equal(count_due(product, true), 0);
	assert_int_equal(count_pending(product), 2);
	product_free_list(list);
}

static void test_a_half_that_passes_shows_that_the_other_is_at_fault(void **state)
{
	struct product *list = NULL, *product = make_product(&list);
	struct call *other, *call = split(product, &other);

	(void)state;
	assert_int_equal(product_refuse(product, call, &err), OK);
	product_close(product, call);
	assert_int_equal(count_due(product, false), 0);
	product_honour(product, other, 1);
	product_close(product, other);
	assert_false(product->stopped);
	assert_int_equal(count_due(product, false), 1);
	product_free_list(list);
}

static void test_one_cause_that_fills_a_call_does_not_stop_it(void **state)
{
	struct product *list = NULL, *product = make_product(&list);
	struct call *other, *call = split(product, &other);

	(void)state;
	other->records[0]->customer_id = call->records[0]->customer_id;
	assert_int_equal(product_refuse(product, call, &err), OK);
	assert_int_equal(product_refuse(product, other, &err), OK);
	product_close(product, call);
	product_close(product, other);
	assert_false(product->stopped);
	assert_int_equal(product->causes_in_a_row, 1);
	product_free_list(list);
}

static void test_out_of_bounds_is_never_refused(void **state)
{
	struct product *list = NULL, *product = make_product(&list);

	(void)state;
	refuse(product, 1, ABOUT_TIME);
	honour(product, 1);
	assert_int_equal(count_due(product, true), 0);
	for (int i = 0; i < PRODUCT_CAUSES_IN_A_ROW; i++)
		refuse(product, 1, ABOUT_TIME); /* each record is one: the clocks disagree */
	assert_true(product->stopped);
	product_free_list(list);
}

/* ---- causes ---- */

static void test_what_a_cause_holds(void **state)
{
	struct record *same_customer = make_record(1, 7, "other"), *same_dimension = make_record(2, 8, "d"),
				  *neither = make_record(3, 8, "other");
	struct product *list = NULL, *product = make_product(&list);

	(void)state;
	assert_false(causes_hold(&product->causes, same_customer));
	refuse(product, 7, ABOUT_CUSTOMER);
	assert_true(causes_hold(&product->causes, same_customer));
	assert_false(causes_hold(&product->causes, same_dimension));
	refuse(product, 9, ABOUT_DIMENSION);
	assert_true(causes_hold(&product->causes, same_dimension));
	assert_false(causes_hold(&product->causes, neither));
	refuse(product, 8, ABOUT_RECORD);
	assert_false(causes_hold(&product->causes, neither));
	record_free(same_customer);
	record_free(same_dimension);
	record_free(neither);
	product_free_list(list);
}

static void tag(struct record *record, const char *const *keys, size_t n)
{
	record->tags = calloc(n, sizeof *record->tags);
	record->allocations = calloc(1, sizeof *record->allocations);
	assert_non_null(record->tags);
	assert_non_null(record->allocations);
	for (size_t i = 0; i < n; i++)
		record->tags[i] = (struct metering_tag){ keys[i], "v" };
	*record->allocations = (struct metering_allocation){ 1, record->tags, n };
	record->sent.allocations = record->allocations;
	record->sent.n_allocations = 1;
}

static void test_tags_hold_records_with_the_same_keys(void **state)
{
	static const char *const ab[] = { "a", "b" }, *const ba[] = { "b", "a" }, *const a[] = { "a" };
	struct record *records[] = { make_record(1, 1, "d"), make_record(2, 2, "e"),
		make_record(3, 3, "d"), make_record(4, 4, "d") };
	auto_buf name = BUF_INIT(1000);
	struct causes causes = { 0 };
	bool is_new;

	(void)state;
	tag(records[0], ab, 2);
	tag(records[1], ba, 2);
	tag(records[2], a, 1);
	cause_name(records[0], ABOUT_TAGS, &name);
	assert_string_equal(buf_text(&name), "tags \"a\" \"b\"");
	assert_int_equal(causes_add(&causes, buf_text(&name), &is_new, &err), OK);
	assert_true(is_new);
	assert_int_equal(causes_add(&causes, buf_text(&name), &is_new, &err), OK);
	assert_false(is_new);
	assert_int_equal(causes.n, 1);
	assert_true(causes_hold(&causes, records[1]));
	assert_false(causes_hold(&causes, records[2]));
	assert_false(causes_hold(&causes, records[3]));
	for (size_t i = 0; i < 4; i++)
		record_free(records[i]);
	causes_done(&causes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_product_is_one_for_each_account_and_region),
		cmocka_unit_test(test_nothing_is_refused_until_another_passes),
		cmocka_unit_test(test_at_the_end_one_before_it_will_do),
		cmocka_unit_test(test_without_any_nothing_is_refused_at_the_end),
		cmocka_unit_test(test_five_causes_in_a_row_stop_the_product),
		cmocka_unit_test(test_one_that_passes_begins_the_row_anew),
		cmocka_unit_test(test_very_many_causes_stop_it_too),
		cmocka_unit_test(test_no_record_of_a_bisected_call_gets_through),
		cmocka_unit_test(test_another_call_that_passes_says_nothing_of_half_a_call),
		cmocka_unit_test(test_a_half_that_passes_shows_that_the_other_is_at_fault),
		cmocka_unit_test(test_one_cause_that_fills_a_call_does_not_stop_it),
		cmocka_unit_test(test_out_of_bounds_is_never_refused),
		cmocka_unit_test(test_what_a_cause_holds),
		cmocka_unit_test(test_tags_hold_records_with_the_same_keys),
	};

	return UNIT_RUN(tests);
}
