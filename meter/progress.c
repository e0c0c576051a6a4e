#include "meter/progress.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum {
	REDRAW_MS = 250,
	LINE_BYTES_MAX = 300,
	COLUMNS_USUAL = 80,
	MS_A_SECOND = 1000,
	S_A_MINUTE = 60,
	S_AN_HOUR = 3600,
};

/* To the line's start; from there to its end all is erased. */
static const char erase[] = "\r\033[K";

struct progress {
	pthread_mutex_t lock; /* what follows, and the terminal */
	pthread_cond_t over;
	pthread_t thread;
	const char *phase;
	int64_t began_ms; /* the phase */
	struct progress_counts counts;
	bool drawn, stop;
};

/* ---- what it says ---- */

int64_t progress_rate(int64_t records, int64_t lasted_ms)
{
	return lasted_ms > 0 ? (int64_t)((double)records * MS_A_SECOND / (double)lasted_ms) : 0;
}

int64_t progress_left_s(struct progress_counts counts, int64_t lasted_ms)
{
	double left_ms;

	if (counts.records >= counts.all)
		return 0;
	if (counts.records <= 0 || lasted_ms <= 0)
		return -1;
	left_ms = (double)(counts.all - counts.records) * (double)lasted_ms / (double)counts.records;
	return (int64_t)(left_ms / MS_A_SECOND) + 1;
}

static void write_time(struct buf *line, int64_t seconds)
{
	if (seconds >= S_AN_HOUR)
		buf_printf(line, "%" PRId64 " h %02" PRId64 " min", seconds / S_AN_HOUR,
			seconds % S_AN_HOUR / S_A_MINUTE);
	else if (seconds >= S_A_MINUTE)
		buf_printf(line, "%" PRId64 " min %02" PRId64 " s", seconds / S_A_MINUTE,
			seconds % S_A_MINUTE);
	else
		buf_printf(line, "%" PRId64 " s", seconds);
}

void progress_write(
	const char *phase, struct progress_counts counts, int64_t lasted_ms, struct buf *line)
{
	int64_t left_s = progress_left_s(counts, lasted_ms);

	buf_printf(line, "%s: ", phase);
	if (!counts.all) {
		write_time(line, lasted_ms / MS_A_SECOND);
		return;
	}
	buf_printf(line, "%" PRId64 " of %" PRId64 " records, %" PRId64 " calls, %" PRId64 "/s",
		counts.records, counts.all, counts.calls, progress_rate(counts.records, lasted_ms));
	if (left_s >= 0) {
		buf_puts(line, ", ");
		write_time(line, left_s);
		buf_puts(line, " left");
	}
	buf_printf(line, ", %" PRId64 " errors", counts.errors);
}

/* ---- on the terminal ---- */

static void show(const struct buf *text)
{
	ssize_t ignored = write(STDERR_FILENO, buf_text(text), text->len);

	(void)ignored; /* nobody looks */
}

/* A line that were wider than the terminal would go on in the next, and stay there. */
static size_t columns(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return COLUMNS_USUAL;
	return size.ws_col;
}

static void draw(struct progress *progress)
{
	auto_buf text = BUF_INIT(LINE_BYTES_MAX), line = BUF_INIT(LINE_BYTES_MAX);
	size_t room = columns() - 1;

	if (!progress->phase)
		return;
	progress_write(progress->phase, progress->counts, clock_monotonic_ms() - progress->began_ms,
		&line);
	buf_puts(&text, erase);
	buf_add(&text, buf_text(&line), line.len < room ? line.len : room);
	show(&text);
	progress->drawn = true;
}

static void clear(struct progress *progress)
{
	auto_buf text = BUF_INIT(sizeof erase);

	if (!progress->drawn)
		return;
	buf_puts(&text, erase);
	show(&text);
	progress->drawn = false;
}

/* Around each line of the log. */
static void make_way(void *self)
{
	struct progress *progress = self;

	pthread_mutex_lock(&progress->lock);
	clear(progress);
}

static void come_back(void *self)
{
	struct progress *progress = self;

	pthread_mutex_unlock(&progress->lock);
}

static void *redraw(void *self)
{
	struct progress *progress = self;

	pthread_mutex_lock(&progress->lock);
	while (!progress->stop) {
		struct timespec until = clock_monotonic_in(REDRAW_MS);

		draw(progress);
		pthread_cond_clockwait(&progress->over, &progress->lock, CLOCK_MONOTONIC, &until);
	}
	clear(progress);
	pthread_mutex_unlock(&progress->lock);
	return NULL;
}

static bool is_shown(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDERR_FILENO) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
}

struct progress *progress_new(void)
{
	struct progress *progress = is_shown() ? calloc(1, sizeof *progress) : NULL;

	if (!progress)
		return NULL;
	pthread_mutex_init(&progress->lock, NULL);
	pthread_cond_init(&progress->over, NULL);
	if (pthread_create(&progress->thread, NULL, redraw, progress)) {
		pthread_cond_destroy(&progress->over);
		free(progress);
		return NULL; /* a run goes on without it */
	}
	log_frame((struct log_frame){ make_way, come_back, progress });
	return progress;
}

void progress_free(struct progress *progress)
{
	if (!progress)
		return;
	pthread_mutex_lock(&progress->lock);
	progress->stop = true;
	pthread_cond_signal(&progress->over);
	pthread_mutex_unlock(&progress->lock);
	pthread_join(progress->thread, NULL);
	log_frame((struct log_frame){ 0 });
	pthread_cond_destroy(&progress->over);
	pthread_mutex_destroy(&progress->lock);
	free(progress);
}

void progress_phase(struct progress *progress, const char *phase)
{
	if (!progress)
		return;
	pthread_mutex_lock(&progress->lock);
	progress->phase = phase;
	progress->began_ms = clock_monotonic_ms();
	progress->counts = (struct progress_counts){ 0 };
	pthread_mutex_unlock(&progress->lock);
}

struct progress_mark progress_mark(struct progress *progress)
{
	struct progress_mark mark = { 0 };

	if (!progress)
		return mark;
	pthread_mutex_lock(&progress->lock);
	mark = (struct progress_mark){ progress->phase, progress->began_ms };
	pthread_mutex_unlock(&progress->lock);
	return mark;
}

void progress_return(struct progress *progress, struct progress_mark mark)
{
	if (!progress)
		return;
	pthread_mutex_lock(&progress->lock);
	progress->phase = mark.phase;
	progress->began_ms = mark.began_ms;
	pthread_mutex_unlock(&progress->lock);
}

void progress_count(struct progress *progress, struct progress_counts counts)
{
	if (!progress)
		return;
	pthread_mutex_lock(&progress->lock);
	progress->counts = counts;
	pthread_mutex_unlock(&progress->lock);
}
