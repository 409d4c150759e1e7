/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "specs/oci.h"
#include "specs/oci_tables.h"
#include "tests/unit/oci_doc.h"

/* every member that can be written, as the writer writes it */
static char *full_text(void)
{
	FILE *f = fopen("tests/data/full-config.json", "r");
	char *text = calloc(1, 65536);

	if (!f)
		fail_msg("no tests/data/full-config.json; run in the top directory");
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);

	size_t len = strlen(text);

	while (len && text[len - 1] == '\n')
		text[--len] = 0;
	return text;
}

static void all_members_survive(_unused_ void **state)
{
	char *text = full_text();
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	own_buf out = BUF_INIT;
	struct spec s;

	oci_read_spec(text, strlen(text), &a, &s, &f);
	if (f.n)
		fail_msg("%s: %s", f.v[0].pointer, f.v[0].text);
	oci_write_spec(&s, true, &out);
	assert_string_equal(out.data, text);
	arena_free(&a);
	free(text);
}

/* "nice" is for other policies than the one in the full document: it is in small_texts below */
static void assert_named(const struct table *t, const char *text)
{
	for (unsigned i = 0; i < t->n; i++) {
		char quoted[64];

		snprintf(quoted, sizeof(quoted), "\"%s\": ", t->v[i].key);
		if (!strstr(text, quoted) && strcmp(t->v[i].key, "nice") != 0)
			fail_msg("%s is not in tests/data/full-config.json", t->v[i].key);
		if (t->v[i].sub)
			assert_named(t->v[i].sub, text);
	}
}

static void the_full_document_is_full(_unused_ void **state)
{
	char *text = full_text();

	assert_named(&oci_spec_table, text);
	free(text);
}

static void rows_are_sound(const struct table *t)
{
	assert_true(t->n <= 64);
	for (unsigned i = 0; i < t->n; i++) {
		const struct field *f = &t->v[i];

		if (f->kind == FIELD_INT || f->kind == FIELD_WORD)
			assert_true(f->size == 1 || f->size == 2 || f->size == 4 || f->size == 8);
		if (f->kind == FIELD_OBJ || f->kind == FIELD_LIST || f->kind == FIELD_MAP) {
			assert_non_null(f->sub);
			rows_are_sound(f->sub);
		}
		if (f->kind == FIELD_FN)
			assert_true(f->read && f->write);
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(f->key, t->v[j].key);
	}
}

static void all_tables_are_sound(_unused_ void **state)
{
	rows_are_sound(&oci_spec_table);
}

#define HEAD                                                                                       \
	"{\"ociVersion\":\"1.0.2\",\"process\":{\"user\":{\"uid\":0,\"gid\":0},\"args\":[\"a\"],"  \
	"\"cwd\":\"/\""
#define ROOT "},\"root\":{\"path\":\"r\"}"
#define NOTHING ",\"linux\":{\"namespaces\":[]}}"

/* read and written, these stay as they are, to the byte */
static const char *const small_texts[] = {
	HEAD ROOT NOTHING,
	HEAD ",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":-5}" ROOT NOTHING,
	HEAD ",\"scheduler\":{\"policy\":\"SCHED_FIFO\",\"priority\":99}" ROOT NOTHING,
	HEAD ",\"oomScoreAdj\":0" ROOT NOTHING,
	HEAD ROOT ",\"hooks\":{\"poststop\":[{\"path\":\"/x\"}]}" NOTHING,
	HEAD ROOT ",\"linux\":{\"resources\":{},\"namespaces\":[]}}",
	HEAD ROOT ",\"linux\":{\"namespaces\":[],\"seccomp\":{\"defaultAction\":\"SCMP_ACT_KILL\","
		  "\"flags\":[]}}}",
	HEAD ROOT ",\"linux\":{\"namespaces\":[],\"intelRdt\":{\"schemata\":[]}}}",
	HEAD ROOT ",\"linux\":{\"namespaces\":[],\"personality\":{\"domain\":\"LINUX\"}}}",
	HEAD ROOT ",\"linux\":{\"namespaces\":[{\"type\":\"time\"}],\"timeOffsets\":"
		  "{\"boottime\":{}}}}",
};

