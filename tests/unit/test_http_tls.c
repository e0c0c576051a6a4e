/* HTTP over TLS: whose certificates are trusted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/unit/http_client.h"

/* A certificate that signs itself, for an address or a name, and a server that has it. */
static SSL_CTX *make_tls(const char *alt_name)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	X509_EXTENSION *alt = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alt_name);
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	FILE *file = fopen(env_path("bundle.pem"), "w");

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_add_ext(cert, alt, -1);
	X509_set_pubkey(cert, key);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_X509(file, cert), 1);
	fclose(file);
	assert_int_equal(SSL_CTX_use_certificate(tls, cert), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
	X509_EXTENSION_free(alt);
	X509_free(cert);
	EVP_PKEY_free(key);
	return tls;
}

/* In place of the plain server and the pool that set_up made. */
static void use_tls(const char *alt_name, const char *bundle)
{
	SSL_CTX *tls = make_tls(alt_name);

	server_stop(server);
	http_curl_free(pool);
	pool = NULL;
	server = server_start(tls);
	assert_int_equal(http_curl_new(2, bundle, &pool, &err), OK);
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
}

static void end_tls(void)
{
	SSL_CTX *tls = server->tls;

	http_curl_free(pool);
	server_stop(server);
	SSL_CTX_free(tls);
	pool = NULL;
	server = NULL;
}

static void test_authority_of_the_bundle_is_trusted(void **state)
{
	(void)state;
	use_tls("IP:127.0.0.1", env_path("bundle.pem"));
	for (int i = 0; i < 3; i++)
		if (http_post())
			fail_msg("%s", err.text);
	assert_int_equal(server->n_connections, 1);
	end_tls();
}

static void test_unknown_authority_is_not_trusted(void **state)
{
	(void)state;
	use_tls("IP:127.0.0.1", NULL);
	assert_int_equal(http_post(), ERR_REMOTE);
	assert_false(answer.sent);
	http_check_text("the certificate of 127.0.0.1:");
	http_check_text("AWS_CA_BUNDLE");
	assert_int_equal(server->n_requests, 0);
	end_tls();
}

static void test_certificate_of_another_host_is_not_trusted(void **state)
{
	(void)state;
	use_tls("DNS:aws.example", env_path("bundle.pem"));
	assert_int_equal(http_post(), ERR_REMOTE);
	assert_int_equal(server->n_requests, 0);
	end_tls();
}

static void test_outdated_tls_is_not_spoken(void **state)
{
	(void)state;
	use_tls("IP:127.0.0.1", env_path("bundle.pem"));
	SSL_CTX_set_security_level(server->tls, 0);
	SSL_CTX_set_min_proto_version(server->tls, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(server->tls, TLS1_1_VERSION);
	assert_int_equal(http_post(), ERR_RETRY);
	assert_int_equal(server->n_requests, 0);
	end_tls();
}

static void test_bundle_that_cannot_be_read_is_refused(void **state)
{
	struct http_curl *other = NULL;

	(void)state;
	assert_int_equal(http_curl_new(1, "/none/bundle.pem", &other, &err), ERR_INPUT);
	http_check_text("/none/bundle.pem; AWS_CA_BUNDLE, or ca_bundle");
	env_write("bundle.pem", "no certificate\n");
	assert_int_equal(http_curl_new(1, env_path("bundle.pem"), &other, &err), ERR_INPUT);
	assert_null(other);
}

#define HTTP_TEST(test) cmocka_unit_test_setup_teardown(test, http_set_up, http_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HTTP_TEST(test_authority_of_the_bundle_is_trusted),
		HTTP_TEST(test_unknown_authority_is_not_trusted),
		HTTP_TEST(test_certificate_of_another_host_is_not_trusted),
		HTTP_TEST(test_outdated_tls_is_not_spoken),
		HTTP_TEST(test_bundle_that_cannot_be_read_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("http_tls", tests, env_make_home, env_remove_home);
}
