/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp profile as a classic BPF program, by an emitter of our own: libseccomp needs
 * 9 ms for an engine's profile, a tree over ranges of numbers 0.1 ms. libseccomp gives the
 * tables (names to numbers, per architecture) and is the oracle in the tests.
 */
#pragma once

#include <linux/filter.h>
#include <stddef.h>

#include "runtime/base/attr.h"

struct arena;
struct err;
struct faults;
struct seccomp_spec;

/* Pure. Unknown system call names are skipped (a warning each would drown the rest). */
_must_check_ int seccomp_compile(const struct seccomp_spec *s, struct arena *a,
				 struct sock_fprog *out, struct faults *f, struct err *e);
