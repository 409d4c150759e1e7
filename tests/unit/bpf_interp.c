/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/bpf_interp.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_jump_ok(const struct sock_filter *i, size_t left)
{
	if (i->code == (BPF_JMP | BPF_JA))
		return i->k < left;
	return i->jt < left && i->jf < left;
}

int bpf_check(const struct sock_filter *v, size_t n)
{
	if (n == 0 || n > BPF_MAXINSNS || v[n - 1].code != (BPF_RET | BPF_K))
		return -1;
	for (size_t at = 0; at < n; at++) {
		switch (v[at].code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (v[at].k % 4 || v[at].k > sizeof(struct seccomp_data) - 4)
				return -1;
			break;
		case BPF_JMP | BPF_JA:
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			if (!is_jump_ok(&v[at], n - 1 - at))
				return -1;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
		case BPF_RET | BPF_K:
			break;
		default:
			return -1;
		}
	}
	return 0;
}

static size_t skip(const struct sock_filter *i, uint32_t acc)
{
	bool yes = false;

	switch (BPF_OP(i->code)) {
	case BPF_JA:
		return i->k;
	case BPF_JEQ:
		yes = acc == i->k;
		break;
	case BPF_JGE:
		yes = acc >= i->k;
		break;
	case BPF_JGT:
		yes = acc > i->k;
		break;
	case BPF_JSET:
		yes = acc & i->k;
		break;
	}
	return yes ? i->jt : i->jf;
}

uint32_t bpf_run(const struct sock_filter *v, size_t n, const struct seccomp_data *d,
		 unsigned *steps)
{
	uint32_t acc = 0;
	unsigned count = 0;

	for (size_t at = 0; at < n; at++) {
		const struct sock_filter *i = &v[at];

		count++;
		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			memcpy(&acc, (const char *)d + i->k, sizeof(acc));
			break;
		case BPF_ALU:
			acc &= i->k;
			break;
		case BPF_JMP:
			at += skip(i, acc);
			break;
		case BPF_RET:
			if (steps)
				*steps = count;
			return i->k;
		}
	}
	abort(); /* bpf_check was not asked */
}
