/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/path.h"
#include "specs/check_in.h"
#include "specs/spec.h"

/* ---- telling ---- */

struct check *at(struct check *c, const char *pointer, ...)
{
	size_t n = (size_t)snprintf(c->pointer, sizeof(c->pointer), "%s", c->prefix);
	va_list ap;

	va_start(ap, pointer);
	if (n < sizeof(c->pointer))
		vsnprintf(c->pointer + n, sizeof(c->pointer) - n, pointer, ap);
	va_end(ap);
	return c;
}

struct check *at_key(struct check *c, const char *object, const char *key)
{
	at(c, "%s/", object);

	size_t n = strlen(c->pointer);

	for (; *key && n + 3 < sizeof(c->pointer); key++) {
		if (*key == '~' || *key == '/') {
			c->pointer[n++] = '~';
			c->pointer[n++] = *key == '/' ? '1' : '0';
		} else {
			c->pointer[n++] = *key;
		}
	}
	c->pointer[n] = 0;
	return c;
}

/* Has this place, or something around it, a fault of the reader's? */
static bool judged(const struct check *c)
{
	for (size_t i = 0; i < c->known; i++) {
		const struct fault *v = &c->f->v[i];
		size_t n = strlen(v->pointer);

		if (v->kind != FAULT_WARNING && !strncmp(v->pointer, c->pointer, n) &&
		    (!c->pointer[n] || c->pointer[n] == '/'))
			return true;
	}
	return false;
}

static _printf_(3, 0) void tell(struct check *c, enum fault_kind kind, const char *text, va_list ap)
{
	char line[768];

	vsnprintf(line, sizeof(line), text, ap);
	if (!judged(c))
		fault_add(c->f, kind, c->pointer, "%s", line);
}

void bad(struct check *c, const char *text, ...)
{
	va_list ap;

	va_start(ap, text);
	tell(c, FAULT_INVALID, text, ap);
	va_end(ap);
}

void unsupported(struct check *c, const char *text, ...)
{
	va_list ap;

	va_start(ap, text);
	tell(c, FAULT_UNSUPPORTED, text, ap);
	va_end(ap);
}

void warn(struct check *c, const char *text, ...)
{
	va_list ap;

	va_start(ap, text);
	tell(c, FAULT_WARNING, text, ap);
	va_end(ap);
}

bool is_cpu_list(const char *list)
{
	while (true) {
		char *end;
		unsigned long first, last;

		if (*list < '0' || *list > '9')
			return false;
		first = last = strtoul(list, &end, 10);
		if (*end == '-') {
			list = end + 1;
			if (*list < '0' || *list > '9')
				return false;
			last = strtoul(list, &end, 10);
		}
		if (first > last || last > UINT16_MAX)
			return false;
		if (!*end)
			return true;
		if (*end != ',')
			return false;
		list = end + 1;
	}
}

/* ---- the document ---- */

/* One number of a version: no leading zero. Moves on behind it. */
static bool semver_number(const char **v)
{
	size_t n = strspn(*v, "0123456789");

	if (!n || (n > 1 && **v == '0'))
		return false;
	*v += n;
	return true;
}

/* "-rc.1" or "+build.5": parts of letters, digits and '-', none empty */
static bool semver_tail(const char **v)
{
	static const char letters[] = "0123456789-"
				      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	do {
		size_t n = strspn(++*v, letters);

		if (!n)
			return false;
		*v += n;
	} while (**v == '.');
	return true;
}

static bool is_semver(const char *v)
{
	for (int i = 0; i < 3; i++) {
		if (i && *v++ != '.')
			return false;
		if (!semver_number(&v))
			return false;
	}
	if (*v == '-' && !semver_tail(&v))
		return false;
	if (*v == '+' && !semver_tail(&v))
		return false;
	return !*v;
}

static void check_version(struct check *c, const char *v)
{
	if (!v)
		bad(at(c, "/ociVersion"), "is required; \"1.0.2\" for example");
	else if (!is_semver(v))
		bad(at(c, "/ociVersion"),
		    "'%.64s' is no version; it has three numbers, as in \"1.0.2\"", v);
	else if (strncmp(v, "0.", 2) != 0 && strncmp(v, "1.", 2) != 0)
		bad(at(c, "/ociVersion"), "'%.64s' is another major version; 1.x is supported", v);
}

/* __NEW_UTS_LEN of the kernel */
enum { UTS_NAME_MAX = 64 };

static void check_uts_name(struct check *c, const struct spec *s, const char *pointer,
			   const char *name)
{
	if (!name)
		return;
	if (s->ns[NS_UTS].mode == NS_INHERIT)
		bad(at(c, "%s", pointer),
		    "cannot be set without a uts namespace; add one to /linux/namespaces");
	else if (strlen(name) > UTS_NAME_MAX)
		bad(at(c, "%s", pointer), "has %zu bytes; the kernel takes %d at most",
		    strlen(name), UTS_NAME_MAX);
}

static void check_root(struct check *c, const struct spec *s)
{
	if (!s->root_host && (!s->root_path || !*s->root_path))
		bad(at(c, "/root/path"),
		    "is required: the directory of the root file system, as \"rootfs\"");
}

static void check_hook(struct check *c, const char *kind, size_t i, const struct hook_spec *h)
{
	char env[64];

	if (!h->path || *h->path != '/')
		bad(at(c, "/hooks/%s/%zu/path", kind, i),
		    "'%.200s' is not absolute; hooks are started by their absolute path",
		    h->path ? h->path : "");
	if (h->timeout < 0)
		bad(at(c, "/hooks/%s/%zu/timeout", kind, i),
		    "%d is no time; give seconds above 0, or leave it out", h->timeout);
	snprintf(env, sizeof(env), "/hooks/%s/%zu/env", kind, i);
	check_env(c, env, &h->env);
}

static void check_hooks(struct check *c, const struct spec *s)
{
	for (unsigned k = 0; k < HOOK_COUNT; k++)
		for (size_t i = 0; i < s->hooks[k].n; i++)
			check_hook(c, hook_names[k], i, &s->hooks[k].v[i]);
}

void spec_check(const struct spec *s, struct faults *f)
{
	struct check c = CHECK_INIT(f, "");

	check_version(&c, s->oci_version);
	check_root(&c, s);
	check_uts_name(&c, s, "/hostname", s->hostname);
	check_uts_name(&c, s, "/domainname", s->domainname);
	check_hooks(&c, s);
	for (size_t i = 0; i < s->annotations.n; i++)
		if (!*s->annotations.v[i].key)
			bad(at(&c, "/annotations/"), "the key is empty; it must not be");
	if (!s->has_process)
		bad(at(&c, "/process"), "is required: process property must not be empty");
	check_mounts(&c, s);
	check_namespaces(&c, s);
	check_ids(&c, s);
	check_sysctl(&c, s);
	check_seccomp(&c, s);
	check_linux(&c, s);
	if (s->has_process) {
		c.prefix = "/process";
		check_process(&c, &s->process);
	}
	if (s->has_resources) {
		c.prefix = "/linux/resources";
		check_resources(&c, &s->resources);
	}
}

void process_check(const struct process_spec *p, const char *pointer, struct faults *f)
{
	struct check c = CHECK_INIT(f, pointer);

	check_process(&c, p);
}

void resources_check(const struct resources *r, const char *pointer, struct faults *f)
{
	struct check c = CHECK_INIT(f, pointer);

	check_resources(&c, r);
}
