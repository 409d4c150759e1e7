/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/words.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "specs/mountopt.h"
#include "specs/names.h"
#include "specs/spec.h"

/* Linux 6.9; not in the headers of Debian 12 */
enum { MPOL_WEIGHTED_INTERLEAVE_ = 6 };
/* reserved by the kernel for a policy that was never merged; setting it fails with EINVAL */
enum { SCHED_ISO_ = 4 };

struct word {
	const char *name;
	uint64_t value;
};

static const struct word namespaces[] = {
#define X(id, word, flag, file) { word, NS_##id },
	NS_TABLE(X)
#undef X
};

static const struct word hooks[] = {
#define X(id, word) { word, HOOK_##id },
	HOOK_TABLE(X)
#undef X
};

/* An own table: libcap knows fewer names than newer kernels, and must not be linked here. */
static const struct word capabilities[] = {
	{ "CAP_CHOWN", CAP_CHOWN },
	{ "CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE },
	{ "CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH },
	{ "CAP_FOWNER", CAP_FOWNER },
	{ "CAP_FSETID", CAP_FSETID },
	{ "CAP_KILL", CAP_KILL },
	{ "CAP_SETGID", CAP_SETGID },
	{ "CAP_SETUID", CAP_SETUID },
	{ "CAP_SETPCAP", CAP_SETPCAP },
	{ "CAP_LINUX_IMMUTABLE", CAP_LINUX_IMMUTABLE },
	{ "CAP_NET_BIND_SERVICE", CAP_NET_BIND_SERVICE },
	{ "CAP_NET_BROADCAST", CAP_NET_BROADCAST },
	{ "CAP_NET_ADMIN", CAP_NET_ADMIN },
	{ "CAP_NET_RAW", CAP_NET_RAW },
	{ "CAP_IPC_LOCK", CAP_IPC_LOCK },
	{ "CAP_IPC_OWNER", CAP_IPC_OWNER },
	{ "CAP_SYS_MODULE", CAP_SYS_MODULE },
	{ "CAP_SYS_RAWIO", CAP_SYS_RAWIO },
	{ "CAP_SYS_CHROOT", CAP_SYS_CHROOT },
	{ "CAP_SYS_PTRACE", CAP_SYS_PTRACE },
	{ "CAP_SYS_PACCT", CAP_SYS_PACCT },
	{ "CAP_SYS_ADMIN", CAP_SYS_ADMIN },
	{ "CAP_SYS_BOOT", CAP_SYS_BOOT },
	{ "CAP_SYS_NICE", CAP_SYS_NICE },
	{ "CAP_SYS_RESOURCE", CAP_SYS_RESOURCE },
	{ "CAP_SYS_TIME", CAP_SYS_TIME },
	{ "CAP_SYS_TTY_CONFIG", CAP_SYS_TTY_CONFIG },
	{ "CAP_MKNOD", CAP_MKNOD },
	{ "CAP_LEASE", CAP_LEASE },
	{ "CAP_AUDIT_WRITE", CAP_AUDIT_WRITE },
	{ "CAP_AUDIT_CONTROL", CAP_AUDIT_CONTROL },
	{ "CAP_SETFCAP", CAP_SETFCAP },
	{ "CAP_MAC_OVERRIDE", CAP_MAC_OVERRIDE },
	{ "CAP_MAC_ADMIN", CAP_MAC_ADMIN },
	{ "CAP_SYSLOG", CAP_SYSLOG },
	{ "CAP_WAKE_ALARM", CAP_WAKE_ALARM },
	{ "CAP_BLOCK_SUSPEND", CAP_BLOCK_SUSPEND },
	{ "CAP_AUDIT_READ", CAP_AUDIT_READ },
	{ "CAP_PERFMON", CAP_PERFMON },
	{ "CAP_BPF", CAP_BPF },
	{ "CAP_CHECKPOINT_RESTORE", CAP_CHECKPOINT_RESTORE },
};

static const struct word rlimits[] = {
	{ "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },
	{ "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "RLIMIT_STACK", RLIMIT_STACK },
};

static const struct word sched_policies[] = {
	{ "SCHED_OTHER", SCHED_OTHER },
	{ "SCHED_FIFO", SCHED_FIFO },
	{ "SCHED_RR", SCHED_RR },
	{ "SCHED_BATCH", SCHED_BATCH },
	{ "SCHED_ISO", SCHED_ISO_ },
	{ "SCHED_IDLE", SCHED_IDLE },
	{ "SCHED_DEADLINE", SCHED_DEADLINE },
};

static const struct word sched_flags[] = {
	{ "SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK },
	{ "SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM },
	{ "SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN },
	{ "SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY },
	{ "SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX },
};

static const struct word ioprio_classes[] = {
	{ "IOPRIO_CLASS_RT", IOPRIO_CLASS_RT },
	{ "IOPRIO_CLASS_BE", IOPRIO_CLASS_BE },
	{ "IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE },
};

static const struct word propagations[] = {
	{ "shared", PROP_SHARED },    { "slave", PROP_SLAVE },
	{ "private", PROP_PRIVATE },  { "unbindable", PROP_UNBINDABLE },
	{ "rshared", PROP_SHARED },   { "rslave", PROP_SLAVE },
	{ "rprivate", PROP_PRIVATE }, { "runbindable", PROP_UNBINDABLE },
};

static const struct word personalities[] = {
	{ "LINUX", PER_LINUX },
	{ "LINUX32", PER_LINUX32 },
};

/* The first word of a number is the one that is written. */
static const struct word seccomp_actions[] = {
	{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE },
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG },
	{ "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF },
};

static const struct word seccomp_operators[] = {
	{ "SCMP_CMP_NE", OP_NE },
	{ "SCMP_CMP_LT", OP_LT },
	{ "SCMP_CMP_LE", OP_LE },
	{ "SCMP_CMP_EQ", OP_EQ },
	{ "SCMP_CMP_GE", OP_GE },
	{ "SCMP_CMP_GT", OP_GT },
	{ "SCMP_CMP_MASKED_EQ", OP_MASKED_EQ },
};

/* libseccomp calls the big-endian SuperH "SHEB"; the kernel calls the little-endian one "SHEL". */
static const struct word seccomp_arches[] = {
	{ "SCMP_ARCH_X86", AUDIT_ARCH_I386 },
	{ "SCMP_ARCH_X86_64", AUDIT_ARCH_X86_64 },
	{ "SCMP_ARCH_X32", ARCH_X32 },
	{ "SCMP_ARCH_ARM", AUDIT_ARCH_ARM },
	{ "SCMP_ARCH_AARCH64", AUDIT_ARCH_AARCH64 },
	{ "SCMP_ARCH_MIPS", AUDIT_ARCH_MIPS },
	{ "SCMP_ARCH_MIPS64", AUDIT_ARCH_MIPS64 },
	{ "SCMP_ARCH_MIPS64N32", AUDIT_ARCH_MIPS64N32 },
	{ "SCMP_ARCH_MIPSEL", AUDIT_ARCH_MIPSEL },
	{ "SCMP_ARCH_MIPSEL64", AUDIT_ARCH_MIPSEL64 },
	{ "SCMP_ARCH_MIPSEL64N32", AUDIT_ARCH_MIPSEL64N32 },
	{ "SCMP_ARCH_PPC", AUDIT_ARCH_PPC },
	{ "SCMP_ARCH_PPC64", AUDIT_ARCH_PPC64 },
	{ "SCMP_ARCH_PPC64LE", AUDIT_ARCH_PPC64LE },
	{ "SCMP_ARCH_S390", AUDIT_ARCH_S390 },
	{ "SCMP_ARCH_S390X", AUDIT_ARCH_S390X },
	{ "SCMP_ARCH_PARISC", AUDIT_ARCH_PARISC },
	{ "SCMP_ARCH_PARISC64", AUDIT_ARCH_PARISC64 },
	{ "SCMP_ARCH_RISCV64", AUDIT_ARCH_RISCV64 },
	{ "SCMP_ARCH_LOONGARCH64", AUDIT_ARCH_LOONGARCH64 },
	{ "SCMP_ARCH_M68K", AUDIT_ARCH_M68K },
	{ "SCMP_ARCH_SH", AUDIT_ARCH_SHEL },
	{ "SCMP_ARCH_SHEB", AUDIT_ARCH_SH },
};

static const struct word seccomp_flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
};

static const struct word mempolicy_modes[] = {
	{ "MPOL_DEFAULT", MPOL_DEFAULT },
	{ "MPOL_PREFERRED", MPOL_PREFERRED },
	{ "MPOL_BIND", MPOL_BIND },
	{ "MPOL_INTERLEAVE", MPOL_INTERLEAVE },
	{ "MPOL_LOCAL", MPOL_LOCAL },
	{ "MPOL_PREFERRED_MANY", MPOL_PREFERRED_MANY },
	{ "MPOL_WEIGHTED_INTERLEAVE", MPOL_WEIGHTED_INTERLEAVE_ },
};

static const struct word mempolicy_flags[] = {
	{ "MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING },
	{ "MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES },
	{ "MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES },
};

static const struct word device_types[] = {
	{ "c", S_IFCHR },
	{ "b", S_IFBLK },
	{ "p", S_IFIFO },
	{ "u", S_IFCHR },
};

static const struct word clocks[] = {
	{ "monotonic", CLOCK_OFF_MONOTONIC },
	{ "boottime", CLOCK_OFF_BOOTTIME },
};

static const struct list {
	const char *what;
	const struct word *v;
	unsigned n;
} lists[WORDS_COUNT] = {
	[WORDS_NAMESPACES] = { "namespace type", namespaces, ARRAY_SIZE(namespaces) },
	[WORDS_CAPABILITIES] = { "capability", capabilities, ARRAY_SIZE(capabilities) },
	[WORDS_RLIMITS] = { "resource limit", rlimits, ARRAY_SIZE(rlimits) },
	[WORDS_SCHED_POLICIES] = { "scheduling policy", sched_policies,
				   ARRAY_SIZE(sched_policies) },
	[WORDS_SCHED_FLAGS] = { "scheduler flag", sched_flags, ARRAY_SIZE(sched_flags) },
	[WORDS_IOPRIO_CLASSES] = { "I/O priority class", ioprio_classes,
				   ARRAY_SIZE(ioprio_classes) },
	[WORDS_PROPAGATION] = { "mount propagation", propagations, ARRAY_SIZE(propagations) },
	[WORDS_PERSONALITIES] = { "personality", personalities, ARRAY_SIZE(personalities) },
	[WORDS_SECCOMP_ACTIONS] = { "seccomp action", seccomp_actions,
				    ARRAY_SIZE(seccomp_actions) },
	[WORDS_SECCOMP_OPERATORS] = { "seccomp operator", seccomp_operators,
				      ARRAY_SIZE(seccomp_operators) },
	[WORDS_SECCOMP_ARCHES] = { "seccomp architecture", seccomp_arches,
				   ARRAY_SIZE(seccomp_arches) },
	[WORDS_SECCOMP_FLAGS] = { "seccomp flag", seccomp_flags, ARRAY_SIZE(seccomp_flags) },
	[WORDS_MEMPOLICY_MODES] = { "memory policy mode", mempolicy_modes,
				    ARRAY_SIZE(mempolicy_modes) },
	[WORDS_MEMPOLICY_FLAGS] = { "memory policy flag", mempolicy_flags,
				    ARRAY_SIZE(mempolicy_flags) },
	[WORDS_DEVICE_TYPES] = { "device type", device_types, ARRAY_SIZE(device_types) },
	[WORDS_HOOKS] = { "hook", hooks, ARRAY_SIZE(hooks) },
	[WORDS_CLOCKS] = { "clock", clocks, ARRAY_SIZE(clocks) },
	[WORDS_MOUNT_OPTIONS] = { "mount option", NULL, 0 },
};

const char *words_what(enum word_list l)
{
	return lists[l].what;
}

const char *word_at(enum word_list l, unsigned i)
{
	if (l == WORDS_MOUNT_OPTIONS)
		return mountopt_name(i);
	return i < lists[l].n ? lists[l].v[i].name : NULL;
}

bool word_value(enum word_list l, const char *word, uint64_t *value)
{
	const char *name = word_at(l, 0);

	for (unsigned i = 0; name; name = word_at(l, ++i)) {
		if (strcmp(name, word))
			continue;
		*value = l == WORDS_MOUNT_OPTIONS ? i : lists[l].v[i].value;
		return true;
	}
	return false;
}

const char *word_of(enum word_list l, uint64_t value)
{
	if (l == WORDS_MOUNT_OPTIONS)
		return value < UINT32_MAX ? mountopt_name((unsigned)value) : NULL;
	for (unsigned i = 0; i < lists[l].n; i++)
		if (lists[l].v[i].value == value)
			return lists[l].v[i].name;
	return NULL;
}
