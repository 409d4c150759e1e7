/* SPDX-License-Identifier: Apache-2.0 */
/* state.json: the record in both directions, and the state document that callers see. */
#include "runtime/state/state.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "specs/json.h"

enum { RECORD_VERSION = 1 };

const char *const status_names[STATUS_COUNT] = {
	[STATUS_CREATING] = "creating", [STATUS_CREATED] = "created", [STATUS_RUNNING] = "running",
	[STATUS_PAUSED] = "paused",     [STATUS_STOPPED] = "stopped",
};

static void put_annotations(struct json_out *o, const struct kvs *l)
{
	json_open(o, "annotations", '{');
	for (size_t i = 0; i < l->n; i++)
		json_str(o, l->v[i].key, l->v[i].value);
	json_close(o, '}');
}

static void put_cgroup(struct json_out *o, const struct cg_record *r)
{
	json_open(o, "cgroup", '[');
	for (size_t i = 0; i < r->n; i++) {
		json_open(o, NULL, '{');
		json_str(o, "path", r->v[i].path);
		json_str(o, "controllers", r->v[i].controllers);
		json_bool(o, "v2", r->v[i].v2);
		json_bool(o, "made", r->v[i].made);
		json_int(o, "parents", r->v[i].made_parents);
		json_close(o, '}');
	}
	json_close(o, ']');
}

/*
 * The record ends in a sum over what stands before it: a record with one wrong byte could name
 * another's cgroup, or call a running container a dead create. FNV-1a, 64 bits.
 */
#define SUM_FORMAT ",\"sum\":\"%016" PRIx64 "\"}\n"
enum { SUM_LEN = 27 };

static uint64_t checksum(const char *text, size_t len)
{
	uint64_t sum = 14695981039346656037u;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)text[i]) * 1099511628211u;
	return sum;
}

static bool sum_is_right(const struct buf *b)
{
	char expected[SUM_LEN + 1];

	if (b->len < SUM_LEN)
		return false;
	snprintf(expected, sizeof(expected), SUM_FORMAT, checksum(b->data, b->len - SUM_LEN));
	return !memcmp(expected, b->data + b->len - SUM_LEN, SUM_LEN);
}

int state_write(const struct state_dir *d, const struct state *s, struct err *e)
{
	own_buf b = BUF_INIT;
	struct json_out o = { .b = &b };

	json_open(&o, NULL, '{');
	json_int(&o, "version", RECORD_VERSION);
	json_str(&o, "phase", s->phase == PHASE_CREATED ? "created" : "creating");
	json_str(&o, "id", s->id);
	json_str(&o, "bundle", s->bundle);
	json_str(&o, "rootfs", s->rootfs);
	json_str(&o, "created", s->created);
	json_str(&o, "boot", s->boot_id);
	json_int(&o, "owner", s->owner);
	json_int(&o, "pid", s->pid);
	json_u64(&o, "startTime", s->start_time);
	json_bool(&o, "privatePidns", s->private_pidns);
	json_bool(&o, "transient", s->transient);
	json_bool(&o, "poststart", s->has_poststart);
	json_bool(&o, "poststop", s->has_poststop);
	json_bool(&o, "listener", s->has_listener);
	put_annotations(&o, &s->annotations);
	put_cgroup(&o, &s->cgroup);
	buf_printf(&b, SUM_FORMAT, checksum(b.data, b.len));
	return state_put_file(d, "state.json", b.data, b.len, e);
}

struct kv_fill {
	struct kvs *to;
	struct arena *a;
};

static void take_annotation(const char *key, const struct json_val *value, void *arg)
{
	struct kv_fill *f = arg;
	const char *text = json_as_str(value);

	if (text)
		f->to->v[f->to->n++] =
			(struct kv){ arena_strdup(f->a, key), arena_strdup(f->a, text) };
}

static void count_one(_unused_ const char *key, _unused_ const struct json_val *value, void *arg)
{
	(*(size_t *)arg)++;
}

static void get_annotations(const struct json_val *v, struct arena *a, struct kvs *out)
{
	struct kv_fill f = { out, a };
	size_t n = 0;

	json_each(v, count_one, &n);
	*out = (struct kvs){ .v = arena_array(a, n + 1, sizeof(*out->v)) };
	json_each(v, take_annotation, &f);
}

