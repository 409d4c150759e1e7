/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/cgroups.h"
#include "cgroups/plan.h"
#include "cgroups/weight.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "specs/faults.h"
#include "specs/spec.h"

static struct cg_hierarchy h_v2[] = {
	{ .mount = "/c",
	  .root = "/",
	  .own = "/",
	  .v2 = true,
	  .controllers = "cpuset cpu io memory hugetlb pids rdma misc" },
};
static struct cg_hierarchy h_v1[] = {
	{ .mount = "/c/m", .root = "/", .own = "/", .controllers = "memory" },
	{ .mount = "/c/c", .root = "/", .own = "/", .controllers = "cpu,cpuacct" },
	{ .mount = "/c/s", .root = "/", .own = "/", .controllers = "cpuset" },
	{ .mount = "/c/p", .root = "/", .own = "/", .controllers = "pids" },
	{ .mount = "/c/b", .root = "/", .own = "/", .controllers = "blkio" },
	{ .mount = "/c/h", .root = "/", .own = "/", .controllers = "hugetlb" },
	{ .mount = "/c/n", .root = "/", .own = "/", .controllers = "net_cls,net_prio" },
	{ .mount = "/c/r", .root = "/", .own = "/", .controllers = "rdma" },
	{ .mount = "/c/d", .root = "/", .own = "/", .controllers = "devices" },
};
static struct cg_hierarchy h_hybrid[] = {
	{ .mount = "/c/m", .root = "/", .own = "/", .controllers = "memory" },
	{ .mount = "/c/u", .root = "/", .own = "/", .controllers = "hugetlb", .v2 = true },
};
static struct cg_layout v2 = { h_v2, ARRAY_SIZE(h_v2) };
static struct cg_layout v1 = { h_v1, ARRAY_SIZE(h_v1) };
static struct cg_layout hybrid = { h_hybrid, ARRAY_SIZE(h_hybrid) };

/* One round: set fields of t.s.resources, plan, look at the writes or the faults. */
static struct {
	struct arena a;
	struct spec s;
	struct faults f;
	struct cg_plan *p;
	struct err e;
	struct cg_ctx ctx;
} t;

#define R (t.s.resources)

static int clear(_unused_ void **state)
{
	arena_free(&t.a);
	memset(&t, 0, sizeof(t));
	spec_init(&t.s);
	resources_init(&t.s.resources);
	t.s.has_resources = true;
	t.s.cgroups_path = "/x";
	t.ctx.id = "ID";
	return 0;
}

static int finish(_unused_ void **state)
{
	arena_free(&t.a);
	return 0;
}

static void plan(const struct cg_layout *l)
{
	t.f = (struct faults){ .arena = &t.a };
	assert_int_equal(cg_plan(&t.s, l, &t.ctx, &t.a, &t.p, &t.f, &t.e), 0);
}

static const struct cg_write *find(const char *file)
{
	for (size_t i = 0; i < t.p->n; i++)
		for (size_t k = 0; k < t.p->v[i].nwrites; k++)
			if (!strcmp(t.p->v[i].writes[k].file, file))
				return &t.p->v[i].writes[k];
	return NULL;
}

/* The value for file; "(none)" when it is not written. */
static const char *value(const char *file)
{
	const struct cg_write *w = find(file);

	return w ? w->value : "(none)";
}

/* Exactly one fault, and there. */
static void assert_fault(const struct cg_layout *l, enum fault_kind kind, const char *pointer)
{
	plan(l);
	assert_int_equal(t.f.n, 1);
	assert_string_equal(t.f.v[0].pointer, pointer);
	assert_int_equal(t.f.v[0].kind, kind);
}

