/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The features document of runtime-spec 1.3. Everything in it is a fact of this build, not of the
 * running kernel, and needs neither root nor a state directory. Engines decide by it: dockerd
 * refuses recursive read-only mounts without "rro", containerd user namespaces without idmap.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/cmd/cmd.h"
#include "specs/json.h"
#include "specs/words.h"
#include "version.h"

/* What config.json may ask for and this build does not do yet says false here. */
enum {
	HAVE_SYSTEMD = false, /* --systemd-cgroup over D-Bus */
	HAVE_RDT = false,
	HAVE_NETDEVICES = false,
	HAVE_CHECKPOINT = false,
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_words(struct json_out *o, const char *key, enum word_list l, bool sorted,
		      struct arena *a)
{
	const char **words;
	unsigned n = 0;

	while (word_at(l, n))
		n++;
	words = arena_array(a, n, sizeof(*words));
	for (unsigned i = 0; i < n; i++)
		words[i] = word_at(l, i);
	if (sorted)
		qsort(words, n, sizeof(*words), by_name);
	json_open(o, key, '[');
	for (unsigned i = 0; i < n; i++)
		/* two spellings of one word are neighbours after sorting */
		if (!sorted || !i || strcmp(words[i], words[i - 1]) != 0)
			json_str(o, NULL, words[i]);
	json_close(o, ']');
}

static void put_enabled(struct json_out *o, const char *key, bool enabled)
{
	json_open(o, key, '{');
	json_bool(o, "enabled", enabled);
	json_close(o, '}');
}

/* cgroups/ctl_NAME.c is a controller: is there one? */
static bool have_controller(const char *name)
{
	static const char *const names[] = {
#define X(ctl) #ctl,
#include "ctl.def"
#undef X
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static void put_cgroup(struct json_out *o)
{
	json_open(o, "cgroup", '{');
	json_bool(o, "v1", true);
	json_bool(o, "v2", true);
	json_bool(o, "systemd", HAVE_SYSTEMD);
	json_bool(o, "systemdUser", HAVE_SYSTEMD);
	json_bool(o, "rdma", have_controller("rdma"));
	json_close(o, '}');
}

static void put_seccomp(struct json_out *o, struct arena *a)
{
	json_open(o, "seccomp", '{');
	json_bool(o, "enabled", true);
	put_words(o, "actions", WORDS_SECCOMP_ACTIONS, true, a);
	put_words(o, "operators", WORDS_SECCOMP_OPERATORS, true, a);
	put_words(o, "archs", WORDS_SECCOMP_ARCHES, true, a);
	put_words(o, "knownFlags", WORDS_SECCOMP_FLAGS, true, a);
	put_words(o, "supportedFlags", WORDS_SECCOMP_FLAGS, true, a);
	json_close(o, '}');
}

static void put_linux(struct json_out *o, struct arena *a)
{
	json_open(o, "linux", '{');
	put_words(o, "namespaces", WORDS_NAMESPACES, true, a);
	put_words(o, "capabilities", WORDS_CAPABILITIES, false, a);
	put_cgroup(o);
	put_seccomp(o, a);
	put_enabled(o, "apparmor", true);
	put_enabled(o, "selinux", true);
	json_open(o, "intelRdt", '{');
	json_bool(o, "enabled", HAVE_RDT);
	json_bool(o, "schemata", HAVE_RDT);
	json_bool(o, "monitoring", HAVE_RDT);
	json_close(o, '}');
	json_open(o, "memoryPolicy", '{');
	put_words(o, "modes", WORDS_MEMPOLICY_MODES, true, a);
	put_words(o, "flags", WORDS_MEMPOLICY_FLAGS, true, a);
	json_close(o, '}');
	json_open(o, "mountExtensions", '{');
	put_enabled(o, "idmap", true);
	json_close(o, '}');
	put_enabled(o, "netDevices", HAVE_NETDEVICES);
	json_close(o, '}');
}

static void put_annotations(struct json_out *o)
{
	/*
	 * annotations that let a config.json reach beyond the container; a dot at the end: a prefix
	 */
	static const char *const unsafe[] = { "bundle", "org.systemd.property.", "org.criu.",
					      "run.oci.", "berth." };

	json_open(o, "annotations", '{');
	json_str(o, "berth.version", BERTH_VERSION);
	json_str(o, "berth.commit", BERTH_COMMIT);
	json_str(o, "io.github.seccomp.libseccomp.version", BERTH_LIBSECCOMP);
	json_str(o, "org.opencontainers.runc.checkpoint.enabled",
		 HAVE_CHECKPOINT ? "true" : "false");
	json_close(o, '}');
	json_open(o, "potentiallyUnsafeConfigAnnotations", '[');
	for (size_t i = 0; i < ARRAY_SIZE(unsafe); i++)
		json_str(o, NULL, unsafe[i]);
	json_close(o, ']');
}

static int run(const struct cmd_call *c, _unused_ struct err *e)
{
	own_buf text = BUF_INIT;
	struct json_out o = { .b = &text, .pretty = true, .first = true };

	json_open(&o, NULL, '{');
	json_str(&o, "ociVersionMin", "1.0.0");
	json_str(&o, "ociVersionMax", "1.3.0");
	put_words(&o, "hooks", WORDS_HOOKS, false, c->arena);
	put_words(&o, "mountOptions", WORDS_MOUNT_OPTIONS, true, c->arena);
	put_linux(&o, c->arena);
	put_annotations(&o);
	json_close(&o, '}');
	puts(buf_text(&text));
	return 0;
}

extern const struct cmd cmd_features;
const struct cmd cmd_features = {
	.name = "features",
	.help = "print what this build supports, as the OCI features document",
	.group = "About berth",
	.run = run,
};
