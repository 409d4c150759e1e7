/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup plan: per hierarchy a directory and the writes that go into it, ready as strings.
 * Controllers fill it, one per ctl_NAME.c file (the file name registers it); they see no file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/attr.h"
#include "runtime/base/strv.h"

struct arena;
struct bpf_insn;
struct cg_ctx;
struct cg_hierarchy;
struct faults;
struct resources;
struct spec;

enum {
	CGW_OPTIONAL = 1, /* a missing file is fine */
	CGW_RETRY = 2,    /* refused: once more behind the others (values that bound each other) */
	CGW_MADE = 4,     /* only into a cgroup that berth made */
};

struct cg_write {
	const char *file, *value;
	const char *or_file, *or_value; /* where file does not exist; NULL: none */
	unsigned flags;
};

/* One hierarchy of the container; index for index the place of the record. */
struct cg_target {
	const struct cg_hierarchy *h;
	const char *dir;  /* below the mount, "/x/ID" */
	const char *path; /* mount and dir */
	struct cg_write *writes;
	size_t nwrites;
	struct strv need; /* v2: controllers that a limit needs */
	struct strv want; /* v2: those that only the statistics need */
};

struct cg_plan {
	struct cg_target *v;
	size_t n;
	bool rootless, chown;
	uid_t owner;
	int64_t check_limit; /* refuse when the cgroup uses this much memory; -1: no check */
	const struct bpf_insn *dev_insns; /* v2 device program; NULL: none */
	size_t ndev_insns;
	size_t dev_target;  /* where the program goes */
	unsigned dev_flags; /* CGW_MADE or 0 */
};

/* What a controller's plan function works with. */
struct cg_put {
	const struct resources *r;
	struct cg_target *t;
	struct arena *a;
	struct faults *f;
};

struct cg_ctl {
	const char *name; /* on v2 */
	const char *v1;   /* on v1; NULL: does not exist there */
	bool stats;       /* enable it where it is there, limits or not */
	/* JSON pointer of a limit that is set, NULL when none is */
	const char *(*asked)(const struct resources *r);
	void (*plan_v1)(struct cg_put *p);
	void (*plan_v2)(struct cg_put *p); /* NULL: does not exist on v2 */
};

extern const struct cg_ctl *const cg_ctls[];
extern const size_t cg_nctls;

/* For controllers: queue one write; flags and alternative may be set in what is returned. */
struct cg_write *cg_put(struct cg_put *p, const char *file, const char *value, ...) _printf_(3, 4)
	__attribute__((__returns_nonnull__));

/* Is name one of the words in list, which sep separates? */
bool cg_has_word(const char *list, char sep, const char *name);

/*
 * The container's directory below the mount of h, "/x/ID"; NULL after a fault. Absolute
 * cgroupsPath: below the mount. Relative: v1 below berth's own cgroup; v2 below the mount, or,
 * rootless, beside berth's own (a cgroup with processes in it cannot share out domain
 * controllers). None: "berth-ID", v1 in berth's own cgroup, v2 beside it.
 */
const char *cg_path(const struct spec *s, const struct cg_hierarchy *h, const struct cg_ctx *ctx,
		    struct arena *a, struct faults *f);

/* resources.unified, behind all the others. */
void cg_plan_unified(const struct spec *s, struct cg_plan *p, struct arena *a, struct faults *f);

/* resources.devices and the defaults. */
void cg_plan_devices(const struct spec *s, struct cg_plan *p, struct arena *a, struct faults *f);
