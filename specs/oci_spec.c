/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/oci_tables.h"
#include "specs/spec.h"

#define S struct spec
static const struct field root_rows[] = {
	ROW_STR(S, "path", root_path, FIELD_REQUIRED),
	ROW_BOOL(S, "readonly", root_readonly, 0),
};
static const struct table root_table = { TABLE(root_rows) };

/* ---- hooks ---- */

#define H struct hook_spec
static const struct field hook_rows[] = {
	ROW_STR(H, "path", path, FIELD_REQUIRED),
	ROW_STRV(H, "args", args, FIELD_NONE, 0),
	ROW_STRV(H, "env", env, offsetof(H, env_set), 0),
	ROW_INT(H, "timeout", timeout, 1, INT_MAX, 0, 0),
};
#undef H
static const struct table hook_table = { TABLE(hook_rows) };

/* one row for each line of names.h */
static const struct field hooks_rows[] = {
#define X(id, word) ROW_LIST(S, word, hooks[HOOK_##id].v, hooks[HOOK_##id].n, hook_table),
	HOOK_TABLE(X)
#undef X
};
static const struct table hooks_table = { TABLE(hooks_rows) };

static const struct field spec_rows[] = {
	ROW_STR(S, "ociVersion", oci_version, FIELD_REQUIRED),
	ROW_OBJ(S, "process", offsetof(S, process), offsetof(S, has_process), oci_process_table, 0),
	ROW_OBJ(S, "root", 0, FIELD_NONE, root_table, FIELD_REQUIRED),
	ROW_STR(S, "hostname", hostname, 0),
	ROW_STR(S, "domainname", domainname, 0),
	ROW_LIST(S, "mounts", mounts, nmounts, oci_mount_table),
	ROW_OBJ(S, "hooks", 0, FIELD_NONE, hooks_table, 0),
	ROW_KVS(S, "annotations", annotations),
	ROW_OBJ(S, "linux", 0, FIELD_NONE, oci_linux_table, 0),
};
#undef S
const struct table oci_spec_table = { TABLE(spec_rows) };
