/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CVE-2019-5736: a container must never get hold of the host's berth binary through
 * /proc/PID/exe, or it could overwrite it.
 *
 * Theory of operation. No copy and no second exec: the host side opens the running binary through
 * a detached, read-only mount of itself (exe_open). In the child the pages of the binary are
 * mapped again from that descriptor (so no mapping of the old file is left) and PR_SET_MM_MAP
 * makes it the process's exe (exe_seal). Whatever opens /proc/self/exe from then on, even
 * after the payload exec'd it, gets a file on a read-only mount: EROFS. That mount is dissolved
 * before exe_open returns; as long as it is alive, whoever has CAP_SYS_ADMIN over any mount
 * namespace could clear the flag again (measured on 6.18). A failure is fatal.
 *
 * An ordinary user has no CAP_SYS_ADMIN: there exe_open says -EPERM. If the binary belongs to
 * someone else and the user cannot write it, nor can a container whose root is that user: the
 * caller may go on without a seal. Otherwise (a binary in $HOME) call exe_open in the child, once
 * it is in its own user and mount namespace with its ids mapped and before pivot_root: it has the
 * capability there.
 *
 * Both need /proc of the caller's pid namespace and descriptors that no one else changes.
 */
#pragma once

#include <stdbool.h>

#include "runtime/base/attr.h"

struct err;

/*
 * Before the clone (or see above): needs CAP_SYS_ADMIN over the mount namespace. A descriptor,
 * or negative. It is good for any number of children.
 */
_must_check_ int exe_open(struct err *e);

/*
 * Child, single-threaded, before it enters anything of the container; needs CAP_SYS_ADMIN or
 * CAP_CHECKPOINT_RESTORE in its user namespace. After this: /proc/self/exe is read-only, and
 * /proc/self/{cmdline,environ} tell the container only argv[0] of berth.
 */
_must_check_ int exe_seal(int exe_fd, struct err *e);

/*
 * Kernels without CONFIG_CHECKPOINT_RESTORE have no PR_SET_MM_MAP. There main calls exe_reexec
 * first of all, before any thread, descriptor or side effect:
 *
 *	if (!exe_can_seal())
 *		r = exe_reexec(argv, &e);
 *
 * It executes the binary again through the read-only mount, and in that second life returns
 * EXE_SEALED: the process and its children need no exe_open and no exe_seal. A second life that is
 * not on a read-only mount is an error, never a loop.
 */
bool exe_can_seal(void);
enum { EXE_SEALED = 1 };
_must_check_ int exe_reexec(char *const argv[], struct err *e);
