/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/base/userns.h"

#include <sys/stat.h>

#define USER_INIT_INO 0xeffffffdu

bool userns_initial(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) < 0 || st.st_ino == USER_INIT_INO;
}
