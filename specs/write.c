/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/base/buf.h"
#include "specs/json.h"
#include "specs/oci.h"
#include "specs/oci_tables.h"
#include "specs/spec.h"

void oci_write_spec(const struct spec *s, bool pretty, struct buf *b)
{
	struct json_out o = { .b = b, .pretty = pretty };
	struct spec copy = *s;

	/* a view of the host's root has no path of its own; OCI wants one, and a version */
	if (!copy.root_path)
		copy.root_path = "/";
	if (!copy.oci_version)
		copy.oci_version = "1.3.0";
	json_open(&o, NULL, '{');
	table_write(&o, &oci_spec_table, &copy);
	json_close(&o, '}');
}

void oci_write_process(const struct process_spec *p, bool pretty, struct buf *b)
{
	struct json_out o = { .b = b, .pretty = pretty };

	json_open(&o, NULL, '{');
	table_write(&o, &oci_process_table, p);
	json_close(&o, '}');
}

void oci_write_resources(const struct resources *r, bool pretty, struct buf *b)
{
	struct json_out o = { .b = b, .pretty = pretty };

	json_open(&o, NULL, '{');
	table_write(&o, &oci_resources_table, r);
	json_close(&o, '}');
}
