/* fcgi/keys and session: what a browser holds is signed, and each use has a key of its own. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fcgi/session.h"

static const char key_a[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
static const char key_b[] = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";
static char dir[] = "/tmp/tollgate-session.XXXXXX", path[64];

static int setup(void **state)
{
	(void)state;
	strcpy(dir + sizeof dir - 7, "XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/session.key", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void write_keys(const char *first, const char *second, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "%s\n%s%s", first, second, *second ? "\n" : "");
	fclose(file);
	chmod(path, mode);
}

#define auto_keys __attribute__((cleanup(keys_wipe))) struct keys

static struct keys load(const char *first, const char *second)
{
	struct keys keys;
	struct err err;

	write_keys(first, second, 0600);
	assert_int_equal(keys_load(path, false, &keys, &err), OK);
	return keys;
}

static const struct metering_customer who = { .product_code = "prod-license",
	.customer_identifier = "",
	.customer_aws_account_id = "012345678901",
	.license_arn = "arn:aws:license-manager::012345678901:license:l-1" };

static bool sign_alike(const struct keys *one, const struct keys *other)
{
	unsigned char mac[HASH_BYTES];

	keys_sign(one, KEY_COOKIE, "x", 1, mac);
	return keys_verify(other, KEY_COOKIE, "x", 1, mac);
}

static void missing_file_is_made_once_and_private(void **state)
{
	auto_keys one = { 0 }, two = { 0 };
	struct err err;
	struct stat st;

	(void)state;
	assert_int_equal(keys_load(path, true, &one, &err), OK);
	assert_int_equal(keys_load(path, true, &two, &err), OK);
	assert_true(sign_alike(&one, &two));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void each_key_that_is_made_is_another(void **state)
{
	auto_keys one = { 0 }, two = { 0 };
	struct err err;
	char left[96];

	(void)state;
	assert_int_equal(keys_load(path, true, &one, &err), OK);
	unlink(path);
	snprintf(left, sizeof left, "%s.%d", path, (int)getpid());
	close(open(left, O_WRONLY | O_CREAT, 0600)); /* of one that was killed, and had our id */
	assert_int_equal(keys_load(path, true, &two, &err), OK);
	assert_false(sign_alike(&one, &two));
}

static void missing_file_that_was_named_is_an_error(void **state)
{
	struct keys keys;
	struct err err;

	(void)state;
	assert_int_equal(keys_load(path, false, &keys, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "openssl rand -hex 32"));
}

static void assert_refused(const char *first, const char *second, mode_t mode)
{
	struct keys keys;
	struct err err;

	write_keys(first, second, mode);
	assert_int_equal(keys_load(path, true, &keys, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, path));
	assert_null(strstr(err.text, "0011"));
}

static void bad_key_files_are_refused_without_showing_the_key(void **state)
{
	(void)state;
	assert_refused("", "", 0600);
	assert_refused("0011", "", 0600);
	assert_refused(key_a, "0011", 0600);
	assert_refused(key_a, key_a, 0644);
	write_keys(key_a, key_b, 0600);
	{
		FILE *file = fopen(path, "a");

		fputs(key_a, file);
		fclose(file);
	}
	{
		struct keys keys;
		struct err err;

		assert_int_equal(keys_load(path, false, &keys, &err), ERR_INPUT);
	}
}

static void cookie_goes_there_and_back(void **state)
{
	auto_keys keys = load(key_a, "");
	struct session session, back;
	auto_buf cookie = BUF_INIT(5000);

	(void)state;
	session_start(&who, 1000, &session);
	session_seal(&keys, &session, &cookie);
	assert_true(session_open(&keys, buf_text(&cookie), cookie.len, 1000, &back));
	assert_memory_equal(back.id, session.id, sizeof back.id);
	assert_string_equal(back.who.product_code, who.product_code);
	assert_string_equal(back.who.license_arn, who.license_arn);
	assert_string_equal(back.who.customer_aws_account_id, who.customer_aws_account_id);
	assert_string_equal(back.who.customer_identifier, "");
}

static void longest_identities_fit_into_a_cookie(void **state)
{
	auto_keys keys = load(key_a, "");
	struct metering_customer longest;
	struct session session;
	auto_buf cookie = BUF_INIT(10000);

	(void)state;
	memset(&longest, 'x', sizeof longest);
	longest.product_code[sizeof longest.product_code - 1] = '\0';
	longest.customer_identifier[sizeof longest.customer_identifier - 1] = '\0';
	longest.customer_aws_account_id[sizeof longest.customer_aws_account_id - 1] = '\0';
	longest.license_arn[sizeof longest.license_arn - 1] = '\0';
	session_start(&longest, 1000, &session);
	session_seal(&keys, &session, &cookie);
	assert_false(cookie.failed);
	assert_true(cookie.len < 3900);
	assert_true(session_open(&keys, buf_text(&cookie), cookie.len, 1000, &session));
}