static void weights(_unused_ void **state)
{
	static const unsigned table[][2] = {
		{ 0, 1 },         { 1, 1 },          { 2, 1 },          { 3, 2 },
		{ 10, 4 },        { 100, 17 },       { 128, 21 },       { 256, 35 },
		{ 512, 59 },      { 1000, 99 },      { 1024, 100 },     { 2048, 174 },
		{ 4096, 303 },    { 8192, 532 },     { 16384, 942 },    { 65536, 3023 },
		{ 131072, 5478 }, { 262144, 10000 }, { 300000, 10000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		assert_int_equal(cg_weight_of_shares(table[i][0]), table[i][1]);
	assert_int_equal(cg_weight_of_shares(UINT64_MAX - 1), 10000);
	for (unsigned shares = 3; shares < 262144; shares++)
		assert_true(cg_weight_of_shares(shares) >= cg_weight_of_shares(shares - 1));
	assert_int_equal(cg_io_weight(10), 1);
	assert_int_equal(cg_io_weight(500), 4950);
	assert_int_equal(cg_io_weight(1000), 10000);
}

static void cpu_v2(_unused_ void **state)
{
	R.cpu.shares = 1024;
	R.cpu.quota = 50000;
	R.cpu.burst = 1000;
	plan(&v2);
	assert_int_equal(t.f.n, 0);
	assert_string_equal(value("cpu.weight"), "100");
	assert_string_equal(value("cpu.max"), "50000 100000");
	assert_string_equal(value("cpu.max.burst"), "1000");
	assert_true(strv_has(&t.p->v[0].need, "cpu"));
	assert_false(strv_has(&t.p->v[0].need, "memory"));
	assert_true(strv_has(&t.p->v[0].want, "memory"));

	clear(NULL);
	R.cpu.period = 20000;
	plan(&v2);
	assert_string_equal(value("cpu.max"), "max 20000");
	R.cpu.quota = -1;
	plan(&v2);
	assert_string_equal(value("cpu.max"), "max 20000");

	clear(NULL);
	R.cpu.idle = 1;
	plan(&v2);
	assert_string_equal(value("cpu.idle"), "1");
	R.cpu.shares = 100;
	plan(&v2);
	assert_string_equal(value("cpu.weight"), "(none)");
	assert_int_equal(t.f.errors, 0);
	assert_int_equal(t.f.v[0].kind, FAULT_WARNING);
}

static void cpu_v1(_unused_ void **state)
{
	R.cpu.shares = 1024;
	R.cpu.quota = -1;
	R.cpu.period = 1000;
	R.cpu.burst = 7;
	R.cpu.rt_period = 1000000;
	R.cpu.rt_runtime = 950000;
	R.cpu.cpus = "0-1";
	R.cpu.mems = "0";
	plan(&v1);
	assert_int_equal(t.f.n, 0);
	assert_string_equal(value("cpu.shares"), "1024");
	assert_string_equal(value("cpu.cfs_quota_us"), "-1");
	assert_string_equal(value("cpu.cfs_period_us"), "1000");
	assert_string_equal(value("cpu.cfs_burst_us"), "7");
	assert_string_equal(value("cpu.rt_period_us"), "1000000");
	assert_string_equal(value("cpu.rt_runtime_us"), "950000");
	assert_string_equal(value("cpuset.cpus"), "0-1");
	assert_string_equal(value("cpuset.mems"), "0");
}

static void cpu_bad(_unused_ void **state)
{
	R.cpu.rt_runtime = 1;
	assert_fault(&v2, FAULT_UNSUPPORTED, "/linux/resources/cpu/realtimeRuntime");
	clear(NULL);
	R.cpu.rt_period = 1;
	assert_fault(&v2, FAULT_UNSUPPORTED, "/linux/resources/cpu/realtimePeriod");
	clear(NULL);
	R.cpu.quota = 1000;
	R.cpu.burst = 1001;
	assert_fault(&v2, FAULT_INVALID, "/linux/resources/cpu/burst");
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/cpu/burst");
	clear(NULL);
	R.cpu.idle = 2;
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/cpu/idle");
	clear(NULL);
	R.cpu.cpus = "0-1\n0";
	assert_fault(&v2, FAULT_INVALID, "/linux/resources/cpu/cpus");
	clear(NULL);
	R.cpu.mems = "all";
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/cpu/mems");
}

static void zeros_of_engines_mean_unset(_unused_ void **state)
{
	R.memory.limit = R.memory.swap = R.memory.reservation = R.memory.kernel = 0;
	R.cpu.shares = R.cpu.period = 0;
	R.cpu.quota = 0;
	R.cpu.rt_runtime = 0;
	R.cpu.rt_period = 0;
	R.cpu.cpus = "";
	plan(&v2);
	assert_int_equal(t.f.n, 0);
	assert_int_equal(t.p->v[0].nwrites, 0);
	assert_int_equal(t.p->v[0].need.n, 0);
}

static void swap_v2(_unused_ void **state)
{
	/* M03: limit, swap, memory.max, memory.swap.max */
	static const struct {
		int64_t limit, swap;
		const char *max, *swap_max;
	} table[] = {
		{ 100, UNSET_I64, "100", "(none)" },
		{ 100, 0, "100", "(none)" },
		{ 100, 100, "100", "0" },
		{ 100, 150, "100", "50" },
		{ 100, -1, "100", "max" },
		{ -1, UNSET_I64, "max", "max" },
		{ -1, 0, "max", "max" },
		{ -1, -1, "max", "max" },
		{ -1, 70, "max", "70" },
		{ UNSET_I64, -1, "(none)", "max" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		clear(NULL);
		R.memory.limit = table[i].limit;
		R.memory.swap = table[i].swap;
		plan(&v2);
		assert_int_equal(t.f.n, 0);
		assert_string_equal(value("memory.max"), table[i].max);
		assert_string_equal(value("memory.swap.max"), table[i].swap_max);
		if (find("memory.swap.max"))
			assert_int_equal(find("memory.swap.max")->flags & CGW_OPTIONAL,
					 strcmp(table[i].swap_max, "0") &&
							 strcmp(table[i].swap_max, "max")
						 ? 0
						 : CGW_OPTIONAL);
		/* the swap limit goes first */
		if (find("memory.swap.max") && find("memory.max"))
			assert_true(find("memory.swap.max") < find("memory.max"));
	}
}

static void memory_v2(_unused_ void **state)
{
	R.memory.limit = 4096;
	R.memory.reservation = 1024;
	R.memory.use_hierarchy = 1;
	R.memory.check_before_update = true;
	plan(&v2);
	assert_int_equal(t.f.n, 0);
	assert_string_equal(value("memory.low"), "1024");
	assert_int_equal(t.p->check_limit, 4096);
	clear(NULL);
	R.memory.limit = -1;
	R.memory.reservation = -1;
	R.memory.check_before_update = true;
	plan(&v2);
	assert_string_equal(value("memory.low"), "max");
	assert_int_equal(t.p->check_limit, -1);
}

static void memory_v1(_unused_ void **state)
{
	R.memory.limit = 4096;
	R.memory.swap = 8192;
	R.memory.reservation = 1024;
	R.memory.kernel = 5;
	R.memory.kernel_tcp = 6;
	R.memory.swappiness = 0;
	R.memory.disable_oom_killer = true;
	plan(&v1);
	assert_int_equal(t.f.n, 0);
	assert_string_equal(value("memory.limit_in_bytes"), "4096");
	assert_string_equal(value("memory.memsw.limit_in_bytes"), "8192");
	assert_string_equal(value("memory.soft_limit_in_bytes"), "1024");
	assert_string_equal(value("memory.kmem.limit_in_bytes"), "5");
	assert_string_equal(value("memory.kmem.tcp.limit_in_bytes"), "6");
	assert_string_equal(value("memory.swappiness"), "0");
	assert_string_equal(value("memory.oom_control"), "1");
	clear(NULL);
	R.memory.limit = -1;
	plan(&v1);
	assert_string_equal(value("memory.memsw.limit_in_bytes"), "-1");
}

static void memory_bad(_unused_ void **state)
{
	R.memory.limit = 100;
	R.memory.swap = 99;
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/memory/swap");
	assert_fault(&v2, FAULT_INVALID, "/linux/resources/memory/swap");
	R.memory.limit = UNSET_I64;
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/memory/swap");
	clear(NULL);
	R.memory.limit = -2;
	assert_fault(&v2, FAULT_INVALID, "/linux/resources/memory/limit");
	clear(NULL);
	R.memory.swappiness = 101;
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/memory/swappiness");
	assert_fault(&v2, FAULT_INVALID, "/linux/resources/memory/swappiness");
	R.memory.swappiness = 60;
	assert_fault(&v2, FAULT_UNSUPPORTED, "/linux/resources/memory/swappiness");
	clear(NULL);
	R.memory.kernel = 1;
	assert_fault(&v2, FAULT_UNSUPPORTED, "/linux/resources/memory/kernel");
	R.memory.kernel = -1;
	assert_fault(&v2, FAULT_WARNING, "/linux/resources/memory/kernel");
	clear(NULL);
	R.memory.kernel_tcp = 1;
	assert_fault(&v2, FAULT_UNSUPPORTED, "/linux/resources/memory/kernelTCP");
	clear(NULL);
	R.memory.disable_oom_killer = true;
	assert_fault(&v2, FAULT_UNSUPPORTED, "/linux/resources/memory/disableOOMKiller");
	clear(NULL);
	R.memory.use_hierarchy = 0;
	assert_fault(&v2, FAULT_UNSUPPORTED, "/linux/resources/memory/useHierarchy");
}

static void pids(_unused_ void **state)
{
	static const struct {
		int64_t in;
		const char *out;
	} table[] = { { -1, "max" }, { 0, "0" }, { 1, "1" }, { 4096, "4096" } };

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		R.pids_limit = table[i].in;
		plan(&v2);
		assert_string_equal(value("pids.max"), table[i].out);
		plan(&v1);
		assert_string_equal(value("pids.max"), table[i].out);
	}
	R.pids_limit = -2;
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/pids/limit");
}

static void io(_unused_ void **state)
{
	struct blkio_weight_dev dev = { .major = 8, .minor = 0, .weight = 1000 };
	struct blkio_throttle_dev rate[] = { { 8, 0, 1024 }, { 8, 16, 0 } };

	R.blkio.weight = 500;
	R.blkio.weight_dev = &dev;
	R.blkio.nweight_dev = 1;
	R.blkio.throttle[THROTTLE_WIOPS].v = rate;
	R.blkio.throttle[THROTTLE_WIOPS].n = 2;
	plan(&v2);
	assert_int_equal(t.f.n, 0);

	const struct cg_write *w = find("io.bfq.weight");

	assert_string_equal(w[0].value, "500");
	assert_string_equal(w[0].or_file, "io.weight");
	assert_string_equal(w[0].or_value, "4950");
	assert_string_equal(w[1].value, "8:0 1000");
	assert_string_equal(w[1].or_value, "8:0 10000");
	assert_string_equal(w[2].file, "io.max");
	assert_string_equal(w[2].value, "8:0 wiops=1024");
	assert_string_equal(w[3].value, "8:16 wiops=max");
	plan(&v1);
	assert_string_equal(value("blkio.weight"), "500");
	assert_string_equal(value("blkio.weight_device"), "8:0 1000");
	assert_string_equal(find("blkio.weight_device")->or_file, "blkio.bfq.weight_device");
	w = find("blkio.throttle.write_iops_device");
	assert_string_equal(w[0].value, "8:0 1024");
	assert_string_equal(w[1].value, "8:16 0");
}

static void io_bad(_unused_ void **state)
{
	struct blkio_weight_dev dev = { .major = 8, .minor = 0 };
	struct blkio_throttle_dev rate = { -1, 0, 1024 };

	R.blkio.weight = 9;
	assert_fault(&v2, FAULT_INVALID, "/linux/resources/blockIO/weight");
	R.blkio.weight = 1001;
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/blockIO/weight");
	clear(NULL);
	R.blkio.leaf_weight = 10;
	assert_fault(&v2, FAULT_UNSUPPORTED, "/linux/resources/blockIO/leafWeight");
	clear(NULL);
	R.blkio.weight_dev = &dev;
	R.blkio.nweight_dev = 1;
	assert_fault(&v2, FAULT_INVALID, "/linux/resources/blockIO/weightDevice/0");
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/blockIO/weightDevice/0");
	dev.leaf_weight = 10;
	assert_fault(&v2, FAULT_UNSUPPORTED, "/linux/resources/blockIO/weightDevice/0/leafWeight");
	clear(NULL);
	R.blkio.throttle[THROTTLE_RBPS].v = &rate;
	R.blkio.throttle[THROTTLE_RBPS].n = 1;
	assert_fault(&v2, FAULT_INVALID, "/linux/resources/blockIO/throttleReadBpsDevice/0");
}

static void hugepages(_unused_ void **state)
{
	static const char *const bad[] = { "../../x", "2MB/../x", "MB", "2M",         "02MB",
					   "2TB",     "2MBx",     "",   "12345678MB", "-2MB" };
	struct hugepage_spec h = { "2MB", 4194304 };

	R.hugepages = &h;
	R.nhugepages = 1;
	plan(&v2);
	assert_string_equal(value("hugetlb.2MB.max"), "4194304");
	assert_string_equal(value("hugetlb.2MB.rsvd.max"), "4194304");
	assert_int_equal(find("hugetlb.2MB.rsvd.max")->flags, CGW_OPTIONAL);
	plan(&v1);
	assert_string_equal(value("hugetlb.2MB.limit_in_bytes"), "4194304");
	assert_string_equal(value("hugetlb.2MB.rsvd.limit_in_bytes"), "4194304");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		h.page_size = bad[i];
		assert_fault(&v2, FAULT_INVALID, "/linux/resources/hugepageLimits/0/pageSize");
	}
}

static void network_and_rdma(_unused_ void **state)
{
	struct ifprio_spec prio = { "eth0", 5 };
	struct rdma_spec rdma = { "mlx5_0", 2, UNSET_U32 };

	R.net_class = 0x100001;
	R.net_prio = &prio;
	R.nnet_prio = 1;
	R.rdma = &rdma;
	R.nrdma = 1;
	plan(&v1);
	assert_int_equal(t.f.n, 0);
	assert_string_equal(value("net_cls.classid"), "1048577");
	assert_string_equal(value("net_prio.ifpriomap"), "eth0 5");
	assert_string_equal(value("rdma.max"), "mlx5_0 hca_handle=2");
	rdma.objects = 3;
	plan(&v1);
	assert_string_equal(value("rdma.max"), "mlx5_0 hca_handle=2 hca_object=3");

	rdma.objects = rdma.handles = UNSET_U32;
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/rdma/mlx5_0");
	rdma.device = "a b";
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/rdma");
	R.nrdma = 0;
	prio.name = "eth0 1\neth1";
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/network/priorities/0/name");
	R.net_class = UNSET_U32;
	assert_fault(&v2, FAULT_UNSUPPORTED, "/linux/resources/network/priorities");
	R.nnet_prio = 0;
	R.net_class = 1;
	assert_fault(&v2, FAULT_UNSUPPORTED, "/linux/resources/network/classID");
	R.net_class = 0;
	plan(&v2);
	assert_int_equal(t.f.n, 0);
}

static void unified(_unused_ void **state)
{
	struct kv kv[] = { { "memory.high", "5" },
			   { "io.max", "8:0 rbps=1\n8:16 rbps=2\n" },
			   { "cgroup.max.depth", "3" },
			   { "misc.max", "" } };

	R.memory.limit = 7;
	R.unified.v = kv;
	R.unified.n = ARRAY_SIZE(kv);
	plan(&v2);
	assert_int_equal(t.f.n, 0);

	const struct cg_write *w = find("memory.high");

	/* behind all others */
	assert_true(w > find("memory.max"));
	assert_string_equal(w[0].value, "5");
	assert_string_equal(w[1].value, "8:0 rbps=1");
	assert_string_equal(w[2].value, "8:16 rbps=2");
	assert_string_equal(w[3].file, "cgroup.max.depth");
	assert_string_equal(w[4].value, "");
	assert_true(strv_has(&t.p->v[0].need, "io"));
	assert_true(strv_has(&t.p->v[0].need, "misc"));
	assert_int_equal(t.p->v[0].need.n, 3);
}

static void unified_bad(_unused_ void **state)
{
	static const struct {
		const char *key, *pointer;
		enum fault_kind kind;
	} table[] = {
		{ "../x", "/linux/resources/unified/..~1x", FAULT_INVALID },
		{ "a/b.c", "/linux/resources/unified/a~1b.c", FAULT_INVALID },
		{ "memory..max", "/linux/resources/unified/memory..max", FAULT_INVALID },
		{ "memory", "/linux/resources/unified/memory", FAULT_INVALID },
		{ ".max", "/linux/resources/unified/.max", FAULT_INVALID },
		{ "memory.", "/linux/resources/unified/memory.", FAULT_INVALID },
		{ "memory.m\nx", "/linux/resources/unified/memory.m\nx", FAULT_INVALID },
		{ "cgroup.procs", "/linux/resources/unified/cgroup.procs", FAULT_INVALID },
		{ "cgroup.kill", "/linux/resources/unified/cgroup.kill", FAULT_INVALID },
		{ "cgroup.subtree_control", "/linux/resources/unified/cgroup.subtree_control",
		  FAULT_INVALID },
		{ "a~b.c", "/linux/resources/unified/a~0b.c", FAULT_INVALID },
		{ "bogus.max", "/linux/resources/unified/bogus.max", FAULT_UNSUPPORTED },
	};
	struct kv kv = { NULL, "1" };

	R.unified.v = &kv;
	R.unified.n = 1;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		kv.key = table[i].key;
		assert_fault(&v2, table[i].kind, table[i].pointer);
	}
	assert_non_null(strstr(t.f.v[0].text, "controller \"bogus\" not available"));
	kv.key = "memory.max";
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/unified/memory.max");
	/* the controller sits on v1 */
	assert_fault(&hybrid, FAULT_UNSUPPORTED, "/linux/resources/unified/memory.max");
	kv.key = "hugetlb.2MB.max";
	plan(&hybrid);
	assert_int_equal(t.f.n, 0);
	assert_string_equal(value("hugetlb.2MB.max"), "1");
}

