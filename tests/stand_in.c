/* A FastCGI program for tests of nginx alone: stand_in SOCKET. Its answer depends on the path. */
#include <fcgiapp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Longer than nginx's buffers and the kernel's, so that nginx would spool it to a file if it might. */
static void send_long_page(FCGX_Request *request)
{
	for (int line = 0; line < 400000; line++)
		FCGX_PutS("<p>a line of a page that holds a token</p>\n", request->out);
}

/* What it was told, without what CGI has by itself. */
static void send_names(FCGX_Request *request)
{
	for (char **param = request->envp; *param; param++)
		if (strncmp(*param, "FCGI_", 5) != 0)
			FCGX_FPrintF(request->out, " %.*s", (int)strcspn(*param, "="), *param);
	FCGX_PutS("\n", request->out);
}

static void answer(FCGX_Request *request)
{
	const char *path = FCGX_GetParam("SCRIPT_NAME", request->envp);
	long bytes = 0;

	while (FCGX_GetChar(request->in) >= 0)
		bytes++;
	if (!strcmp(path, "/drop")) {
		FCGX_PutS("X-Accel-Redirect: /_drop\r\n\r\n", request->out);
		return;
	}
	if (!strcmp(path, "/own413"))
		FCGX_PutS("Status: 413\r\n", request->out);
	FCGX_PutS("Content-Type: text/html\r\nContent-Security-Policy: default-src 'none'\r\n", request->out);
	FCGX_PutS("Cache-Control: no-store\r\n\r\n", request->out);
	if (!strcmp(path, "/long")) {
		send_long_page(request);
		return;
	}
	FCGX_FPrintF(request->out, "the program: path=%s bytes=%ld id=%s told:", path, bytes,
		FCGX_GetParam("REQUEST_ID", request->envp));
	send_names(request);
}

int main(int argc, char **argv)
{
	FCGX_Request request;
	int fd;

	if (argc < 2 || FCGX_Init())
		return 64;
	fd = FCGX_OpenSocket(argv[1], 128);
	if (fd < 0 || chmod(argv[1], 0666) || FCGX_InitRequest(&request, fd, 0))
		return 70;
	while (!FCGX_Accept_r(&request)) {
		answer(&request);
		FCGX_Finish_r(&request);
	}
	return 0;
}
