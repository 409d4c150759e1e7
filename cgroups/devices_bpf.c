/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroups/devices.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/tree.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"
#include "specs/spec.h"

/*
 * The program reads its context once and then asks the rules from the last to the first:
 *   R2 type (1 block, 2 char), R3 the access bits still undecided, R4 major, R5 minor.
 * Neighbours with the same verdict may go in any order, so such a run is sorted and the
 * type and the major are compared once per group.
 */
enum { TYPE = BPF_REG_2, ACCESS = BPF_REG_3, MAJOR = BPF_REG_4, MINOR = BPF_REG_5 };

struct program {
	struct bpf_insn *v;
	size_t n;
	bool too_far;
};

static size_t emit(struct program *p, int code, int dst, int src, int off, int imm)
{
	p->v[p->n] = (struct bpf_insn){ .code = (uint8_t)code,
					.dst_reg = (uint8_t)(dst & 15),
					.src_reg = (uint8_t)(src & 15),
					.off = (int16_t)off,
					.imm = imm };
	return p->n++;
}

static void load(struct program *p, int reg, size_t offset)
{
	emit(p, BPF_LDX | BPF_MEM | BPF_W, reg, BPF_REG_1, (int)offset, 0);
}

static void verdict(struct program *p, bool allow)
{
	emit(p, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, allow);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Skip to where land() is called, unless the register has the value. 32-bit: no sign extension. */
static size_t skip_unless(struct program *p, int reg, int64_t value)
{
	return emit(p, BPF_JMP32 | BPF_JNE | BPF_K, reg, 0, 0, (int32_t)(uint32_t)value);
}

static void land(struct program *p, size_t jump)
{
	size_t off = p->n - jump - 1;

	if (off > INT16_MAX)
		p->too_far = true;
	p->v[jump].off = (int16_t)off;
}

/* What a rule does once the device is its own. */
static void decide(struct program *p, const struct dev_rule *r)
{
	if (r->access == DEV_ALL) {
		verdict(p, r->allow);
		return;
	}
	if (r->allow) {
		/* these bits are settled; all of them settled: let it in */
		emit(p, BPF_ALU64 | BPF_AND | BPF_K, ACCESS, 0, 0, (int)(DEV_ALL & ~r->access));
		emit(p, BPF_JMP | BPF_JNE | BPF_K, ACCESS, 0, 2, 0);
		verdict(p, true);
		return;
	}
	/* one denied bit is enough */
	emit(p, BPF_JMP | BPF_JSET | BPF_K, ACCESS, 0, 1, (int)r->access);
	emit(p, BPF_JMP | BPF_JA, 0, 0, 2, 0);
	verdict(p, false);
}

/* Same type and major; wildcard minors come first in the order. */
static void emit_major(struct program *p, const struct dev_rule *v, size_t n)
{
	bool jump = v->major != -1;
	size_t at = jump ? skip_unless(p, MAJOR, v->major) : 0;

	for (size_t i = 0; i < n; i++) {
		/* Behind an unconditional verdict nothing is reached: the verifier refuses that. */
		if (v[i].minor == -1) {
			decide(p, &v[i]);
			if (v[i].access == DEV_ALL)
				break;
			continue;
		}

		size_t skip = skip_unless(p, MINOR, v[i].minor);

		decide(p, &v[i]);
		land(p, skip);
	}
	if (jump)
		land(p, at);
}

static size_t group(const struct dev_rule *v, size_t n, bool with_major)
{
	size_t i = 1;

	while (i < n && v[i].type == v->type && (!with_major || v[i].major == v->major))
		i++;
	return i;
}

static bool ends_all(const struct dev_rule *r)
{
	return r->major == -1 && r->minor == -1 && r->access == DEV_ALL;
}

/* A run of rules with one verdict, sorted. */
static void emit_run(struct program *p, const struct dev_rule *v, size_t n)
{
	while (n) {
		size_t len = group(v, n, false);
		size_t at = skip_unless(p, TYPE,
					v->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);

		for (size_t i = 0; i < len;) {
			size_t same = group(v + i, len - i, true);

			emit_major(p, v + i, same);
			if (ends_all(&v[i]))
				break;
			i += same;
		}
		land(p, at);
		v += len;
		n -= len;
	}
}

/* Wildcards (-1) first, and of the same device the widest access. */
static int compare(const void *x, const void *y)
{
	const struct dev_rule *a = x, *b = y;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->major != b->major)
		return a->major < b->major ? -1 : 1;
	if (a->minor != b->minor)
		return a->minor < b->minor ? -1 : 1;
	return (int)b->access - (int)a->access;
}

/* One rule where neighbours have the same device. */
static size_t merge(struct dev_rule *v, size_t n)
{
	size_t to = 0;

	for (size_t i = 1; i < n; i++) {
		if (v[i].type == v[to].type && v[i].major == v[to].major &&
		    v[i].minor == v[to].minor)
			v[to].access |= v[i].access;
		else
			v[++to] = v[i];
	}
	return n ? to + 1 : 0;
}

