#include "aws/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"

/* AWS's answers go eight levels deep. cJSON recurses, and our threads' stacks are small. */
enum { DEPTH_MAX = 32 };

static bool is_hex(const char *digits, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr("0123456789abcdefABCDEF", digits[i]))
			return false;
	return true;
}

/* Whether cJSON would end the text at this escape, and let two texts pass for one: it takes what is
 * no digit for a zero. */
static bool ends_text(const char *escape, size_t len)
{
	return len >= 2 && escape[1] == 'u' &&
		(len < 6 || !is_hex(escape + 2, 4) || !memcmp(escape + 2, "0000", 4));
}

/* The end of the string that begins there. What is in it is skipped; what is wrong with it
 * otherwise is for the parser to find. */
static size_t skip_string(const char *body, size_t at, size_t len, bool *ret_ends)
{
	const char *first = body + at + 1, *quote = memchr(first, '"', len - at - 1);

	if (!quote)
		return len;
	if (!memchr(first, '\\', (size_t)(quote - first)))
		return (size_t)(quote - body); /* nearly all are like that */
	for (at++; at < len && body[at] != '"'; at++) {
		if (body[at] != '\\')
			continue;
		*ret_ends |= ends_text(body + at, len - at);
		at++;
	}
	return at;
}

/* What is wrong with the body before it is parsed, or NULL. */
static const char *find_fault(const char *body, size_t len)
{
	bool ends = false;
	int depth = 0;

	if (!text_is_utf8(body, len))
		return "is not UTF-8 text";
	for (size_t at = 0; at < len; at++) {
		if (body[at] == '"')
			at = skip_string(body, at, len, &ends);
		else if (body[at] == '{' || body[at] == '[')
			depth++;
		else if (body[at] == '}' || body[at] == ']')
			depth--;
		if (depth > DEPTH_MAX)
			return "is nested too deeply";
	}
	return ends ? "has a NUL in a string, or \\u without four digits" : NULL;
}

/* ---- the memory of cJSON's trees ---- */

/* A tree has hundreds of small pieces, whose malloc and free took half of cJSON's time. Those of
 * one body are cut from few blocks; a block is freed with the last of its pieces. */
enum { BLOCK_BYTES = 16 * 1024, LEAST_BYTES = 512, BYTES_A_BYTE = 8 };

struct block {
	size_t pieces; /* one more, as long as it is being filled */
	size_t len, size;
	_Alignas(max_align_t) char data[];
};

/* Before each piece. */
struct piece {
	_Alignas(max_align_t) struct block *block; /* NULL: it is by itself */
};

/* Of the body that this thread parses: the block that is being filled, and how large the next is.
 * Nothing that is made otherwise goes into one. */
static _Thread_local struct block *filled;
static _Thread_local size_t next_size;

static void let_go(struct block *block)
{
	if (block && --block->pieces == 0)
		free(block);
}

/* A part of the block that is being filled, or of the next; NULL where it has no room. */
static struct piece *cut(size_t size)
{
	struct piece *piece;

	if (size > next_size)
		return NULL;
	if (!filled || size > filled->size - filled->len) {
		let_go(filled);
		filled = malloc(sizeof *filled + next_size);
		if (!filled)
			return NULL;
		*filled = (struct block){ .pieces = 1, .size = next_size };
	}
	piece = (struct piece *)(void *)(filled->data + filled->len);
	filled->len += size;
	filled->pieces++;
	piece->block = filled;
	return piece;
}

static void *take_piece(size_t size)
{
	enum { ALIGN = _Alignof(max_align_t) };
	struct piece *piece;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (sizeof *piece + size + ALIGN - 1) / ALIGN * ALIGN;
	piece = cut(size);
	if (!piece) {
		piece = malloc(size);
		if (!piece)
			return NULL;
		piece->block = NULL;
	}
	return piece + 1;
}

static void give_piece(void *data)
{
	struct piece *piece = data;

	if (!piece)
		return;
	piece--;
	if (piece->block)
		let_go(piece->block);
	else
		free(piece);
}

/* Before main, so that all of cJSON's pieces are made and freed in the same way. */
__attribute__((constructor)) static void set_hooks(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){ take_piece, give_piece });
}

static struct cJSON *parse_in_blocks(const char *body, size_t len, const char **ret_end)
{
	struct cJSON *json;

	next_size = len < BLOCK_BYTES / BYTES_A_BYTE ? LEAST_BYTES + len * BYTES_A_BYTE : BLOCK_BYTES;
	json = cJSON_ParseWithLengthOpts(body, len, ret_end, false);
	let_go(filled);
	filled = NULL;
	next_size = 0;
	return json;
}

static enum status parse(const char *body, size_t len, bool object, struct cJSON **ret_json,
	struct err *err)
{
	const char *fault = find_fault(body, len), *end = NULL;
	struct cJSON *json;

	if (fault)
		return err_set(err, ERR_RETRY, "the body %s", fault);
	json = parse_in_blocks(body, len, &end);
	while (json && end < body + len && strchr(" \t\r\n", *end))
		end++;
	if (!json || (object && !cJSON_IsObject(json)) || end != body + len) {
		cJSON_Delete(json);
		return err_set(err, ERR_RETRY, "the body is not %s, or not all of one",
			object ? "a JSON object" : "JSON");
	}
	*ret_json = json;
	return OK;
}

enum status json_parse(const char *body, size_t len, struct cJSON **ret_json, struct err *err)
{
	return parse(body, len, true, ret_json, err);
}

enum status json_parse_value(const char *body, size_t len, struct cJSON **ret_json,
	struct err *err)
{
	return parse(body, len, false, ret_json, err);
}

const char *json_text_of(const struct cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return text ? text : "";
}

static void wipe_texts(struct cJSON *json)
{
	for (; json; json = json->next) {
		if (json->valuestring)
			explicit_bzero(json->valuestring, strlen(json->valuestring));
		wipe_texts(json->child); /* parse() bounds how deep this goes */
	}
}

void json_wipe(struct cJSON *json)
{
	wipe_texts(json);
	cJSON_Delete(json);
}
