/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/base/opt.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"

/* one walk over argv */
struct walk {
	int argc, at; /* at: the word being read */
	char **argv;
	const struct opt_table *tables;
	size_t ntables;
	struct arena *arena;
};

/* an option of a table, and the struct that its value goes to */
struct found {
	const struct opt *opt;
	char *into;
};

int opt_number(const char *word, unsigned long long max, unsigned long long *out)
{
	unsigned long long n = 0;

	if (!*word)
		return -EINVAL;
	for (const char *p = word; *p; p++)
		if (*p < '0' || *p > '9')
			return -EINVAL;
	for (const char *p = word; *p; p++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (unsigned)(*p - '0'), &n))
			return -ERANGE;
	if (n > max)
		return -ERANGE;
	*out = n;
	return 0;
}

/* The optimal string alignment distance. Words longer than any option are never near. */
unsigned opt_distance(const char *a, const char *b)
{
	enum { LONGEST = 40 };
	size_t na = strlen(a), nb = strlen(b);
	unsigned d[LONGEST + 1][LONGEST + 1];

	if (na > LONGEST || nb > LONGEST)
		return UINT32_MAX;
	for (size_t i = 0; i <= na; i++)
		d[i][0] = (unsigned)i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++)
		for (size_t j = 1; j <= nb; j++) {
			unsigned best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	return d[na][nb];
}

bool opt_is_slip(const char *typed, unsigned distance)
{
	return distance <= 1 + strlen(typed) / 4;
}

static struct found find_name(const struct walk *w, const char *name, size_t len)
{
	for (size_t t = 0; t < w->ntables; t++)
		for (size_t i = 0; i < w->tables[t].n; i++) {
			const struct opt *o = &w->tables[t].v[i];

			if (o->name && strlen(o->name) == len && !memcmp(o->name, name, len))
				return (struct found){ o, w->tables[t].into };
		}
	return (struct found){ 0 };
}

static struct found find_letter(const struct walk *w, char letter)
{
	for (size_t t = 0; t < w->ntables; t++)
		for (size_t i = 0; i < w->tables[t].n; i++)
			if (w->tables[t].v[i].letter == letter)
				return (struct found){ &w->tables[t].v[i], w->tables[t].into };
	return (struct found){ 0 };
}

static int unknown(const struct walk *w, const char *word, const char *name, size_t len,
		   struct err *e)
{
	char typed[41] = "";
	const char *nearest = NULL;
	unsigned best = UINT32_MAX;

	if (len < sizeof(typed))
		memcpy(typed, name, len);
	for (size_t t = 0; t < w->ntables; t++)
		for (size_t i = 0; i < w->tables[t].n; i++) {
			const struct opt *o = &w->tables[t].v[i];
			unsigned d =
				o->hidden || !o->name ? UINT32_MAX : opt_distance(typed, o->name);

			if (d < best) {
				best = d;
				nearest = o->name;
			}
		}
	if (len > 1 && nearest && opt_is_slip(typed, best))
		return err_text(e, EINVAL, "unknown option '%s' (did you mean '--%s'?)", word,
				nearest);
	return err_text(e, EINVAL, "unknown option '%s'", word);
}

/* "--bundle", or "-b" for an option that has no long name */
static const char *spelled(const struct opt *o, char text[64])
{
	if (o->name)
		snprintf(text, 64, "--%s", o->name);
	else
		snprintf(text, 64, "-%c", o->letter);
	return text;
}

static bool word_is(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (!strcasecmp(word, *list))
			return true;
	return false;
}

static int read_bool(const struct opt *o, const char *value, bool *out, struct err *e)
{
	static const char *const yes[] = { "true", "t", "1", NULL };
	static const char *const no[] = { "false", "f", "0", NULL };
	char name[64];

	if (!value || word_is(value, yes))
		*out = true;
	else if (word_is(value, no))
		*out = false;
	else
		return err_text(e, EINVAL, "option '%s': '%s' is neither true nor false",
				spelled(o, name), value);
	return 0;
}

static int put_tristate(const struct found *f, const char *value, struct err *e)
{
	int *slot = (int *)(void *)(f->into + f->opt->offset);
	bool on = true;
	int r;

	if (value && !strcmp(value, "auto")) {
		*slot = -1;
		return 0;
	}
	r = read_bool(f->opt, value, &on, e);
	if (r < 0)
		return r;
	*slot = on;
	return 0;
}

