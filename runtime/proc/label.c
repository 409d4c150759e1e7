/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

/* A page: no attribute of an LSM is longer. */
enum { LABEL_MAX = 4096 };

static void close_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

static bool apparmor_enabled(void)
{
	char text[8];

	return fd_read_file_at(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", text,
			       sizeof(text)) > 0 &&
	       text[0] == 'Y';
}

/*
 * Is it in the kernel's list, "NAME (mode)" a line? What is stacked or in another policy namespace
 * is not looked for, and without securityfs nobody can tell: then the write of the label does.
 */
static bool apparmor_loaded(const char *profile)
{
	_cleanup_(close_file) FILE *f = fopen("/sys/kernel/security/apparmor/profiles", "re");
	size_t len = strlen(profile);
	char line[LABEL_MAX];

	if (!f || !strcmp(profile, "unconfined") || profile[0] == ':' || strchr(profile, '&'))
		return true;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, profile, len) && !strncmp(line + len, " (", 2))
			return true;
	return false;
}

static bool selinux_enabled(void)
{
	return access("/sys/fs/selinux/enforce", F_OK) == 0;
}

int proc_check_lsm(const struct process_spec *p, struct err *e)
{
	/* "unconfined" too: it is a transition that only AppArmor can make. */
	if (p->apparmor && *p->apparmor && !apparmor_enabled()) {
		err_text(e, ENOTSUP,
			 "process.apparmorProfile: \"%s\" is asked for, but AppArmor is not "
			 "enabled on this host",
			 p->apparmor);
		return err_hint(e, "remove apparmorProfile, or boot with AppArmor");
	}
	if (p->apparmor && *p->apparmor && !apparmor_loaded(p->apparmor)) {
		err_text(e, ENOENT,
			 "process.apparmorProfile: apparmor profile \"%s\" is not loaded",
			 p->apparmor);
		return err_hint(e, "load it with apparmor_parser");
	}
	if (p->selinux && *p->selinux && !selinux_enabled()) {
		err_text(e, ENOTSUP,
			 "process.selinuxLabel: \"%s\" is asked for, but SELinux is not enabled "
			 "on this host",
			 p->selinux);
		return err_hint(e, "remove selinuxLabel, or boot with SELinux");
	}
	return 0;
}

/* Never through a symlink out of the private procfs, nor onto something mounted over it. */
static int attr_open(int proc_fd, const char *file, int flags)
{
	int fd = sys_openat2(proc_fd, file, (uint64_t)(unsigned)flags | O_CLOEXEC, 0,
			     RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);

	return fd < 0 ? -errno : fd;
}

static int attr_write(int proc_fd, const char *file, const char *value)
{
	own_fd fd = attr_open(proc_fd, file, O_WRONLY);

	if (fd < 0)
		return fd;
	return write(fd, value, strlen(value)) < 0 ? -errno : 0;
}

static int attr_read(int proc_fd, const char *file, char *text, size_t size)
{
	own_fd fd = attr_open(proc_fd, file, O_RDONLY);

	if (fd < 0)
		return fd;

	ssize_t n = read(fd, text, size - 1);

	if (n < 0)
		return -errno;
	text[n] = 0;
	text[strcspn(text, "\n")] = 0;
	return 0;
}

/*
 * The kernel shows a profile with its mode behind it, "NAME (enforce)". Stacks and profiles of
 * another namespace are shown in a form of the kernel's own: there only that something is set.
 */
static bool same_profile(const char *shown, const char *asked)
{
	size_t len = strlen(asked);

	if (strstr(asked, "//&") || asked[0] == '&' || asked[0] == ':')
		return *shown != 0;
	return !strncmp(shown, asked, len) && (shown[len] == 0 || !strncmp(shown + len, " (", 2));
}

