/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "specs/json.h"
#include "specs/json_in.h"
#include "specs/oci_tables.h"
#include "specs/spec.h"

/* ---- namespaces ---- */

struct ns_entry {
	uint32_t type;
	const char *path;
};
static const struct field ns_rows[] = {
	ROW_WORD(struct ns_entry, "type", type, WORDS_NAMESPACES, 0, FIELD_REQUIRED),
	ROW_STR(struct ns_entry, "path", path, 0),
};
static const struct table ns_table = { TABLE(ns_rows) };

static void read_namespace(struct walk *w, const struct json_val *v, struct spec *s,
			   const struct place *at)
{
	struct ns_entry e = { .type = NS_COUNT };

	if (!walk_object(w, v, &ns_table, &e, at) || e.type == NS_COUNT)
		return;
	if (e.path && *e.path != '/') {
		walk_fault(w, FAULT_INVALID, &(struct place){ .up = at, .key = "path" },
			   "'%.200s' is relative; the path of a namespace is absolute", e.path);
		e.path = NULL;
	}
	if (s->ns[e.type].mode != NS_INHERIT) {
		walk_fault(w, FAULT_INVALID, &(struct place){ .up = at, .key = "type" },
			   "the %s namespace is listed twice", ns_names[e.type].word);
		return;
	}
	s->ns[e.type] = (struct ns_spec){
		.mode = e.path ? NS_JOIN : NS_NEW,
		.path = e.path,
	};
}

static void read_namespaces(struct walk *w, const struct json_val *v, void *base,
			    const struct place *at)
{
	if (!walk_kind(w, v, JK_ARRAY, at))
		return;
	for (size_t i = 0; i < json_len(v); i++)
		read_namespace(w, json_at(v, i), base, &(struct place){ .up = at, .index = i });
}

