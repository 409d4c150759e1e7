#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hooks: order, place, what they are told, what their failure does.

load helpers

all_hooks='prestart createRuntime createContainer startContainer poststart poststop'

# hook_sh NAME SCRIPT: a hook that runs SCRIPT; $hook is the jq edit that adds it
script() {
	printf '#!/bin/sh\n%s\n' "$1"
}

# Every hook kind appends its name to a file. startContainer runs inside and sees it below /trace.
traced() {
	: >"$T/trace"
	chmod 666 "$T/trace"
	local edits=. kind
	for kind in $all_hooks; do
		case $kind in
		startContainer) edits+=" | hook(\"$kind\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >/dev/null; echo $kind >>/trace\"]})" ;;
		*) edits+=" | hook(\"$kind\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >/dev/null; echo $kind >>$T/trace\"]})" ;;
		esac
	done
	: >"$T/trace.mountpoint"
	echo "$edits | rw | bind(\"$T/trace\"; \"/trace\"; [\"rw\"]) | .hooks.createContainer[0].args[2] = \"cat >/dev/null; echo createContainer >>$T/trace\""
}

# save(kind): a hook that keeps its stdin in $T/kind.json
save() {
	echo "hook(\"$1\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >$T/$1.json\"]})"
}

@test "the hooks run in the order of the life cycle" {
	create_c "sh(\"echo program >>/trace\") | $(traced)"
	is "$(tr '\n' ' ' <"$T/trace")" 'prestart createRuntime createContainer ' "after create"
	run_ok berth start "$ID"
	wait_status "$ID" stopped
	run_ok berth delete "$ID"
	only_berth
	is "$(tr '\n' ' ' <"$T/trace")" 'prestart createRuntime createContainer startContainer program poststart poststop ' ||
		is "$(tr '\n' ' ' <"$T/trace")" 'prestart createRuntime createContainer startContainer poststart program poststop '
}

@test "hooks of one kind run in the listed order" {
	create_c "idle | hook(\"createRuntime\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"sleep 0.05; echo 1 >>$T/o\"]}) | hook(\"createRuntime\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo 2 >>$T/o\"]}) | hook(\"createRuntime\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo 3 >>$T/o\"]})"
	is "$(tr -d '\n' <"$T/o")" 123
}

@test "exec runs no hooks" {
	running_c "idle | $(traced)"
	before=$(<"$T/trace")
	run_ok berth exec "$ID" true
	is "$(<"$T/trace")" "$before"
}

@test "the state on stdin has version, id, status, pid, bundle and annotations" {
	create_c "idle | .annotations = {a: \"b\"} | $(save prestart) | $(save createRuntime) | $(save poststart) | $(save poststop)"
	pid=$(pid_of)
	run_ok berth start "$ID"
	run_ok berth delete --force "$ID"
	for kind in prestart createRuntime poststart poststop; do
		matches "$(jq -r .ociVersion "$T/$kind.json")" '^1\.'
		is "$(jq -r .id "$T/$kind.json")" "$ID"
		is "$(jq -r .bundle "$T/$kind.json")" "$BUNDLE"
		is "$(jq -r .annotations.a "$T/$kind.json")" b
	done
	for kind in prestart createRuntime; do
		is "$(jq -r .status "$T/$kind.json")" creating
		is "$(jq -r .pid "$T/$kind.json")" "$pid" "pid for $kind"
	done
	is "$(jq -r .status "$T/poststart.json")" running
	is "$(jq -r .pid "$T/poststart.json")" "$pid" "pid for poststart"
	is "$(jq -r .status "$T/poststop.json")" stopped
}

