/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "specs/json.h"
#include "specs/oci_tables.h"
#include "specs/spec.h"

/* INT64_MIN and UINT64_MAX are our "unset"; neither is a value that anyone means */
#define ROW_AMOUNT(s, k, m) ROW_INT(s, k, m, -1, INT64_MAX, UNSET_I64, 0)
#define ROW_USEC(s, k, m) ROW_INT(s, k, m, 0, UINT64_MAX - 1, UNSET_U64, 0)
/* major and minor numbers of the kernel have 12 and 20 bits */
enum { MAJOR_MAX = 0xfff, MINOR_MAX = 0xfffff };

#define M struct memory_spec
static const struct field memory_rows[] = {
	ROW_AMOUNT(M, "limit", limit),
	ROW_AMOUNT(M, "reservation", reservation),
	ROW_AMOUNT(M, "swap", swap),
	ROW_AMOUNT(M, "kernel", kernel),
	ROW_AMOUNT(M, "kernelTCP", kernel_tcp),
	ROW_INT(M, "swappiness", swappiness, 0, 100, UNSET_U64, 0),
	ROW_BOOL(M, "disableOOMKiller", disable_oom_killer, 0),
	ROW_TRI(M, "useHierarchy", use_hierarchy),
	ROW_BOOL(M, "checkBeforeUpdate", check_before_update, 0),
};
#undef M
static const struct table memory_table = { TABLE(memory_rows) };

#define C struct cpu_spec
static const struct field cpu_rows[] = {
	ROW_USEC(C, "shares", shares),
	ROW_INT(C, "quota", quota, INT64_MIN + 1, INT64_MAX, UNSET_I64, 0),
	ROW_USEC(C, "burst", burst),
	ROW_USEC(C, "period", period),
	ROW_INT(C, "realtimeRuntime", rt_runtime, INT64_MIN + 1, INT64_MAX, UNSET_I64, 0),
	ROW_USEC(C, "realtimePeriod", rt_period),
	ROW_STR(C, "cpus", cpus, 0),
	ROW_STR(C, "mems", mems, 0),
	ROW_INT(C, "idle", idle, 0, 1, UNSET_I64, 0),
};
#undef C
static const struct table cpu_table = { TABLE(cpu_rows) };

static const struct field pids_rows[] = {
	ROW_INT(struct resources, "limit", pids_limit, -1, INT64_MAX, UNSET_I64, 0),
};
static const struct table pids_table = { TABLE(pids_rows) };

/* ---- blockIO ---- */

#define W struct blkio_weight_dev
static const struct field weight_rows[] = {
	ROW_INT(W, "major", major, 0, MAJOR_MAX, 0, FIELD_REQUIRED),
	ROW_INT(W, "minor", minor, 0, MINOR_MAX, 0, FIELD_REQUIRED),
	ROW_INT(W, "weight", weight, 0, UINT16_MAX, 0, 0),
	ROW_INT(W, "leafWeight", leaf_weight, 0, UINT16_MAX, 0, 0),
};
#undef W
static const struct table weight_table = { TABLE(weight_rows) };

#define T struct blkio_throttle_dev
static const struct field throttle_rows[] = {
	ROW_INT(T, "major", major, 0, MAJOR_MAX, 0, FIELD_REQUIRED),
	ROW_INT(T, "minor", minor, 0, MINOR_MAX, 0, FIELD_REQUIRED),
	ROW_INT(T, "rate", rate, 0, UINT64_MAX, 0, FIELD_REQUIRED),
};
#undef T
static const struct table throttle_table = { TABLE(throttle_rows) };

#define B struct blkio_spec
#define ROW_THROTTLE(k, which) ROW_LIST(B, k, throttle[which].v, throttle[which].n, throttle_table)
static const struct field blkio_rows[] = {
	ROW_INT(B, "weight", weight, 0, UINT16_MAX, 0, 0),
	ROW_INT(B, "leafWeight", leaf_weight, 0, UINT16_MAX, 0, 0),
	ROW_LIST(B, "weightDevice", weight_dev, nweight_dev, weight_table),
	ROW_THROTTLE("throttleReadBpsDevice", THROTTLE_RBPS),
	ROW_THROTTLE("throttleWriteBpsDevice", THROTTLE_WBPS),
	ROW_THROTTLE("throttleReadIOPSDevice", THROTTLE_RIOPS),
	ROW_THROTTLE("throttleWriteIOPSDevice", THROTTLE_WIOPS),
};
#undef B
static const struct table blkio_table = { TABLE(blkio_rows) };

/* ---- hugepages, network, rdma ---- */

#define H struct hugepage_spec
static const struct field hugepage_rows[] = {
	ROW_STR(H, "pageSize", page_size, FIELD_REQUIRED),
	ROW_INT(H, "limit", limit, 0, UINT64_MAX, 0, FIELD_REQUIRED),
};
#undef H
static const struct table hugepage_table = { TABLE(hugepage_rows) };