static void write_namespaces(struct json_out *o, const char *key, const void *base)
{
	const struct spec *s = base;

	json_open(o, key, '[');
	for (unsigned i = 0; i < NS_COUNT; i++) {
		if (s->ns[i].mode == NS_INHERIT)
			continue;
		json_open(o, NULL, '{');
		json_str(o, "type", ns_names[i].word);
		if (s->ns[i].mode == NS_JOIN)
			json_str(o, "path", s->ns[i].path);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static const struct field offset_rows[] = {
	ROW_INT(struct time_offset, "secs", secs, INT64_MIN, INT64_MAX, 0, 0),
	ROW_INT(struct time_offset, "nanosecs", nanosecs, 0, 999999999, 0, 0),
};
static const struct table offset_table = { TABLE(offset_rows) };

#define ROW_CLOCK(k, c)                                                                            \
	ROW_OBJ(struct spec, k, offsetof(struct spec, time_offsets[c]),                            \
		offsetof(struct spec, time_offsets[c].set), offset_table, 0)
static const struct field clock_rows[] = {
	ROW_CLOCK("monotonic", CLOCK_OFF_MONOTONIC),
	ROW_CLOCK("boottime", CLOCK_OFF_BOOTTIME),
};
/* an unknown clock would silently stay where it is: the list of the kernel is closed */
static const struct table clock_table = { TABLE(clock_rows), .closed = true };

/* ---- devices ---- */

static void device_init(void *base)
{
	*(struct device_spec *)base = (struct device_spec){
		.major = UNSET_U32,
		.minor = UNSET_U32,
		.mode = 0666,
	};
}

static void device_number(struct walk *w, const struct device_spec *d, const char *key, uint32_t *n,
			  const struct place *at)
{
	if (*n != UNSET_U32)
		return;
	*n = 0;
	if (d->type == S_IFCHR || d->type == S_IFBLK)
		walk_fault(w, FAULT_INVALID, &(struct place){ .up = at, .key = key },
			   "is required for a device of type '%s'",
			   word_of(WORDS_DEVICE_TYPES, d->type));
}

static void device_done(struct walk *w, const struct json_val *v, void *base,
			const struct place *at)
{
	struct device_spec *d = base;

	/* callers put the type bits of st_mode in as well */
	d->mode &= 07777;
	if (!json_get(v, "major"))
		device_number(w, d, "major", &d->major, at);
	if (!json_get(v, "minor"))
		device_number(w, d, "minor", &d->minor, at);
}

#define D struct device_spec
static const struct field device_rows[] = {
	ROW_STR(D, "path", path, FIELD_REQUIRED),
	ROW_WORD(D, "type", type, WORDS_DEVICE_TYPES, 0, FIELD_REQUIRED),
	/* the kernel keeps 12 and 20 bits */
	ROW_INT(D, "major", major, 0, 0xfff, UNSET_U32, 0),
	ROW_INT(D, "minor", minor, 0, 0xfffff, UNSET_U32, 0),
	ROW_INT(D, "fileMode", mode, 0, 0177777, UNSET_U32, 0),
	ROW_INT(D, "uid", uid, 0, ID_MAX, UNSET_U32, 0),
	ROW_INT(D, "gid", gid, 0, ID_MAX, UNSET_U32, 0),
};
#undef D
static const struct table device_table = { TABLE(device_rows), .init = device_init,
					   .done = device_done };

static void netdev_done(_unused_ struct walk *w, _unused_ const struct json_val *v, void *base,
			_unused_ const struct place *at)
{
	struct netdev_spec *d = base;

	if (!d->name)
		d->name = d->host_name;
}
static const struct field netdev_rows[] = {
	ROW_STR(struct netdev_spec, "name", name, 0),
};
static const struct table netdev_table = { TABLE(netdev_rows), .done = netdev_done };

/* ---- small ones ---- */

#define R struct rdt_spec
static const struct field rdt_rows[] = {
	ROW_STR(R, "closID", clos_id, 0),
	ROW_STR(R, "l3CacheSchema", l3_cache_schema, 0),
	ROW_STR(R, "memBwSchema", mem_bw_schema, 0),
	ROW_STRV(R, "schemata", schemata, offsetof(R, schemata_set), 0),
	ROW_BOOL(R, "enableMonitoring", enable_monitoring, 0),
};
#undef R
static const struct table rdt_table = { TABLE(rdt_rows) };

#define M struct mempolicy_spec
static const struct field mempolicy_rows[] = {
	ROW_WORD(M, "mode", mode, WORDS_MEMPOLICY_MODES, 0, FIELD_REQUIRED),
	ROW_STR(M, "nodes", nodes, 0),
	ROW_BITS(M, "flags", flags, WORDS_MEMPOLICY_FLAGS, FIELD_NONE),
};
#undef M
static const struct table mempolicy_table = { TABLE(mempolicy_rows) };

static void personality_done(struct walk *w, const struct json_val *v, _unused_ void *base,
			     const struct place *at)
{
	const struct json_val *flags = json_get(v, "flags");

	if (flags && json_kind(flags) != JK_NULL && json_len(flags))
		walk_fault(w, FAULT_INVALID, &(struct place){ .up = at, .key = "flags" },
			   "no personality flag is defined; leave the list out");
}
static const struct field personality_rows[] = {
	ROW_WORD(struct spec, "domain", personality, WORDS_PERSONALITIES, UNSET_PERSONALITY,
		 FIELD_REQUIRED),
};
static const struct table personality_table = { TABLE(personality_rows), .done = personality_done };

static void read_personality(struct walk *w, const struct json_val *v, void *base,
			     const struct place *at)
{
	walk_object(w, v, &personality_table, base, at);
}

static void write_personality(struct json_out *o, const char *key, const void *base)
{
	if (((const struct spec *)base)->personality == UNSET_PERSONALITY)
		return;
	json_open(o, key, '{');
	table_write(o, &personality_table, base);
	json_close(o, '}');
}

/* ---- linux ---- */

#define S struct spec
#define ROW_PART(k, m, flag, table) ROW_OBJ(S, k, offsetof(S, m), offsetof(S, flag), table, 0)
static const struct field linux_rows[] = {
	ROW_LIST(S, "uidMappings", uid_maps.v, uid_maps.n, oci_id_map_table),
	ROW_LIST(S, "gidMappings", gid_maps.v, gid_maps.n, oci_id_map_table),
	ROW_KVS(S, "sysctl", sysctl),
	ROW_PART("resources", resources, has_resources, oci_resources_table),
	ROW_STR(S, "cgroupsPath", cgroups_path, 0),
	ROW_FN("namespaces", read_namespaces, write_namespaces, 0),
	ROW_LIST(S, "devices", devices, ndevices, device_table),
	ROW_MAP(S, "netDevices", netdevs, nnetdevs, netdev_table),
	ROW_PART("seccomp", seccomp, seccomp.set, oci_seccomp_table),
	ROW_WORD(S, "rootfsPropagation", root_propagation, WORDS_PROPAGATION, PROP_UNSET, 0),
	ROW_STRV(S, "maskedPaths", masked_paths, FIELD_NONE, 0),
	ROW_STRV(S, "readonlyPaths", readonly_paths, FIELD_NONE, 0),
	ROW_STR(S, "mountLabel", mount_label, 0),
	ROW_PART("intelRdt", rdt, rdt.set, rdt_table),
	ROW_PART("memoryPolicy", mempolicy, mempolicy.set, mempolicy_table),
	ROW_FN("personality", read_personality, write_personality, 0),
	ROW_OBJ(S, "timeOffsets", 0, FIELD_NONE, clock_table, 0),
};
#undef S
const struct table oci_linux_table = { TABLE(linux_rows) };