int dev_compile(const struct dev_rules *r, struct arena *a, const struct bpf_insn **insns,
		size_t *n)
{
	/* per rule at most three comparisons and four instructions of verdict */
	struct program p = { .v = arena_array(a, 8 * r->n + 16, sizeof(*p.v)) };
	struct dev_rule *v = arena_array(a, r->n + 1, sizeof(*v));

	if (r->n)
		memcpy(v, r->v, r->n * sizeof(*v));
	load(&p, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	load(&p, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	load(&p, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	emit(&p, BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0, 0);
	emit(&p, BPF_ALU64 | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
	emit(&p, BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	for (size_t end = r->n; end > 0;) {
		size_t start = end - 1;

		while (start > 0 && v[start - 1].allow == v[start].allow)
			start--;
		qsort(v + start, end - start, sizeof(*v), compare);
		emit_run(&p, v + start, merge(v + start, end - start));
		end = start;
	}
	verdict(&p, r->allow);
	*insns = p.v;
	*n = p.n;
	return p.too_far ? -E2BIG : 0;
}

/*
 * Kernels from 6.17 to before 7.2 write behind the end of a union that is shorter than theirs,
 * so every call hands over far more room than any kernel has fields, all zero.
 */
union attr {
	union bpf_attr a;
	char room[1024];
};

static void attr_init(union attr *u)
{
	memset(u->room, 0, sizeof(u->room));
}

static const char prog_name[] = "berth_devices";

static int prog_load(const struct bpf_insn *insns, size_t n)
{
	union attr u;

	attr_init(&u);
	u.a.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	u.a.insns = (uintptr_t)insns;
	u.a.insn_cnt = (uint32_t)n;
	u.a.license = (uintptr_t) "GPL";
	memcpy(u.a.prog_name, prog_name, sizeof(prog_name));
	return sys_bpf(BPF_PROG_LOAD, &u.a, sizeof(u));
}

/* Is the program with this id one that berth loaded? Its descriptor, or -1. */
static int open_ours(uint32_t id)
{
	union attr get, ask;
	char room[1024] = { 0 };
	struct bpf_prog_info info = { 0 };

	attr_init(&get);
	attr_init(&ask);
	get.a.prog_id = id;

	own_fd fd = sys_bpf(BPF_PROG_GET_FD_BY_ID, &get.a, sizeof(get));

	if (fd < 0)
		return -1;
	ask.a.info.bpf_fd = (uint32_t)fd;
	ask.a.info.info_len = sizeof(room);
	ask.a.info.info = (uintptr_t)room;
	if (sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &ask.a, sizeof(ask)) < 0)
		return -1;
	memcpy(&info, room, sizeof(info));
	if (strcmp(info.name, prog_name))
		return -1;
	return take_fd(fd);
}

/* The program of ours that is attached already, or -1. */
static int find_ours(int dir_fd)
{
	union attr u;
	uint32_t ids[64] = { 0 };

	attr_init(&u);
	u.a.query.target_fd = (uint32_t)dir_fd;
	u.a.query.attach_type = BPF_CGROUP_DEVICE;
	u.a.query.prog_ids = (uintptr_t)ids;
	u.a.query.prog_cnt = ARRAY_SIZE(ids);
	if (sys_bpf(BPF_PROG_QUERY, &u.a, sizeof(u)) < 0)
		return -1;
	for (uint32_t i = 0; i < u.a.query.prog_cnt && i < ARRAY_SIZE(ids); i++) {
		int fd = open_ours(ids[i]);

		if (fd >= 0)
			return fd;
	}
	return -1;
}

int dev_attach(int dir_fd, const struct bpf_insn *insns, size_t n, bool fresh, struct err *e)
{
	union attr u;
	own_fd old_fd = fresh ? -1 : find_ours(dir_fd);
	own_fd fd = prog_load(insns, n);

	if (fd < 0) {
		cg_fail(e, errno, "load the device program");
		return err_hint(e, "device rules on cgroup v2 need CAP_BPF (or CAP_SYS_ADMIN) and "
				   "CONFIG_CGROUP_BPF");
	}
	attr_init(&u);
	u.a.target_fd = (uint32_t)dir_fd;
	u.a.attach_bpf_fd = (uint32_t)fd;
	u.a.attach_type = BPF_CGROUP_DEVICE;
	u.a.attach_flags = BPF_F_ALLOW_MULTI;
	if (old_fd >= 0) {
		u.a.attach_flags |= BPF_F_REPLACE;
		u.a.replace_bpf_fd = (uint32_t)old_fd;
	}
	if (sys_bpf(BPF_PROG_ATTACH, &u.a, sizeof(u)) < 0)
		return cg_fail(e, errno, "attach the device program");
	return 0;
}
