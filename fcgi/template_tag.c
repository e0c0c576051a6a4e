#include "fcgi/template_tag.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* What stands between the braces: a mark, blanks, a name, blanks. */
static void parse_inside(const char *at, const char *end, struct tag *tag)
{
	size_t len = 0;

	tag->kind = ' ';
	if (at < end && strchr("#?^/>", *at))
		tag->kind = *at++;
	at = skip_blanks(at, end);
	while (at < end && len < TAG_NAME_MAX && is_name_char(*at))
		tag->name[len++] = *at++;
	if (!len || skip_blanks(at, end) != end)
		tag->wrong = "a tag is {{name}}, {{#name}}, {{?name}}, {{^name}}, {{/name}}, {{>file}} or "
					 "{{! comment}}; names are a-z, 0-9 and _, at most 63";
}

/* A tag alone on its line takes the line with it, so that sections leave no holes in the page. */
static void widen_to_line(const char *start, const char *end, struct tag *tag)
{
	const char *from = tag->from, *to = skip_blanks(tag->to, end);

	while (from > start && (from[-1] == ' ' || from[-1] == '\t'))
		from--;
	if (to < end && *to == '\r')
		to++;
	if ((from > start && from[-1] != '\n') || (to < end && *to != '\n'))
		return;
	tag->from = from;
	tag->to = to < end ? to + 1 : to;
}

void tag_parse(const char *start, const char *end, const char *at, struct tag *ret_tag)
{
	struct tag tag = { .from = at, .to = end };
	const char *inside = at + 2, *close = memmem(inside, (size_t)(end - inside), "}}", 2);

	if (!close) {
		tag.wrong = "{{ without }}";
	} else if (*inside == '{' || *inside == '&') {
		tag.wrong = "there is no raw output: {{name}} is always escaped";
	} else {
		tag.to = close + 2;
		if (*inside == '!')
			tag.kind = '!';
		else
			parse_inside(inside, close, &tag);
	}
	if (!tag.wrong && tag.kind != ' ')
		widen_to_line(start, end, &tag);
	*ret_tag = tag;
}
