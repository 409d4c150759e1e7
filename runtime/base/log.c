/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"

/* fd -1: there is no file, lines go to stderr */
static struct {
	int fd;
	bool json;
	enum log_level level;
} out = { .fd = -1, .level = LOG_ERROR_ };

static const char *const level_names[] = { "debug", "info", "warning", "error" };

static int open_file(const char *file, struct err *e)
{
	/*
	 * O_NONBLOCK for the moment of opening: a FIFO that nobody reads gives ENXIO instead of
	 * hanging us before the first error can be told.
	 */
	own_fd fd =
		open(file,
		     O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
		     0644);

	if (fd < 0)
		return err_set(e, errno, "open log '%s'", file);
	if (fcntl(fd, F_SETFL, O_APPEND) < 0)
		return err_set(e, errno, "log '%s'", file);
	fd_drop(&out.fd);
	out.fd = take_fd(fd);
	return 0;
}

int log_open(const char *file, const char *format, enum log_level level, struct err *e)
{
	if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
		return err_text(e, EINVAL, "option '--log-format': '%s' is neither text nor json",
				format);
	out.json = format && !strcmp(format, "json");
	out.level = level;
	/*
	 * /dev/stderr is a symbolic link, which O_NOFOLLOW refuses; and it is where we write anyway
	 */
	if (!file || !*file || !strcmp(file, "/dev/stderr"))
		return 0;
	return open_file(file, e);
}

/* Length of the UTF-8 character at s, 0 when it is none (overlong, surrogate, cut, too large). */
static size_t utf8_len(const unsigned char *s, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80       ? 1
		   : s[0] >> 5 == 6  ? 2
		   : s[0] >> 4 == 14 ? 3
		   : s[0] >> 3 == 30 ? 4
				     : 0;

	if (n < 2) {
		*code = s[0];
		return n;
	}
	*code = s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return n;
}

/*
 * Text may come out of an image or a config: nothing in it may steer the terminal, end the line
 * or break the JSON.
 */
static void put_escaped(struct buf *b, const char *text, bool quoted)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		uint32_t code = 0;
		size_t n = utf8_len(s, &code);

		if (!n)
			buf_puts(b, "\xef\xbf\xbd");
		else if (code == '\n')
			buf_puts(b, "\\n");
		else if (code == '\t')
			buf_puts(b, quoted ? "\\t" : "\t");
		else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
			buf_printf(b, "\\u%04x", code);
		else if (quoted && (code == '"' || code == '\\'))
			buf_printf(b, "\\%c", (int)code);
		else
			buf_put(b, s, n);
		s += n ? n : 1;
	}
}

static void put_time(struct buf *b)
{
	char text[32] = "1970-01-01T00:00:00Z";
	time_t now = time(NULL);
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_puts(b, text);
}

static void put_json(struct buf *b, enum log_level level, const char *text)
{
	buf_printf(b, "{\"level\":\"%s\",\"msg\":\"", level_names[level]);
	put_escaped(b, text, true);
	buf_puts(b, "\",\"time\":\"");
	put_time(b);
	buf_puts(b, "\"}\n");
}

static void put_logfmt(struct buf *b, enum log_level level, const char *text)
{
	buf_puts(b, "time=\"");
	put_time(b);
	buf_printf(b, "\" level=%s msg=\"", level_names[level]);
	put_escaped(b, text, true);
	buf_puts(b, "\"\n");
}

static void put_plain(struct buf *b, const char *label, const char *text)
{
	buf_printf(b, "berth: %s: ", label);
	put_escaped(b, text, false);
	buf_puts(b, "\n");
}

/* One write per line, so that lines of several berths in one file do not mix. */
static void flush(int fd, const struct buf *b)
{
	/* a log that cannot be written is no reason to fail what is being done */
	if (fd_write_all(fd, b->data, b->len) < 0)
		return;
}

static void put_line(enum log_level level, const char *text)
{
	own_buf b = BUF_INIT;

	if (out.json)
		put_json(&b, level, text);
	else if (out.fd >= 0)
		put_logfmt(&b, level, text);
	else
		put_plain(&b, level_names[level], text);
	flush(out.fd >= 0 ? out.fd : STDERR_FILENO, &b);
}

static void _printf_(2, 0) put_format(enum log_level level, const char *fmt, va_list ap)
{
	char text[2048];

	if (vsnprintf(text, sizeof(text), fmt, ap) >= 0)
		put_line(level, text);
}

void log_debug(const char *fmt, ...)
{
	va_list ap;

	if (out.level > LOG_DEBUG_)
		return;
	va_start(ap, fmt);
	put_format(LOG_DEBUG_, fmt, ap);
	va_end(ap);
}

void log_warn(const char *fmt, ...)
{
	va_list ap;

	if (out.level > LOG_WARN_)
		return;
	va_start(ap, fmt);
	put_format(LOG_WARN_, fmt, ap);
	va_end(ap);
}

void log_error(const char *text, const char *hint)
{
	own_buf b = BUF_INIT;

	/* Engines keep the last line of stderr, so the hint comes before the error. */
	if (hint && *hint && out.fd < 0 && !out.json)
		put_plain(&b, "hint", hint);
	if (out.fd >= 0 || !out.json)
		put_plain(&b, "error", text);
	if (out.fd >= 0 || out.json)
		put_line(LOG_ERROR_, text);
	if (b.len)
		flush(STDERR_FILENO, &b);
}

bool log_debug_on(void)
{
	return out.level <= LOG_DEBUG_;
}

void log_leave(void)
{
	if (log_debug_on())
		return;
	fd_drop(&out.fd);
	out.level = LOG_ERROR_;
}

int log_fd(void)
{
	return out.fd;
}
