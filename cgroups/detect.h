/* SPDX-License-Identifier: Apache-2.0 */
/* The layout out of the kernel's texts: what cg_detect() does with what it has read. */
#pragma once

struct arena;
struct cg_layout;

/*
 * mountinfo and cgroup are the texts of /proc/self/mountinfo and /proc/self/cgroup. The v1
 * hierarchies come in the order of the latter, v2 last, its controllers still "".
 */
void cg_layout_parse(struct cg_layout *l, const char *mountinfo, const char *cgroup,
		     struct arena *a);