static int set_apparmor(int proc_fd, const char *profile, struct err *e)
{
	/* Linux 5.8: a directory of its own, since attr/exec belongs to the first LSM. */
	const char *file = "self/attr/apparmor/exec";
	char text[LABEL_MAX];
	int n = snprintf(text, sizeof(text), "exec %s", profile);

	if (n < 0 || (size_t)n >= sizeof(text))
		return err_text(e, EINVAL, "process.apparmorProfile: too long");

	int r = attr_write(proc_fd, file, text);

	if (r == -ENOENT) {
		file = "self/attr/exec";
		r = attr_write(proc_fd, file, text);
	}
	if (r == -ENOENT)
		return err_text(e, ENOENT, "apparmor profile \"%s\" is not loaded", profile);
	if (r < 0)
		return err_set(e, -r, "apparmor failed to apply profile \"%s\"", profile);
	r = attr_read(proc_fd, file, text, sizeof(text));
	if (r < 0)
		return err_set(e, -r, "read back the apparmor profile \"%s\"", profile);
	if (!same_profile(text, profile))
		return err_text(e, EIO, "apparmor profile is \"%s\" instead of \"%s\"", text,
				profile);
	return 0;
}

/* The level at the end is shown in a normal form of the policy's: only what is before it counts. */
static bool same_context(const char *shown, const char *asked)
{
	size_t len = 0;

	for (int colons = 0; asked[len]; len++) {
		colons += asked[len] == ':';
		if (colons == 3)
			break;
	}
	return !strncmp(shown, asked, len) && (shown[len] == 0) == (asked[len] == 0);
}

static int set_selinux(int proc_fd, const char *file, const char *label, struct err *e)
{
	char text[LABEL_MAX];
	int r = attr_write(proc_fd, file, label);

	if (r < 0)
		return err_set(e, -r, "set SELinux label \"%s\" in %s", label, file);
	r = attr_read(proc_fd, file, text, sizeof(text));
	if (r < 0)
		return err_set(e, -r, "read back the SELinux label \"%s\"", label);
	if (!same_context(text, label))
		return err_text(e, EIO, "SELinux label in %s is \"%s\" instead of \"%s\"", file,
				text, label);
	return 0;
}

static int set_oom_score(int proc_fd, int32_t score, struct err *e)
{
	char text[16];

	if (score == UNSET_I32)
		return 0;
	snprintf(text, sizeof(text), "%d", score);

	int r = attr_write(proc_fd, "self/oom_score_adj", text);

	if (r == -EACCES)
		return err_text(e, EACCES,
				"process.oomScoreAdj: lowering it to %d needs CAP_SYS_RESOURCE",
				score);
	return r < 0 ? err_set(e, -r, "process.oomScoreAdj: write %d", score) : 0;
}

/*
 * Anonymous: "_ses.ID", which peers use, is a name that another container can make first and
 * leave open. Only a kernel without keys is let go. A quota that is used up (200 keys for the host
 * id behind a container's root) or a filter around us is an error: with the caller's keyring the
 * payload could reach the caller's keys.
 */
static int new_keyring(struct err *e)
{
	if (sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0) >= 0 || errno == ENOSYS)
		return 0;
	err_set(e, errno, "join a new session keyring");
	return err_hint(e, "%skeep the caller's with --no-new-keyring",
			e->code == EDQUOT ? "raise kernel.keys.maxkeys, or " : "");
}

int proc_labels(const struct proc_plan *p, int proc_fd, struct err *e)
{
	const char *apparmor = p->p->apparmor, *selinux = p->p->selinux;
	int r = set_oom_score(proc_fd, p->p->oom_score_adj, e);

	if (r == 0 && selinux && *selinux)
		r = set_selinux(proc_fd, "self/attr/keycreate", selinux, e);
	if (r == 0 && p->new_keyring)
		r = new_keyring(e);
	if (r == 0 && selinux && *selinux)
		r = set_selinux(proc_fd, "self/attr/exec", selinux, e);
	if (r == 0 && apparmor && *apparmor)
		r = set_apparmor(proc_fd, apparmor, e);
	return r;
}
