/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/seccomp_rules.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "specs/spec.h"

static void ctx_drop(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

static enum scmp_compare compare_of(int op)
{
	switch ((enum seccomp_op)op) {
	case OP_NE:
		return SCMP_CMP_NE;
	case OP_LT:
		return SCMP_CMP_LT;
	case OP_LE:
		return SCMP_CMP_LE;
	case OP_EQ:
		return SCMP_CMP_EQ;
	case OP_GE:
		return SCMP_CMP_GE;
	case OP_GT:
		return SCMP_CMP_GT;
	case OP_MASKED_EQ:
		return SCMP_CMP_MASKED_EQ;
	case OP_COUNT:
		break;
	}
	return _SCMP_CMP_MAX;
}

static int add_archs(scmp_filter_ctx ctx, const struct abi *abi, size_t nabi, struct err *e)
{
	for (size_t i = 0; i < nabi; i++) {
		int r = seccomp_arch_add(ctx, abi[i].token);

		if (r < 0 && r != -EEXIST)
			return err_set(e, -r, "seccomp: add architecture %#x", abi[i].token);
	}
	return 0;
}

/* Does this name have to do with one of the calls, by itself or as a sub-call? */
static bool concerns(const char *name, const struct call *call, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int nr = seccomp_syscall_resolve_name_arch(call[i].abi->token, name);
		struct mux_ref ref;

		if (nr == __NR_SCMP_ERROR)
			continue;
		if (nr >= 0 && (uint32_t)nr == call[i].nr)
			return true;
		if (mux_find(&call[i].abi->mux, nr, &ref) &&
		    (ref.number == call[i].nr || ref.direct == (int32_t)call[i].nr))
			return true;
	}
	return false;
}

static int add_match(scmp_filter_ctx ctx, const struct match *m, const char *name, struct err *e)
{
	struct scmp_arg_cmp cmp[6];

	for (unsigned i = 0; i < m->n; i++)
		cmp[i] = (struct scmp_arg_cmp){ .arg = m->arg[i].index,
						.op = compare_of(m->arg[i].op),
						.datum_a = m->arg[i].value,
						.datum_b = m->arg[i].value_two };

	int nr = seccomp_syscall_resolve_name(name);
	int r = seccomp_rule_add_array(ctx, m->action, nr, m->n, cmp);

	if (r < 0) {
		err_text(e, -r, "seccomp: the rules for '%s' contradict each other", name);
		return err_hint(e, "give no two rules of a system call different actions for the "
				   "same arguments");
	}
	return 0;
}

static int add_rules(scmp_filter_ctx ctx, const struct seccomp_spec *s, const struct rule *rules,
		     const struct call *call, size_t ncall, struct err *e)
{
	for (size_t i = 0; i < s->nrules; i++) {
		if (rules[i].skip)
			continue;
		for (size_t k = 0; k < s->rules[i].names.n; k++) {
			const char *name = s->rules[i].names.v[k];

			if (!concerns(name, call, ncall))
				continue;

			for (size_t j = 0; j < rules[i].n; j++) {
				int r = add_match(ctx, &rules[i].match[j], name, e);

				if (r < 0)
					return r;
			}
		}
	}
	return 0;
}

/* seccomp_export_bpf writes to a descriptor; one that takes memory came with 2.6. */
static int export(scmp_filter_ctx ctx, struct arena *a, struct sock_filter **insn, size_t *n,
		  struct err *e)
{
	own_fd fd = memfd_create("seccomp", MFD_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return err_set(e, errno, "seccomp: memfd_create");

	int r = seccomp_export_bpf(ctx, fd);

	if (r < 0)
		return err_set(e, -r, "seccomp: export the filter of libseccomp");
	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "seccomp: fstat");
	*n = (size_t)st.st_size / sizeof(**insn);
	*insn = arena_array(a, *n + 1, sizeof(**insn));
	if (pread(fd, *insn, *n * sizeof(**insn), 0) != (ssize_t)(*n * sizeof(**insn)))
		return err_set(e, EIO, "seccomp: read the filter of libseccomp");
	return 0;
}

int libseccomp_compile(const struct seccomp_spec *s, const struct rule *rules,
		       const struct abi *abi, size_t nabi, const struct call *call, size_t ncall,
		       struct arena *a, struct sock_filter **insn, size_t *n, struct err *e)
{
	_cleanup_(ctx_drop) scmp_filter_ctx ctx = seccomp_init(s->default_action);

	if (!ctx)
		return err_set(e, EINVAL, "seccomp: libseccomp refuses the default action");

	int r = add_archs(ctx, abi, nabi, e);

	if (r == 0)
		r = add_rules(ctx, s, rules, call, ncall, e);
	return r < 0 ? r : export(ctx, a, insn, n, e);
}
