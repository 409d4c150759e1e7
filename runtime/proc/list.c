/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/parts.h"

#include <string.h>

#include "runtime/base/arena.h"

enum { LONG_BITS = 8 * sizeof(unsigned long) };

/* One decimal number below max; *s moves behind it. */
static bool number(const char **s, unsigned max, unsigned *out)
{
	const char *p = *s;
	unsigned n = 0;

	while (*p >= '0' && *p <= '9') {
		n = n * 10 + (unsigned)(*p++ - '0');
		if (n >= max)
			return false;
	}
	if (p == *s)
		return false;
	*s = p;
	*out = n;
	return true;
}

/* "N" or "N-M", and the comma behind it when more follows */
static bool range(const char **s, unsigned max, unsigned *first, unsigned *last)
{
	if (!number(s, max, first))
		return false;
	*last = *first;
	if (**s == '-') {
		(*s)++;
		if (!number(s, max, last))
			return false;
	}
	if (**s == ',')
		return *++*s != 0;
	return **s == 0;
}

bool list_parse(const char *text, unsigned max, struct arena *a, unsigned long **mask,
		unsigned long *bits)
{
	unsigned long *m = arena_array(a, max / LONG_BITS + 1, sizeof(*m));
	unsigned first, last, top = 0;

	do {
		if (!range(&text, max, &first, &last) || last < first)
			return false;
		for (unsigned i = first; i <= last; i++)
			m[i / LONG_BITS] |= 1ul << i % LONG_BITS;
		if (last > top)
			top = last;
	} while (*text);
	*mask = m;
	*bits = top + 1;
	return true;
}
