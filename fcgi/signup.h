/* The sign-up form as a table of inputs: what was typed, and what is wrong with it. */
#ifndef FCGI_SIGNUP_H
#define FCGI_SIGNUP_H

#include <stdbool.h>
#include <stddef.h>

#include "fcgi/form.h"
#include "fcgi/products.h"

enum {
	SIGNUP_EMAIL_BYTES_MAX = 254,
	SIGNUP_INPUTS_MAX = 21
}; /* the email and twenty fields of the product */

struct signup_input {
	const char *name;                  /* as it is stored: "email" or the field's */
	const char *input;                 /* as the form posts it */
	const struct product_field *field; /* NULL for the email */
	const char *value; /* "" where nothing was typed; owned by the form or the caller */
	char error[512];   /* "" if it is fine; a label takes up to 400 bytes of it */
};

struct signup {
	struct signup_input inputs[SIGNUP_INPUTS_MAX];
	size_t n;
};

/* An empty form of this product. Keeps pointers into it. */
void signup_init(struct signup *signup, const struct product *product);

/* Takes what was posted, and nothing that the product does not ask for; keeps pointers into the
 * form. */
void signup_read(struct signup *signup, const struct form *form);

/* Fills in the errors; true if there is none. */
bool signup_check(struct signup *signup);

/* Fills in the email's error, where the database knows better: its rules are those of Unicode. */
void signup_refuse_email(struct signup *signup);

#endif
