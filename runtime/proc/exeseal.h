/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CVE-2019-5736: a container must never get hold of the host's berth binary through
 * /proc/PID/exe, or it could overwrite it.
 *
 * Theory of operation. No copy and no second exec: the host side opens the running binary through
 * a detached, read-only mount of itself (exe_open). In the child the pages of the binary are
 * mapped again from that descriptor (so no mapping of the old file is left) and PR_SET_MM_MAP
 * makes it the process's exe (exe_seal). Whatever opens /proc/self/exe from then on, even
 * after the payload exec'd it, gets a file on a read-only mount: EROFS. A failure is fatal.
 */
#pragma once

#include "runtime/base/attr.h"

struct err;

/* Host, before the clone: needs CAP_SYS_ADMIN over the mount namespace. fd or negative. */
_must_check_ int exe_open(struct err *e);

/* Child, before it enters anything of the container. After this: /proc/self/exe is read-only. */
_must_check_ int exe_seal(int exe_fd, struct err *e);
