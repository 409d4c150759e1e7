/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/resource.h>

#include "runtime/base/arena.h"
#include "specs/json.h"
#include "specs/json_in.h"
#include "specs/oci_tables.h"
#include "specs/spec.h"

static const struct field size_rows[] = {
	ROW_INT(struct process_spec, "height", rows, 0, USHRT_MAX, 0, 0),
	ROW_INT(struct process_spec, "width", cols, 0, USHRT_MAX, 0, 0),
};
static const struct table size_table = { TABLE(size_rows) };

static const struct field user_rows[] = {
	ROW_INT(struct user_spec, "uid", uid, 0, ID_MAX, 0, FIELD_REQUIRED),
	ROW_INT(struct user_spec, "gid", gid, 0, ID_MAX, 0, FIELD_REQUIRED),
	ROW_INT(struct user_spec, "umask", umask, 0, 07777, UNSET_U32, 0),
	ROW_U32S(struct user_spec, "additionalGids", groups, ngroups, ID_MAX),
};
static const struct table user_table = { TABLE(user_rows) };

/* ---- capabilities ---- */

static const struct cap_set_name {
	const char *key;
	size_t offset;
} cap_set_names[] = {
	{ "bounding", offsetof(struct cap_sets, bounding) },
	{ "effective", offsetof(struct cap_sets, effective) },
	{ "permitted", offsetof(struct cap_sets, permitted) },
	{ "inheritable", offsetof(struct cap_sets, inheritable) },
	{ "ambient", offsetof(struct cap_sets, ambient) },
};

/* A name that nobody knows is only a warning: the specification says so, for newer kernels. */
static uint64_t read_cap(struct walk *w, const struct json_val *v, struct process_spec *p,
			 const struct place *at)
{
	const char *word;
	uint64_t bit;

	if (!walk_str(w, v, &word, at))
		return 0;
	if (word_value(WORDS_CAPABILITIES, word, &bit))
		return 1ull << bit;
	if (strv_has(&p->unknown_caps, word))
		return 0;
	strv_add(&p->unknown_caps, w->a, word);
	walk_fault(w, FAULT_WARNING, at, "unknown capability '%.64s' is ignored", word);
	return 0;
}

static void read_cap_set(struct walk *w, const struct json_val *v, struct process_spec *p,
			 uint64_t *set, const struct place *at)
{
	if (!walk_kind(w, v, JK_ARRAY, at))
		return;
	for (size_t i = 0; i < json_len(v); i++)
		*set |= read_cap(w, json_at(v, i), p, &(struct place){ .up = at, .index = i });
}

static void read_caps(struct walk *w, const struct json_val *v, void *base, const struct place *at)
{
	struct process_spec *p = base;

	if (!walk_kind(w, v, JK_OBJECT, at))
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(cap_set_names); i++) {
		const char *key = cap_set_names[i].key;
		const struct json_val *list = json_get(v, key);

		if (!list || json_kind(list) == JK_NULL)
			continue;
		read_cap_set(w, list, p, (uint64_t *)((char *)&p->caps + cap_set_names[i].offset),
			     &(struct place){ .up = at, .key = key });
	}
}

static void write_cap_set(struct json_out *o, const char *key, uint64_t set,
			  const struct strv *unknown)
{
	if (!set && !unknown->n)
		return;
	json_open(o, key, '[');
	for (unsigned i = 0; word_at(WORDS_CAPABILITIES, i); i++)
		if (set >> i & 1)
			json_str(o, NULL, word_at(WORDS_CAPABILITIES, i));
	for (size_t i = 0; i < unknown->n; i++)
		json_str(o, NULL, unknown->v[i]);
	json_close(o, ']');
}

static void write_caps(struct json_out *o, const char *key, const void *base)
{
	const struct process_spec *p = base;
	const struct strv none = { .n = 0 };
	const struct cap_sets *c = &p->caps;

	if (!(c->bounding | c->effective | c->permitted | c->inheritable | c->ambient) &&
	    !p->unknown_caps.n)
		return;
	json_open(o, key, '{');
	for (unsigned i = 0; i < ARRAY_SIZE(cap_set_names); i++)
		write_cap_set(o, cap_set_names[i].key,
			      *(const uint64_t *)((const char *)c + cap_set_names[i].offset),
			      i ? &none : &p->unknown_caps);
	json_close(o, '}');
}

