/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong, as a plain value.
 *
 * A struct err lives on the caller's stack, owns nothing and fits a single
 * atomic pipe write, so the container's init can hand one to its parent as is.
 * Functions that can fail take it last and return 0, or the negative errno that
 * they stored. Positive returns are outcomes named in that function's header.
 */
#pragma once

#include "runtime/base/attr.h"

struct err {
	int code; /* errno; 0: no error */
	int exit; /* exit status that the command must end with; 0: the command's usual one */
	char text[1536]; /* "where: what: why", one line, the whole cause */
	char hint[384];  /* what the user can do about it; may be empty */
};

/* Start an error: "what: strerror(code)", in lower case as engines match it. Returns -code. */
int err_set(struct err *e, int code, const char *what, ...) _printf_(3, 4);

/* Start an error whose text is complete in itself: no strerror is added. Returns -code. */
int err_text(struct err *e, int code, const char *text, ...) _printf_(3, 4);

/* Prefix an error on its way up: "where: what: ...". Returns the code it holds. */
int err_at(struct err *e, const char *where, ...) _printf_(2, 3);

/* Say what the user can do. A hint that is already there stays: the deepest one knows best. */
int err_hint(struct err *e, const char *hint, ...) _printf_(2, 3);

/* Keep the caller's exit status with the error. Returns the code it holds. */
int err_exit(struct err *e, int status);
