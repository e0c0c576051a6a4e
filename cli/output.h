/* What goes to standard output: JSON as the AWS CLI shows it, four blanks a level. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdint.h>

#include "base/buf.h"

struct output {
	struct buf text;
	int level;
};

/* Free what it holds with output_done. */
#define OUTPUT_INIT ((struct output){ .text = BUF_INIT(8 * 1024 * 1024) })
#define auto_output __attribute__((cleanup(output_done))) struct output
void output_done(struct output *output);

/* Opens a structure or a list: '{' or '['. name: the member's; NULL in a list, and at the top. */
void output_begin(struct output *output, const char *name, char bracket);
void output_end(struct output *output, char bracket);

/* A member; a text that is NULL or "" is left out, as AWS did not send it. */
void output_text(struct output *output, const char *name, const char *text);
void output_number(struct output *output, const char *name, int64_t number);
void output_time(struct output *output, const char *name, int64_t epoch_s);

/* Writes it to standard output. Returns the exit status: where it could not be written, all of what
 * AWS did has to be asked for again. */
int output_show(struct output *output);

#endif
