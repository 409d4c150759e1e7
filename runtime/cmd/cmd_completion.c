/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/cmd/table.h"

enum value_kind { VALUE_OTHER, VALUE_FILE, VALUE_DIR, VALUE_CHOICE };

/* What to offer behind an option is read from what its value is called in the help. */
static enum value_kind value_kind(const char *arg)
{
	static const char *const dirs[] = { "DIR", "BUNDLE" };
	static const char *const files[] = { "FILE", "PATH", "SOCKET" };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (!strcmp(arg, dirs[i]))
			return VALUE_DIR;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (!strcmp(arg, files[i]))
			return VALUE_FILE;
	return strchr(arg, '|') && islower((unsigned char)*arg) ? VALUE_CHOICE : VALUE_OTHER;
}

/* What the value that must follow is called; NULL: none has to. */
static const char *value_of(const struct opt *o)
{
	return o->kind == OPT_TRISTATE ? NULL : o->arg;
}

/* Is the first operand a container that is already there? */
static bool wants_id(const struct cmd *c)
{
	bool makes_one = !strcmp(c->name, "create") || !strcmp(c->name, "run");

	return !makes_one && c->args && !strncmp(c->args, "ID", 2) &&
	       !isalnum((unsigned char)c->args[2]);
}

/* Words to choose from, for a first operand that is none; NULL otherwise. */
static const char *operand_words(const struct cmd *c)
{
	return !strcmp(c->name, "completion") ? "bash zsh fish" : NULL;
}

static void put_choices(const char *arg)
{
	for (; *arg; arg++)
		putchar(*arg == '|' ? ' ' : *arg);
}

static void put_commands(void)
{
	for (size_t i = 0; i < ncmds; i++)
		if (!cmds[i]->hidden)
			printf("%s ", cmds[i]->name);
}

/* text for between single quotes; also: further characters to put a backslash before */
static void put_escaped(const char *text, const char *quote, const char *also)
{
	for (; *text; text++) {
		if (*text == '\'') {
			fputs(quote, stdout);
			continue;
		}
		if (strchr(also, *text))
			putchar('\\');
		putchar(*text);
	}
}

/* ---- bash ---- */

static void bash_spellings(const char *prefix, const struct opt *o)
{
	if (o->name)
		printf("%s--%s", prefix, o->name);
	if (o->letter)
		printf("%s%s-%c", o->name ? "|" : "", prefix, o->letter);
}

static void bash_values(const char *cmd, const struct opt *v, size_t n)
{
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "%s:", cmd);
	for (size_t i = 0; i < n; i++) {
		enum value_kind kind =
			value_of(&v[i]) && !v[i].hidden ? value_kind(value_of(&v[i])) : VALUE_OTHER;

		if (!value_of(&v[i]) || v[i].hidden)
			continue;
		fputs("\t", stdout);
		bash_spellings(prefix, &v[i]);
		fputs(") COMPREPLY=(", stdout);
		if (kind == VALUE_FILE || kind == VALUE_DIR)
			printf("$(compgen -%c -- \"$cur\")", kind == VALUE_DIR ? 'd' : 'f');
		if (kind == VALUE_CHOICE) {
			fputs("$(compgen -W '", stdout);
			put_choices(value_of(&v[i]));
			fputs("' -- \"$cur\")", stdout);
		}
		fputs("); return ;;\n", stdout);
	}
}

static void bash_options(const struct opt *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].hidden)
			continue;
		if (v[i].name)
			printf("--%s ", v[i].name);
		else
			printf("-%c ", v[i].letter);
	}
}

static void bash_operands(void)
{
	for (size_t i = 0; i < ncmds; i++) {
		const char *words = operand_words(cmds[i]);

		if (cmds[i]->hidden)
			continue;
		if (wants_id(cmds[i]))
			printf("\t%s) words=$(berth list -q 2>/dev/null) ;;\n", cmds[i]->name);
		else if (words)
			printf("\t%s) words='%s' ;;\n", cmds[i]->name, words);
	}
	fputs("\t''|help) words='", stdout);
	put_commands();
	fputs("' ;;\n", stdout);
}