@test "the container's hooks are told the host's bundle and the pid inside" {
	only_berth
	mkdir "$T/shared"
	chmod 777 "$T/shared"
	create_c "idle | rw | bind(\"$T/shared\"; \"/mnt\"; []) | hook(\"createContainer\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >$T/shared/createContainer.json\"]})
		| hook(\"startContainer\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >/mnt/startContainer.json\"]})"
	run_ok berth start "$ID"
	is "$(jq -r .status "$T/shared/createContainer.json")" creating
	is "$(jq -r .status "$T/shared/startContainer.json")" created
	for kind in createContainer startContainer; do
		is "$(jq -r .bundle "$T/shared/$kind.json")" "$BUNDLE"
		is "$(jq -r .pid "$T/shared/$kind.json")" 1
		is "$(jq -r .id "$T/shared/$kind.json")" "$ID"
	done
}

@test "the runtime's hooks run in the host's namespaces" {
	edits=.
	for kind in prestart createRuntime poststart poststop; do
		edits+=" | hook(\"$kind\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"for n in pid mnt net ipc uts user; do readlink /proc/self/ns/\$n; done >$T/$kind.ns\"]})"
	done
	life_c "args(\"true\") | $edits"
	run_ok berth delete "$ID"
	for kind in prestart createRuntime poststart poststop; do
		while read -r link; do
			is "$link" "$(readlink "/proc/self/ns/${link%%:*}")" "$kind: ${link%%:*}"
		done <"$T/$kind.ns"
		is "$(wc -l <"$T/$kind.ns")" 6
	done
}

@test "the container's hooks run in the container's namespaces" {
	mkdir "$T/shared"
	chmod 777 "$T/shared"
	create_c "idle | rw | bind(\"$T/shared\"; \"/mnt\"; []) | hook(\"createContainer\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"for n in mnt net ipc uts; do readlink /proc/self/ns/\$n; done >$T/shared/createContainer\"]})
		| hook(\"startContainer\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"for n in mnt net ipc uts; do readlink /proc/self/ns/\$n; done >/mnt/startContainer\"]})"
	run_ok berth start "$ID"
	pid=$(pid_of)
	for kind in createContainer startContainer; do
		is "$(wc -l <"$T/shared/$kind")" 4
		while read -r link; do
			is "$link" "$(readlink "/proc/$pid/ns/${link%%:*}")" "$kind: ${link%%:*}"
		done <"$T/shared/$kind"
	done
}

@test "createRuntime finds the namespaces of the container by the pid it is told" {
	create_c "idle | hook(\"createRuntime\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"readlink /proc/\$(jq -r .pid)/ns/net >$T/net\"], env: [\"PATH=$PATH\"]})"
	is "$(<"$T/net")" "$(readlink "/proc/$(pid_of)/ns/net")"
	isnt "$(<"$T/net")" "$(readlink /proc/self/ns/net)"
}

@test "createContainer is found on the host, startContainer in the container" {
	script 'echo ran >"$(dirname "$0")/ran"' >"$T/host-hook"
	chmod 755 "$T/host-hook"
	chmod 777 "$T"
	create_c "idle | hook(\"createContainer\"; {path: \"$T/host-hook\"})"
	[ -e "$T/ran" ] || fail "createContainer did not run"
	run_ok berth delete --force "$ID"
	bundle b "idle | hook(\"startContainer\"; {path: \"$T/host-hook\"})"
	create_bundle
	capture berth start "$ID"
	isnt "$status" 0
}

@test "a hook's arguments are given as they are, args[0] too" {
	script 'printf "[%s]" "$@" >'"$T/args"'; tr "\0" "\n" </proc/$$/cmdline >'"$T/cmdline" >"$T/h"
	chmod 755 "$T/h"
	create_c "idle | hook(\"createRuntime\"; {path: \"$T/h\", args: [\"zero\", \"a b\", \"\", \"-x\"]})"
	is "$(<"$T/args")" '[a b][][-x]'
}

@test "a hook without args gets its path as args[0]" {
	ln -s /bin/busybox "$T/env"
	create_c "idle | hook(\"createRuntime\"; {path: \"$T/env\", env: [\"A=1\"]})"
}

@test "a hook's environment is exactly the one that is given" {
	export SECRET=s3cret
	create_c "idle | hook(\"createRuntime\"; {path: \"/usr/bin/env\", args: [\"env\", \"sh\", \"-c\", \"env -u PWD -u SHLVL -u _ env >$T/env.out\"], env: [\"PATH=$PATH\", \"A=b c\"]})"
	is "$(sort "$T/env.out")" "$(printf '%s\n' 'A=b c' "PATH=$PATH" | sort)"
}

@test "a hook without env gets no variable of the container" {
	create_c "idle | .process.env += [\"LD_PRELOAD=/evil.so\"] | hook(\"createRuntime\"; {path: \"/usr/bin/env\", args: [\"env\", \"/bin/sh\", \"-c\", \"echo \\\"<\$LD_PRELOAD>\\\" >$T/env.out\"]})
		| hook(\"createContainer\"; {path: \"/usr/bin/env\", args: [\"env\", \"/bin/sh\", \"-c\", \"echo \\\"<\$LD_PRELOAD>\\\" >$T/env2.out\"]})"
	is "$(<"$T/env.out")" '<>'
	is "$(<"$T/env2.out")" '<>'
}

@test "a hook has the descriptors 0, 1 and 2 only" {
	exec 77</
	create_c "idle | hook(\"createRuntime\"; {path: \"$BATS_RUN_TMPDIR/base/bin/probe\", args: [\"probe\", \"fds\"]}) | hook(\"createRuntime\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"$BATS_RUN_TMPDIR/base/bin/probe fds >$T/fds\"]})" || { exec 77<&-; return 1; }
	exec 77<&-
	is "$(<"$T/fds")" '0 1 2'
}

@test "the runtime's hooks run in the bundle" {
	create_c "idle | hook(\"createRuntime\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"pwd >$T/cwd\"]})"
	is "$(<"$T/cwd")" "$BUNDLE"
}

@test "a hook that does not read its stdin is no trouble" {
	create_c "idle | hook(\"createRuntime\"; {path: \"/bin/true\"}) | .annotations = {big: \"$(head -c 100000 /dev/zero | tr '\0' x)\"}" || true
	[ "$status" = 0 ]
}

@test "a hook that closes its stdin is no trouble" {
	create_c "idle | hook(\"createRuntime\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"exec <&-; sleep 0.05\"]})"
}

@test "a state of more than 64 KiB reaches the hook whole" {
	bundle b "idle | $(save createRuntime)"
	head -c 200000 /dev/zero | tr '\0' x >"$T/big"
	jq --rawfile big "$T/big" '.annotations = {big: $big}' "$BUNDLE/config.json" >"$T/c"
	mv "$T/c" "$BUNDLE/config.json"
	create_bundle
	is "$(jq '.annotations.big | length' "$T/createRuntime.json")" 200000
}

@test "the failure of a hook before the program fails the command, with its output" {
	for kind in prestart createRuntime createContainer; do
		create_c_fail 1 SAID "idle | hook(\"$kind\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >/dev/null; echo SAID; echo CRIED >&2; exit 7\"]}) | hook(\"$kind\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo more >$T/more\"]})"
		matches "$err" 'CRIED'
		matches "$err" '7'
		[ ! -e "$T/more" ] || fail "the next $kind hook ran"
		run_fail 1 'does not exist' berth state "$ID"
	done
}

@test "the failure of startContainer fails start and the program does not run" {
	create_c "sh(\"echo program\") | hook(\"startContainer\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo SAID >&2; exit 7\"]})"
	capture berth start "$ID"
	is "$status" 1
	has "$err" SAID
	is "$(<"$T/c.out")" ""
	wait_status "$ID" stopped || run_fail 1 'does not exist' berth state "$ID"
}

@test "the failure of poststart fails start and stops the container" {
	only_berth
	create_c "idle | hook(\"poststart\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo SAID; exit 7\"]})"
	run_fail 1 SAID berth start "$ID"
	capture berth state "$ID"
	[ "$status" != 0 ] || is "$(jq -r .status <<<"$out")" stopped
}

@test "the failure of poststop is a warning and the next hook runs" {
	life_c "args(\"true\") | hook(\"poststop\"; {path: \"/bin/false\"}) | hook(\"poststop\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo ran >$T/ran\"]})"
	run_ok berth delete "$ID"
	[ -e "$T/ran" ] || fail "the next hook did not run"
	run_fail 1 'does not exist' berth state "$ID"
}

@test "poststop runs after a create that a hook failed" {
	only_berth
	create_c_fail 1 '' "idle | hook(\"createRuntime\"; {path: \"/bin/false\"}) | hook(\"poststop\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo ran >$T/ran\"]})"
	[ -e "$T/ran" ] || fail "poststop did not run"
}

@test "a hook that does not exist fails create and is named" {
	create_c_fail 1 "$T/nope" "idle | hook(\"createRuntime\"; {path: \"$T/nope\"})"
}

@test "a hook that is not executable fails create and is named" {
	: >"$T/plain"
	create_c_fail 1 "$T/plain" "idle | hook(\"createRuntime\"; {path: \"$T/plain\"})"
}

@test "a hook that a signal ends fails create" {
	create_c_fail 1 '' "idle | hook(\"createRuntime\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"kill -KILL \$\$\"]})"
	isnt "$err" ""
}

@test "a hook that hangs is killed at its timeout" {
	LIMIT=8 create_c_fail 1 '' "idle | hook(\"createRuntime\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"sleep 1000; echo $ID\"], timeout: 1})"
	isnt "$err" ""
	matches "$err" 'time|deadline'
}

@test "the children of a hook that hangs are killed too" {
	only_berth
	LIMIT=8 create_c_fail 1 '' "idle | hook(\"createRuntime\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"sh -c 'sleep 1000; : $ID' & echo \$! >$T/child; wait\"], timeout: 1})"
	wait_until 2 over "$(<"$T/child")" || fail "the child lives"
}

@test "a timeout that is not above zero is refused before anything happens" {
	only_berth
	for t in 0 -1; do
		create_c_fail 1 /hooks/poststop/0/timeout "idle | hook(\"createRuntime\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo ran >$T/ran\"]}) | hook(\"poststop\"; {path: \"/bin/true\", timeout: $t})"
	done
	[ ! -e "$T/ran" ] || fail "a hook ran"
}

@test "a relative path is refused before anything happens" {
	only_berth
	create_c_fail 1 /hooks/createContainer/0/path "idle | hook(\"createContainer\"; {path: \"bin/true\"})"
	create_c_fail 1 /hooks/prestart/0/path 'idle | hook("prestart"; {args: ["x"]})'
}

@test "startContainer runs as the program's user with its capabilities" {
	mkdir "$T/shared"
	chmod 777 "$T/shared"
	create_c "idle | rw | .process.user = {uid: 1000, gid: 1000} | bind(\"$T/shared\"; \"/mnt\"; []) | hook(\"startContainer\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"id -u >/mnt/uid; grep CapEff /proc/self/status >/mnt/cap\"]})"
	run_ok berth start "$ID"
	is "$(<"$T/shared/uid")" 1000
	is "$(<"$T/shared/cap")" $'CapEff:\t0000000000000000'
}

@test "a hook's background child that holds stdout open does not hang create" {
	only_berth
	LIMIT=5 create_c "idle | hook(\"createRuntime\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"sleep 3 & exit 0\"]})"
}

@test "poststop runs at delete --force" {
	running_c "idle | $(save poststop)"
	run_ok berth delete --force "$ID"
	is "$(jq -r .status "$T/poststop.json")" stopped
}

@test "poststop runs after a foreground run" {
	run_c_ok "args(\"true\") | $(save poststop)"
	is "$(jq -r .status "$T/poststop.json")" stopped
}
