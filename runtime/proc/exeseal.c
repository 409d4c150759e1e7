/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/exeseal.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

#define REEXEC_ENV "_BERTH_REEXEC"

enum { PHDR_MAX = 32 };

/*
 * The error, but never in the words "operation not permitted", "permission denied" or "no such
 * file": engines read those as a fault of the container's program (exit 126 and 127).
 */
static int fail(struct err *e, int code, const char *what)
{
	switch (code) {
	case EPERM:
		return err_text(e, code, "protect the berth binary: %s: privilege missing", what);
	case EACCES:
		err_text(e, code, "protect the berth binary: %s: no access", what);
		return err_hint(e, "the berth binary must be executable for everyone (0755)");
	case ENOENT:
	case ESTALE:
		err_text(e, code, "protect the berth binary: %s: the file is gone", what);
		return err_hint(e, "berth was replaced while it ran: start it anew");
	case ENOSYS:
		err_set(e, code, "protect the berth binary: %s", what);
		return err_hint(e, "berth needs Linux 5.12 or newer");
	}
	return err_set(e, code, "protect the berth binary: %s", what);
}

/* Where the program was loaded. */
struct image {
	const ElfW(Phdr) * phdr;
	size_t n;
	uintptr_t bias; /* what the kernel added to each p_vaddr */
	uintptr_t page; /* page size - 1 */
};

static void image_init(struct image *im)
{
	im->phdr = (const void *)getauxval(AT_PHDR);
	im->n = getauxval(AT_PHNUM);
	im->page = getauxval(AT_PAGESZ) - 1;
	im->bias = 0;
	for (size_t i = 0; i < im->n; i++)
		if (im->phdr[i].p_type == PT_PHDR)
			im->bias = (uintptr_t)im->phdr - im->phdr[i].p_vaddr;
}

/*
 * Under "ld.so berth" or an emulator, /proc/self/exe is another file than the one that runs: to map
 * that over our own code would be the end. The program headers tell.
 */
static int same_program(int exe_fd, struct err *e)
{
	ElfW(Phdr) phdr[PHDR_MAX];
	struct image im;
	ElfW(Ehdr) ehdr;

	image_init(&im);

	size_t size = im.n * sizeof(*phdr);

	if (im.n <= PHDR_MAX && pread(exe_fd, &ehdr, sizeof(ehdr), 0) == sizeof(ehdr) &&
	    ehdr.e_phnum == im.n &&
	    pread(exe_fd, phdr, size, (off_t)ehdr.e_phoff) == (ssize_t)size &&
	    !memcmp(phdr, im.phdr, size))
		return 0;
	err_text(e, ENOEXEC, "protect the berth binary: /proc/self/exe is not the berth binary");
	return err_hint(e, "run berth directly, not through a dynamic loader or an emulator");
}

/*
 * In a mount namespace that is younger than our exec, the mount of /proc/self/exe is that of the
 * old namespace and cannot be cloned (EINVAL); the same file by its name in the new one can.
 */
static int clone_by_name(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return -1;
	path[n] = 0;

	own_fd mnt_fd = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	struct stat want, got;

	if (mnt_fd < 0 || stat("/proc/self/exe", &want) < 0 || fstat(mnt_fd, &got) < 0)
		return -1;
	if (want.st_dev != got.st_dev || want.st_ino != got.st_ino) {
		errno = ESTALE;
		return -1;
	}
	return take_fd(mnt_fd);
}

static int clone_mount(struct err *e)
{
	int fd = sys_open_tree(AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 && errno == EINVAL)
		fd = clone_by_name();
	if (fd >= 0)
		return fd;
	return fail(e, errno, "open_tree /proc/self/exe");
}

int exe_open(struct err *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	own_fd mnt_fd = clone_mount(e);
	char path[64];

	if (mnt_fd < 0)
		return -e->code;
	if (sys_mount_setattr(mnt_fd, "", AT_EMPTY_PATH, &attr) < 0)
		return fail(e, errno, "mount_setattr read-only");
	/*
	 * open_tree gives an O_PATH descriptor, which is neither mapped nor executed as an exe_fd
	 */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", mnt_fd);

	own_fd exe_fd = open(path, O_RDONLY | O_CLOEXEC);

	if (exe_fd < 0)
		return fail(e, errno, "open it through /proc/self/fd");

	int r = same_program(exe_fd, e);

	return r < 0 ? r : take_fd(exe_fd);
}

/*
 * A copy that no compiler turns into memcpy: AddressSanitizer's would report the red zones between
 * our variables.
 */
__attribute__((__no_sanitize__("address", "undefined"))) static void
copy_words(uintptr_t to, uintptr_t from, size_t size)
{
	volatile uintptr_t *d = (volatile uintptr_t *)to;
	const uintptr_t *s = (const uintptr_t *)from;

	for (size_t i = 0; i < size / sizeof(*d); i++)
		d[i] = s[i];
}

