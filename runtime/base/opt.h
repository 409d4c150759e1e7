/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command-line options as tables. Each command has one `static const struct opt[]`; the
 * parser, --help, the shell completion and the man-page check all read it. No globals.
 *
 * Accepted spellings, as engines write them: --name VALUE, --name=VALUE, -n VALUE, -nVALUE, -name
 * (a long name with one dash), --flag, --flag=true|false, flags bundled (-it), an option given
 * twice (the last one wins; lists collect). "--" ends the options. With `stop_at_operand` the
 * first word that is no option ends them too (exec, whose operands are a command).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runtime/base/attr.h"
#include "runtime/base/strv.h"

struct arena;
struct err;

enum opt_kind {
	OPT_FLAG, /* bool */
	OPT_STR,  /* const char * */
	OPT_LIST, /* struct strv: every time one more */
	OPT_UINT, /* unsigned, decimal, < 2^32 - 1 */
	/* int: -1 unset/auto, 0, 1; "--x", "--x=true|false|auto", and "--x auto" if .arg is set */
	OPT_TRISTATE,
	/* accepted for callers of other runtimes, no effect; takes a value if .arg is set */
	OPT_IGNORED,
};

struct opt {
	char letter;      /* 0: none */
	const char *name; /* without dashes */
	const char *arg;  /* what the value is called in the help; NULL: takes none */
	const char *help; /* one line, lower case, no full stop */
	enum opt_kind kind;
	size_t offset; /* into the command's own struct */
	bool hidden;   /* works, is in no help and no man page */
};

struct opt_table {
	const struct opt *v;
	size_t n;
	void *into; /* the struct that the offsets are in */
};

/*
 * Walk argv (argv[0] is skipped). Tables are tried in order: the command's own, then the global
 * one. What is no option goes to operands. An unknown option: the error names it and the nearest.
 * OPT_HELP_WANTED (1) when -h or --help is there and no table knows it.
 */
enum { OPT_HELP_WANTED = 1 };
_must_check_ int opt_parse(int argc, char **argv, const struct opt_table *tables, size_t ntables,
			   bool stop_at_operand, struct arena *a, struct strv *operands,
			   bool *dashdash, struct err *e);

/* The options as aligned help lines, as wide as width allows. */
void opt_print_help(const struct opt *v, size_t n, FILE *out);

/* Strict decimal: the whole word, no sign, no space. 0 or -EINVAL, -ERANGE (above max). */
_must_check_ int opt_number(const char *word, unsigned long long max, unsigned long long *out);

/* How many letters apart: insert, delete, replace and swap count one each. For "did you mean". */
unsigned opt_distance(const char *a, const char *b);

/* Is a word this far from what was typed still a likely slip of the fingers? */
bool opt_is_slip(const char *typed, unsigned distance);