static void small_documents_stay_as_they_are(_unused_ void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(small_texts); i++) {
		own_buf out = BUF_INIT;
		struct doc d;

		doc_read(&d, DOC_RAW, small_texts[i]);
		if (d.faults.n)
			fail_msg("%s: %s: %s", small_texts[i], d.faults.v[0].pointer,
				 d.faults.v[0].text);
		oci_write_spec(&d.spec, false, &out);
		assert_string_equal(out.data, small_texts[i]);
		doc_done(&d);
	}
}

/* what is read differently from how it was written: the meaning is what stays */
static const struct {
	enum doc_part part;
	const char *in, *out; /* out: a part of the new text */
} meanings[] = {
	{ DOC_RESOURCES, "\"devices\":[{\"allow\":true,\"type\":\"u\",\"access\":\"mwr\"}]",
	  "{\"allow\":true,\"type\":\"c\",\"access\":\"rwm\"}" },
	{ DOC_LINUX, "\"rootfsPropagation\":\"rprivate\"", "\"rootfsPropagation\":\"private\"" },
	{ DOC_LINUX,
	  "\"devices\":[{\"path\":\"/"
	  "x\",\"type\":\"u\",\"major\":1,\"minor\":3,\"fileMode\":8630}]",
	  "\"type\":\"c\",\"major\":1,\"minor\":3,\"fileMode\":438,\"uid\":0,\"gid\":0" },
	{ DOC_TOP, "\"mounts\":[{\"destination\":\"m\",\"type\":\"tmpfs\",\"source\":\"\"}]",
	  "{\"destination\":\"/m\",\"type\":\"tmpfs\"}" },
	{ DOC_MOUNT, "\"type\":\"tmpfs\",\"options\":[\"mode=1777\",\"ro\",\"nofail\",\"size=1m\"]",
	  "\"options\":[\"ro\",\"mode=1777\",\"size=1m\"]" },
	{ DOC_MOUNT, "\"type\":\"tmpfs\",\"options\":[\"defaults\"]", "\"type\":\"tmpfs\"}" },
	{ DOC_SECCOMP, "\"defaultAction\":\"SCMP_ACT_ERRNO\"", "\"defaultErrnoRet\":1" },
	{ DOC_SECCOMP, "\"defaultAction\":\"SCMP_ACT_KILL_THREAD\"", "SCMP_ACT_KILL\"" },
	{ DOC_LINUX, "\"netDevices\":{\"eth0\":{}}", "\"eth0\":{\"name\":\"eth0\"}" },
	{ DOC_HOSTNS, "\"namespaces\":[{\"type\":\"ipc\",\"path\":\"\"}]", "[{\"type\":\"ipc\"}]" },
	{ DOC_TOP, "\"hostname\":\"\"", "\"root\":{\"path\":\"r\"},\"linux\"" },
	{ DOC_PROCESS, "\"capabilities\":{\"effective\":[\"CAP_WARP\"]}",
	  "\"capabilities\":{\"bounding\":[\"CAP_WARP\"]}" },
};

static void meaning_survives(_unused_ void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(meanings); i++) {
		own_buf once = BUF_INIT, twice = BUF_INIT;
		struct doc d, again;

		doc_read(&d, meanings[i].part, meanings[i].in);
		oci_write_spec(&d.spec, false, &once);
		if (d.faults.errors || !strstr(once.data, meanings[i].out))
			fail_msg("%s became %s", meanings[i].in, once.data);
		doc_read(&again, DOC_RAW, once.data);
		assert_int_equal(again.faults.errors, 0);
		oci_write_spec(&again.spec, false, &twice);
		assert_string_equal(once.data, twice.data);
		doc_done(&again);
		doc_done(&d);
	}
}

static void a_faulty_spec_can_be_written(_unused_ void **state)
{
	own_buf out = BUF_INIT;
	struct doc d;

	doc_read(&d, DOC_RAW,
		 "{\"mounts\":[{}],\"hooks\":{\"prestart\":[{}]},\"linux\":{"
		 "\"devices\":[{}],\"seccomp\":{\"syscalls\":[{}]},\"memoryPolicy\":{},"
		 "\"resources\":{\"hugepageLimits\":[{}]}},\"process\":{\"scheduler\":{},"
		 "\"rlimits\":[{}]}}");
	assert_true(d.faults.errors > 8);
	oci_write_spec(&d.spec, true, &out);
	assert_true(out.len > 0);
	doc_done(&d);
}