static void bash(void)
{
	fputs("# bash completion of berth: source <(berth completion bash)\n"
	      "# shellcheck disable=SC2207\n"
	      "_berth() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd='' "
	      "words='' i\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in\n\t\t",
	      stdout);
	for (size_t i = 0; i < nglobal_opts; i++)
		if (value_of(&global_opts[i]))
			printf("--%s|", global_opts[i].name);
	fputs("'') i=$((i + 1)) ;;\n"
	      "\t\t-*) ;;\n"
	      "\t\t*) cmd=${COMP_WORDS[i]}; break ;;\n"
	      "\t\tesac\n"
	      "\tdone\n"
	      "\tcase $cmd:$prev in\n",
	      stdout);
	for (size_t i = 0; i < ncmds; i++)
		if (!cmds[i]->hidden)
			bash_values(cmds[i]->name, cmds[i]->opts, cmds[i]->nopts);
	bash_values("*", global_opts, nglobal_opts);
	fputs("\tesac\n\tcase $cmd in\n", stdout);
	for (size_t i = 0; i < ncmds; i++) {
		if (cmds[i]->hidden || !cmds[i]->nopts)
			continue;
		printf("\t%s) words='", cmds[i]->name);
		bash_options(cmds[i]->opts, cmds[i]->nopts);
		fputs("' ;;\n", stdout);
	}
	fputs("\tesac\n\twords+=' --help ", stdout);
	bash_options(global_opts, nglobal_opts);
	fputs("'\n\t[[ $cur == -* ]] || case $cmd in\n", stdout);
	bash_operands();
	fputs("\t*) words='' ;;\n\tesac\n"
	      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "}\n"
	      "complete -o bashdefault -F _berth berth\n",
	      stdout);
}

/* ---- zsh ---- */

static void zsh_value(const struct opt *o)
{
	if (!value_of(o))
		return;
	fputs(": :", stdout);
	switch (value_kind(value_of(o))) {
	case VALUE_FILE:
		fputs("_files", stdout);
		break;
	case VALUE_DIR:
		fputs("_files -/", stdout);
		break;
	case VALUE_CHOICE:
		putchar('(');
		put_choices(value_of(o));
		putchar(')');
		break;
	case VALUE_OTHER:
		break;
	}
}

static void zsh_option(const char *dashes, const char *name, const struct opt *o)
{
	bool list = o->kind == OPT_LIST;

	printf(" \\\n\t\t'%s%s%s[", list ? "*" : "", dashes, name);
	put_escaped(o->help ? o->help : "", "'\\''", "[]:\\");
	putchar(']');
	zsh_value(o);
	putchar('\'');
}

static void zsh_options(const struct opt *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char letter[2] = { v[i].letter, 0 };

		if (v[i].hidden)
			continue;
		if (v[i].name)
			zsh_option("--", v[i].name, &v[i]);
		if (v[i].letter)
			zsh_option("-", letter, &v[i]);
	}
}

static void zsh_command(const struct cmd *c)
{
	const char *words = operand_words(c);

	printf("\t%s) _arguments", c->name);
	zsh_options(c->opts, c->nopts);
	if (c->stop_at_operand)
		fputs(" \\\n\t\t'*:: :_normal'", stdout);
	if (wants_id(c))
		fputs(" \\\n\t\t'1: :_berth_ids'", stdout);
	else if (words)
		printf(" \\\n\t\t'1: :(%s)'", words);
	else if (!strcmp(c->name, "help"))
		fputs(" \\\n\t\t'1: :_berth_commands'", stdout);
	fputs(" ;;\n", stdout);
}