static const struct field ifprio_rows[] = {
	ROW_STR(struct ifprio_spec, "name", name, FIELD_REQUIRED),
	ROW_INT(struct ifprio_spec, "priority", priority, 0, UINT32_MAX, 0, FIELD_REQUIRED),
};
static const struct table ifprio_table = { TABLE(ifprio_rows) };

static const struct field network_rows[] = {
	ROW_INT(struct resources, "classID", net_class, 0, UINT32_MAX - 1, UNSET_U32, 0),
	ROW_LIST(struct resources, "priorities", net_prio, nnet_prio, ifprio_table),
};
static const struct table network_table = { TABLE(network_rows) };

static const struct field rdma_rows[] = {
	ROW_INT(struct rdma_spec, "hcaHandles", handles, 0, UINT32_MAX - 1, UNSET_U32, 0),
	ROW_INT(struct rdma_spec, "hcaObjects", objects, 0, UINT32_MAX - 1, UNSET_U32, 0),
};
static void rdma_init(void *base)
{
	*(struct rdma_spec *)base = (struct rdma_spec){
		.handles = UNSET_U32,
		.objects = UNSET_U32,
	};
}
static const struct table rdma_table = { TABLE(rdma_rows), .init = rdma_init };

/* ---- device rules ---- */

static void rule_init(void *base)
{
	*(struct dev_rule *)base = (struct dev_rule){
		.type = 'a',
		.major = -1,
		.minor = -1,
		.access = DEV_ALL,
	};
}

static void read_rule_type(struct walk *w, const struct json_val *v, void *base,
			   const struct place *at)
{
	struct dev_rule *r = base;
	const char *word;

	if (!walk_str(w, v, &word, at) || !*word)
		return;
	if (strlen(word) == 1 && strchr("abcu", *word)) {
		r->type = *word == 'u' ? 'c' : *word;
		return;
	}
	walk_fault(w, FAULT_INVALID, at,
		   "unknown device type '%.64s'; it is one of a (all), b (block), c (character)",
		   word);
}

static void write_rule_type(struct json_out *o, const char *key, const void *base)
{
	const struct dev_rule *r = base;
	const char word[2] = { r->type, 0 };

	json_str(o, key, word);
}

static const struct access_letter {
	char letter;
	unsigned bit;
} access_letters[] = { { 'r', DEV_READ }, { 'w', DEV_WRITE }, { 'm', DEV_MKNOD } };

static unsigned access_bit(char letter)
{
	for (unsigned i = 0; i < ARRAY_SIZE(access_letters); i++)
		if (access_letters[i].letter == letter)
			return access_letters[i].bit;
	return 0;
}

static void read_access(struct walk *w, const struct json_val *v, void *base,
			const struct place *at)
{
	struct dev_rule *r = base;
	const char *word;
	unsigned access = 0;

	if (!walk_str(w, v, &word, at) || !*word)
		return;
	for (const char *c = word; *c; c++) {
		if (!access_bit(*c)) {
			walk_fault(w, FAULT_INVALID, at,
				   "unknown access '%.64s'; it is made of the letters r, w and m",
				   word);
			return;
		}
		access |= access_bit(*c);
	}
	r->access = access;
}

static void write_access(struct json_out *o, const char *key, const void *base)
{
	const struct dev_rule *r = base;
	char word[4];
	size_t n = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(access_letters); i++)
		if (r->access & access_letters[i].bit)
			word[n++] = access_letters[i].letter;
	word[n] = 0;
	json_str(o, key, word);
}

static const struct field rule_rows[] = {
	ROW_BOOL(struct dev_rule, "allow", allow, FIELD_REQUIRED),
	ROW_FN("type", read_rule_type, write_rule_type, 0),
	ROW_INT(struct dev_rule, "major", major, -1, MAJOR_MAX, -1, 0),
	ROW_INT(struct dev_rule, "minor", minor, -1, MINOR_MAX, -1, 0),
	ROW_FN("access", read_access, write_access, 0),
};
static const struct table rule_table = { TABLE(rule_rows), .init = rule_init };

#define R struct resources
static const struct field resources_rows[] = {
	ROW_LIST(R, "devices", devices, ndevices, rule_table),
	ROW_OBJ(R, "memory", offsetof(R, memory), FIELD_NONE, memory_table, 0),
	ROW_OBJ(R, "cpu", offsetof(R, cpu), FIELD_NONE, cpu_table, 0),
	ROW_OBJ(R, "pids", 0, FIELD_NONE, pids_table, 0),
	ROW_OBJ(R, "blockIO", offsetof(R, blkio), FIELD_NONE, blkio_table, 0),
	ROW_LIST(R, "hugepageLimits", hugepages, nhugepages, hugepage_table),
	ROW_OBJ(R, "network", 0, FIELD_NONE, network_table, 0),
	ROW_MAP(R, "rdma", rdma, nrdma, rdma_table),
	ROW_KVS(R, "unified", unified),
};
#undef R
const struct table oci_resources_table = { TABLE(resources_rows) };
