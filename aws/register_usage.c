#include "aws/metering.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "aws/json.h"
#include "aws/jwt.h"
#include "aws/metering_answer.h"
#include "aws/metering_read.h"
#include "aws/metering_write.h"

enum { ANSWER_BYTES_MAX = 64 * 1024 }; /* a signature takes about one */

static const char action[] = "RegisterUsage";

static const double seconds_max = 0x1p53; /* all whole numbers below are exact */

static enum status read_rotation(const struct cJSON *json, int64_t *ret_rotation_s,
	struct err *err)
{
	static const char name[] = "PublicKeyRotationTimestamp";
	double seconds;
	bool there;
	enum status rc = metering_read_number(json, name, &there, &seconds, err);

	if (rc)
		return rc;
	if (there && !(seconds >= 1 && seconds < seconds_max))
		return err_set(err, ERR_RETRY, "%s in AWS's answer is not a time", name);
	*ret_rotation_s = (int64_t)seconds;
	return OK;
}

/* The signature is the JSON's. */
static enum status read_registration(const struct cJSON *json, const char **ret_signature,
	int64_t *ret_rotation_s, struct err *err)
{
	enum status rc = metering_read_text(json, "Signature", ret_signature, err);

	if (rc)
		return rc;
	if (!**ret_signature)
		return err_set(err, ERR_RETRY, "AWS's answer has no Signature");
	return read_rotation(json, ret_rotation_s, err);
}

static enum status hand_over(const char *signature, struct buf *ret_signature, struct err *err)
{
	buf_reset(ret_signature);
	buf_puts(ret_signature, signature);
	return ret_signature->failed
		? err_set(err, ERR_LOCAL, "%s: no room for the signature", action)
		: OK;
}

enum status metering_parse_registration(const char *body, size_t len, struct buf *ret_signature,
	int64_t *ret_rotation_s, struct err *err)
{
	struct cJSON *json = NULL;
	const char *signature;
	int64_t rotation_s;
	enum status rc = json_parse(body, len, &json, err);

	if (!rc)
		rc = read_registration(json, &signature, &rotation_s, err);
	if (!rc)
		rc = hand_over(signature, ret_signature, err);
	if (!rc)
		*ret_rotation_s = rotation_s;
	cJSON_Delete(json);
	return rc;
}

static void write_registration(struct metering_writer *w,
	const struct metering_registration *registration)
{
	metering_write_text(w, "ProductCode", registration->product_code);
	metering_write_integer(w, "PublicKeyVersion", registration->public_key_version);
	metering_write_text(w, "Nonce", registration->nonce);
}

/* A key that cannot verify anything is found out before AWS is called. */
static void load_key(struct metering_writer *w, const char *pem, struct jwt_key *key)
{
	enum status rc;

	if (w->rc || !pem)
		return;
	rc = jwt_key_load(pem, key, w->err);
	if (rc)
		w->rc = err_wrap(w->err, rc, "%s", action);
}

/* ERR_REMOTE: somebody answered, but not AWS about this registration. */
static enum status verify(const struct metering_registration *registration,
	const struct jwt_key *key, const char *signature, struct aws_answer *answer, struct err *err)
{
	const struct jwt_claims claims = { registration->product_code,
		registration->public_key_version, registration->nonce ? registration->nonce : "" };
	enum status rc = registration->public_key ? jwt_verify(key, signature, &claims, err) : OK;

	if (!rc)
		return OK;
	answer->class = rc == ERR_REMOTE ? ERROR_SETTING : ERROR_TRANSIENT;
	return err_wrap(err, rc, "%s: AWS's answer", action);
}

enum status metering_register(struct aws *aws, const struct metering_registration *registration,
	int64_t deadline_ms, struct buf *ret_signature, int64_t *ret_rotation_s,
	struct aws_answer *ret_answer, struct err *err)
{
	auto_metering_writer request;
	auto_jwt_key key = { NULL };
	const struct aws_call call = { .secret = registration->nonce ? registration->nonce : "",
		.answer_bytes_max = ANSWER_BYTES_MAX, .deadline_ms = deadline_ms };
	struct cJSON *json = NULL;
	const char *signature;
	int64_t rotation_s;
	enum status rc;

	metering_write_begin(&request, aws->limits, action, 0, err);
	write_registration(&request, registration);
	load_key(&request, registration->public_key, &key);
	rc = metering_send(&request, aws, call, &json, ret_answer);
	if (rc)
		return rc;
	rc = read_registration(json, &signature, &rotation_s, err);
	if (rc)
		rc = metering_nonsense(action, ret_answer, err);
	else
		rc = verify(registration, &key, signature, ret_answer, err);
	if (!rc)
		rc = hand_over(signature, ret_signature, err);
	if (!rc)
		*ret_rotation_s = rotation_s;
	cJSON_Delete(json);
	return rc;
}
