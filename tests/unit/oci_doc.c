/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/oci_doc.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "specs/oci.h"
#include "tests/unit/t.h"

#define NAMESPACES                                                                                 \
	"\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"},{\"type\":\"mount\"},"          \
	"{\"type\":\"ipc\"},{\"type\":\"uts\"},{\"type\":\"cgroup\"}"
#define HEAD "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"}"
#define PROCESS ",\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]"
#define USER_MAP "Mappings\":[{\"containerID\":0,\"hostID\":5000,\"size\":10}]"

static const struct frame {
	const char *before, *after;
} frames[] = {
	[DOC_RAW] = { "", "" },
	[DOC_TOP] = { HEAD PROCESS "},\"linux\":{" NAMESPACES "]},", "}" },
	[DOC_PROCESS] = { HEAD ",\"linux\":{" NAMESPACES "]}" PROCESS ",", "}}" },
	[DOC_LINUX] = { HEAD PROCESS "},\"linux\":{" NAMESPACES "],", "}}" },
	[DOC_USERNS] = { HEAD PROCESS "},\"linux\":{" NAMESPACES
				      ",{\"type\":\"user\"}],\"uid" USER_MAP ",\"gid" USER_MAP ",",
			 "}}" },
	[DOC_RESOURCES] = { HEAD PROCESS "},\"linux\":{" NAMESPACES "],\"resources\":{", "}}}" },
	[DOC_SECCOMP] = { HEAD PROCESS "},\"linux\":{" NAMESPACES "],\"seccomp\":{", "}}}" },
	[DOC_MOUNT] = { HEAD PROCESS "},\"linux\":{" NAMESPACES
				     "]},\"mounts\":[{\"destination\":\"/m\",",
			"}]}" },
	[DOC_HOSTNS] = { HEAD PROCESS "},\"linux\":{", "}}" },
};

void doc_read(struct doc *d, enum doc_part part, const char *json)
{
	own_buf text = BUF_INIT;

	*d = (struct doc){ .arena = ARENA_INIT };
	d->faults.arena = &d->arena;
	buf_puts(&text, frames[part].before);
	buf_puts(&text, json);
	buf_puts(&text, frames[part].after);
	oci_read_spec(text.data, text.len, &d->arena, &d->spec, &d->faults);
}

void doc_done(struct doc *d)
{
	arena_free(&d->arena);
}

void doc_expect(const struct doc_case *c)
{
	struct doc d;

	doc_read(&d, c->part, c->json);

	const struct fault *f = d.faults.n ? d.faults.v : NULL;

	if (!c->pointer && f)
		fail_msg("%s: unexpected fault %s: %s", c->json, f->pointer, f->text);
	if (!c->pointer) {
		doc_done(&d);
		return;
	}
	if (!f)
		fail_msg("%s: no fault", c->json);
	if (strcmp(f->pointer, c->pointer) != 0 || !strstr(f->text, c->text))
		fail_msg("%s: the fault is %s: %s", c->json, f->pointer, f->text);
	if (d.faults.n != 1)
		fail_msg("%s: a second fault: %s: %s", c->json, d.faults.v[1].pointer,
			 d.faults.v[1].text);
	if (!f->line || !f->column)
		fail_msg("%s: no place", c->json);
	doc_done(&d);
}