static void a_limit_needs_its_controller(_unused_ void **state)
{
	struct cg_layout none = { NULL, 0 };

	R.pids_limit = 5;
	assert_fault(&hybrid, FAULT_UNSUPPORTED, "/linux/resources/pids/limit");
	R.cpu.shares = 5;
	plan(&hybrid);
	assert_int_equal(t.f.n, 2);

	/* no cgroup at all: an error for root, for others only with limits */
	t.f = (struct faults){ .arena = &t.a };
	assert_int_equal(cg_plan(&t.s, &none, &t.ctx, &t.a, &t.p, &t.f, &t.e), -ENODEV);
	t.ctx.rootless = true;
	plan(&none);
	assert_int_equal(t.f.n, 2);
	R.cpu.shares = UNSET_U64;
	R.pids_limit = UNSET_I64;
	plan(&none);
	assert_int_equal(t.f.n, 0);
	assert_int_equal(t.p->n, 0);
}

static void hybrid_uses_both(_unused_ void **state)
{
	struct hugepage_spec h = { "2MB", 2097152 };

	R.memory.limit = 4096;
	R.hugepages = &h;
	R.nhugepages = 1;
	plan(&hybrid);
	assert_int_equal(t.f.n, 0);
	assert_int_equal(t.p->n, 2);
	assert_string_equal(t.p->v[0].path, "/c/m/x");
	assert_string_equal(t.p->v[0].writes[0].file, "memory.limit_in_bytes");
	assert_string_equal(t.p->v[1].path, "/c/u/x");
	assert_string_equal(t.p->v[1].writes[0].file, "hugetlb.2MB.max");
	/* no v1 device hierarchy here: a program on v2 */
	assert_non_null(t.p->dev_insns);
	assert_int_equal(t.p->dev_target, 1);
}

