/* SPDX-License-Identifier: Apache-2.0 */
/* Path strings, by text only: nothing here touches the file system. */
#pragma once

#include <stdbool.h>

/* Is there a ".." component? */
bool path_has_dotdot(const char *path);

/* Is path equal to dir or below it, component by component ("/a" holds "/a/b", not "/ab")? */
bool path_below(const char *path, const char *dir);
