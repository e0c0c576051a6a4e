/* Times as the AWS CLI takes and shows them. */
#ifndef CLI_TIME_H
#define CLI_TIME_H

#include <stdbool.h>
#include <stdint.h>

enum { TIME_SIZE = 32 };

/* What a time may be, for messages. */
#define TIME_FORMS "seconds since 1970, or ISO 8601 with its zone such as 2026-01-31T12:00:00Z"

/* Reads seconds since 1970, a fraction allowed, or ISO 8601: 2026-01-31T12:00:00Z, perhaps with a
 * blank for the T, without seconds, with a fraction, with an offset such as +01:00. The fraction is
 * dropped: AWS meters by the hour. Without a zone it is none: where the AWS CLI takes local time,
 * an hour could be metered that is not meant. */
bool time_read(const char *text, int64_t *ret_epoch_s);

/* The same of JSON's number. */
bool time_of_number(double seconds, int64_t *ret_epoch_s);

/* 2026-01-31T12:00:00+00:00 */
void time_print(int64_t epoch_s, char ret_text[TIME_SIZE]);

#endif
