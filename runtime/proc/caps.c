/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/parts.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/sys.h"
#include "runtime/proc/proc.h"
#include "specs/faults.h"
#include "specs/words.h"

static uint64_t bit(int cap)
{
	return UINT64_C(1) << cap;
}

const char *caps_text(uint64_t set, struct arena *a)
{
	const char *text = "";

	for (int i = 0; i < 64; i++) {
		if (!(set & bit(i)))
			continue;

		const char *word = word_of(WORDS_CAPABILITIES, (uint64_t)i);
		char *name = word ? arena_strdup(a, word) : arena_printf(a, "cap_%d", i);

		for (char *c = name; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		text = arena_printf(a, "%s%s%s", text, *text ? "," : "", name);
	}
	return text;
}

/* Which of these numbers does the running kernel not know? */
static uint64_t beyond_kernel(uint64_t set)
{
	uint64_t unknown = 0;

	/* Kernels know every number up to their last one, so going down stops at the first hit. */
	for (int i = 63; i >= 0; i--) {
		if (!(set & bit(i)))
			continue;
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0 || errno != EINVAL)
			break;
		unknown |= bit(i);
	}
	return unknown;
}

/* Keep of *set what is allowed and say what goes. */
static void narrow(uint64_t *set, uint64_t allowed, const char *pointer, const char *why,
		   struct arena *a, struct faults *f)
{
	uint64_t gone = *set & ~allowed;

	if (gone)
		fault_add(f, FAULT_WARNING, pointer, "ignored, %s: %s", why, caps_text(gone, a));
	*set &= allowed;
}

void caps_plan(const struct cap_sets *want, const char *prefix, struct arena *a,
	       struct cap_sets *out, struct faults *f)
{
	uint64_t all = want->effective | want->permitted | want->inheritable | want->bounding |
		       want->ambient;
	uint64_t unknown = beyond_kernel(all);
	const char *at = arena_printf(a, "%s/capabilities", prefix);

	narrow(&all, ~unknown, at, "this kernel does not know them", a, f);
	out->bounding = want->bounding & all;
	out->permitted = want->permitted & all;
	out->effective = want->effective & all;
	out->inheritable = want->inheritable & all;
	out->ambient = want->ambient & all;
	narrow(&out->inheritable, out->bounding, path_join(a, at, "inheritable"),
	       "they are not in bounding", a, f);
	/* spec_check() has warned about these two */
	out->effective &= out->permitted;
	out->ambient &= out->permitted & out->inheritable;
}

static uint64_t join(const uint32_t half[2])
{
	return half[0] | (uint64_t)half[1] << 32;
}

static void split(uint64_t set, uint32_t half[2])
{
	half[0] = (uint32_t)set;
	half[1] = (uint32_t)(set >> 32);
}

static int caps_get(struct cap_sets *out, struct err *e)
{
	uint32_t eff[2], perm[2], inh[2];

	if (sys_capget(eff, perm, inh) < 0)
		return err_set(e, errno, "capget");
	out->effective = join(eff);
	out->permitted = join(perm);
	out->inheritable = join(inh);
	return 0;
}

static int caps_set(struct caps *c, uint64_t effective, uint64_t permitted, struct err *e)
{
	uint32_t eff[2], perm[2], inh[2];

	split(effective, eff);
	split(permitted, perm);
	split(c->final.inheritable, inh);
	if (sys_capset(eff, perm, inh) < 0)
		return err_text(e, errno, "the kernel refused the capability sets: capset: %s",
				strerrorname_np(errno));
	c->own.effective = effective;
	c->own.permitted = permitted;
	c->own.inheritable = c->final.inheritable;
	c->stale = false;
	return 0;
}

const char *proc_caps_missing(const struct proc_plan *p, struct arena *a)
{
	const struct cap_sets *w = &p->caps;
	struct cap_sets own = { 0 };
	struct err e;
	uint64_t missing;

	if (caps_get(&own, &e) < 0)
		return NULL;
	missing = (w->effective | w->permitted | w->inheritable | w->bounding | w->ambient) &
		  ~own.permitted;
	return missing ? caps_text(missing, a) : NULL;
}

/*
 * A capability that this process does not have cannot be handed on: the specification wants a
 * warning, which proc_caps_missing() gave on the host, and the start to go on.
 */
int caps_start(struct caps *c, const struct cap_sets *want, struct err *e)
{
	int r = caps_get(&c->own, e);

	if (r < 0)
		return r;
	c->stale = false;
	c->final = *want;
	c->final.permitted &= c->own.permitted;
	c->final.effective &= c->final.permitted;
	c->final.inheritable &= c->own.permitted;
	/*
	 * Nothing gets into inheritable that is not in the bounding set; the usual list is empty.
	 */
	for (int i = 0; i < 64; i++)
		if (c->final.inheritable & bit(i) && prctl(PR_CAPBSET_READ, i, 0, 0, 0) != 1)
			c->final.inheritable &= ~bit(i);
	c->final.ambient &= c->final.permitted & c->final.inheritable;
	return 0;
}

int caps_drop_bounding(const struct caps *c, struct err *e)
{
	for (int i = 0; i < 64; i++) {
		if (c->final.bounding & bit(i) || prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == 0)
			continue;
		/* EINVAL: past the last capability of this kernel */
		if (errno == EINVAL)
			return 0;
		/* Without CAP_SETPCAP it fails even where there is nothing to drop. */
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) != 0)
			return err_text(e, EPERM,
					"cannot drop capability %d from the bounding set: "
					"that needs CAP_SETPCAP",
					i);
	}
	return 0;
}

static int raise_ambient(const struct caps *c, struct err *e)
{
	/* What berth's caller had in its ambient set stays where the new sets allow it. */
	if (c->final.permitted & c->final.inheritable &&
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return err_set(e, errno, "clear the ambient capabilities");
	for (int i = 0; i < 64; i++)
		if (c->final.ambient & bit(i) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
			return err_text(e, errno, "cannot raise ambient capability %d: %s", i,
					strerrorname_np(errno));
	return 0;
}

int caps_raise(struct caps *c, struct err *e)
{
	bool there = !c->stale && c->own.effective == c->own.permitted &&
		     c->own.inheritable == c->final.inheritable;
	int r = there ? 0 : caps_set(c, c->own.permitted, c->own.permitted, e);

	return r < 0 ? r : raise_ambient(c, e);
}

int caps_finish(struct caps *c, struct err *e)
{
	if (!c->stale && c->own.effective == c->final.effective &&
	    c->own.permitted == c->final.permitted && c->own.inheritable == c->final.inheritable)
		return 0;
	return caps_set(c, c->final.effective, c->final.permitted, e);
}
