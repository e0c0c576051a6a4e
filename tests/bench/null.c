/* A floor: what nginx and libfcgi cost with nothing behind them. null SOCKET THREADS */
#include <fcgiapp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { BACKLOG = 4096, THREADS_MAX = 256 };

static const char page[] = "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n\r\n"
	"<!doctype html>\n<title>Nothing</title>\n<p>Nothing is behind this page.</p>\n";

static void *serve(void *arg)
{
	char body[4096];
	FCGX_Request request;

	if (FCGX_InitRequest(&request, *(const int *)arg, 0))
		exit(70);
	while (!FCGX_Accept_r(&request)) {
		while (FCGX_GetStr(body, sizeof body, request.in) > 0)
			;
		FCGX_PutStr(page, sizeof page - 1, request.out);
		FCGX_Finish_r(&request);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	long threads = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	int fd;

	if (threads < 1 || threads > THREADS_MAX || FCGX_Init())
		return 64;
	fd = FCGX_OpenSocket(argv[1], BACKLOG);
	if (fd < 0 || chmod(argv[1], 0666)) /* nginx's workers are another user */
		return 70;
	for (long i = 1; i < threads; i++)
		if (pthread_create(&thread, NULL, serve, &fd))
			return 70;
	serve(&fd);
	return 0;
}
