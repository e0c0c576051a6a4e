#include "aws/metering_allocations.h"

#include <stdlib.h>
#include <string.h>

enum { TAGS_MAX = 8 }; /* no edition takes as many, of an allocation or as keys of a record */

static const char list[] = "UsageAllocations";

/* An allocation's tags in the order of their keys, so that equal sets are equal. */
struct tag_set {
	const struct metering_tag *tags[TAGS_MAX];
	size_t n, index; /* of the allocation */
};

/* The keys of a record's allocations, each once. */
struct key_set {
	const char *keys[TAGS_MAX];
	size_t n;
};

static int compare_sets(const void *a, const void *b)
{
	const struct tag_set *x = a, *y = b;
	int order = (x->n > y->n) - (x->n < y->n);

	for (size_t i = 0; i < x->n && !order; i++) {
		order = strcmp(x->tags[i]->key, y->tags[i]->key);
		if (!order)
			order = strcmp(x->tags[i]->value, y->tags[i]->value);
	}
	return order ? order : (x->index > y->index) - (x->index < y->index);
}

static bool are_equal(const struct tag_set *x, const struct tag_set *y)
{
	struct tag_set other = *y;

	other.index = x->index;
	return compare_sets(x, &other) == 0;
}

/* Puts the tag in its place. False: its key is there. */
static bool insert_tag(struct tag_set *set, const struct metering_tag *tag)
{
	size_t at = set->n;

	while (at > 0 && strcmp(set->tags[at - 1]->key, tag->key) > 0)
		at--;
	if (at > 0 && !strcmp(set->tags[at - 1]->key, tag->key))
		return false;
	memmove(&set->tags[at + 1], &set->tags[at], (set->n - at) * sizeof set->tags[0]);
	set->tags[at] = tag;
	set->n++;
	return true;
}

/* False: it would be one key too many. */
static bool insert_key(struct key_set *set, const char *key, size_t max)
{
	for (size_t i = 0; i < set->n; i++)
		if (!strcmp(set->keys[i], key))
			return true;
	if (set->n == max || set->n == TAGS_MAX)
		return false;
	set->keys[set->n++] = key;
	return true;
}

static void write_tags(struct metering_writer *w, const struct metering_allocation *allocation,
	struct tag_set *set, struct key_set *keys)
{
	if (!allocation->n_tags)
		return;
	metering_write_list(w, "Tags", allocation->n_tags);
	for (size_t i = 0; i < allocation->n_tags && !w->rc; i++) {
		const struct metering_tag *tag = &allocation->tags[i];

		metering_write_item(w, i);
		metering_write_text(w, "Key", tag->key);
		metering_write_text(w, "Value", tag->value);
		if (!w->rc && !insert_key(keys, tag->key, (size_t)w->limits->tag_keys_max))
			metering_refuse(w, "Key", "is one too many; allowed are %d different keys over all "
				"allocations", w->limits->tag_keys_max);
		/* Fits: each of its tags has one of the keys, and another. */
		if (!w->rc && !insert_tag(set, tag))
			metering_refuse(w, "Key", "is in this allocation twice");
		metering_write_item_end(w);
	}
	metering_write_list_end(w);
}

/* Writes all, and returns their sum. */
static int64_t write_all(struct metering_writer *w, const struct metering_allocation *allocations,
	size_t n, struct tag_set *sets)
{
	struct key_set keys = { .n = 0 };
	int64_t sum = 0;

	for (size_t i = 0; i < n && !w->rc; i++) {
		sets[i].index = i;
		metering_write_item(w, i);
		metering_write_integer(w, "AllocatedUsageQuantity", allocations[i].quantity);
		write_tags(w, &allocations[i], &sets[i], &keys);
		metering_write_item_end(w);
		if (!w->rc)
			sum += allocations[i].quantity;
	}
	return sum;
}

static void check_sets(struct metering_writer *w, struct tag_set *sets, size_t n)
{
	qsort(sets, n, sizeof sets[0], compare_sets);
	for (size_t i = 1; i < n && !w->rc; i++)
		if (are_equal(&sets[i - 1], &sets[i]))
			metering_refuse(w, list, "items %zu and %zu have the same tags; allowed is one "
				"allocation for each set of tags", sets[i - 1].index, sets[i].index);
}

void metering_write_allocations(struct metering_writer *w,
	const struct metering_allocation *allocations, size_t n, int64_t quantity)
{
	struct tag_set *sets;
	int64_t sum;

	if (!n)
		return;
	metering_write_list(w, list, n);
	if (w->rc)
		return;
	sets = calloc(n, sizeof *sets);
	if (!sets) {
		w->rc = err_set(w->err, ERR_LOCAL, "%s: no memory for %zu allocations", w->action, n);
		return;
	}
	sum = write_all(w, allocations, n, sets);
	metering_write_list_end(w);
	if (!w->rc && sum != quantity)
		metering_refuse(w, list, "add up to %lld; allowed is the quantity alone, which is %lld",
			(long long)sum, (long long)quantity);
	if (!w->rc)
		check_sets(w, sets, n);
	free(sets);
}
