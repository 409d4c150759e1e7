/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels against a tree of plain files in place of procfs: what is written is what is read back,
 * so it stands for an SELinux that obeys and for an AppArmor that does something else.
 */
#include "tests/unit/t.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/proc/proc.h"
#include "specs/spec.h"
#include "tests/unit/tree.h"

#define LABEL "system_u:system_r:container_t:s0:c1,c2"

struct world {
	struct tree t;
	struct process_spec p;
	struct proc_plan plan;
	struct err e;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	tree_make(&w->t);
	process_init(&w->p);
	w->plan.p = &w->p;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	tree_remove(&w->t);
	free(w);
	return 0;
}

static void file(struct world *w, const char *path)
{
	tree_file(&w->t, path, "", 0, 0644);
}

static void content_is(struct world *w, const char *path, const char *want)
{
	char text[128] = "";
	int fd = openat(w->t.fd, path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0 && read(fd, text, sizeof(text) - 1) >= 0);
	close(fd);
	assert_string_equal(text, want);
}

static void selinux_labels_keys_and_exec(void **state)
{
	struct world *w = *state;

	file(w, "self/attr/exec");
	file(w, "self/attr/keycreate");
	w->p.selinux = LABEL;
	assert_int_equal(proc_labels(&w->plan, w->t.fd, &w->e), 0);
	content_is(w, "self/attr/exec", LABEL);
	content_is(w, "self/attr/keycreate", LABEL);
}

/* What is left behind the label makes the text that is read another one. */
static void another_label_than_asked_for_is_an_error(void **state)
{
	struct world *w = *state;

	file(w, "self/attr/keycreate");
	tree_file(&w->t, "self/attr/exec", "u:r:t_and_more", 14, 0644);
	w->p.selinux = "u:r:t";
	assert_int_equal(proc_labels(&w->plan, w->t.fd, &w->e), -EIO);
	assert_string_equal(w->e.text, "SELinux label in self/attr/exec is \"u:r:t_and_more\" "
				       "instead of \"u:r:t\"");
}

/* The policy may write "c2,c1" as it likes, but never another type. */
static void only_the_level_may_look_different(void **state)
{
	struct world *w = *state;

	tree_file(&w->t, "self/attr/keycreate", "u:r:t:s0:c1,c2", 14, 0644);
	tree_file(&w->t, "self/attr/exec", "u:r:t:s0:c1,c2", 14, 0644);
	w->p.selinux = "u:r:t:s0:c0";
	assert_int_equal(proc_labels(&w->plan, w->t.fd, &w->e), 0);
}

static void a_missing_attribute_is_an_error(void **state)
{
	struct world *w = *state;

	w->p.selinux = LABEL;
	assert_int_equal(proc_labels(&w->plan, w->t.fd, &w->e), -ENOENT);
	assert_non_null(strstr(w->e.text, "self/attr/keycreate"));
	w->p.selinux = NULL;
	w->p.apparmor = "docker-default";
	assert_int_equal(proc_labels(&w->plan, w->t.fd, &w->e), -ENOENT);
	assert_string_equal(w->e.text, "apparmor profile \"docker-default\" is not loaded");
}

static void apparmor_has_a_directory_of_its_own(void **state)
{
	struct world *w = *state;

	file(w, "self/attr/exec");
	file(w, "self/attr/apparmor/exec");
	w->p.apparmor = "docker-default";
	assert_int_equal(proc_labels(&w->plan, w->t.fd, &w->e), -EIO);
	assert_string_equal(w->e.text, "apparmor profile is \"exec docker-default\" instead of "
				       "\"docker-default\"");
	content_is(w, "self/attr/apparmor/exec", "exec docker-default");
	content_is(w, "self/attr/exec", "");
}

static void without_it_the_shared_file_is_used(void **state)
{
	struct world *w = *state;

	file(w, "self/attr/exec");
	w->p.apparmor = "unconfined";
	assert_int_equal(proc_labels(&w->plan, w->t.fd, &w->e), -EIO);
	content_is(w, "self/attr/exec", "exec unconfined");
}

/* CVE-2025-52881: a label written to another file of procfs, or of the host */
static void no_link_leads_out(void **state)
{
	struct world *w = *state;

	file(w, "victim");
	tree_link(&w->t, "self", "/proc/self");
	w->p.oom_score_adj = 500;
	assert_int_equal(proc_labels(&w->plan, w->t.fd, &w->e), -EXDEV);
	assert_int_equal(unlinkat(w->t.fd, "self", 0), 0);
	tree_link(&w->t, "self", "../../../../../../../../proc/self");
	assert_int_equal(proc_labels(&w->plan, w->t.fd, &w->e), -EXDEV);
	assert_int_equal(unlinkat(w->t.fd, "self", 0), 0);
	tree_link(&w->t, "self", "1");
	file(w, "1/oom_score_adj");
	assert_int_equal(proc_labels(&w->plan, w->t.fd, &w->e), 0);
	content_is(w, "1/oom_score_adj", "500");
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
TEST_GROUP(proc_label, T(selinux_labels_keys_and_exec), T(another_label_than_asked_for_is_an_error),
	   T(only_the_level_may_look_different), T(a_missing_attribute_is_an_error),
	   T(apparmor_has_a_directory_of_its_own), T(without_it_the_shared_file_is_used),
	   T(no_link_leads_out));
