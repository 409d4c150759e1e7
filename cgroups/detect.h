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

/*
 * A path of /proc/PID/cgroup as seen below a mount with this root. A cgroup outside the root,
 * outside the cgroup namespace ("/../x") or removed has no name there: "/" stands in.
 */
const char *cg_below_root(const char *path, const char *root);
