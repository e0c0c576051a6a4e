/* The form decoder: what it takes is UTF-8 without NUL, and no longer than the body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_form form = { 0 };
	struct err err;
	size_t sum = 0;
	bool differ;

	if (form_parse((const char *)data, size, &form, &err))
		return 0;
	for (size_t i = 0; i < form.n_fields; i++) {
		const char *name = form.fields[i].name, *value = form.fields[i].value;

		if (!text_is_utf8(name, strlen(name)) || !text_is_utf8(value, strlen(value)))
			abort();
		if (!form_value(&form, name))
			abort();
		sum += strlen(name) + strlen(value);
		form_only_value(&form, name, &differ);
	}
	if (sum > size)
		abort();
	return 0;
}
