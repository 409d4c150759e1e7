/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one description of a container. config.json, the run command line and a
 * tenant file all become this; nothing below specs/ sees their syntax.
 *
 * Read-only after spec_check(). All strings and arrays live in the reader's arena.
 * Unset is a named sentinel: NULL for strings, UNSET_* for numbers, 0 for list lengths.
 * Words of the specification are already numbers here (enums, kernel constants), so
 * nobody below compares strings.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/strv.h"
#include "specs/mountopt.h"
#include "specs/names.h"

#define UNSET_U64 UINT64_MAX /* numbers for which the maximum has no meaning of its own */
#define UNSET_I64 INT64_MIN
#define UNSET_U32 UINT32_MAX
#define UNSET_I32 INT32_MIN

/* A uint64 whose whole range is legal (limits): unset has to be a flag of its own. */
struct opt_u64 {
	bool set;
	uint64_t v;
};

struct kv {
	const char *key, *value;
};
struct kvs {
	struct kv *v;
	size_t n;
};

struct id_map {
	uint32_t container_id, host_id, size;
};
struct id_maps {
	struct id_map *v;
	size_t n;
};

enum ns_mode { NS_INHERIT, NS_NEW, NS_JOIN };

struct ns_spec {
	enum ns_mode mode;
	const char *path; /* NS_JOIN: absolute */
};

struct mount_spec {
	const char *destination; /* always starts with '/' (relative ones are made so) */
	const char *type;        /* NULL when absent */
	const char *source;      /* NULL when absent; relative ones are not yet resolved */
	struct mountopts opts;   /* the words that are ours */
	const char *data;        /* the other words, comma-joined in order; NULL when none */
	struct id_maps uid_maps, gid_maps; /* of an idmapped mount */
};

struct device_spec {
	const char *path;
	mode_t type; /* S_IFCHR, S_IFBLK, S_IFIFO */
	uint32_t major, minor;
	mode_t mode; /* permission bits; default 0666 */
	uid_t uid;   /* container ids */
	gid_t gid;
};

struct hook_spec {
	const char *path;
	struct strv args; /* n 0: argv is just the path */
	struct strv env;
	bool env_set; /* "env" was given, even if empty */
	int timeout;  /* seconds; 0: none */
};
struct hook_list {
	struct hook_spec *v;
	size_t n;
};

/* a capability set: bit N is capability N */
struct cap_sets {
	uint64_t effective, permitted, inheritable, bounding, ambient;
};

struct rlimit_spec {
	int resource; /* RLIMIT_* */
	uint64_t soft, hard;
};

struct sched_spec {
	bool set;
	int policy; /* SCHED_*; -1 while not set */
	int32_t nice, priority;
	uint64_t flags;                     /* SCHED_FLAG_* */
	uint64_t runtime, deadline, period; /* ns */
};

struct ioprio_spec {
	bool set;
	int class; /* IOPRIO_CLASS_* */
	int priority;
};

struct user_spec {
	uid_t uid;
	gid_t gid;
	uint32_t umask; /* UNSET_U32: the usual 0022 */
	gid_t *groups;
	size_t ngroups;
};

struct process_spec {
	bool terminal;
	uint32_t rows, cols; /* 0: unset */
	struct user_spec user;
	struct strv args, env;
	const char *cwd;
	struct cap_sets caps;     /* all empty when the object is absent */
	struct strv unknown_caps; /* words that name no capability here: a warning */
	struct rlimit_spec *rlimits;
	size_t nrlimits;
	bool no_new_privs;
	const char *apparmor, *selinux; /* NULL: none asked for */
	int32_t oom_score_adj;          /* UNSET_I32 */
	struct sched_spec sched;
	struct ioprio_spec ioprio;
	const char *cpu_initial, *cpu_final; /* execCPUAffinity; NULL: leave */
};

/* ---- cgroups ---- */

struct dev_rule {
	bool allow;
	char type;            /* 'a', 'b', 'c' */
	int64_t major, minor; /* -1: any */
	unsigned access;      /* DEV_* */
};
enum { DEV_MKNOD = 1, DEV_READ = 2, DEV_WRITE = 4, DEV_ALL = 7 }; /* as BPF_DEVCG_ACC_* */

struct memory_spec {
	int64_t limit, reservation, swap, kernel, kernel_tcp; /* bytes; -1: no limit; UNSET_I64 */
	uint64_t swappiness;                                  /* UNSET_U64 */
	bool disable_oom_killer;
	int use_hierarchy; /* -1 unset */
	bool check_before_update;
};

struct cpu_spec {
	uint64_t shares, period, rt_period; /* UNSET_U64; microseconds */
	int64_t quota, rt_runtime;          /* UNSET_I64; microseconds */
	uint64_t burst;                     /* UNSET_U64; microseconds */
	int64_t idle;                       /* UNSET_I64 */
	const char *cpus, *mems;
};

