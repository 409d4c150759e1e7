/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any profile gives a program that the kernel would load (every jump inside, a return at the
 * end), and whatever is asked of it, the answer is one that the profile knows.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/proc/seccomp.h"
#include "specs/faults.h"
#include "specs/spec.h"
#include "tests/unit/bpf_interp.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *p;
	size_t left;
};

static unsigned byte(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

static uint64_t value(struct input *in)
{
	unsigned shift = byte(in) % 64;
	uint64_t v = byte(in);

	return v << shift | v >> (64 - shift) % 64;
}

static const char *const names[] = {
	"read",      "write",    "open",
	"execve",    "exit",     "socket",
	"accept4",   "recv",     "shmget",
	"semop",     "ipc",      "statx",
	"clone",     "mmap2",    "setup",
	"bogus",     "openat2",  "clone3",
	"ioctl",     "prctl",    "bpf",
	"cachestat", "msgctl",   "socketcall",
	"getpid",    "fchmodat", "arm_fadvise64_64",
};
static const uint32_t actions[] = {
	SECCOMP_RET_ALLOW,       SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO | ENOSYS,
	SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRACE | 5, SECCOMP_RET_KILL_PROCESS,
	SECCOMP_RET_LOG,         SECCOMP_RET_TRAP,      SECCOMP_RET_USER_NOTIF,
};
static const uint32_t archs[] = {
	AUDIT_ARCH_X86_64,   AUDIT_ARCH_I386,        ARCH_X32,
	AUDIT_ARCH_AARCH64,  AUDIT_ARCH_ARM,         AUDIT_ARCH_MIPSEL,
	AUDIT_ARCH_MIPSEL64, AUDIT_ARCH_MIPSEL64N32, AUDIT_ARCH_RISCV64,
	AUDIT_ARCH_S390X,
};

static void make_rule(struct input *in, struct seccomp_rule *r, struct arena *a)
{
	r->action = actions[byte(in) % ARRAY_SIZE(actions)];
	r->names.n = byte(in) % 40;
	r->names.v = arena_array(a, r->names.n + 1, sizeof(char *));
	for (size_t i = 0; i < r->names.n; i++)
		r->names.v[i] = (char *)names[byte(in) % ARRAY_SIZE(names)];
	r->nargs = byte(in) % 9;
	r->args = arena_array(a, r->nargs + 1, sizeof(*r->args));
	for (size_t i = 0; i < r->nargs; i++) {
		r->args[i].index = byte(in) % 6;
		r->args[i].op = (int)(byte(in) % OP_COUNT);
		r->args[i].value = value(in);
		r->args[i].value_two = value(in);
	}
}

static struct seccomp_spec *make(struct input *in, struct arena *a)
{
	struct seccomp_spec *s = arena_alloc(a, sizeof(*s));

	s->set = true;
	s->default_action = actions[byte(in) % ARRAY_SIZE(actions)];
	s->narches = byte(in) % 6;
	s->arches = arena_array(a, 8, sizeof(*s->arches));
	for (size_t i = 0; i < s->narches; i++)
		s->arches[i] = archs[byte(in) % ARRAY_SIZE(archs)];
	s->rules = arena_array(a, 512, sizeof(*s->rules));
	while (in->left && s->nrules < 512)
		make_rule(in, &s->rules[s->nrules++], a);
	return s;
}

static bool is_known(const struct seccomp_spec *s, uint32_t action)
{
	if (action == s->default_action || action == SECCOMP_RET_KILL_THREAD ||
	    action == (SECCOMP_RET_ERRNO | ENOSYS))
		return true;
	for (size_t i = 0; i < s->nrules; i++)
		if (s->rules[i].action == action)
			return true;
	return false;
}

static void ask(const struct seccomp_spec *s, const struct sock_fprog *p, uint32_t arch,
		uint32_t nr, uint64_t seed)
{
	struct seccomp_data d = { .nr = (int)nr, .arch = arch };

	for (unsigned i = 0; i < 6; i++)
		d.args[i] = seed << i * 9;
	if (!is_known(s, bpf_run(p->filter, p->len, &d, NULL)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	struct err e = { 0 };
	struct sock_fprog p;
	struct seccomp_spec *s = make(&in, &a);
	int r = seccomp_compile(s, &a, &p, &f, &e);

	if (r < 0) {
		if (!e.text[0])
			abort();
		arena_free(&a);
		return 0;
	}
	if (bpf_check(p.filter, p.len) < 0)
		abort();
	for (size_t i = 0; i <= ARRAY_SIZE(archs); i++)
		for (uint32_t nr = 0; nr < 480; nr++) {
			uint32_t arch = i < ARRAY_SIZE(archs) ? archs[i] : 0xdeadbeef;

			ask(s, &p, arch, nr, nr % 7);
			ask(s, &p, arch, nr * 0x01010101u ^ (nr & 1) << 30, ~(uint64_t)nr);
		}
	arena_free(&a);
	return 0;
}
