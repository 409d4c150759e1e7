/* SPDX-License-Identifier: Apache-2.0 */
/* The spec of `berth run -- COMMAND`: one command in isolation, from nothing but its words. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/attr.h"
#include "runtime/base/strv.h"

struct arena;
struct spec;

struct oneoff_ask {
	struct strv args;
	bool terminal;
	const char *term;            /* TERM of the caller, for a terminal; NULL: none */
	uint32_t host_uid, host_gid; /* where the container's ids start on the host */
	uint32_t ids;                /* how many: 65536 as root, 1 for an ordinary user */
	bool limits;                 /* a cgroup can be had: pids, memory */
	int64_t memory;              /* bytes */
};

/*
 * A copy-on-write view of the host's own root, in new namespaces of every kind but time, root
 * inside without power outside, no_new_privs, the masked and read-only paths of every engine.
 */
void oneoff_spec(const struct oneoff_ask *ask, struct arena *a, struct spec *out);
