/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/err.h"

static void prefixes_grow_to_the_left(_unused_ void **state)
{
	struct err e = { 0 };

	assert_int_equal(err_set(&e, ENOENT, "open '%s'", "/x"), -ENOENT);
	assert_int_equal(err_at(&e, "mount #%d", 3), -ENOENT);
	assert_string_equal(e.text, "mount #3: open '/x': no such file or directory");
}

static void long_texts_are_cut_and_terminated(_unused_ void **state)
{
	char big[4000];
	struct err e = { 0 };

	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	assert_int_equal(err_set(&e, EIO, "%s", big), -EIO);
	assert_int_equal(err_at(&e, "%s", big), -EIO);
	assert_non_null(memchr(e.text, 0, sizeof(e.text)));
}

static void the_deepest_hint_stays(_unused_ void **state)
{
	struct err e = { 0 };

	err_set(&e, EPERM, "x");
	err_hint(&e, "first");
	err_hint(&e, "second");
	assert_string_equal(e.hint, "first");
	err_set(&e, EPERM, "a new error");
	assert_string_equal(e.hint, "");
}

static void an_exit_status_travels(_unused_ void **state)
{
	struct err e = { 0 };

	err_text(&e, ENOENT, "gone");
	assert_string_equal(e.text, "gone");
	assert_int_equal(err_exit(&e, 127), -ENOENT);
	err_at(&e, "exec");
	assert_int_equal(e.exit, 127);
}

TEST_GROUP(err, cmocka_unit_test(prefixes_grow_to_the_left),
	   cmocka_unit_test(long_texts_are_cut_and_terminated),
	   cmocka_unit_test(the_deepest_hint_stays), cmocka_unit_test(an_exit_status_travels));
