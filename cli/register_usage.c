#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "aws/json.h"
#include "aws/metering.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/source.h"

enum { UUID_SIZE = 37, SIGNATURE_BYTES_MAX = 64 * 1024, PATH_BYTES_MAX = 8 * 1024 };

const struct option_word register_usage_words[] = {
	{ "public-key", "FILE", "PEM, as AWS Marketplace shows it; verifies the answer",
		offsetof(struct options, public_key) },
	{ "no-verify", NULL, "shows the answer without verifying it",
		offsetof(struct options, no_verify) },
	{ 0 },
};

/* A random one (RFC 4122, version 4), so that no older answer fits. */
static void make_nonce(char ret_nonce[UUID_SIZE])
{
	unsigned char bytes[16];
	char hex[2 * sizeof bytes + 1];

	text_random(bytes, sizeof bytes);
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	text_hex(bytes, sizeof bytes, hex);
	snprintf(ret_nonce, UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
		hex + 20);
}

static int show(const char *signature, int64_t rotation_s)
{
	auto_output output = OUTPUT_INIT;

	output_begin(&output, NULL, '{');
	if (rotation_s)
		output_time(&output, "PublicKeyRotationTimestamp", rotation_s);
	output_text(&output, "Signature", signature);
	output_end(&output, '}');
	return output_show(&output);
}

static int call(const struct job *job, const char *public_key)
{
	struct metering_registration registration = {
		.product_code = json_text_of(job->request, "ProductCode"),
		.public_key_version = input_number(job->request, "PublicKeyVersion"),
		.nonce = json_text_of(job->request, "Nonce"),
		.public_key = public_key,
	};
	auto_buf signature = BUF_INIT(SIGNATURE_BYTES_MAX);
	char nonce[UUID_SIZE];
	struct aws_answer answer;
	int64_t rotation_s = 0;
	struct err err;
	enum status rc;

	if (!*registration.nonce) {
		make_nonce(nonce);
		registration.nonce = nonce;
	}
	rc = metering_register(job->aws, &registration, job->deadline_ms, &signature, &rotation_s,
		&answer, &err);
	return rc ? exit_explain(rc, &answer, &err) : show(buf_text(&signature), rotation_s);
}

int register_usage_perform(const struct job *job)
{
	const char *path = job->options->public_key;
	auto_buf url = BUF_INIT(PATH_BYTES_MAX), key = BUF_INIT(SOURCE_BYTES_MAX);
	struct err err;
	enum status rc;

	if (!path == !job->options->no_verify) {
		exit_say("register-usage: %s", path
			? "--public-key and --no-verify exclude each other"
			: "--public-key FILE is required, to tell AWS's answer from a forged one; or "
			  "--no-verify, where the container verifies it by itself");
		return EX_USAGE;
	}
	if (!path)
		return call(job, NULL);
	buf_printf(&url, "%s%s", strncmp(path, "file://", 7) ? "file://" : "", path);
	rc = source_read(buf_text(&url), false, &key, &err);
	if (rc)
		return exit_explain(rc, NULL, &err);
	return call(job, buf_text(&key));
}