struct blkio_weight_dev {
	int64_t major, minor;
	uint16_t weight, leaf_weight; /* 0: unset */
};
struct blkio_throttle_dev {
	int64_t major, minor;
	uint64_t rate;
};
enum blkio_throttle {
	THROTTLE_RBPS,
	THROTTLE_WBPS,
	THROTTLE_RIOPS,
	THROTTLE_WIOPS,
	THROTTLE_COUNT
};

struct blkio_spec {
	uint16_t weight, leaf_weight; /* 0: unset */
	struct blkio_weight_dev *weight_dev;
	size_t nweight_dev;
	struct {
		struct blkio_throttle_dev *v;
		size_t n;
	} throttle[THROTTLE_COUNT];
};

struct hugepage_spec {
	const char *page_size; /* "2MB" */
	uint64_t limit;
};
struct ifprio_spec {
	const char *name;
	uint32_t priority;
};
struct rdma_spec {
	const char *device;
	uint32_t handles, objects; /* UNSET_U32 */
};

struct resources {
	struct memory_spec memory;
	struct cpu_spec cpu;
	int64_t pids_limit; /* UNSET_I64; -1: max */
	struct blkio_spec blkio;
	struct hugepage_spec *hugepages;
	size_t nhugepages;
	uint32_t net_class; /* UNSET_U32 */
	struct ifprio_spec *net_prio;
	size_t nnet_prio;
	struct rdma_spec *rdma;
	size_t nrdma;
	struct kvs unified;
	struct dev_rule *devices; /* in order; the defaults are not in here */
	size_t ndevices;
};

/* ---- the rest of "linux" ---- */

enum propagation { PROP_UNSET, PROP_SHARED, PROP_SLAVE, PROP_PRIVATE, PROP_UNBINDABLE };

struct netdev_spec {
	const char *host_name, *name; /* name: inside; equal when not renamed */
};

struct rdt_spec {
	bool set;
	const char *clos_id, *l3_cache_schema, *mem_bw_schema;
	struct strv schemata;
	bool schemata_set, enable_monitoring;
};

struct mempolicy_spec {
	bool set;
	int mode;       /* MPOL_*; -1 while not set */
	unsigned flags; /* MPOL_F_* */
	const char *nodes;
};

/* Seccomp words as numbers of the kernel; the names of system calls stay words. */
struct seccomp_arg {
	unsigned index; /* 0 to 5 */
	uint64_t value, value_two;
	int op; /* enum scmp_op of this header, below */
};
enum seccomp_op { OP_NE, OP_LT, OP_LE, OP_EQ, OP_GE, OP_GT, OP_MASKED_EQ, OP_COUNT };

struct seccomp_rule {
	struct strv names;
	uint32_t action; /* SECCOMP_RET_* with its data (errno, trace) */
	struct seccomp_arg *args;
	size_t nargs;
};

struct seccomp_spec {
	bool set;
	uint32_t default_action; /* SECCOMP_RET_* | data */
	uint32_t *arches;        /* AUDIT_ARCH_*, as listed; x32 is ARCH_X32 */
	size_t narches;
	unsigned flags; /* SECCOMP_FILTER_FLAG_* */
	bool flags_set; /* absent: SPEC_ALLOW, as the peers do */
	const char *listener_path, *listener_metadata;
	struct seccomp_rule *rules;
	size_t nrules;
};
/* x32 shares AUDIT_ARCH_X86_64 and has bit 30 set in the number: it needs a value of its own. */
#define ARCH_X32 0x4000003eu

enum time_clock { CLOCK_OFF_MONOTONIC, CLOCK_OFF_BOOTTIME, CLOCK_OFF_COUNT };

struct time_offset {
	bool set;
	int64_t secs;
	uint32_t nanosecs;
};

struct spec {
	const char *oci_version;
	const char *root_path; /* as written; relative to the bundle */
	bool root_readonly;
	bool root_host; /* berth run without an image: a copy-on-write view of the host's root */
	const char *hostname, *domainname;
	bool has_process;
	struct process_spec process;
	struct mount_spec *mounts;
	size_t nmounts;
	struct hook_list hooks[HOOK_COUNT];
	struct kvs annotations;

	/* linux */
	struct ns_spec ns[NS_COUNT];
	struct id_maps uid_maps, gid_maps;
	struct time_offset time_offsets[CLOCK_OFF_COUNT];
	struct device_spec *devices;
	size_t ndevices;
	struct netdev_spec *netdevs;
	size_t nnetdevs;
	const char *cgroups_path;
	bool has_resources;
	struct resources resources;
	struct rdt_spec rdt;
	struct mempolicy_spec mempolicy;
	struct kvs sysctl;
	struct seccomp_spec seccomp;
	enum propagation root_propagation;
	struct strv masked_paths, readonly_paths;
	const char *mount_label;
	unsigned long personality; /* UNSET_PERSONALITY */
};
#define UNSET_PERSONALITY (~0ul)

/* The value of an annotation, or NULL. */
const char *spec_annotation(const struct spec *s, const char *key);

/* Every field unset; what a reader starts from. */
void spec_init(struct spec *s);
void process_init(struct process_spec *p);
void resources_init(struct resources *r);
