/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/proc.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/opt.h"
#include "runtime/proc/parts.h"

/* Digits alone are a number, and one that is out of range is an error, never a name. */
static bool all_digits(const char *word)
{
	return *word && word[strspn(word, "0123456789")] == 0;
}

/* What may be looked up: nothing that reads like a number with a sign or a space around it. */
static bool plain_name(const char *word)
{
	static const char rest[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "_.@$-";

	return *word && *word != '-' && word[strspn(word, rest)] == 0;
}

/* 0: *id is set; 1: a name */
static int number_or_name(const char *kind, const char *word, uint32_t *id, struct err *e)
{
	unsigned long long n;

	if (!all_digits(word)) {
		if (plain_name(word))
			return 1;
		return err_text(e, EINVAL, "%s \"%s\" is neither a number nor a name", kind, word);
	}
	if (opt_number(word, UINT32_MAX - 1, &n) < 0)
		return err_text(e, ERANGE, "%s %s is out of range: 0 to 4294967294", kind, word);
	*id = (uint32_t)n;
	return 0;
}

static int group_of(const char *word, int root_fd, gid_t *gid, struct err *e)
{
	int r = number_or_name("group", word, gid, e);

	if (r != 1)
		return r;
	r = group_find(root_fd, word, gid, e);
	if (r == ACCOUNT_NONE)
		return err_text(e, ENOENT, "group \"%s\" is not in the container's /etc/group",
				word);
	return r;
}

static int account_of(const char *name, int root_fd, struct arena *a, struct account *out,
		      struct err *e)
{
	int r = passwd_find(root_fd, name, 0, a, out, e);

	if (r != ACCOUNT_NONE)
		return r;
	err_text(e, ENOENT, "user \"%s\" is not in the container's /etc/passwd", name);
	return err_hint(e, "a number, or number:number, needs no entry");
}

int proc_user(const char *word, int root_fd, struct user_spec *out, struct arena *a, struct err *e)
{
	const char *colon = strchr(word, ':');
	const char *user = colon ? arena_strndup(a, word, (size_t)(colon - word)) : word;
	struct user_spec u = *out;
	struct account found = { 0 };

	if (!*user || (colon && !colon[1]))
		return err_text(e, EINVAL, "user \"%s\" is not of the form user or user:group",
				word);

	int named = number_or_name("user", user, &u.uid, e);
	int r = named == 1 ? account_of(user, root_fd, a, &found, e) : named;

	if (r == 0 && named) {
		u.uid = found.uid;
		u.gid = found.gid;
	}
	if (r == 0 && colon)
		r = group_of(colon + 1, root_fd, &u.gid, e);
	if (r == 0 && named && colon) {
		u.groups = NULL;
		u.ngroups = 0;
	}
	if (r == 0 && named && !colon)
		r = group_list(root_fd, user, u.gid, a, &u.groups, &u.ngroups, e);
	if (r == 0)
		*out = u;
	return r;
}
