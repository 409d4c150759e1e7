/* SPDX-License-Identifier: Apache-2.0 */
#include "netns/loopback.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"

int loopback_up(struct err *e)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	own_fd fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 && errno == EAFNOSUPPORT)
		fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(e, errno, "socket for the loopback interface");
	if (ioctl(fd, SIOCSIFFLAGS, &req) < 0)
		return err_set(e, errno, "set loopback interface up");
	return 0;
}
