/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/base/opt.h"

#include <string.h>
#include <sys/ioctl.h>

enum { LEFT_MAX = 34, WIDTH_MIN = 60, WIDTH_DEFAULT = 80, WIDTH_MAX = 110 };

static size_t left_part(const struct opt *o, char *text, size_t size)
{
	char letter[6] = "    ";
	int n;

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c%s", o->letter, o->name ? ", " : "  ");
	n = snprintf(text, size, "  %s%s%s%s%s", letter, o->name ? "--" : "",
		     o->name ? o->name : "", o->arg ? " " : "", o->arg ? o->arg : "");
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

static size_t width_of(FILE *out)
{
	struct winsize size = { 0 };

	if (ioctl(fileno(out), TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return WIDTH_DEFAULT;
	return size.ws_col < WIDTH_MIN   ? WIDTH_MIN
	       : size.ws_col > WIDTH_MAX ? WIDTH_MAX
					 : size.ws_col;
}

/* The text from column on, its further lines indented alike. */
static void put_wrapped(const char *text, size_t column, size_t width, FILE *out)
{
	size_t at = column;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (at > column && at + 1 + word > width) {
			fprintf(out, "\n%*s", (int)column, "");
			at = column;
		} else if (at > column) {
			fputc(' ', out);
			at++;
		}
		fwrite(text, 1, word, out);
		at += word;
		text += word;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

void opt_print_help(const struct opt *v, size_t n, FILE *out)
{
	size_t column = 0, width = width_of(out);
	char left[128];

	for (size_t i = 0; i < n; i++) {
		size_t len = v[i].hidden ? 0 : left_part(&v[i], left, sizeof(left));

		if (len > column && len <= LEFT_MAX)
			column = len;
	}
	column += 2;
	for (size_t i = 0; i < n; i++) {
		size_t len = left_part(&v[i], left, sizeof(left));

		if (v[i].hidden)
			continue;
		fputs(left, out);
		if (len + 2 > column)
			fprintf(out, "\n%*s", (int)column, "");
		else
			fprintf(out, "%*s", (int)(column - len), "");
		put_wrapped(v[i].help ? v[i].help : "", column, width, out);
	}
}