static void read_only_hierarchies_are_passed_over(_unused_ void **state)
{
	struct cg_hierarchy h[] = { h_hybrid[0], h_hybrid[1] };
	struct cg_layout l = { h, 2 };

	h[0].ro = true;
	plan(&l);
	assert_int_equal(t.p->n, 1);
	R.memory.limit = 4096;
	assert_fault(&l, FAULT_UNSUPPORTED, "/linux/resources/memory/limit");
}

static void disabled(_unused_ void **state)
{
	struct dev_rule deny = { false, 'a', -1, -1, DEV_ALL };

	/* what podman writes for --cgroups=disabled */
	R.devices = &deny;
	R.ndevices = 1;
	t.ctx.manager = CG_DISABLED;
	plan(&v2);
	assert_int_equal(t.f.n, 0);
	assert_int_equal(t.p->n, 0);
	R.memory.limit = 4096;
	assert_fault(&v2, FAULT_UNSUPPORTED, "/linux/resources/memory/limit");
}

static void device_rules(_unused_ void **state)
{
	struct dev_rule rules[] = { { true, 'c', 8, -1, DEV_ALL }, { false, 'c', 8, 5, DEV_READ } };

	plan(&v1);
	assert_string_equal(value("devices.deny"), "a");
	assert_string_equal(value("devices.allow"), "c *:* m");
	assert_null(t.p->dev_insns);
	assert_int_equal(find("devices.deny")->flags, 0);

	/* without resources an existing cgroup is not touched */
	t.s.has_resources = false;
	plan(&v1);
	assert_int_equal(find("devices.deny")->flags, CGW_MADE);
	t.s.has_resources = true;
	R.devices = rules;
	R.ndevices = 2;
	assert_fault(&v1, FAULT_UNSUPPORTED, "/linux/resources/devices");
	plan(&v2);
	assert_int_equal(t.f.n, 0);
	rules[1].type = 'u';
	assert_fault(&v2, FAULT_INVALID, "/linux/resources/devices/1");
	rules[1].type = 'c';
	rules[1].minor = -2;
	assert_fault(&v1, FAULT_INVALID, "/linux/resources/devices/1");
	rules[1].minor = 0;
	rules[1].access = 0;
	assert_fault(&v2, FAULT_INVALID, "/linux/resources/devices/1");

	rules[0] = (struct dev_rule){ true, 'a', -1, -1, DEV_ALL };
	R.ndevices = 1;
	plan(&v2);
	assert_null(t.p->dev_insns);
	t.ctx.rootless = true;
	R.ndevices = 0;
	plan(&v2);
	assert_null(t.p->dev_insns);
}

