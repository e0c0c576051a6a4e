/* aws/hash, by the examples of FIPS 180-4 and RFC 4231. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <string.h>

#include "aws/hash.h"
#include "base/text.h"

static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void hashes_are_those_of_the_standard(void **state)
{
	char hex[HASH_HEX_SIZE];

	(void)state;
	hash_sha256_hex("abc", 3, hex);
	assert_string_equal(hex, abc);
	hash_sha256_hex("", 0, hex);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void check_mac(const void *key, size_t key_len, const char *data, const char *wanted)
{
	unsigned char mac[HASH_BYTES];
	char hex[HASH_HEX_SIZE];

	hash_hmac(key, key_len, data, strlen(data), mac);
	text_hex(mac, sizeof mac, hex);
	assert_string_equal(hex, wanted);
}

static void macs_are_those_of_the_standard(void **state)
{
	unsigned char key[131];

	(void)state;
	memset(key, 0x0b, sizeof key);
	check_mac(
		key, 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	check_mac("Jefe", 4, "what do ya want for nothing?",
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof key); /* longer than a block */
	check_mac(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First",
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void the_result_may_take_the_keys_place(void **state)
{
	unsigned char key[HASH_BYTES] = "key", mac[HASH_BYTES];

	(void)state;
	hash_hmac(key, sizeof key, "data", 4, mac);
	hash_hmac(key, sizeof key, "data", 4, key);
	assert_true(hash_equal(key, mac));
	key[HASH_BYTES - 1] ^= 1;
	assert_false(hash_equal(key, mac));
}

static void a_ready_key_makes_the_same_macs_each_time(void **state)
{
	struct hash_key *ready = hash_key_new("Jefe", 4);
	unsigned char mac[HASH_BYTES], expected[HASH_BYTES];
	char data[200] = "";

	(void)state;
	for (size_t len = 0; len < sizeof data; len++) {
		hash_hmac("Jefe", 4, data, len, expected);
		hash_key_hmac(ready, data, len, mac);
		assert_memory_equal(mac, expected, sizeof mac);
	}
	hash_key_free(ready);
	hash_key_free(NULL);
}

static struct hash_key *shared;

static void *hash_often(void *arg)
{
	char key = *(char *)arg;
	unsigned char first[HASH_BYTES], mac[HASH_BYTES], of_shared[HASH_BYTES];
	bool same = true;

	hash_hmac(&key, 1, "data", 4, first);
	hash_hmac("shared", 6, &key, 1, of_shared);
	for (int i = 0; i < 2000; i++) {
		hash_hmac(&key, 1, "data", 4, mac);
		same = same && hash_equal(mac, first);
		hash_key_hmac(shared, &key, 1, mac);
		same = same && hash_equal(mac, of_shared);
	}
	return same ? arg : NULL;
}

static void threads_do_not_meet(void **state)
{
	pthread_t threads[8];
	char keys[8] = "abcdefgh";
	void *same;

	(void)state;
	shared = hash_key_new("shared", 6);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hash_often, &keys[i]), 0);
	for (size_t i = 0; i < 8; i++) {
		pthread_join(threads[i], &same);
		assert_ptr_equal(same, &keys[i]);
	}
	hash_key_free(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_those_of_the_standard),
		cmocka_unit_test(macs_are_those_of_the_standard),
		cmocka_unit_test(the_result_may_take_the_keys_place),
		cmocka_unit_test(a_ready_key_makes_the_same_macs_each_time),
		cmocka_unit_test(threads_do_not_meet),
	};

	return UNIT_RUN(tests);
}
