/* Which records go into which call, and in which order. */
#include "tests/unit/meter_fixture.h"

enum { NOW_MS = 1000 };

static struct err err;

static struct call *take(struct queue *queue, int64_t now_ms)
{
	struct call *call;

	assert_int_equal(queue_take(queue, now_ms, &call, &err), OK);
	return call;
}

/* The next call has these records. */
static void expect(struct queue *queue, int64_t first, size_t n)
{
	struct call *call = take(queue, NOW_MS);

	assert_non_null(call);
	assert_int_equal(call->n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(call->records[i]->id, first + (int64_t)i);
	call_free(call);
}

static void add(struct queue *queue, int64_t first, int64_t last)
{
	for (int64_t id = first; id <= last; id++)
		queue_add(queue, make_record(id, 1, "d"));
}

static void test_calls_of_twenty_five_by_deadline(void **state)
{
	struct queue queue = { 0 };

	(void)state;
	assert_true(queue_is_hungry(&queue));
	add(&queue, 1, 60);
	assert_false(queue_is_hungry(&queue));
	expect(&queue, 1, 25);
	expect(&queue, 26, 25);
	expect(&queue, 51, 10);
	assert_null(take(&queue, NOW_MS));
	assert_true(queue_is_empty(&queue));
	add(&queue, 61, 61);
	expect(&queue, 61, 1);
	queue_done(&queue);
}

static void other_product(struct record *record) { record->product_code = "q"; }
static void other_region(struct record *record) { record->role.region = "eu-west-1"; }
static void other_role(struct record *record) { record->role.role_arn = "arn"; }
static void other_external_id(struct record *record) { record->role.external_id = "x"; }
static void other_shape(struct record *record) { record->by_license = true; }
static void by_account(struct record *record)
{
	record->sent.customer_identifier = NULL;
	record->sent.customer_aws_account_id = "1";
}
static void (*const differences[])(struct record *record) = { other_product, other_region,
	other_role, other_external_id, other_shape, by_account };

static void test_call_is_of_one_product_shape_region_and_account(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
		struct queue queue = { 0 };
		struct record *other = make_record(2, 1, "d");

		differences[i](other);
		queue_add(&queue, make_record(1, 1, "d"));
		queue_add(&queue, other);
		queue_add(&queue, make_record(3, 1, "d"));
		for (int calls = 0; calls < 2; calls++) {
			struct call *call = take(&queue, NOW_MS);

			assert_int_equal(call->n, call->records[0]->id == 2 ? 1 : 2);
			call_free(call);
		}
		assert_null(take(&queue, NOW_MS));
		queue_done(&queue);
	}
}

/* Allocations with so many bytes. */
static struct record *make_big(int64_t id, char *text, size_t bytes)
{
	struct record *record = make_record(id, 1, "d");

	memset(text, 'x', bytes);
	text[bytes] = '\0';
	record->tags = calloc(1, sizeof *record->tags);
	record->allocations = calloc(1, sizeof *record->allocations);
	assert_non_null(record->tags);
	assert_non_null(record->allocations);
	*record->tags = (struct metering_tag){ "k", text };
	*record->allocations = (struct metering_allocation){ 1, record->tags, 1 };
	record->sent.allocations = record->allocations;
	record->sent.n_allocations = 1;
	record->bytes = record_bytes(record);
	return record;
}

static void test_call_stays_under_the_limit_of_bytes(void **state)
{
	static char text[4][CALL_BYTES_MAX + 1];
	struct queue queue = { 0 };

	(void)state;
	queue_add(&queue, make_big(1, text[0], CALL_BYTES_MAX / 2));
	queue_add(&queue, make_big(2, text[1], CALL_BYTES_MAX / 2 - 2000));
	queue_add(&queue, make_big(3, text[2], CALL_BYTES_MAX / 2));
	queue_add(&queue, make_big(4, text[3], CALL_BYTES_MAX));
	expect(&queue, 1, 2);
	expect(&queue, 3, 1);
	expect(&queue, 4, 1); /* AWS refuses it, and no other record with it */
	queue_done(&queue);
}

static void test_bytes_count_what_json_makes_of_them(void **state)
{
	struct record *plain = make_record(1, 1, "dim"), *quoted = make_record(2, 1, "d\"\n");

	(void)state;
	assert_int_equal(record_bytes(quoted) - record_bytes(plain), 1 + 5);
	record_free(plain);
	record_free(quoted);
}

static void test_a_call_waits_for_its_time_and_its_lane(void **state)
{
	struct lane lane = { 0 };
	struct product product = { .lane = &lane };
	struct queue queue = { 0 };
	struct call *call = make_call(&product, 1, 3);

	(void)state;
	call->ready_ms = 2000;
	lane.resume_ms = 3000;
	queue_park(&queue, call);
	assert_false(queue_is_empty(&queue));
	assert_null(take(&queue, 1999));
	assert_null(take(&queue, 2999));
	assert_ptr_equal(take(&queue, 3000), call);
	assert_true(queue_is_empty(&queue));
	queue_park(&queue, call);
	lane.given_up = true;
	assert_ptr_equal(take(&queue, 0), call); /* to end */
	lane.given_up = false;
	queue_park(&queue, call);
	product.stopped = true;
	assert_ptr_equal(take(&queue, 0), call);
	call_free(call);
}

