/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The id maps of a new user namespace: written directly where we may, else through
 * newuidmap and newgidmap (/etc/subuid), by absolute path. Source: user_namespaces(7).
 */
#pragma once

#include <sys/types.h>

#include "runtime/base/attr.h"
#include "specs/spec.h"

struct err;

/* Host: write both maps of the process that was just cloned. */
_must_check_ int idmap_write(pid_t pid, const struct id_maps *uids, const struct id_maps *gids,
			     struct err *e);
