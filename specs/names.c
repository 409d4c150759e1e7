/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/names.h"

const struct ns_name ns_names[NS_COUNT] = {
#define X(id, word, flag, file) [NS_##id] = { word, flag, file },
	NS_TABLE(X)
#undef X
};

const char *const hook_names[HOOK_COUNT] = {
#define X(id, word) [HOOK_##id] = word,
	HOOK_TABLE(X)
#undef X
};
