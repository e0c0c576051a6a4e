#include "fcgi/reply.h"

#include <string.h>

enum {
	BODY_BYTES_MAX = 1024 * 1024,
	ORIGIN_BYTES_MAX = 2048,
	HEADER_BYTES_MAX = 16 * 1024, /* a session cookie of 4 KiB and a Location of 2 KiB fit well */
};

void reply_reset(struct reply *reply)
{
	buf_reset(&reply->headers);
	buf_reset(&reply->body);
	reply->headers.max = HEADER_BYTES_MAX;
	if (!reply->body.max)
		reply->body.max = BODY_BYTES_MAX;
	reply->status = 200;
	reply->content_type = "text/html; charset=utf-8";
	reply->form_action.max = reply->img_src.max = ORIGIN_BYTES_MAX;
	buf_reset(&reply->form_action);
	buf_reset(&reply->img_src);
	reply->bare = false;
	reply->held_back = 0;
}

void reply_done(struct reply *reply)
{
	buf_done(&reply->headers);
	buf_done(&reply->form_action);
	buf_done(&reply->img_src);
	buf_wipe(&reply->body); /* the try-again page holds a token */
}

void reply_header(struct reply *reply, const char *name, const char *value)
{
	for (const char *at = value; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f) {
			reply->headers.failed = true;
			return;
		}
	}
	buf_texts(&reply->headers, name, ": ", value, "\r\n", NULL);
}

void reply_redirect(struct reply *reply, const char *location)
{
	reply->status = 303;
	reply_header(reply, "Location", location);
}

void reply_text(struct reply *reply, int status, const char *text)
{
	reply->status = status;
	reply->content_type = "text/plain; charset=utf-8";
	buf_reset(&reply->body);
	buf_puts(&reply->body, text);
}

static void put_browser_headers(struct buf *out, const struct reply *reply)
{
	buf_texts(out,
		"Cache-Control: no-store\r\n"
		"X-Content-Type-Options: nosniff\r\n"
		"X-Frame-Options: DENY\r\n"
		"Referrer-Policy: same-origin\r\n"
		"Cross-Origin-Opener-Policy: same-origin\r\n"
		"Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=()\r\n"
		"Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'",
		reply->img_src.len ? " " : "", buf_text(&reply->img_src),
		"; form-action 'self'", reply->form_action.len ? " " : "", buf_text(&reply->form_action),
		"; base-uri 'none'; frame-ancestors 'none'\r\n", NULL);
}

bool reply_send(struct reply *reply, const struct wire *wire, bool head_only)
{
	char room[2048] = "";
	auto_buf head = BUF_ON(room, 2 * HEADER_BYTES_MAX);

	if (reply->headers.failed || reply->body.failed) {
		buf_reset(&reply->headers);
		reply->held_back = 0;
		reply_text(reply, 500, "Something went wrong on our side. Please try again in a minute.\n");
	}
	buf_puts(&head, "Status: ");
	buf_number(&head, reply->status);
	if (reply->body.len)
		buf_texts(&head, "\r\nContent-Type: ", reply->content_type, NULL);
	/* Without it nginx would have to use chunks, and HEAD would not tell the length. */
	buf_puts(&head, "\r\nContent-Length: ");
	buf_number(&head, (long long)reply->body.len);
	buf_puts(&head, "\r\n");
	if (!reply->bare)
		put_browser_headers(&head, reply);
	buf_add(&head, buf_text(&reply->headers), reply->headers.len);
	buf_puts(&head, "\r\n");
	if (head.failed)
		return false;
	return wire->write(wire->self, buf_text(&head), head.len) &&
		(head_only ||
			wire->write(
				wire->self, buf_text(&reply->body), reply->body.len - reply->held_back));
}
