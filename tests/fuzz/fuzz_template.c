/* Templates: whatever is accepted renders to the same tags and attributes with any values, and no
 * value ends in a script, a style, an on… attribute or at the start of a link. The input is
 * page.html, part.html and more.html, apart by lines of "====". */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/template.h"
#include "tests/unit/html_scan.h"

enum { OUT_BYTES_MAX = 1 << 20, SMALL_BYTES_MAX = 50, N_FILES = 3 };

static const struct view_name item_names[] = { { "t", VIEW_TEXT, NULL }, { 0 } };
enum { T, U, F, L, N_NAMES };
static const struct view_name names[] = {
	[T] = { "t", VIEW_TEXT, NULL },
	[U] = { "u", VIEW_URL, NULL },
	[F] = { "f", VIEW_FLAG, NULL },
	[L] = { "l", VIEW_LIST, item_names },
	[N_NAMES] = { 0 },
};
static const struct view_name no_names[] = { { 0 } };
static const struct template_page pages[] = { { "page", names } };

#define MARK "zQz"
static const char tame[] = MARK;
static const char wild[] =
	MARK " \"'><script>" MARK "</script></style></textarea></title>--><b o=1>& `=/";
static const char script_link[] = "javascript:" MARK;

static const char *const files[N_FILES] = { "page", "part", "more" };
static char dir[40]; /* in memory where there is such a folder: ten times as fast */

static const char *path_of(size_t file, char path[100])
{
	snprintf(path, 100, "%s/%s.html", dir, files[file]);
	return path;
}

static void remove_dir(void)
{
	char path[100];

	for (size_t i = 0; i < N_FILES; i++)
		unlink(path_of(i, path));
	rmdir(dir);
}

static void make_dir(void)
{
	const char *parent = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";

	snprintf(dir, sizeof dir, "%s/tollgate-fuzz-XXXXXX", parent);
	if (!mkdtemp(dir) || atexit(remove_dir))
		abort();
}

static void put_files(const char *data, size_t size)
{
	static const char border[] = "\n====\n";
	char path[100];

	for (size_t i = 0; i < N_FILES; i++) {
		const char *end = memmem(data, size, border, sizeof border - 1);
		size_t len = end ? (size_t)(end - data) : size;
		size_t taken = end ? len + sizeof border - 1 : len;
		FILE *out = fopen(path_of(i, path), "w");

		if (!out || fwrite(data, 1, len, out) != len || fclose(out))
			abort();
		data += taken;
		size -= taken;
	}
}

static void render(
	const struct templates *templates, const char *text, const char *link, struct buf *out)
{
	const struct view_value item[] = { { .text = text } };
	const struct view_value *const items[] = { item, item };
	const struct view_value values[N_NAMES] = {
		[T] = { .text = text },
		[U] = { .text = link },
		[F] = { .flag = text != NULL },
		[L] = { .items = items, .n_items = text ? 2 : 0 },
	};

	templates_render(templates, 0, NULL, values, out);
}

static void check_same_tags(const struct templates *templates)
{
	auto_buf a = BUF_INIT(OUT_BYTES_MAX), b = BUF_INIT(OUT_BYTES_MAX);
	auto_buf tags_a = BUF_INIT(OUT_BYTES_MAX), tags_b = BUF_INIT(OUT_BYTES_MAX);

	render(templates, tame, tame, &a);
	render(templates, wild, wild, &b);
	if (a.failed || b.failed)
		return;
	scan_skeleton(buf_text(&a), &tags_a);
	scan_skeleton(buf_text(&b), &tags_b);
	if (strcmp(buf_text(&tags_a), buf_text(&tags_b)) != 0)
		abort();
}

static bool is_code(const char *attribute)
{
	return !strncmp(attribute, "on", 2) || !strcmp(attribute, "style");
}

static void check_no_code(const struct templates *templates)
{
	auto_buf out = BUF_INIT(OUT_BYTES_MAX);
	const char *at;
	struct scan_tag tag;

	render(templates, script_link, "https://a.example", &out);
	at = out.failed ? "" : buf_text(&out);
	while (scan_next(&at, &tag)) {
		if ((!strcmp(tag.name, "script") || !strcmp(tag.name, "style")) &&
			memmem(tag.raw, tag.raw_len, MARK, 3))
			abort();
		for (size_t i = 0; i < tag.n_attributes && i < SCAN_ATTRIBUTES_MAX; i++) {
			const char *name = tag.attributes[i].name, *value = tag.attributes[i].value;

			if (is_code(name) && strstr(value, MARK))
				abort();
			if ((!strcmp(name, "href") || !strcmp(name, "src") || !strcmp(name, "formaction")) &&
				!strncmp(scan_blanks(value), script_link, sizeof script_link - 1))
				abort();
		}
	}
}

static void check_small_buffer(const struct templates *templates)
{
	auto_buf whole = BUF_INIT(OUT_BYTES_MAX), small = BUF_INIT(SMALL_BYTES_MAX);

	render(templates, wild, tame, &whole);
	render(templates, wild, tame, &small);
	if (small.failed != (whole.failed || whole.len > SMALL_BYTES_MAX) ||
		strncmp(buf_text(&whole), buf_text(&small), small.len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct templates *templates = NULL;
	struct err err = { 0 };

	if (!*dir)
		make_dir();
	if (memmem(data, size, MARK, sizeof MARK - 1))
		return 0; /* a mark that is the template's own proves nothing */
	put_files((const char *)data, size);
	if (templates_load(dir, no_names, pages, 1, &templates, &err)) {
		if (!strstr(err.text, dir))
			abort(); /* a refusal names the file */
		return 0;
	}
	check_same_tags(templates);
	check_no_code(templates);
	check_small_buffer(templates);
	templates_free(templates);
	return 0;
}