static void print(_unused_ void **state)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	R.memory.limit = 52428800;
	R.blkio.weight = 10;
	h_v2[0].controllers = "io memory";
	t.ctx.chown = true;
	t.ctx.owner = 7;
	plan(&v2);
	cg_print(t.p, out);
	fclose(out);
	h_v2[0].controllers = "cpuset cpu io memory hugetlb pids rdma misc";
	assert_string_equal(text, "cgroup make unified:/x owner 7\n"
				  "cgroup enable io\n"
				  "cgroup enable memory\n"
				  "cgroup write unified:/x io.bfq.weight 10 or io.weight 1\n"
				  "cgroup write unified:/x memory.max 52428800\n"
				  "cgroup devices unified:/x program of 48 instructions\n");
	free(text);
}

static void controllers_have_names_and_no_duplicates(_unused_ void **state)
{
	assert_true(cg_nctls >= 9);
	for (size_t i = 0; i < cg_nctls; i++) {
		assert_non_null(cg_ctls[i]->asked);
		assert_true(cg_ctls[i]->plan_v1 || cg_ctls[i]->plan_v2);
		assert_int_equal(cg_ctls[i]->v1 != NULL, cg_ctls[i]->plan_v1 != NULL);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(cg_ctls[i]->name, cg_ctls[k]->name);
		/* nothing is asked for in fresh resources */
		assert_null(cg_ctls[i]->asked(&R));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, clear, finish)

TEST_GROUP(cg_plan, TEST(weights), TEST(cpu_v2), TEST(cpu_v1), TEST(cpu_bad),
	   TEST(zeros_of_engines_mean_unset), TEST(swap_v2), TEST(memory_v2), TEST(memory_v1),
	   TEST(memory_bad), TEST(pids), TEST(io), TEST(io_bad), TEST(hugepages),
	   TEST(network_and_rdma), TEST(unified), TEST(unified_bad),
	   TEST(a_limit_needs_its_controller), TEST(hybrid_uses_both),
	   TEST(read_only_hierarchies_are_passed_over), TEST(disabled), TEST(device_rules),
	   TEST(print), TEST(controllers_have_names_and_no_duplicates));
