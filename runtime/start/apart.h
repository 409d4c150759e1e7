/* SPDX-License-Identifier: Apache-2.0 */
/* Work that needs a user namespace of its own before the container has one. */
#pragma once

#include "runtime/base/attr.h"

struct err;

/*
 * exe_open() for an ordinary user: a short-lived child has the power in a user and mount namespace
 * of its own, and hands the descriptor back. fd or negative.
 */
_must_check_ int exe_open_apart(struct err *e);