static int put_uint(const struct found *f, const char *value, struct err *e)
{
	unsigned long long n = 0;
	char name[64];
	int r = opt_number(value, UINT32_MAX - 1, &n);

	if (r < 0)
		return err_text(e, -r, "option '%s': '%s' is %s", spelled(f->opt, name), value,
				r == -ERANGE ? "too large a number"
					     : "not a number (decimal digits only)");
	*(unsigned *)(void *)(f->into + f->opt->offset) = (unsigned)n;
	return 0;
}

static int put(const struct walk *w, const struct found *f, const char *value, struct err *e)
{
	void *slot = f->into + f->opt->offset;

	switch (f->opt->kind) {
	case OPT_FLAG:
		return read_bool(f->opt, value, slot, e);
	case OPT_TRISTATE:
		return put_tristate(f, value, e);
	case OPT_UINT:
		return put_uint(f, value, e);
	case OPT_STR:
		*(const char **)slot = value;
		return 0;
	case OPT_LIST:
		strv_add(slot, w->arena, value);
		return 0;
	case OPT_IGNORED:
		return 0;
	}
	return 0;
}

static bool takes_value(const struct opt *o)
{
	switch (o->kind) {
	case OPT_STR:
	case OPT_LIST:
	case OPT_UINT:
		return true;
	case OPT_IGNORED:
		return o->arg != NULL;
	case OPT_FLAG:
	case OPT_TRISTATE:
		return false;
	}
	return false;
}

/*
 * value: what came with the option in the same word, or NULL: then the next word, where one is due
 */
static int store(struct walk *w, const struct found *f, const char *value, struct err *e)
{
	const char *next = w->at + 1 < w->argc ? w->argv[w->at + 1] : NULL;
	static const char *const tristate[] = { "true", "false", "auto", NULL };
	char name[64];

	if (!value && takes_value(f->opt)) {
		if (!next)
			return err_text(e, EINVAL, "flag needs an argument: '%s %s'",
					spelled(f->opt, name), f->opt->arg ? f->opt->arg : "VALUE");
		value = next;
		w->at++;
	} else if (!value && f->opt->kind == OPT_TRISTATE && f->opt->arg && next &&
		   word_is(next, tristate)) {
		value = next;
		w->at++;
	}
	return put(w, f, value, e);
}

/* One or more letters: -b DIR, -bDIR, -b=DIR, -it, -t=false */
static int read_letters(struct walk *w, const char *word, struct err *e)
{
	for (const char *p = word + 1; *p; p++) {
		struct found f = find_letter(w, *p);
		int r;

		if (!f.opt && *p == 'h')
			return OPT_HELP_WANTED;
		if (!f.opt)
			return unknown(w, word, word + 1, strcspn(word + 1, "="), e);
		if (p[1] == '=')
			return store(w, &f, p + 2, e);
		if (takes_value(f.opt))
			return store(w, &f, p[1] ? p + 1 : NULL, e);
		r = p[1] ? put(w, &f, NULL, e) : store(w, &f, NULL, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_option(struct walk *w, struct err *e)
{
	const char *word = w->argv[w->at];
	bool two = word[1] == '-';
	const char *name = word + 1 + two;
	size_t len = strcspn(name, "=");
	struct found f = { 0 };

	/*
	 * one letter behind one dash is always a letter; more may be a long name, as Go spells it
	 */
	if (two || len > 1)
		f = find_name(w, name, len);
	if (f.opt)
		return store(w, &f, name[len] ? name + len + 1 : NULL, e);
	if (len == 4 && !memcmp(name, "help", 4))
		return OPT_HELP_WANTED;
	if (two)
		return unknown(w, word, name, len, e);
	return read_letters(w, word, e);
}

int opt_parse(int argc, char **argv, const struct opt_table *tables, size_t ntables,
	      bool stop_at_operand, struct arena *a, struct strv *operands, bool *dashdash,
	      struct err *e)
{
	struct walk w = { argc, 1, argv, tables, ntables, a };
	bool open = true; /* options may still come */

	for (; w.at < argc; w.at++) {
		char *word = argv[w.at];
		int r;

		if (open && !strcmp(word, "--")) {
			if (dashdash)
				*dashdash = true;
			open = false;
		} else if (!open || word[0] != '-' || !word[1]) {
			strv_add(operands, a, word);
			open = open && !stop_at_operand;
		} else {
			r = read_option(&w, e);
			if (r)
				return r;
		}
	}
	return 0;
}
