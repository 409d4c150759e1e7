/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One test_NAME.c per module: it defines NAME_tests[] and NAME_tests_n, and the file name
 * registers it (build/gen/test.def). t.c runs every group under cmocka and checks after each
 * group that no descriptor and no child was left behind.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/base/attr.h"

#define TEST_GROUP(name, ...)                                                                      \
	extern const struct CMUnitTest name##_tests[];                                             \
	extern const size_t name##_tests_n;                                                        \
	const struct CMUnitTest name##_tests[] = { __VA_ARGS__ };                                  \
	const size_t name##_tests_n = ARRAY_SIZE(name##_tests)
