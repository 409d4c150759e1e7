/* SPDX-License-Identifier: Apache-2.0 */
/* Names of sysctls, in both spellings of sysctl(8): "net.ipv4.conf" and "net/ipv4/conf". */
#pragma once

#include <stddef.h>

#include "runtime/base/attr.h"

/*
 * The path below /proc/sys. In a name whose first separator is '/', dots are part of the names
 * ("net/ipv4/conf/eno2.100/x"); in the other form '/' stands for such a dot. -EINVAL: empty, an
 * empty part, or "." or ".." as a part, which would leave the directory. -ENAMETOOLONG.
 */
_must_check_ int sysctl_path(const char *name, char *path, size_t size);
