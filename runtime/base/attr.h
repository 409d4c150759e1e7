/* SPDX-License-Identifier: Apache-2.0 */
/* Compiler annotations and moves, used everywhere; nothing else belongs here. */
#pragma once

#define _must_check_ __attribute__((__warn_unused_result__))
#define _unused_ __attribute__((__unused__))
#define _printf_(f, a) __attribute__((__format__(__printf__, f, a)))
#define _cleanup_(fn) __attribute__((__cleanup__(fn)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Move a value out of its owner, leaving the owner empty. */
#define take_ptr(p)                                                                                \
	({                                                                                         \
		typeof(p) taken_ = (p);                                                            \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})
#define take_fd(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})