static const char *get_str(const struct json_val *v, const char *key, struct arena *a)
{
	const char *s = json_get_str(v, key, NULL);

	return s ? arena_strdup(a, s) : NULL;
}

/* false: a path is missing or not absolute */
static bool get_cgroup(const struct json_val *v, struct arena *a, struct cg_record *r)
{
	r->n = json_len(v);
	r->v = arena_array(a, r->n + 1, sizeof(*r->v));
	for (size_t i = 0; i < r->n; i++) {
		const struct json_val *p = json_at(v, i);

		r->v[i] = (struct cg_place){
			.path = get_str(p, "path", a),
			.controllers = get_str(p, "controllers", a),
			.v2 = json_get_bool(p, "v2", false),
			.made = json_get_bool(p, "made", false),
			.made_parents = (unsigned)json_get_int(p, "parents", 0),
		};
		if (!r->v[i].path || r->v[i].path[0] != '/' || !r->v[i].controllers)
			return false;
	}
	return true;
}

static bool get_record(const struct json_val *v, struct arena *a, struct state *s)
{
	const char *phase = json_get_str(v, "phase", "");
	int64_t pid = json_get_int(v, "pid", -1), owner = json_get_int(v, "owner", -1);

	*s = (struct state){
		.phase = !strcmp(phase, "created") ? PHASE_CREATED : PHASE_CREATING,
		.id = get_str(v, "id", a),
		.bundle = get_str(v, "bundle", a),
		.rootfs = get_str(v, "rootfs", a),
		.created = get_str(v, "created", a),
		.boot_id = get_str(v, "boot", a),
		.owner = (uid_t)owner,
		.pid = (pid_t)pid,
		.start_time = json_get_u64(v, "startTime", 0),
		.private_pidns = json_get_bool(v, "privatePidns", false),
		.transient = json_get_bool(v, "transient", false),
		.has_poststart = json_get_bool(v, "poststart", false),
		.has_poststop = json_get_bool(v, "poststop", false),
		.has_listener = json_get_bool(v, "listener", false),
	};
	get_annotations(json_get(v, "annotations"), a, &s->annotations);
	return json_get_int(v, "version", 0) == RECORD_VERSION && s->id && s->bundle && s->rootfs &&
	       s->created && s->boot_id && pid >= 0 && pid <= INT_MAX &&
	       (s->phase == PHASE_CREATING || pid > 0) &&
	       get_cgroup(json_get(v, "cgroup"), a, &s->cgroup);
}

int state_read(const struct state_dir *d, struct arena *a, struct state *s, struct err *e)
{
	own_buf b = BUF_INIT;
	int r = state_get_file(d, "state.json", &b, e);

	if (r < 0)
		return r;

	struct json_doc *doc = sum_is_right(&b) ? json_parse(buf_text(&b), b.len) : NULL;
	bool good = doc && get_record(json_root(doc), a, s) && !strcmp(s->id, d->id);

	json_doc_free(doc);
	if (good)
		return 0;
	err_text(e, EBADMSG, "the record of container '%s' (state.json) is damaged", d->id);
	return err_hint(e, "berth delete --force %s removes what is left of it", d->id);
}

static void put_owner(struct json_out *o, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);
	char number[16];

	snprintf(number, sizeof(number), "%u", uid);
	json_str(o, "owner", pw ? pw->pw_name : number);
}

void state_json(const struct state *s, enum status status, pid_t pid, bool rich, bool pretty,
		struct buf *b)
{
	struct json_out o = { .b = b, .pretty = pretty };

	json_open(&o, NULL, '{');
	json_str(&o, "ociVersion", "1.3.0");
	json_str(&o, "id", s->id);
	json_int(&o, "pid", status == STATUS_STOPPED ? 0 : pid);
	json_str(&o, "status", status_names[status]);
	json_str(&o, "bundle", s->bundle);
	if (rich) {
		json_str(&o, "rootfs", s->rootfs);
		json_str(&o, "created", s->created);
	}
	if (s->annotations.n)
		put_annotations(&o, &s->annotations);
	if (rich)
		put_owner(&o, s->owner);
	json_close(&o, '}');
}
