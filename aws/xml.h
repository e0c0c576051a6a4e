/* Just enough of XML to read what STS answers: elements by their path, and the five entities. No
 * DTD, no CDATA, no numeric references: STS sends none, and none can do harm here. */
#ifndef AWS_XML_H
#define AWS_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* An element's text as it stands in the document, entities and all. */
struct xml_text {
	const char *at; /* not terminated */
	size_t len;
};

/* Finds the first element with the path, such as "ErrorResponse/Error/Code", and reads the document
 * to its end. ret_text points into it.
 * ERR_MISSING: it has none.  ERR_RETRY: it is not XML, not all of it, or more than is read here; or
 * the element holds others. The text shows nothing of the document. */
MUST_CHECK enum status xml_find(const char *document, size_t len, const char *path,
	struct xml_text *ret_text, struct err *err);

/* Copies the text with its entities resolved. False: it is too long, or has another entity. */
bool xml_copy(const struct xml_text *text, char *to, size_t size);

#endif
