/* The session cookie: nothing that we did not sign opens, and what is signed is parsed within its bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct keys keys;

static void make_keys(void)
{
	for (int use = 0; use < N_KEY_USES; use++)
		keys.derived[0][use] = hash_key_new("key", 3);
	keys.n = 1;
}

/* Signs the bytes as a payload, which only the holder of the key can do: the parser behind the MAC. */
static void open_signed(const uint8_t *data, size_t size)
{
	auto_buf sealed = BUF_INIT(100000), cookie = BUF_INIT(200000), again = BUF_INIT(200000);
	unsigned char mac[HASH_BYTES];
	struct session session;

	buf_add(&sealed, data, size);
	keys_sign(&keys, KEY_COOKIE, data, size, mac);
	buf_add(&sealed, mac, sizeof mac);
	text_base64url(&cookie, buf_text(&sealed), sealed.len);
	if (!session_open(&keys, buf_text(&cookie), cookie.len, 0, &session))
		return;
	session_seal(&keys, &session, &again);
	if (again.failed || !session_open(&keys, buf_text(&again), again.len, 0, &session))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session session;

	if (!keys.n)
		make_keys();
	if (session_open(&keys, (const char *)data, size, 0, &session))
		abort();
	open_signed(data, size);
	return 0;
}
