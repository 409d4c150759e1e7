/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "rootfs/mnt.h"
#include "runtime/base/err.h"

int hostview_open(struct rootfs *r, _unused_ struct arena *a, struct err *e)
{
	(void)r;
	return err_text(e, ENOTSUP, "a view of the host's root is not built in");
}

int hostview_idmap(_unused_ struct rootfs *r, _unused_ int userns_fd, _unused_ struct err *e)
{
	return 0;
}

int hostview_setup(_unused_ struct rootfs *r, _unused_ struct err *e)
{
	return 0;
}

void hostview_close(_unused_ struct rootfs *r)
{
}
