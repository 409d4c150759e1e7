/* SPDX-License-Identifier: Apache-2.0 */
/* leakcheck: see what a command left behind on this host. tests/fault/leak.h says what is seen. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/attr.h"
#include "tests/fault/leak.h"

static int usage(void)
{
	fputs("usage: leakcheck [OPTION...] snap FILE       look at the host, keep it in FILE\n"
	      "       leakcheck [OPTION...] diff FILE       compare with FILE; 1: something "
	      "differs\n"
	      "       leakcheck [OPTION...] run -- CMD ...  compare before and after CMD\n"
	      "  -t DIR  count the entries of a directory (the state root, a bundle); repeatable\n"
	      "  -m ID   only processes and cgroups that mention ID (for a busy machine)\n"
	      "  -k TEXT keys whose description has TEXT\n"
	      "  -s MS   time that differences get to go away (1000)\n",
	      stderr);
	return 2;
}

static int run(char *const argv[], const struct leak_watch *w, unsigned settle)
{
	struct snapshot before = SNAPSHOT_INIT;
	int status = 0;

	snapshot_take(&before, w);
	pid_t pid = fork();
	if (pid == 0) {
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		perror("leakcheck");
		return 2;
	}
	size_t n = leak_check(&before, w, settle, stdout);
	snapshot_done(&before);
	if (n == 0 && WIFEXITED(status))
		return WEXITSTATUS(status);
	return 1;
}

int main(int argc, char **argv)
{
	struct leak_watch w = { .ntrees = 0 };
	struct snapshot s = SNAPSHOT_INIT;
	unsigned settle = 1000;
	int r = 0;

	for (int c = getopt(argc, argv, "+t:m:k:s:"); c != -1;
	     c = getopt(argc, argv, "+t:m:k:s:")) {
		if (c == 't' && w.ntrees < LEAK_TREES)
			w.trees[w.ntrees++] = optarg;
		else if (c == 'm')
			w.mine = optarg;
		else if (c == 'k')
			w.key = optarg;
		else if (c == 's')
			settle = (unsigned)strtoul(optarg, NULL, 10);
		else
			return usage();
	}
	if (argc - optind < 2)
		return usage();
	const char *verb = argv[optind], *file = argv[optind + 1];
	if (strcmp(verb, "run") == 0)
		return run(argv + optind + 1 + (strcmp(file, "--") == 0), &w, settle);
	if (strcmp(verb, "snap") == 0) {
		snapshot_take(&s, &w);
		r = snapshot_save(&s, file);
	} else if (strcmp(verb, "diff") == 0) {
		r = snapshot_load(&s, file);
		if (r == 0)
			return leak_check(&s, &w, settle, stdout) > 0;
	} else {
		return usage();
	}
	snapshot_done(&s);
	if (r < 0)
		fprintf(stderr, "leakcheck: %s: %s\n", file, strerror(-r));
	return r < 0 ? 2 : 0;
}
