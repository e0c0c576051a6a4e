/* Loaded into tollgate-fcgi before libc: one of its allocations finds no memory. NO_MEMORY names a file
 * with a number of four bytes, which each allocation takes one off: the one that makes it 0 fails.
 * libcrypto and libfcgi always find some, as without it they end the program. */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

enum { SPARED_MAX = 32 };

static _Atomic int32_t *left;
static struct {
	uintptr_t from, to;
} spared[SPARED_MAX];
static int n_spared;

static int spare(struct dl_phdr_info *object, size_t size, void *arg)
{
	(void)size, (void)arg;
	if (!strstr(object->dlpi_name, "/libcrypto") && !strstr(object->dlpi_name, "/libfcgi"))
		return 0;
	for (int i = 0; i < object->dlpi_phnum && n_spared < SPARED_MAX; i++) {
		uintptr_t from = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;

		spared[n_spared].from = from;
		spared[n_spared++].to = from + object->dlpi_phdr[i].p_memsz;
	}
	return 0;
}

__attribute__((constructor)) static void set_up(void)
{
	const char *file = getenv("NO_MEMORY");
	int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
	void *at = MAP_FAILED;

	if (fd >= 0)
		at = mmap(NULL, sizeof *left, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		abort();
	dl_iterate_phdr(spare, NULL);
	left = at;
}

static int is_short(uintptr_t caller)
{
	if (!left || *left <= 0)
		return 0;
	for (int i = 0; i < n_spared; i++)
		if (caller >= spared[i].from && caller < spared[i].to)
			return 0;
	if (--*left)
		return 0;
	errno = ENOMEM;
	return 1;
}

#define IS_SHORT is_short((uintptr_t)__builtin_return_address(0))

void *malloc(size_t size)
{
	return IS_SHORT ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return IS_SHORT ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return IS_SHORT ? NULL : __libc_realloc(old, size);
}