static int prot_of(const ElfW(Phdr) * p)
{
	return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
	       (p->p_flags & PF_X ? PROT_EXEC : 0);
}

/*
 * Written pages are private already, but their mapping still names the old file: put anonymous
 * copies in their place, by mremap in one stroke, as our own variables are among them.
 */
static int replace_data(uintptr_t at, size_t size)
{
	void *copy = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (copy == MAP_FAILED)
		return -1;
	copy_words((uintptr_t)copy, at, size);
	return mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, at) == MAP_FAILED ? -1 : 0;
}

static int replace_segment(const struct image *im, const ElfW(Phdr) * p, int exe_fd)
{
	uintptr_t start = (im->bias + p->p_vaddr) & ~im->page;
	uintptr_t end = (im->bias + p->p_vaddr + p->p_filesz + im->page) & ~im->page;
	off_t offset = (off_t)(p->p_offset & ~im->page);

	if (start == end) /* nothing but bss: anonymous from the start */
		return 0;
	if (p->p_flags & PF_W)
		return replace_data(start, end - start);
	return mmap((void *)start, end - start, prot_of(p), MAP_PRIVATE | MAP_FIXED, exe_fd,
		    offset) == MAP_FAILED
		       ? -1
		       : 0;
}

/* What the dynamic loader had made read-only after relocation, rounded as it does. */
static int protect_relro(const struct image *im, const ElfW(Phdr) * p)
{
	uintptr_t start = (im->bias + p->p_vaddr) & ~im->page;
	uintptr_t end = (im->bias + p->p_vaddr + p->p_memsz) & ~im->page;

	return start < end ? mprotect((void *)start, end - start, PROT_READ) : 0;
}

static int replace_image(const struct image *im, int exe_fd)
{
	int r = 0;

	for (size_t i = 0; i < im->n && !r; i++)
		if (im->phdr[i].p_type == PT_LOAD)
			r = replace_segment(im, &im->phdr[i], exe_fd);
	for (size_t i = 0; i < im->n && !r; i++)
		if (im->phdr[i].p_type == PT_GNU_RELRO)
			r = protect_relro(im, &im->phdr[i]);
	return r;
}

/*
 * PR_SET_MM_MAP sets all of these at once. The heap starts where it ends now: only then can brk
 * never go below what is used. The argument area shrinks to argv[0], the environment to nothing:
 * neither is the container's business.
 */
static void describe(const struct image *im, int exe_fd, struct prctl_mm_map *m)
{
	for (size_t i = 0; i < im->n; i++) {
		const ElfW(Phdr) *p = &im->phdr[i];
		uintptr_t start = im->bias + p->p_vaddr;

		if (p->p_type == PT_LOAD && p->p_flags & PF_X) {
			m->start_code = start;
			m->end_code = start + p->p_filesz;
		}
		if (p->p_type == PT_LOAD && p->p_flags & PF_W) {
			m->start_data = start;
			m->end_data = start + p->p_filesz;
		}
	}
	m->brk = (uintptr_t)sbrk(0);
	m->start_brk = m->brk;
	m->start_stack = getauxval(AT_RANDOM);
	m->arg_start = (uintptr_t)program_invocation_name;
	m->arg_end = m->arg_start + strlen(program_invocation_name) + 1;
	m->env_start = m->arg_end;
	m->env_end = m->arg_end;
	m->exe_fd = (uint32_t)exe_fd;
}

int exe_seal(int exe_fd, struct err *e)
{
	struct prctl_mm_map map = { 0 };
	struct image im;

	image_init(&im);
	if (replace_image(&im, exe_fd) < 0)
		return err_set(e, errno,
			       "protect the berth binary: map it from the read-only mount");
	describe(&im, exe_fd, &map);
	if (prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0) == 0)
		return 0;
	return fail(e, errno, "prctl PR_SET_MM_MAP");
}

bool exe_can_seal(void)
{
	unsigned size = 0;

	return prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0) == 0 &&
	       size == sizeof(struct prctl_mm_map);
}

int exe_reexec(char *const argv[], struct err *e)
{
	bool second = getenv(REEXEC_ENV) != NULL;
	struct statvfs st;

	unsetenv(REEXEC_ENV);
	if (second) {
		if (statvfs("/proc/self/exe", &st) < 0)
			return err_set(e, errno,
				       "protect the berth binary: statvfs /proc/self/exe");
		if (st.f_flag & ST_RDONLY)
			return EXE_SEALED;
		return err_text(e, ELOOP,
				"protect the berth binary: still not on a read-only mount "
				"after it was executed again");
	}

	own_fd exe_fd = exe_open(e);

	if (exe_fd < 0)
		return -e->code;
	if (setenv(REEXEC_ENV, "1", 1) < 0)
		return fail(e, errno, "setenv");
	sys_execveat(exe_fd, "", argv, environ, AT_EMPTY_PATH);

	int code = errno;

	unsetenv(REEXEC_ENV);
	return fail(e, code, "execute it again");
}
