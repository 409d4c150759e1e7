/* SPDX-License-Identifier: Apache-2.0 */
/* Classic BPF as seccomp runs it, in user space: the judge of the compiler. */
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * 0 when the kernel would load it: every jump inside, every instruction one that seccomp takes,
 * a return at the end; else -1.
 */
int bpf_check(const struct sock_filter *v, size_t n);

/* The verdict. *steps, when not NULL, gets the instructions that it took. Checked programs only. */
uint32_t bpf_run(const struct sock_filter *v, size_t n, const struct seccomp_data *d,
		 unsigned *steps);
