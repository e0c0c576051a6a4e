#include "fcgi/template_html.h"

#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool is_name_char(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':';
}

/* `words` end with NULL. */
static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* Elements whose content follows rules that this tokenizer does not know, or that bring in another
 * page, or change what all links mean. */
static bool is_refused_tag(const char *tag)
{
	static const char *const tags[] = { "applet", "base", "embed", "frame", "frameset", "iframe",
		"math", "noembed", "noframes", "noscript", "object", "plaintext", "svg", "xmp", NULL };

	return is_one_of(tag, tags);
}

static bool is_raw_tag(const char *tag)
{
	return !strcmp(tag, "script") || !strcmp(tag, "style");
}

static bool is_escapable_tag(const char *tag)
{
	return !strcmp(tag, "textarea") || !strcmp(tag, "title");
}

static bool is_link_attribute(const char *attribute)
{
	static const char *const attributes[] = { "action", "background", "cite", "data", "formaction",
		"href", "longdesc", "manifest", "poster", "src", "usemap", "xlink:href", NULL };

	return is_one_of(attribute, attributes);
}

/* Attributes whose text is code, another page, or a list of links. */
static bool is_refused_attribute(const char *attribute)
{
	static const char *const attributes[] = { "ping", "srcdoc", "srcset", "style", NULL };

	return !strncmp(attribute, "on", 2) || is_one_of(attribute, attributes);
}

/* False: too long. */
static bool append(char name[HTML_NAME_MAX + 1], char c)
{
	size_t len = strlen(name);

	if (len == HTML_NAME_MAX)
		return false;
	name[len] = lower(c);
	name[len + 1] = '\0';
	return true;
}

static void enter_text(struct html *html)
{
	*html = (struct html){ .at = HTML_TEXT };
}

static void enter_tag(struct html *html, enum html_at at)
{
	html->at = at;
	html->attribute[0] = html->link[0] = html->quote = '\0';
	html->link_is_value = false;
}

static const char *end_tag(struct html *html)
{
	if (html->closing) {
		enter_text(html);
	} else if (is_raw_tag(html->tag)) {
		enter_tag(html, HTML_RAW);
	} else if (is_escapable_tag(html->tag)) {
		enter_tag(html, HTML_ESCAPABLE);
	} else {
		enter_text(html);
	}
	return NULL;
}

/* What may follow a tag's name, an attribute or a blank inside a tag. */
static const char *feed_in_tag(struct html *html, char c)
{
	if (is_space(c)) {
		enter_tag(html, HTML_IN_TAG);
		return NULL;
	}
	if (c == '>')
		return end_tag(html);
	if (c == '/' && !html->closing) {
		enter_tag(html, HTML_SLASH);
		return NULL;
	}
	return "a character that cannot stand here in a tag";
}

static const char *feed_text(struct html *html, char c)
{
	if (c == '<')
		html->at = HTML_OPEN;
	return NULL;
}

static const char *feed_open(struct html *html, char c)
{
	if (c == '/' && !html->closing) {
		html->closing = true;
		return NULL;
	}
	if (c == '!' && !html->closing) {
		html->at = HTML_MARKUP;
		return NULL;
	}
	if (!is_letter(c))
		return "a bare <; write &lt;";
	html->at = HTML_TAG_NAME;
	append(html->tag, c);
	return NULL;
}

static const char *feed_markup(struct html *html, char c)
{
	if (!append(html->tag, c))
		return "neither a comment nor a doctype after <!";
	if (!strcmp(html->tag, "--")) {
		enter_text(html);
		html->at = HTML_COMMENT;
	} else if (!strcmp(html->tag, "doctype")) {
		enter_text(html);
		html->at = HTML_DOCTYPE;
	} else if (strcmp(html->tag, "-") != 0 &&
		strncmp(html->tag, "doctype", strlen(html->tag)) != 0) {
		return "neither a comment nor a doctype after <!";
	}
	return NULL;
}

static const char *feed_doctype(struct html *html, char c)
{
	if (c == '>')
		enter_text(html);
	return NULL;
}

static const char *feed_comment(struct html *html, char c)
{
	if (c == '>' && html->matched == 2)
		enter_text(html);
	else if (c == '>' || html->matched == 2)
		return "an HTML comment may hold neither > nor --";
	else
		html->matched = c == '-' ? html->matched + 1 : 0;
	return NULL;
}

static const char *feed_tag_name(struct html *html, char c)
{
	if (is_name_char(c))
		return append(html->tag, c) ? NULL : "a tag's name is too long";
	if (is_refused_tag(html->tag))
		return "this element may not stand in a template: its content cannot be checked";
	return feed_in_tag(html, c);
}

static const char *feed_before_attribute(struct html *html, char c)
{
	if (!is_letter(c))
		return feed_in_tag(html, c);
	if (html->closing)
		return "a closing tag has no attributes";
	html->at = HTML_ATTRIBUTE;
	append(html->attribute, c);
	return NULL;
}

static const char *feed_attribute(struct html *html, char c)
{
	if (is_name_char(c))
		return append(html->attribute, c) ? NULL : "an attribute's name is too long";
	if (c == '=') {
		html->at = HTML_ASSIGN;
		return NULL;
	}
	return feed_in_tag(html, c);
}

