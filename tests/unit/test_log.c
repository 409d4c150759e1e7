/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/log.h"

struct logged {
	char dir[64], file[96], err_file[96];
	char log[8192], err[8192]; /* what arrived in the file and on stderr */
};

static void slurp(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = 0;
	if (fd >= 0)
		close(fd);
}

/* The log is one per process: each case runs in a child, its stderr in a file. */
static int logged(struct logged *l, bool file, const char *format, enum log_level level,
		  void (*fn)(void))
{
	pid_t pid;
	int status = 0;

	if (!l->dir[0]) {
		strcpy(l->dir, "/tmp/berth-log-XXXXXX");
		assert_non_null(mkdtemp(l->dir));
		snprintf(l->file, sizeof(l->file), "%s/log", l->dir);
		snprintf(l->err_file, sizeof(l->err_file), "%s/err", l->dir);
	}
	pid = fork();
	if (pid == 0) {
		struct err e = { 0 };
		int fd = open(l->err_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		dup2(fd, 2);
		if (log_open(file ? l->file : NULL, format, level, &e) < 0)
			_exit(e.code);
		fn();
		_exit(0);
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	slurp(l->file, l->log, sizeof(l->log));
	slurp(l->err_file, l->err, sizeof(l->err));
	return WEXITSTATUS(status);
}

static void clean(struct logged *l)
{
	unlink(l->file);
	unlink(l->err_file);
	assert_int_equal(rmdir(l->dir), 0);
}

static void one_of_each(void)
{
	log_debug("de %d", 1);
	log_warn("wa");
	log_error("er /x", "do this");
}

static void bad_bytes(void)
{
	log_error("a\"b\\c/d\ne\033[31m\x7f\xff\xc0\x80\xed\xa0\x80\xc2\x9b\xc3\xa9", NULL);
}

static void nothing(void)
{
}

static void plain_errors_end_with_the_error(_unused_ void **state)
{
	struct logged l = { 0 };

	assert_int_equal(logged(&l, false, NULL, LOG_ERROR_, one_of_each), 0);
	assert_string_equal(l.err, "berth: hint: do this\nberth: error: er /x\n");
	assert_int_equal(logged(&l, false, "text", LOG_DEBUG_, one_of_each), 0);
	assert_string_equal(l.err, "berth: debug: de 1\nberth: warning: wa\nberth: hint: do this\n"
				   "berth: error: er /x\n");
	clean(&l);
}

static void a_json_log_holds_one_object_and_stderr_one_line(_unused_ void **state)
{
	static const char start[] = "{\"level\":\"error\",\"msg\":\"er /x\",\"time\":\"2";
	struct logged l = { 0 };
	struct stat st;

	assert_int_equal(logged(&l, true, "json", LOG_ERROR_, one_of_each), 0);
	assert_int_equal(strncmp(l.log, start, strlen(start)), 0);
	assert_int_equal(strlen(l.log), strlen(start) + strlen("026-11-20T23:12:09Z\"}\n"));
	assert_string_equal(l.err, "berth: error: er /x\n");
	assert_int_equal(stat(l.file, &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~022, 0644);
	clean(&l);
}

static void the_log_is_appended_to(_unused_ void **state)
{
	struct logged l = { 0 };

	logged(&l, true, "json", LOG_ERROR_, one_of_each);

	size_t once = strlen(l.log);

	logged(&l, true, "json", LOG_ERROR_, one_of_each);
	assert_int_equal(strlen(l.log), 2 * once);
	clean(&l);
}

static void json_without_a_file_goes_to_stderr(_unused_ void **state)
{
	struct logged l = { 0 };

	logged(&l, false, "json", LOG_ERROR_, one_of_each);
	assert_int_equal(strncmp(l.err, "{\"level\":\"error\"", 16), 0);
	assert_ptr_equal(strchr(l.err, '\n'), l.err + strlen(l.err) - 1);
	clean(&l);
}

static void text_in_a_file_has_time_and_level(_unused_ void **state)
{
	struct logged l = { 0 };

	logged(&l, true, "text", LOG_ERROR_, one_of_each);
	assert_int_equal(strncmp(l.log, "time=\"2", 7), 0);
	assert_non_null(strstr(l.log, " level=error msg=\"er /x\"\n"));
	clean(&l);
}

static void nothing_in_a_message_breaks_the_line(_unused_ void **state)
{
	static const char json[] =
		"\"msg\":\"a\\\"b\\\\c/d\\ne\\u001b[31m\\u007f\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\u009b\xc3\xa9\",";
	struct logged l = { 0 };

	logged(&l, true, "json", LOG_ERROR_, bad_bytes);
	assert_non_null(strstr(l.log, json));
	assert_null(strchr(l.err, 033));
	assert_ptr_equal(strchr(l.err, '\n'), l.err + strlen(l.err) - 1);
	clean(&l);
}

static void what_cannot_be_a_log_is_refused(_unused_ void **state)
{
	struct logged l = { 0 };

	assert_int_equal(logged(&l, false, "yaml", LOG_ERROR_, nothing), EINVAL);
	assert_int_equal(symlink("/dev/null", l.file), 0);
	assert_int_equal(logged(&l, true, "json", LOG_ERROR_, nothing), ELOOP);
	assert_int_equal(unlink(l.file), 0);
	assert_int_equal(mkdir(l.file, 0700), 0);
	assert_int_equal(logged(&l, true, "json", LOG_ERROR_, nothing), EISDIR);
	assert_int_equal(rmdir(l.file), 0);
	/* nobody reads it: refused at once instead of hanging */
	assert_int_equal(mkfifo(l.file, 0600), 0);
	assert_int_equal(logged(&l, true, "json", LOG_ERROR_, nothing), ENXIO);
	clean(&l);
}

TEST_GROUP(log, cmocka_unit_test(plain_errors_end_with_the_error),
	   cmocka_unit_test(a_json_log_holds_one_object_and_stderr_one_line),
	   cmocka_unit_test(the_log_is_appended_to),
	   cmocka_unit_test(json_without_a_file_goes_to_stderr),
	   cmocka_unit_test(text_in_a_file_has_time_and_level),
	   cmocka_unit_test(nothing_in_a_message_breaks_the_line),
	   cmocka_unit_test(what_cannot_be_a_log_is_refused));