static void zsh(void)
{
	fputs("#compdef berth\n"
	      "# zsh completion of berth: source <(berth completion zsh)\n"
	      "_berth_ids() {\n"
	      "\tlocal -a ids\n"
	      "\tids=(${(f)\"$(berth list -q 2>/dev/null)\"})\n"
	      "\tcompadd -a ids\n"
	      "}\n"
	      "_berth_commands() {\n"
	      "\tlocal -a commands=(\n",
	      stdout);
	for (size_t i = 0; i < ncmds; i++) {
		if (cmds[i]->hidden)
			continue;
		printf("\t\t'%s:", cmds[i]->name);
		put_escaped(cmds[i]->help, "'\\''", ":\\");
		fputs("'\n", stdout);
	}
	fputs("\t)\n\t_describe command commands\n}\n"
	      "_berth() {\n"
	      "\tlocal curcontext=$curcontext state line\n"
	      "\t_arguments -C",
	      stdout);
	zsh_options(global_opts, nglobal_opts);
	fputs(" \\\n\t\t'1: :_berth_commands' '*:: :->args' && return\n"
	      "\tcase $words[1] in\n",
	      stdout);
	for (size_t i = 0; i < ncmds; i++)
		if (!cmds[i]->hidden)
			zsh_command(cmds[i]);
	fputs("\tesac\n}\n"
	      "if [[ $funcstack[1] == _berth ]]; then _berth \"$@\"; else compdef _berth berth; "
	      "fi\n",
	      stdout);
}

/* ---- fish ---- */

static void fish_options(const char *condition, const struct opt *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum value_kind kind = value_of(&v[i]) ? value_kind(value_of(&v[i])) : VALUE_OTHER;

		if (v[i].hidden)
			continue;
		printf("complete -c berth%s", condition);
		if (v[i].letter)
			printf(" -s %c", v[i].letter);
		if (v[i].name)
			printf(" -l %s", v[i].name);
		if (kind == VALUE_FILE || kind == VALUE_DIR)
			fputs(" -r -F", stdout);
		else if (value_of(&v[i]))
			fputs(" -x", stdout);
		if (kind == VALUE_CHOICE) {
			fputs(" -a '", stdout);
			put_choices(value_of(&v[i]));
			putchar('\'');
		}
		fputs(" -d '", stdout);
		put_escaped(v[i].help ? v[i].help : "", "\\'", "\\");
		fputs("'\n", stdout);
	}
}

static void fish_command(const struct cmd *c)
{
	const char *words = operand_words(c);
	char condition[128];

	snprintf(condition, sizeof(condition), " -n '__fish_seen_subcommand_from %s'", c->name);
	printf("complete -c berth -n __fish_use_subcommand -a %s -d '", c->name);
	put_escaped(c->help, "\\'", "\\");
	fputs("'\n", stdout);
	fish_options(condition, c->opts, c->nopts);
	if (wants_id(c))
		printf("complete -c berth%s -a '(berth list -q 2>/dev/null)'\n", condition);
	else if (words)
		printf("complete -c berth%s -a '%s'\n", condition, words);
}

static void fish(void)
{
	fputs("# fish completion of berth: berth completion fish | source\n"
	      "complete -c berth -f\n",
	      stdout);
	fish_options("", global_opts, nglobal_opts);
	for (size_t i = 0; i < ncmds; i++)
		if (!cmds[i]->hidden)
			fish_command(cmds[i]);
	fputs("complete -c berth -n '__fish_seen_subcommand_from help' -a '", stdout);
	put_commands();
	fputs("'\n", stdout);
}

static int run(const struct cmd_call *c, struct err *e)
{
	const char *shell = c->operands.v[0];

	if (!strcmp(shell, "bash"))
		bash();
	else if (!strcmp(shell, "zsh"))
		zsh();
	else if (!strcmp(shell, "fish"))
		fish();
	else
		return err_text(e, EINVAL, "completion: '%s' is none of bash, zsh, fish", shell);
	return 0;
}

extern const struct cmd cmd_completion;
const struct cmd cmd_completion = {
	.name = "completion",
	.args = "bash|zsh|fish",
	.help = "print the completion script of a shell",
	.group = "About berth",
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