static const char *feed_assign(struct html *html, char c)
{
	if (c != '"' && c != '\'')
		return "an attribute's value needs quotes right after the =";
	html->quote = c;
	html->at = HTML_VALUE;
	return NULL;
}

static const char *feed_value(struct html *html, char c)
{
	size_t len = strlen(html->link);

	if (c == html->quote) {
		enter_tag(html, HTML_VALUE_END);
		return NULL;
	}
	if (html->link_is_value)
		return "a link that begins with a value must be that value alone";
	if (is_link_attribute(html->attribute) && len < HTML_LINK_START_MAX)
		html->link[len] = lower(c);
	return NULL;
}

static const char *feed_slash(struct html *html, char c)
{
	return c == '>' ? end_tag(html) : "a / in a tag may only stand before its >";
}

/* Script, style, textarea, title: all is text until the element's own closing tag. */
static const char *feed_until_closed(struct html *html, char c)
{
	size_t len = strlen(html->tag);
	char expected = html->matched == 0 ? '<' : html->matched == 1 ? '/' : '>';

	if (html->matched >= 2 && html->matched < len + 2)
		expected = html->tag[html->matched - 2];
	if (html->matched == 1 && c == '!' && html->at == HTML_RAW)
		return "<! in a script or style would change where it ends";
	if (html->matched == len + 2 && (is_space(c) || c == '/'))
		return "this closing tag needs its > right after the name";
	if (lower(c) == expected && ++html->matched == len + 3)
		enter_text(html);
	else if (lower(c) != expected)
		html->matched = c == '<';
	return NULL;
}

const char *html_feed(struct html *html, char c)
{
	static const char *(*const feeds[])(struct html *, char) = {
		[HTML_TEXT] = feed_text,
		[HTML_OPEN] = feed_open,
		[HTML_MARKUP] = feed_markup,
		[HTML_DOCTYPE] = feed_doctype,
		[HTML_COMMENT] = feed_comment,
		[HTML_TAG_NAME] = feed_tag_name,
		[HTML_IN_TAG] = feed_before_attribute,
		[HTML_ATTRIBUTE] = feed_attribute,
		[HTML_ASSIGN] = feed_assign,
		[HTML_VALUE] = feed_value,
		[HTML_VALUE_END] = feed_in_tag,
		[HTML_SLASH] = feed_slash,
		[HTML_RAW] = feed_until_closed,
		[HTML_ESCAPABLE] = feed_until_closed,
	};

	return feeds[html->at](html, c);
}

/* A literal that decides what kind of link it is, whatever follows. */
static bool is_safe_start(const char *link)
{
	static const char *const starts[] = { "#", "?", "https://", "mailto:", "tel:", NULL };

	for (const char *const *start = starts; *start; start++)
		if (!strncmp(link, *start, strlen(*start)))
			return true;
	return false;
}

static const char *attribute_value(struct html *html, enum view_kind kind)
{
	static const char *const elements[] = { "link", "meta", "script", "style", NULL };

	if (is_one_of(html->tag, elements))
		return "no value may stand in the attributes of link, meta, script and style";
	if (is_refused_attribute(html->attribute))
		return "no value may stand in this attribute: it holds code or links";
	if (!is_link_attribute(html->attribute) || is_safe_start(html->link))
		return NULL;
	if (html->link[0] || html->link_is_value)
		return "a link is one value alone, or begins with #, ?, mailto:, tel: or https://";
	if (kind != VIEW_URL)
		return "this name is not a link (VIEW_URL), so it cannot be a whole link";
	html->link_is_value = true;
	return NULL;
}

const char *html_value(struct html *html, enum view_kind kind)
{
	if (html->at == HTML_VALUE)
		return attribute_value(html, kind);
	if (html->at == HTML_TEXT || (html->at == HTML_ESCAPABLE && !html->matched))
		return NULL;
	if (html->at == HTML_ASSIGN)
		return "a value of an attribute needs quotes";
	return "no value may stand here: escaping would not hold it";
}

bool html_same(const struct html *a, const struct html *b)
{
	return a->at == b->at && a->closing == b->closing && !strcmp(a->tag, b->tag) &&
		!strcmp(a->attribute, b->attribute) && !strcmp(a->link, b->link) &&
		a->link_is_value == b->link_is_value && a->quote == b->quote && a->matched == b->matched;
}

const char *html_where(const struct html *html)
{
	static const char *const names[] = {
		[HTML_TEXT] = "text",
		[HTML_OPEN] = "a tag's start",
		[HTML_MARKUP] = "a comment's start",
		[HTML_DOCTYPE] = "the doctype",
		[HTML_COMMENT] = "a comment",
		[HTML_TAG_NAME] = "a tag's name",
		[HTML_IN_TAG] = "a tag, after a blank",
		[HTML_ATTRIBUTE] = "an attribute's name",
		[HTML_ASSIGN] = "an attribute's start",
		[HTML_VALUE] = "an attribute's value",
		[HTML_VALUE_END] = "a tag, after an attribute",
		[HTML_SLASH] = "a tag's end",
		[HTML_RAW] = "a script or style",
		[HTML_ESCAPABLE] = "a textarea or title",
	};

	return names[html->at];
}
