/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/sys.h"

enum { RACES_MAX = 128 };

int inside_open(int root_fd, const char *path, int flags)
{
	uint64_t resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
	int fd = -1;

	/* EAGAIN: a rename somewhere on the system made the kernel's ".." check inconclusive. */
	for (int i = 0; i < RACES_MAX; i++) {
		fd = sys_openat2(root_fd, path, (uint64_t)(unsigned)flags | O_CLOEXEC, 0, resolve);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd < 0 ? -errno : fd;
}

const char *path_join(struct arena *a, const char *dir, const char *name)
{
	size_t len = strlen(dir);

	return arena_printf(a, "%s%s%s", dir, len && dir[len - 1] == '/' ? "" : "/", name);
}
