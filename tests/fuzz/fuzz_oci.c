/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes may be a config.json. Reading never crashes; a fault has a text and is inside the
 * document; what has no fault survives being written and read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "specs/faults.h"
#include "specs/json.h"
#include "specs/oci.h"
#include "specs/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
	if (!ok)
		abort();
}

static void sound(const struct faults *f, const char *text, size_t len)
{
	unsigned lines = 1;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	must(f->errors >= 1 || !f->n || f->v[0].kind == FAULT_WARNING);
	for (size_t i = 0; i < f->n; i++) {
		must(f->v[i].text[0] != 0);
		must(!f->v[i].pointer[0] || f->v[i].pointer[0] == '/');
		must(f->v[i].line <= lines);
	}
}

static void round_trip(const struct spec *s)
{
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	own_buf once = BUF_INIT, twice = BUF_INIT;
	struct spec again;

	oci_write_spec(s, true, &once);
	oci_read_spec(once.data, once.len, &a, &again, &f);
	must(!f.errors);
	oci_write_spec(&again, true, &twice);
	must(once.len == twice.len && !memcmp(once.data, twice.data, once.len));
	arena_free(&a);
}

static void read_parts(const char *text, size_t len)
{
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	own_buf out = BUF_INIT;
	struct process_spec p;
	struct resources r;

	oci_read_process(text, len, &a, &p, &f);
	oci_write_process(&p, false, &out);
	sound(&f, text, len);
	f = (struct faults){ .arena = &a };
	oci_read_resources(text, len, &a, &r, &f);
	oci_write_resources(&r, false, &out);
	sound(&f, text, len);
	json_doc_free(json_parse(text, len));
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	own_buf out = BUF_INIT;
	struct spec s;

	oci_read_spec((const char *)data, size, &a, &s, &f);
	sound(&f, (const char *)data, size);
	oci_write_spec(&s, false, &out);
	if (!f.errors)
		round_trip(&s);
	arena_free(&a);
	read_parts((const char *)data, size);
	return 0;
}
