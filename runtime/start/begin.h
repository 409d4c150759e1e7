/* SPDX-License-Identifier: Apache-2.0 */
/* start: let the parked init of a created container go on, and hear how its exec ends. */
#pragma once

#include "runtime/base/attr.h"

struct err;
struct state;
struct state_dir;

/*
 * d is locked. 0: the payload runs, the poststart hooks have run. On failure the container is
 * stopped (a program that cannot be executed, a hook that fails) and the text says why.
 */
_must_check_ int begin_container(struct state_dir *d, const struct state *s, struct err *e);
