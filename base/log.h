/* Logs: one line an event, key=value, to standard error. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_INFO, LOG_WARN, LOG_ERROR };

/* One key=value. A NULL text leaves the field out. */
struct log_field {
	const char *key;
	const char *text; /* used when not NULL, quoted and escaped as needed */
	long long number;
	enum { LOG_IS_END, LOG_IS_TEXT, LOG_IS_NUMBER } kind;
};

#define LOG_TEXT(key, value) ((struct log_field){ (key), (value), 0, LOG_IS_TEXT })
#define LOG_NUM(key, value) ((struct log_field){ (key), 0, (long long)(value), LOG_IS_NUMBER })

/* Writes "2026-01-31T12:00:00.123Z level=info program=… event=… key=value …" in one write(), so
 * that lines of threads and processes do not mix. Control characters and quotes in a value are
 * escaped. Values must hold no secrets. */
#define log_event(level, event, ...)                                                               \
	log_write(level, event, (const struct log_field[]){ __VA_ARGS__, { 0 } })
void log_write(enum log_level level, const char *event, const struct log_field *fields);

/* The name in each line; the string must stay. */
void log_program(const char *name);

/* Lines of a lower level are not written. */
void log_least(enum log_level level);

/* What is called before and after each line is written, such as to take a line of progress off the
 * terminal. Zeroed: nothing. To be set while no other thread logs. */
struct log_frame {
	void (*before)(void *arg), (*after)(void *arg);
	void *arg;
};
void log_frame(struct log_frame frame);

#endif
