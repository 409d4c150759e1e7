/* SPDX-License-Identifier: Apache-2.0 */
/* Our tables of words against those who keep the lists: libcap, libseccomp, glibc. */
#include "tests/unit/t.h"

#include <ctype.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

#include "specs/words.h"

/* libcap names capabilities in lower case, config.json in upper case. */
static void capabilities_are_libcaps(_unused_ void **state)
{
	unsigned n = 0;

	for (unsigned i = 0; word_at(WORDS_CAPABILITIES, i); i++, n++) {
		const char *word = word_at(WORDS_CAPABILITIES, i);
		uint64_t ours;
		cap_value_t theirs;
		char lower[64];
		size_t len = 0;

		for (; word[len]; len++)
			lower[len] = (char)tolower((unsigned char)word[len]);
		lower[len] = 0;
		assert_true(word_value(WORDS_CAPABILITIES, word, &ours));
		assert_int_equal(cap_from_name(lower, &theirs), 0);
		assert_int_equal(ours, theirs);
	}
	assert_true(n >= (unsigned)CAP_LAST_CAP + 1);
}

/* "SCMP_ARCH_X86_64" is "x86_64" there; its tokens are the kernel's AUDIT_ARCH_* numbers. */
static void architectures_are_libseccomps(_unused_ void **state)
{
	unsigned known = 0;

	for (unsigned i = 0; word_at(WORDS_SECCOMP_ARCHES, i); i++) {
		const char *word = word_at(WORDS_SECCOMP_ARCHES, i);
		char lower[64];
		uint64_t ours;
		size_t len = 0;

		for (const char *c = word + strlen("SCMP_ARCH_"); *c; c++)
			lower[len++] = (char)tolower((unsigned char)*c);
		lower[len] = 0;

		uint32_t theirs = seccomp_arch_resolve_name(lower);

		assert_true(word_value(WORDS_SECCOMP_ARCHES, word, &ours));
		if (!theirs || !strcmp(lower, "x32"))
			continue; /* newer than this libseccomp, or a number of our own */
		assert_int_equal(ours, theirs);
		known++;
	}
	assert_true(known >= 15);
}

TEST_GROUP(words, cmocka_unit_test(capabilities_are_libcaps),
	   cmocka_unit_test(architectures_are_libseccomps));
