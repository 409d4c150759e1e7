/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: one mutable thing in the whole program, set up once by main. Debug lines and
 * warnings; errors are printed by main alone. Without --log they go to stderr; with --log FILE
 * they go there (append, text or one JSON object a line {"level","msg","time"}, RFC 3339).
 */
#pragma once

#include <stdbool.h>

#include "runtime/base/attr.h"

struct err;

enum log_level { LOG_DEBUG_, LOG_INFO_, LOG_WARN_, LOG_ERROR_ };

/* file NULL: stderr. format "text" or "json". Opens O_APPEND|O_CREAT|O_CLOEXEC, mode 0644. */
_must_check_ int log_open(const char *file, const char *format, enum log_level level,
			  struct err *e);

/* Only what is at or above the level is written; control characters are escaped. */
void log_debug(const char *fmt, ...) _printf_(1, 2);
void log_warn(const char *fmt, ...) _printf_(1, 2);

/* An error: to the log, and plainly to stderr too when the log is a file. */
void log_error(const char *text, const char *hint);
bool log_debug_on(void);

/*
 * A process that goes on without us (init, parked until `start`) lets go of the file, and has
 * nothing to say from then on; not while debug lines are wanted.
 */
void log_leave(void);

/* The log's descriptor. -1: none. */
int log_fd(void);
