/* SPDX-License-Identifier: Apache-2.0 */
/* create and run: the table of a container start, and walking it. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "runtime/base/attr.h"
#include "runtime/start/step.h"

struct err;
struct start;

extern const struct step create_table[];
extern const size_t create_table_n;

/*
 * Walk it: to the parked init (PLAN_CREATE) or to the payload's exec (PLAN_RUN). On failure
 * everything is as it was. On success the container exists: its record is written, the lock is
 * released.
 */
_must_check_ int create_container(struct start *s, struct err *e);

/* The names of the rows that this start would walk, with who runs them, for `berth plan`. */
void create_print(struct start *s, FILE *out);
