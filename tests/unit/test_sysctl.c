/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <string.h>

#include "specs/sysctl.h"

static void sysctl_names_become_paths(_unused_ void **state)
{
	static const struct {
		const char *name, *path;
	} rows[] = {
		{ "net.ipv4.ip_forward", "net/ipv4/ip_forward" },
		{ "net/ipv4/ip_forward", "net/ipv4/ip_forward" },
		{ "net/ipv4/conf/eno2.100/x", "net/ipv4/conf/eno2.100/x" },
		{ "net.ipv4.conf.eno2/100.x", "net/ipv4/conf/eno2.100/x" },
		{ "kernel", "kernel" },
		{ "", NULL },
		{ ".", NULL },
		{ "/", NULL },
		{ "a..b", NULL },
		{ "a.", NULL },
		{ ".a", NULL },
		{ "/a/b", NULL },
		{ "a/../b", NULL },
		{ "a/./b", NULL },
		{ "a.//.b", NULL },
		{ "a/..", NULL },
	};
	char path[32], tiny[4];

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		int r = sysctl_path(rows[i].name, path, sizeof(path));

		if ((r == 0) != !!rows[i].path || (!r && strcmp(path, rows[i].path) != 0))
			fail_msg("'%s' gives %d, '%s'", rows[i].name, r, r ? "" : path);
	}
	assert_true(sysctl_path("abcd", tiny, sizeof(tiny)) < 0);
	assert_int_equal(sysctl_path("abc", tiny, sizeof(tiny)), 0);
}

TEST_GROUP(sysctl, cmocka_unit_test(sysctl_names_become_paths));
