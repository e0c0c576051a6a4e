/* The standard streams. */
#ifndef BASE_STREAMS_H
#define BASE_STREAMS_H

/* Puts /dev/null in place of each one that is closed: a connection that got its number would be
 * written to as if it were the log. Call it first in main. */
void streams_open(void);

#endif
