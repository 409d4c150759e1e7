/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/seccomp.h>

#include "specs/json.h"
#include "specs/json_in.h"
#include "specs/oci_tables.h"
#include "specs/spec.h"

/* MAX_ERRNO of the kernel: larger numbers are no error codes to the caller of a system call */
enum { ERRNO_MAX = 4095 };

static bool takes_errno(uint32_t action)
{
	uint32_t what = action & SECCOMP_RET_ACTION_FULL;

	return what == SECCOMP_RET_ERRNO || what == SECCOMP_RET_TRACE;
}

/*
 * An action and its errno are two members and one number: the first row only reads the word, this
 * adds the other one when both are there. Nothing given: EPERM.
 */
static void add_errno(struct walk *w, const struct json_val *v, const char *action_key,
		      const char *errno_key, uint32_t *action, const struct place *at)
{
	const struct json_val *given = json_get(v, errno_key), *word = json_get(v, action_key);
	struct place here = { .up = at, .key = errno_key };
	uint64_t n = EPERM, ignored;

	if (given && json_kind(given) != JK_NULL && !walk_int(w, given, 0, ERRNO_MAX, &n, &here))
		return;
	/* a faulty action has its own fault already */
	if (!json_as_str(word) || !word_value(WORDS_SECCOMP_ACTIONS, json_as_str(word), &ignored))
		return;
	if (takes_errno(*action))
		*action |= (uint32_t)n;
	else if (given && json_kind(given) != JK_NULL)
		walk_fault(w, FAULT_INVALID, &here,
			   "%s takes no error number; only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do",
			   json_as_str(word));
}

static void put_action(struct json_out *o, const char *key, const char *errno_key, uint32_t action)
{
	json_str(o, key, word_of(WORDS_SECCOMP_ACTIONS, action & SECCOMP_RET_ACTION_FULL));
	if (takes_errno(action))
		json_u64(o, errno_key, action & SECCOMP_RET_DATA);
}

/* ---- syscalls ---- */

#define A struct seccomp_arg
static const struct field arg_rows[] = {
	ROW_INT(A, "index", index, 0, 5, 0, FIELD_REQUIRED),
	ROW_INT(A, "value", value, 0, UINT64_MAX, 0, FIELD_REQUIRED),
	ROW_INT(A, "valueTwo", value_two, 0, UINT64_MAX, 0, 0),
	ROW_WORD(A, "op", op, WORDS_SECCOMP_OPERATORS, 0, FIELD_REQUIRED),
};
#undef A
static const struct table arg_table = { TABLE(arg_rows) };

static void read_rule_action(struct walk *w, const struct json_val *v, void *base,
			     const struct place *at)
{
	uint64_t n;

	if (walk_word(w, v, WORDS_SECCOMP_ACTIONS, &n, at))
		((struct seccomp_rule *)base)->action = (uint32_t)n;
}

static void write_rule_action(struct json_out *o, const char *key, const void *base)
{
	put_action(o, key, "errnoRet", ((const struct seccomp_rule *)base)->action);
}

static void rule_done(struct walk *w, const struct json_val *v, void *base, const struct place *at)
{
	add_errno(w, v, "action", "errnoRet", &((struct seccomp_rule *)base)->action, at);
}

#define R struct seccomp_rule
static const struct field rule_rows[] = {
	ROW_STRV(R, "names", names, FIELD_NONE, FIELD_REQUIRED),
	ROW_FN("action", read_rule_action, write_rule_action, FIELD_REQUIRED),
	ROW_LIST(R, "args", args, nargs, arg_table),
};
#undef R
static const struct table rule_table = { TABLE(rule_rows), .done = rule_done };

/* ---- seccomp ---- */

static void read_default_action(struct walk *w, const struct json_val *v, void *base,
				const struct place *at)
{
	uint64_t n;

	if (walk_word(w, v, WORDS_SECCOMP_ACTIONS, &n, at))
		((struct seccomp_spec *)base)->default_action = (uint32_t)n;
}

static void write_default_action(struct json_out *o, const char *key, const void *base)
{
	put_action(o, key, "defaultErrnoRet", ((const struct seccomp_spec *)base)->default_action);
}

static void seccomp_done(struct walk *w, const struct json_val *v, void *base,
			 const struct place *at)
{
	add_errno(w, v, "defaultAction", "defaultErrnoRet",
		  &((struct seccomp_spec *)base)->default_action, at);
}

#define S struct seccomp_spec
static const struct field seccomp_rows[] = {
	ROW_FN("defaultAction", read_default_action, write_default_action, FIELD_REQUIRED),
	ROW_WORD32S(S, "architectures", arches, narches, WORDS_SECCOMP_ARCHES),
	ROW_BITS(S, "flags", flags, WORDS_SECCOMP_FLAGS, offsetof(S, flags_set)),
	ROW_STR(S, "listenerPath", listener_path, 0),
	ROW_STR(S, "listenerMetadata", listener_metadata, 0),
	ROW_LIST(S, "syscalls", rules, nrules, rule_table),
};
#undef S
const struct table oci_seccomp_table = { TABLE(seccomp_rows), .done = seccomp_done };
