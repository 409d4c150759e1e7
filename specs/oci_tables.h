/* SPDX-License-Identifier: Apache-2.0 */
/* The field tables of config.json, one file per section; for oci.c, write.c and each other. */
#pragma once

#include "specs/walk.h"

extern const struct table oci_spec_table;      /* struct spec */
extern const struct table oci_process_table;   /* struct process_spec */
extern const struct table oci_mount_table;     /* struct mount_spec */
extern const struct table oci_id_map_table;    /* struct id_map */
extern const struct table oci_linux_table;     /* struct spec */
extern const struct table oci_resources_table; /* struct resources */
extern const struct table oci_seccomp_table;   /* struct seccomp_spec */

/* An id of a user or group: (uid_t)-1 is "leave as it is" to the kernel, never an id. */
#define ID_MAX (UINT32_MAX - 1)
