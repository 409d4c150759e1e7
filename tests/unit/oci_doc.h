/* SPDX-License-Identifier: Apache-2.0 */
/* Small config.json texts: one thing put into an otherwise faultless document. */
#pragma once

#include "runtime/base/arena.h"
#include "specs/faults.h"
#include "specs/spec.h"

enum doc_part {
	DOC_RAW,       /* the whole text */
	DOC_TOP,       /* members of the document */
	DOC_PROCESS,   /* members of /process */
	DOC_LINUX,     /* members of /linux, which has all namespaces but user and time */
	DOC_USERNS,    /* the same with a user namespace that maps ids 0 to 9 */
	DOC_RESOURCES, /* members of /linux/resources */
	DOC_SECCOMP,   /* members of /linux/seccomp */
	DOC_MOUNT,     /* members of /mounts/0, whose destination is /m */
	DOC_HOSTNS,    /* members of /linux, which has no namespaces */
};

struct doc_case {
	enum doc_part part;
	const char *json;
	const char *pointer; /* of the only fault; NULL: there is none */
	const char *text;    /* a part of what it says */
};

struct doc {
	struct arena arena;
	struct spec spec;
	struct faults faults;
};

void doc_read(struct doc *d, enum doc_part part, const char *json);
void doc_done(struct doc *d);

/* Fails the test, naming the case, unless exactly the expected fault is there. */
void doc_expect(const struct doc_case *c);