static void parts_are_written_alone(_unused_ void **state)
{
	static const char process[] = "{\"user\":{\"uid\":0,\"gid\":0},\"args\":[\"a\"],"
				      "\"env\":[\"A=/b\"],\"cwd\":\"/\"}";
	static const char resources[] = "{\"memory\":{\"limit\":5},\"pids\":{\"limit\":-1}}";
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	own_buf p_text = BUF_INIT, r_text = BUF_INIT;
	struct process_spec p;
	struct resources r;

	oci_read_process(process, sizeof(process) - 1, &a, &p, &f);
	oci_read_resources(resources, sizeof(resources) - 1, &a, &r, &f);
	assert_int_equal(f.n, 0);
	oci_write_process(&p, false, &p_text);
	oci_write_resources(&r, false, &r_text);
	assert_string_equal(p_text.data, process);
	assert_string_equal(r_text.data, resources);
	arena_free(&a);
}

static void the_default_is_the_usual_one(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	struct spec s;

	spec_default(&a, &s, false);
	assert_string_equal(s.process.args.v[0], "sh");
	assert_true(s.process.terminal);
	assert_true(s.process.caps.bounding == (1ull << 29 | 1ull << 5 | 1ull << 10));
	assert_int_equal(s.process.rlimits[0].resource, RLIMIT_NOFILE);
	assert_true(s.process.rlimits[0].soft == 1024);
	assert_int_equal(s.ns[NS_NETWORK].mode, NS_NEW);
	assert_int_equal(s.ns[NS_CGROUP].mode, NS_NEW);
	assert_int_equal(s.ns[NS_USER].mode, NS_INHERIT);
	assert_true(s.has_resources);
	assert_int_equal(s.nmounts, 7);
	assert_string_equal(s.mounts[2].data, "newinstance,ptmxmode=0666,mode=0620,gid=5");
	arena_free(&a);
}

static void the_rootless_default_maps_the_caller(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	struct spec s;

	spec_default(&a, &s, true);
	assert_int_equal(s.ns[NS_USER].mode, NS_NEW);
	assert_int_equal(s.uid_maps.v[0].host_id, geteuid());
	assert_int_equal(s.gid_maps.v[0].host_id, getegid());
	assert_int_equal(s.gid_maps.v[0].size, 1);
	assert_false(s.has_resources);
	assert_null(strstr(s.mounts[2].data, "gid="));
	assert_string_equal(s.mounts[5].source, "/sys");
	assert_int_equal(s.mounts[5].opts.flags, MOPT_BIND | MOPT_RBIND);
	assert_true(s.mounts[5].opts.attr_set & MOUNT_ATTR_RDONLY);
	arena_free(&a);
}

static void defaults_survive_writing(_unused_ void **state)
{
	for (int rootless = 0; rootless < 2; rootless++) {
		struct arena a = ARENA_INIT;
		struct faults f = { .arena = &a };
		own_buf once = BUF_INIT, twice = BUF_INIT;
		struct spec s, again;

		spec_default(&a, &s, rootless);
		oci_write_spec(&s, true, &once);
		oci_read_spec(once.data, once.len, &a, &again, &f);
		assert_int_equal(f.n, 0);
		oci_write_spec(&again, true, &twice);
		assert_string_equal(once.data, twice.data);
		arena_free(&a);
	}
}

TEST_GROUP(write, cmocka_unit_test(all_members_survive),
	   cmocka_unit_test(the_full_document_is_full), cmocka_unit_test(all_tables_are_sound),
	   cmocka_unit_test(small_documents_stay_as_they_are), cmocka_unit_test(meaning_survives),
	   cmocka_unit_test(a_faulty_spec_can_be_written),
	   cmocka_unit_test(parts_are_written_alone),
	   cmocka_unit_test(the_default_is_the_usual_one),
	   cmocka_unit_test(the_rootless_default_maps_the_caller),
	   cmocka_unit_test(defaults_survive_writing));
