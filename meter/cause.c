#include "meter/cause.h"

#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX = 64 * 1024 };

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys that it has, each once: sellers set the same few for all customers. */
static void name_tags(const struct metering_record *sent, struct buf *out)
{
	const char **keys;
	size_t n = 0;

	for (size_t i = 0; i < sent->n_allocations; i++)
		n += sent->allocations[i].n_tags;
	keys = calloc(n + 1, sizeof *keys);
	if (!keys) {
		out->failed = true;
		return;
	}
	n = 0;
	for (size_t i = 0; i < sent->n_allocations; i++)
		for (size_t j = 0; j < sent->allocations[i].n_tags; j++)
			keys[n++] = sent->allocations[i].tags[j].key;
	qsort(keys, n, sizeof *keys, compare_keys);
	buf_puts(out, "tags");
	for (size_t i = 0; i < n; i++)
		if (!i || strcmp(keys[i], keys[i - 1]) != 0)
			buf_printf(out, " \"%s\"", keys[i]);
	free(keys);
}

void cause_name(const struct record *record, enum error_about about, struct buf *out)
{
	switch (about) {
	case ABOUT_CUSTOMER:
		buf_printf(out, "customer %" PRId64, record->customer_id);
		break;
	case ABOUT_DIMENSION:
		buf_printf(out, "dimension \"%s\"", record->sent.dimension);
		break;
	case ABOUT_TAGS:
		if (record->sent.n_allocations)
			name_tags(&record->sent, out);
		break;
	case ABOUT_RECORD:
	case ABOUT_TIME:
		break;
	}
}

void causes_done(struct causes *causes)
{
	tdestroy(causes->tree, free);
	*causes = (struct causes){ 0 };
}

enum status causes_add(
	struct causes *causes, const char *name, bool *ret_new, struct err *err)
{
	char *copy = strdup(name);
	char **node = copy ? tsearch(copy, &causes->tree, compare) : NULL;

	if (!node) {
		free(copy);
		return err_set(err, ERR_LOCAL, "no memory for a cause");
	}
	*ret_new = *node == copy;
	if (*ret_new)
		causes->n++;
	else
		free(copy);
	return OK;
}

bool causes_hold(const struct causes *causes, const struct record *record)
{
	static const enum error_about kinds[] = { ABOUT_CUSTOMER, ABOUT_DIMENSION, ABOUT_TAGS };
	auto_buf name = BUF_INIT(NAME_MAX);
	bool held = false;

	for (size_t i = 0; causes->n && !held && i < sizeof kinds / sizeof kinds[0]; i++) {
		buf_reset(&name);
		cause_name(record, kinds[i], &name);
		held = name.len && !name.failed && tfind(buf_text(&name), &causes->tree, compare);
	}
	return held;
}
