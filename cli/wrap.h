/* Text on a terminal. */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

#include <stdio.h>

/* Prints the words of a text, and the line's end. Lines end at column 100 at the latest, all but
 * the first begin at `indent`, where the cursor is at the start. A word is not broken, so that it
 * can be copied; control characters are shown as '?'. */
void wrap_print(FILE *out, int indent, const char *text);

#endif