/* ---- the rest ---- */

static const struct field rlimit_rows[] = {
	ROW_WORD(struct rlimit_spec, "type", resource, WORDS_RLIMITS, 0, FIELD_REQUIRED),
	ROW_INT(struct rlimit_spec, "hard", hard, 0, UINT64_MAX, 0, FIELD_REQUIRED),
	ROW_INT(struct rlimit_spec, "soft", soft, 0, UINT64_MAX, 0, FIELD_REQUIRED),
};
/* No limit has this number: what the check finds under it has a faulty type. */
static void rlimit_init(void *base)
{
	*(struct rlimit_spec *)base = (struct rlimit_spec){ .resource = -1, .hard = UINT64_MAX };
}
static const struct table rlimit_table = { TABLE(rlimit_rows), .init = rlimit_init };

static const struct field sched_rows[] = {
	ROW_WORD(struct sched_spec, "policy", policy, WORDS_SCHED_POLICIES, 0, FIELD_REQUIRED),
	ROW_INT(struct sched_spec, "nice", nice, -20, 19, 0, 0),
	ROW_INT(struct sched_spec, "priority", priority, 0, 99, 0, 0),
	ROW_BITS(struct sched_spec, "flags", flags, WORDS_SCHED_FLAGS, FIELD_NONE),
	ROW_INT(struct sched_spec, "runtime", runtime, 0, UINT64_MAX, 0, 0),
	ROW_INT(struct sched_spec, "deadline", deadline, 0, UINT64_MAX, 0, 0),
	ROW_INT(struct sched_spec, "period", period, 0, UINT64_MAX, 0, 0),
};
static const struct table sched_table = { TABLE(sched_rows) };

static const struct field ioprio_rows[] = {
	ROW_WORD(struct ioprio_spec, "class", class, WORDS_IOPRIO_CLASSES, 0, FIELD_REQUIRED),
	ROW_INT(struct ioprio_spec, "priority", priority, 0, 7, 0, 0),
};
static const struct table ioprio_table = { TABLE(ioprio_rows) };

static const struct field affinity_rows[] = {
	ROW_STR(struct process_spec, "initial", cpu_initial, 0),
	ROW_STR(struct process_spec, "final", cpu_final, 0),
};
static const struct table affinity_table = { TABLE(affinity_rows) };

#define P struct process_spec
static const struct field process_rows[] = {
	ROW_BOOL(P, "terminal", terminal, 0),
	ROW_OBJ(P, "consoleSize", 0, FIELD_NONE, size_table, 0),
	ROW_OBJ(P, "user", offsetof(P, user), FIELD_NONE, user_table, 0),
	ROW_STRV(P, "args", args, FIELD_NONE, 0),
	ROW_STRV(P, "env", env, FIELD_NONE, 0),
	ROW_STR(P, "cwd", cwd, FIELD_REQUIRED),
	ROW_FN("capabilities", read_caps, write_caps, 0),
	ROW_LIST(P, "rlimits", rlimits, nrlimits, rlimit_table),
	ROW_BOOL(P, "noNewPrivileges", no_new_privs, 0),
	ROW_STR(P, "apparmorProfile", apparmor, 0),
	ROW_STR(P, "selinuxLabel", selinux, 0),
	ROW_INT(P, "oomScoreAdj", oom_score_adj, -1000, 1000, UNSET_I32, 0),
	ROW_OBJ(P, "scheduler", offsetof(P, sched), offsetof(P, sched.set), sched_table, 0),
	ROW_OBJ(P, "ioPriority", offsetof(P, ioprio), offsetof(P, ioprio.set), ioprio_table, 0),
	ROW_OBJ(P, "execCPUAffinity", 0, FIELD_NONE, affinity_table, 0),
};
#undef P
const struct table oci_process_table = { TABLE(process_rows) };
