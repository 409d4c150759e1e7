/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/sysctl.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

int sysctl_path(const char *name, char *path, size_t size)
{
	size_t len = strlen(name);
	bool dots = name[strcspn(name, "./")] == '.';

	if (len >= size)
		return -ENAMETOOLONG;
	memcpy(path, name, len + 1);
	for (char *c = path; dots && *c; c++)
		*c = (char)(*c == '.' ? '/' : *c == '/' ? '.' : *c);
	for (const char *part = path;; part++) {
		size_t n = strcspn(part, "/");

		if (!n || (n <= 2 && !strncmp(part, "..", n)))
			return -EINVAL;
		part += n;
		if (!*part)
			return 0;
	}
}
