/* How a function says what went wrong: one enum that decides what the caller does next, and a text
 * for the log. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

enum status {
	OK = 0,
	ERR_INPUT,    /* what came from outside is wrong; asking again will not help */
	ERR_MISSING,  /* not there, or not set up here */
	ERR_CONFLICT, /* contradicts what is stored */
	ERR_RETRY,    /* nobody's fault: the same again, later */
	ERR_REMOTE,   /* the other side refused for a reason that a person must mend */
	ERR_LOCAL,    /* this machine or these settings: disk, memory, permission */
};

/* Lives on the caller's stack. `text` is for the log and the operator: it never holds a token, a
 * key or contact data. */
struct err {
	char text[512];
};

/* Writes the text and returns `status`, so that the place that finds a fault says: return
 * err_set(err, ERR_X, …). */
enum status err_set(struct err *err, enum status status, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts "what: " before the text that is there already; returns `status`. */
enum status err_wrap(struct err *err, enum status status, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
