/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp profile as a classic BPF program, by an emitter of our own: libseccomp needs
 * 9 ms for an engine's profile, a tree over ranges of numbers 0.1 ms. libseccomp gives the
 * tables (names to numbers, per architecture) and is the oracle in the tests.
 *
 * The program decides as the one that runc makes with libseccomp for the same profile:
 * - The native architecture is always in; an architecture that is not listed, and x32 numbers
 *   (bit 30) where only x86-64 is, get SCMP_ACT_KILL, which kills the thread.
 * - A rule with the default action does nothing. For one system call, the first rule without
 *   conditions wins, wherever it stands; the others do not count. Of rules with conditions the one
 *   that matches decides. Where several with different actions match, the order is that of
 *   libseccomp's tree: by their first conditions, the highest argument first, then equality before
 *   "less" before "greater", then the value; a rule ends all that begin like it.
 * - Conditions of one rule are all needed (AND); when two of them look at the same argument, each
 *   is a rule of its own (OR). 32-bit architectures, x32 among them, compare the low half only.
 * - Where a call exists as a sub-call of socketcall or ipc too (32-bit x86, s390, ppc, mips o32),
 *   that is ruled as well: its first argument is the sub-call, and conditions on other arguments
 *   look at those of socketcall, as in libseccomp.
 * - With a default action that refuses (not ALLOW, LOG, TRACE), numbers above the largest that the
 *   profile names get ENOSYS, so that a libc falls back; number 0 on s390 as well, which carries
 *   numbers that the kernel does not know.
 *
 * Differences: the native architecture gets its ENOSYS even if it is not listed; calls that are
 * also sub-calls count with their own number in "the largest that the profile names"; profiles
 * that libseccomp refuses with EEXIST (a rule, then a more general one with another action) work;
 * and what are mistakes in libseccomp's code are not repeated (2.5.4, 32-bit architectures: LE
 * behind another condition means GT; the number is not loaded again, so no rule matches). In a
 * million answers to random profiles, 33 differ, all of them ones that no rule of the profile
 * gives.
 */
#pragma once

#include <linux/filter.h>
#include <stddef.h>

#include "runtime/base/attr.h"

struct arena;
struct err;
struct faults;
struct seccomp_spec;

/*
 * Pure. Unknown system call names are skipped (a warning each would drown the rest). Faults (f may
 * be NULL): a profile under which no container can start, as it refuses execve. -E2BIG: the kernel
 * takes no more than 4096 instructions.
 */
_must_check_ int seccomp_compile(const struct seccomp_spec *s, struct arena *a,
				 struct sock_fprog *out, struct faults *f, struct err *e);