static void test_others_go_on_while_one_waits(void **state)
{
	struct lane away = { .resume_ms = 9000 };
	struct product product = { .lane = &away };
	struct queue queue = { 0 };

	(void)state;
	queue_park(&queue, make_call(&product, 1, 3));
	add(&queue, 7, 9);
	expect(&queue, 7, 3);
	assert_null(take(&queue, NOW_MS));
	queue_done(&queue);
}

static void test_memory_has_an_end(void **state)
{
	struct lane away = { .resume_ms = 9000 };
	struct product product = { .lane = &away };
	struct queue queue = { 0 };

	(void)state;
	for (int i = 0; i < QUEUE_PARKED_MAX; i++) {
		assert_true(queue_is_hungry(&queue));
		queue_park(&queue, make_call(&product, 1, 1));
	}
	assert_false(queue_is_hungry(&queue));
	add(&queue, 1, 2);
	assert_null(take(&queue, NOW_MS));
	call_free(take(&queue, 9000));
	expect(&queue, 1, 2);
	queue_done(&queue);
}

static void test_halves_are_all_of_it_at_once_and_first(void **state)
{
	struct lane lane = { 0 };
	struct product product = { .lane = &lane };
	struct queue queue = { 0 };
	struct call *call = make_call(&product, 1, 25), *first, *second;

	(void)state;
	call->tries = 3;
	call->ready_ms = 99999;
	add(&queue, 50, 50);
	assert_int_equal(queue_halve(&queue, call, &err), OK);
	first = take(&queue, NOW_MS);
	second = take(&queue, NOW_MS);
	assert_int_equal(first->n, 12);
	assert_int_equal(second->n, 13);
	assert_int_equal(first->records[0]->id, 1);
	assert_int_equal(second->records[0]->id, 13);
	assert_int_equal(first->bytes + second->bytes, 25 * first->records[0]->bytes);
	assert_ptr_equal(first->family, second->family);
	assert_int_equal(first->family->parts, 2);
	assert_ptr_equal(second->product, &product);
	call_free(first);
	assert_int_equal(second->family->parts, 1);
	call_free(second);
	expect(&queue, 50, 1);
	queue_done(&queue);
}

static bool has(const struct queue *queue, int64_t id)
{
	struct ids ids = { 0 };
	bool found;

	assert_true(queue_add_ids(queue, &ids));
	found = ids_has(&ids, id);
	ids_done(&ids);
	return found;
}

static void test_it_knows_what_it_has(void **state)
{
	struct queue queue = { 0 };
	struct call *call;

	(void)state;
	assert_false(has(&queue, 26));
	add(&queue, 1, 26);
	assert_true(has(&queue, 26));
	assert_false(has(&queue, 27));
	call = take(&queue, NOW_MS);
	assert_true(has(&queue, 26)); /* in a call that is not full */
	assert_false(has(&queue, 25));
	queue_park(&queue, call);
	assert_true(has(&queue, 1));
	assert_true(has(&queue, 25));
	assert_false(has(&queue, 27));
	queue_done(&queue);
}

/* Whatever their order is, and whenever it is asked. */
static void test_a_set_of_ids_has_what_was_added(void **state)
{
	enum { N = 251, STEP = 97 }; /* without a common divisor: each comes once */
	struct ids ids = { 0 };

	(void)state;
	assert_false(ids_has(&ids, 0));
	for (int64_t i = 0; i < N; i++) {
		assert_true(ids_add(&ids, i * STEP % N));
		if (i % 7 && i % 5)
			continue;
		for (int64_t j = 0; j < N; j++)
			assert_int_equal(ids_has(&ids, j * STEP % N), j <= i);
	}
	assert_true(ids_add(&ids, 3)); /* once more is nothing else */
	assert_true(ids_has(&ids, 3));
	assert_false(ids_has(&ids, N));
	assert_false(ids_has(&ids, -1));
	ids_done(&ids);
}

static bool is_odd(const struct call *call, size_t i, void *unused)
{
	(void)unused;
	return call->records[i]->id % 2 == 1;
}

static void test_some_of_a_calls_records_are_kept(void **state)
{
	struct call *call = make_call(NULL, 1, 5);

	(void)state;
	call_keep(call, is_odd, NULL);
	assert_int_equal(call->n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(call->records[i]->id, 1 + 2 * i);
	assert_int_equal(call->bytes, 3 * call->records[0]->bytes);
	call_free(call);
}

static void test_calls_are_good_if_none_failed(void **state)
{
	struct call *calls = make_call(NULL, 1, 1);

	(void)state;
	calls->next = make_call(NULL, 1, 1);
	assert_true(call_list_is_good(NULL));
	assert_true(call_list_is_good(calls));
	calls->next->rc = ERR_RETRY;
	assert_false(call_list_is_good(calls));
	call_free_list(calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls_of_twenty_five_by_deadline),
		cmocka_unit_test(test_call_is_of_one_product_shape_region_and_account),
		cmocka_unit_test(test_call_stays_under_the_limit_of_bytes),
		cmocka_unit_test(test_bytes_count_what_json_makes_of_them),
		cmocka_unit_test(test_a_call_waits_for_its_time_and_its_lane),
		cmocka_unit_test(test_others_go_on_while_one_waits),
		cmocka_unit_test(test_memory_has_an_end),
		cmocka_unit_test(test_halves_are_all_of_it_at_once_and_first),
		cmocka_unit_test(test_it_knows_what_it_has),
		cmocka_unit_test(test_a_set_of_ids_has_what_was_added),
		cmocka_unit_test(test_some_of_a_calls_records_are_kept),
		cmocka_unit_test(test_calls_are_good_if_none_failed),
	};

	return UNIT_RUN(tests);
}
