/* SPDX-License-Identifier: Apache-2.0 */
/* The loopback interface of a new network namespace. */
#pragma once

#include "runtime/base/attr.h"

struct err;

/* Init, in its new network namespace: set lo up, as every container expects it. */
_must_check_ int loopback_up(struct err *e);
