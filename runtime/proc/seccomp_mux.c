/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/seccomp_rules.h"

#include <elf.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

/*
 * libseccomp answers -100 - sub for a sub-call of socketcall, -200 - sub for one of ipc. Where the
 * kernel later gave such a call a number of its own (4.3 on x86, 5.1 for System V IPC), only a walk
 * over the numbers finds it.
 */
struct window {
	uint32_t token;
	uint16_t first, last; /* the numbers among which they are */
};

#ifndef AUDIT_ARCH_PPC64LE
#define AUDIT_ARCH_PPC64LE (EM_PPC64 | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE)
#endif

static const struct window windows[] = {
	{ AUDIT_ARCH_I386, 337, 402 },   { AUDIT_ARCH_S390, 337, 402 },
	{ AUDIT_ARCH_S390X, 337, 402 },  { AUDIT_ARCH_PPC, 326, 402 },
	{ AUDIT_ARCH_PPC64, 326, 402 },  { AUDIT_ARCH_PPC64LE, 326, 402 },
	{ AUDIT_ARCH_MIPS, 4168, 4402 }, { AUDIT_ARCH_MIPSEL, 4168, 4402 },
	{ AUDIT_ARCH_SH, 340, 402 },     { AUDIT_ARCH_SHEL, 340, 402 },
	{ AUDIT_ARCH_M68K, 356, 402 },
};

/* 0 for socketcall, 1 for ipc, -1 for neither */
static int family(int pseudo, uint32_t *sub)
{
	if (pseudo > -101 || pseudo <= -232)
		return -1;
	*sub = (uint32_t)(-pseudo) % 100;
	if (pseudo > -200)
		return *sub < 32 ? 0 : -1;
	return *sub < 32 && pseudo < -200 ? 1 : -1;
}

static void find_direct(struct mux *m, uint32_t token, int number)
{
	char *name = seccomp_syscall_resolve_num_arch(token, number);
	uint32_t sub;

	if (!name)
		return;

	int kind = family(seccomp_syscall_resolve_name_arch(token, name), &sub);

	if (kind >= 0)
		m->direct[kind][sub] = number;
	free(name);
}

void mux_init(struct mux *m, uint32_t token)
{
	memset(m, 0, sizeof(*m));
	memset(m->direct, 0xff, sizeof(m->direct));
	for (size_t i = 0; i < ARRAY_SIZE(windows); i++) {
		if (windows[i].token != token)
			continue;
		m->used = true;
		m->socketcall = (uint32_t)seccomp_syscall_resolve_name_arch(token, "socketcall");
		m->ipc = (uint32_t)seccomp_syscall_resolve_name_arch(token, "ipc");
		for (int n = windows[i].first; n <= windows[i].last; n++)
			find_direct(m, token, n);
	}
}

bool mux_find(const struct mux *m, int pseudo, struct mux_ref *out)
{
	int kind = m->used ? family(pseudo, &out->sub) : -1;

	if (kind < 0)
		return false;
	out->number = kind == 0 ? m->socketcall : m->ipc;
	out->direct = m->direct[kind][out->sub];
	return true;
}
