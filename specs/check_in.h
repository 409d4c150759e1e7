/* SPDX-License-Identifier: Apache-2.0 */
/* What the check_*.c files share. Places are spelled out only once something is wrong. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/attr.h"
#include "specs/faults.h"

struct id_maps;
struct process_spec;
struct resources;
struct spec;
struct strv;

struct check {
	struct faults *f;
	size_t known; /* so many faults were there before: their places are not judged again */
	const char *prefix; /* of every place */
	char pointer[512];  /* the place that is being judged; at() */
};
#define CHECK_INIT(faults, pre)                                                                    \
	{                                                                                          \
		.f = (faults), .known = (faults)->n, .prefix = (pre)                               \
	}

/* bad(at(c, "/mounts/%zu/source", i), "what is wrong, and what would be right") */
struct check *at(struct check *c, const char *pointer, ...) _printf_(2, 3);
/* the same for a member with a name of the user's: '/' and '~' in it are escaped */
struct check *at_key(struct check *c, const char *object, const char *key);

void bad(struct check *c, const char *text, ...) _printf_(2, 3);
void unsupported(struct check *c, const char *text, ...) _printf_(2, 3);
void warn(struct check *c, const char *text, ...) _printf_(2, 3);

/* "0-3,7": ascending ranges of small numbers */
bool is_cpu_list(const char *list);

void check_process(struct check *c, const struct process_spec *p);
void check_resources(struct check *c, const struct resources *r);
void check_env(struct check *c, const char *pointer, const struct strv *env);
void check_mounts(struct check *c, const struct spec *s);
void check_ids(struct check *c, const struct spec *s);
void check_namespaces(struct check *c, const struct spec *s);
void check_sysctl(struct check *c, const struct spec *s);
void check_seccomp(struct check *c, const struct spec *s);
void check_linux(struct check *c, const struct spec *s);

/* Ranges that overlap, end beyond 32 bits, or are too many; object is the place of the list. */
void check_id_maps(struct check *c, const char *object, const struct id_maps *maps);
