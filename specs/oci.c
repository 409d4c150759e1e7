/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/oci.h"

#include "runtime/base/arena.h"
#include "specs/check.h"
#include "specs/faults.h"
#include "specs/json.h"
#include "specs/json_in.h"
#include "specs/oci_tables.h"
#include "specs/spec.h"

/* Looking up a place reads the text again; a hostile one must not buy hours of it with faults. */
enum { LOCATE_BYTES = 256 << 20 };

static void locate(struct faults *f, size_t from, const char *text, size_t len)
{
	size_t spent = 0;

	for (size_t i = from; i < f->n && spent < LOCATE_BYTES; i++) {
		struct fault *v = &f->v[i];

		if (v->line)
			continue;
		json_scan_locate(text, len, v->pointer, &v->line, &v->column);
		spent += len;
	}
}

static void read_text(const char *text, size_t len, struct arena *a, const struct table *t,
		      void *base, struct faults *f)
{
	struct walk w = { .a = a, .f = f };
	struct json_doc *d = json_read(text, len, f);

	if (!d)
		return;
	walk_object(&w, json_root(d), t, base, NULL);
	json_doc_free(d);
}

void oci_read_spec(const char *text, size_t len, struct arena *a, struct spec *out,
		   struct faults *f)
{
	size_t before = f->n;

	spec_init(out);
	read_text(text, len, a, &oci_spec_table, out, f);
	/* what is no document at all has one fault, not one for everything that is missing */
	if (f->n == before || *f->v[before].pointer)
		spec_check(out, f);
	locate(f, before, text, len);
}

void oci_read_process(const char *text, size_t len, struct arena *a, struct process_spec *out,
		      struct faults *f)
{
	size_t before = f->n;

	process_init(out);
	read_text(text, len, a, &oci_process_table, out, f);
	if (f->n == before || *f->v[before].pointer)
		process_check(out, "", f);
	locate(f, before, text, len);
}

void oci_read_resources(const char *text, size_t len, struct arena *a, struct resources *out,
			struct faults *f)
{
	size_t before = f->n;

	resources_init(out);
	read_text(text, len, a, &oci_resources_table, out, f);
	if (f->n == before || *f->v[before].pointer)
		resources_check(out, "", f);
	locate(f, before, text, len);
}
