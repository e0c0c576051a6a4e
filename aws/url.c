#include "aws/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char name_chars[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

enum { HTTP_PORT = 80, HTTPS_PORT = 443, PORT_MAX = 65535, PORT_CHARS = 8 };

/* Copies `len` bytes of text; false if they are none or too many. */
static bool copy(char *to, size_t size, const char *from, size_t len)
{
	if (!len || len >= size)
		return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

/* Reads the host; returns what follows it, NULL if there is none that could be. */
static const char *parse_host(const char *text, struct url *url)
{
	struct in6_addr address;
	size_t len;

	if (*text == '[') {
		len = strcspn(++text, "]");
		if (!text[len] || !copy(url->host, sizeof url->host, text, len) ||
			inet_pton(AF_INET6, url->host, &address) != 1)
			return NULL;
		return text + len + 1;
	}
	len = strspn(text, name_chars);
	return copy(url->host, sizeof url->host, text, len) ? text + len : NULL;
}

static bool parse_port(const char *text, size_t len, struct url *url)
{
	char digits[PORT_CHARS];
	long port;

	if (!copy(digits, sizeof digits, text, len) || !text_number(digits, 1, PORT_MAX, &port))
		return false;
	url->port = (int)port;
	return true;
}

static void name_authority(struct url *url)
{
	bool v6 = strchr(url->host, ':') != NULL;
	int len = snprintf(url->authority, sizeof url->authority, "%s%s%s", v6 ? "[" : "", url->host,
		v6 ? "]" : "");

	if (url->port != (url->tls ? HTTPS_PORT : HTTP_PORT))
		snprintf(url->authority + len, sizeof url->authority - (size_t)len, ":%d", url->port);
}

enum status url_split(const char *text, struct url *ret_url, const char **ret_rest,
	struct err *err)
{
	struct url url = { .tls = !strncmp(text, "https://", 8) };
	const char *at = url.tls ? text + 8 : !strncmp(text, "http://", 7) ? text + 7 : NULL;

	if (!at)
		return err_set(err, ERR_INPUT, "it begins with neither https:// nor http://");
	if (strchr(at, '@'))
		return err_set(err, ERR_INPUT, "it has a user name or password, or an @ that should not be "
			"there");
	url.port = url.tls ? HTTPS_PORT : HTTP_PORT;
	at = parse_host(at, &url);
	if (!at)
		return err_set(err, ERR_INPUT, "its host is no name or address");
	if (*at == ':') {
		size_t len = strcspn(++at, "/?#");

		if (!parse_port(at, len, &url))
			return err_set(err, ERR_INPUT, "its port is no number from 1 to %d", PORT_MAX);
		at += len;
	}
	if (*at && !strchr("/?#", *at))
		return err_set(err, ERR_INPUT, "something else than a path follows host and port");
	name_authority(&url);
	*ret_url = url;
	*ret_rest = at;
	return OK;
}

enum status url_parse(const char *text, struct url *ret_url, struct err *err)
{
	struct url url;
	const char *rest;
	enum status rc = url_split(text, &url, &rest, err);

	if (rc)
		return rc;
	if (*rest && strcmp(rest, "/") != 0)
		return err_set(err, ERR_INPUT, "something follows host and port; a path or query is not "
			"allowed");
	*ret_url = url;
	return OK;
}

bool url_is_loopback(const struct url *url)
{
	static const char domain[] = ".localhost";
	size_t len = strlen(url->host), tail = sizeof domain - 1;
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, url->host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, url->host, &v6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&v6);
	return !strcasecmp(url->host, domain + 1) ||
		(len > tail && !strcasecmp(url->host + len - tail, domain));
}

bool url_is_link_local(const struct url *url)
{
	static const unsigned char ec2[] = { 0xfd, 0x00, 0x0e, 0xc2 };
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, url->host, &v4) == 1)
		return ntohl(v4.s_addr) >> 16 == 0xa9fe;
	return inet_pton(AF_INET6, url->host, &v6) == 1 &&
		(IN6_IS_ADDR_LINKLOCAL(&v6) || !memcmp(&v6, ec2, sizeof ec2));
}

void url_encode(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (*text == '~' || strchr(name_chars, *text))
			buf_putc(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
}
