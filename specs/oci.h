/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json and exec's process file, in both directions.
 * Source: runtime-spec 1.3 config.md, config-linux.md. JSON stays in specs/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/attr.h"

struct arena;
struct buf;
struct err;
struct faults;
struct process_spec;
struct resources;
struct spec;

enum { OCI_MAX_SIZE = 32 << 20, OCI_MAX_DEPTH = 64 };

/*
 * Text (any bytes) to spec, and every check that needs nothing but the text. Each fault goes
 * to f with its JSON pointer and, looked up only then, line and column: ask f->errors. *out is
 * complete (unset where faulty) and lives in the arena.
 */
void oci_read_spec(const char *text, size_t len, struct arena *a, struct spec *out,
		   struct faults *f);

/* The same for the process object of `exec --process`. */
void oci_read_process(const char *text, size_t len, struct arena *a, struct process_spec *out,
		      struct faults *f);

/* Just "resources", for `update -r`. */
void oci_read_resources(const char *text, size_t len, struct arena *a, struct resources *out,
			struct faults *f);

/* The spec as an OCI document, indented with tabs when pretty; append to b. */
void oci_write_spec(const struct spec *s, bool pretty, struct buf *b);

/* The same for the other two documents that can be read. */
void oci_write_process(const struct process_spec *p, bool pretty, struct buf *b);
void oci_write_resources(const struct resources *r, bool pretty, struct buf *b);

/* What `berth spec` writes: a shell in ./rootfs. rootless: with a user namespace of one id. */
void spec_default(struct arena *a, struct spec *out, bool rootless);
