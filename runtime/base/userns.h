/* SPDX-License-Identifier: Apache-2.0 */
/* Where berth itself runs. */
#pragma once

#include <stdbool.h>

/*
 * In the initial user namespace? Its inode number is fixed (PROC_USER_INIT_INO, Linux 3.8); an
 * identity map proves nothing, since others may have one too.
 */
bool userns_initial(void);
