/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "specs/json.h"
#include "specs/json_in.h"
#include "specs/mountopt.h"
#include "specs/oci_tables.h"
#include "specs/spec.h"

#define M struct id_map
static const struct field id_map_rows[] = {
	ROW_INT(M, "containerID", container_id, 0, ID_MAX, 0, FIELD_REQUIRED),
	ROW_INT(M, "hostID", host_id, 0, ID_MAX, 0, FIELD_REQUIRED),
	ROW_INT(M, "size", size, 1, UINT32_MAX, 0, FIELD_REQUIRED),
};
#undef M
const struct table oci_id_map_table = { TABLE(id_map_rows) };

static void read_option(struct walk *w, const struct json_val *v, struct mount_spec *m,
			struct buf *data, const struct place *at)
{
	struct err e;
	size_t len;

	if (!walk_kind(w, v, JK_STR, at))
		return;

	const char *word = json_str_of(v, &len);
	int r = mountopt_add(&m->opts, word, &e);

	if (r < 0)
		walk_fault(w, FAULT_INVALID, at, "%s", e.text);
	if (r <= 0)
		return;
	if (data->len)
		buf_put(data, ",", 1);
	buf_put(data, word, len);
}

static void read_options(struct walk *w, const struct json_val *v, void *base,
			 const struct place *at)
{
	struct mount_spec *m = base;
	own_buf data = BUF_INIT;

	if (!walk_kind(w, v, JK_ARRAY, at))
		return;
	for (size_t i = 0; i < json_len(v); i++)
		read_option(w, json_at(v, i), m, &data, &(struct place){ .up = at, .index = i });
	if (data.len)
		m->data = arena_strndup(w->a, data.data, data.len);
}

static void put_word(const char *word, void *arg)
{
	json_str(arg, NULL, word);
}

/* Would the data come back as it is when each of its words became an option again? */
static bool splits(const char *data)
{
	struct mountopts scratch = { .flags = 0 };
	own_buf copy = BUF_INIT;
	struct err e;

	buf_puts(&copy, data);
	for (char *word = copy.data, *end; word; word = end) {
		end = strchr(word, ',');
		if (end)
			*end++ = 0;
		if (mountopt_add(&scratch, word, &e) != 1)
			return false;
	}
	return true;
}

static void put_data(struct json_out *o, const char *data)
{
	own_buf copy = BUF_INIT;

	if (!splits(data)) {
		json_str(o, NULL, data);
		return;
	}
	buf_puts(&copy, data);
	for (char *word = copy.data, *end; word; word = end) {
		end = strchr(word, ',');
		if (end)
			*end++ = 0;
		json_str(o, NULL, word);
	}
}

static void write_options(struct json_out *o, const char *key, const void *base)
{
	const struct mount_spec *m = base;
	struct json_out before = *o;
	size_t len = o->b->len;

	json_open(o, key, '[');
	mountopt_words(&m->opts, put_word, o);
	if (m->data)
		put_data(o, m->data);
	if (!o->first) {
		json_close(o, ']');
		return;
	}
	*o = before;
	o->b->len = len;
	o->b->data[len] = 0;
}

/* Relative destinations are deprecated but mean "below the root". */
static void mount_done(struct walk *w, _unused_ const struct json_val *v, void *base,
		       const struct place *at)
{
	struct mount_spec *m = base;

	if (!m->destination)
		return;
	if (!*m->destination)
		walk_fault(w, FAULT_INVALID, &(struct place){ .up = at, .key = "destination" },
			   "is empty; an absolute path belongs here");
	if (*m->destination != '/')
		m->destination = arena_printf(w->a, "/%s", m->destination);
}

#define M struct mount_spec
static const struct field mount_rows[] = {
	ROW_STR(M, "destination", destination, FIELD_REQUIRED),
	ROW_STR(M, "type", type, 0),
	ROW_STR(M, "source", source, 0),
	ROW_FN("options", read_options, write_options, 0),
	ROW_LIST(M, "uidMappings", uid_maps.v, uid_maps.n, oci_id_map_table),
	ROW_LIST(M, "gidMappings", gid_maps.v, gid_maps.n, oci_id_map_table),
};
#undef M
const struct table oci_mount_table = { TABLE(mount_rows), .done = mount_done };