static void cookie_ends_after_two_hours(void **state)
{
	auto_keys keys = load(key_a, "");
	struct session session;
	auto_buf cookie = BUF_INIT(5000);

	(void)state;
	session_start(&who, 1000, &session);
	session_seal(&keys, &session, &cookie);
	assert_true(session_open(&keys, buf_text(&cookie), cookie.len, 1000 + 7199, &session));
	assert_false(session_open(&keys, buf_text(&cookie), cookie.len, 1000 + 7200, &session));
}

static void each_changed_bit_is_seen(void **state)
{
	auto_keys keys = load(key_a, "");
	struct session session;
	auto_buf cookie = BUF_INIT(5000);

	(void)state;
	session_start(&who, 1000, &session);
	session_seal(&keys, &session, &cookie);
	for (size_t i = 0; i < cookie.len; i++) {
		char was = cookie.data[i];

		cookie.data[i] = was == 'A' ? 'B' : 'A';
		assert_false(session_open(&keys, cookie.data, cookie.len, 1000, &session));
		cookie.data[i] = was;
	}
	for (size_t len = 0; len < cookie.len; len++)
		assert_false(session_open(&keys, cookie.data, len, 1000, &session));
}

static void cookie_of_another_installation_is_refused(void **state)
{
	auto_keys ours = load(key_a, ""), theirs = load(key_b, "");
	struct session session;
	auto_buf cookie = BUF_INIT(5000);

	(void)state;
	session_start(&who, 1000, &session);
	session_seal(&theirs, &session, &cookie);
	assert_false(session_open(&ours, buf_text(&cookie), cookie.len, 1000, &session));
}

static void key_before_the_one_in_use_still_verifies(void **state)
{
	auto_keys before = load(key_a, ""), after = load(key_b, key_a), later = load(key_b, "");
	struct session session;
	auto_buf cookie = BUF_INIT(5000);

	(void)state;
	session_start(&who, 1000, &session);
	session_seal(&before, &session, &cookie);
	assert_true(session_open(&after, buf_text(&cookie), cookie.len, 1000, &session));
	assert_false(session_open(&later, buf_text(&cookie), cookie.len, 1000, &session));
}

static void csrf_token_is_good_for_its_session_only(void **state)
{
	auto_keys keys = load(key_a, "");
	struct session one, two;
	auto_buf token = BUF_INIT(100);

	(void)state;
	session_start(&who, 1000, &one);
	session_start(&who, 1000, &two);
	session_csrf(&keys, &one, &token);
	assert_true(session_csrf_ok(&keys, &one, buf_text(&token)));
	assert_false(session_csrf_ok(&keys, &two, buf_text(&token)));
	assert_false(session_csrf_ok(&keys, &one, NULL));
	assert_false(session_csrf_ok(&keys, &one, ""));
	token.data[5] ^= 1;
	assert_false(session_csrf_ok(&keys, &one, buf_text(&token)));
}

static void mac_of_one_use_is_worth_nothing_for_another(void **state)
{
	auto_keys keys = load(key_a, "");
	unsigned char mac[HASH_BYTES];

	(void)state;
	keys_sign(&keys, KEY_CSRF, "x", 1, mac);
	assert_true(keys_verify(&keys, KEY_CSRF, "x", 1, mac));
	assert_false(keys_verify(&keys, KEY_COOKIE, "x", 1, mac));
}

static void https_makes_the_cookie_host_bound_and_secure(void **state)
{
	auto_keys keys = load(key_a, "");
	struct reply reply = { 0 };

	(void)state;
	reply_reset(&reply);
	session_give(&keys, &who, true, &reply);
	assert_non_null(strstr(buf_text(&reply.headers), "Set-Cookie: __Host-tollgate="));
	assert_non_null(strstr(
		buf_text(&reply.headers), "; Path=/; Max-Age=7200; HttpOnly; SameSite=Lax; Secure\r\n"));
	assert_null(strstr(buf_text(&reply.headers), "Domain"));
	reply_reset(&reply);
	session_give(&keys, &who, false, &reply);
	assert_non_null(strstr(buf_text(&reply.headers), "Set-Cookie: tollgate="));
	assert_null(strstr(buf_text(&reply.headers), "Secure"));
	reply_done(&reply);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_FILE(missing_file_is_made_once_and_private),
		WITH_FILE(each_key_that_is_made_is_another),
		WITH_FILE(missing_file_that_was_named_is_an_error),
		WITH_FILE(bad_key_files_are_refused_without_showing_the_key),
		WITH_FILE(cookie_goes_there_and_back),
		WITH_FILE(longest_identities_fit_into_a_cookie),
		WITH_FILE(cookie_ends_after_two_hours),
		WITH_FILE(each_changed_bit_is_seen),
		WITH_FILE(cookie_of_another_installation_is_refused),
		WITH_FILE(key_before_the_one_in_use_still_verifies),
		WITH_FILE(csrf_token_is_good_for_its_session_only),
		WITH_FILE(mac_of_one_use_is_worth_nothing_for_another),
		WITH_FILE(https_makes_the_cookie_host_bound_and_secure),
	};

	return UNIT_RUN(tests);
}
