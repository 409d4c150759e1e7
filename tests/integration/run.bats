#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# run: foreground and detached, descriptors, exit codes, signals; and `run -- CMD` on the host's view.

load helpers

run_in_background() {
	bundle b "$1"
	bg run "${@:2}" -b "$BUNDLE" "$ID"
	bg_up
}

# listening N ARGS...: the runtime as systemd's socket activation starts it
listening() {
	# shellcheck disable=SC2016
	sh -c 'export LISTEN_PID=$$ LISTEN_FDNAMES=web LISTEN_FDS=$1; shift; exec "$@"' sh "$1" \
		"$BERTH" --root "$STATE" "${@:2}"
}

@test "run ends with the exit code of the program" {
	bundle b
	for code in 0 1 7 42 125 126 127 255; do
		edit "sh(\"exit $code\")" <"$BUNDLE/config.json" >"$T/c"
		cp "$T/c" "$BUNDLE/config.json"
		capture berth run -b "$BUNDLE" "$ID"
		is "$status" "$code" "exit status"
		is "$err" "" stderr
	done
}

@test "run ends with 128 plus the signal that ended the program" {
	# pid 1 of a pid namespace is immune to its own signals, so it is not in one here
	run_c 'no_ns("pid") | sh("kill -KILL $$")'
	is "$status" 137
	run_c 'no_ns("pid") | sh("kill -TERM $$")'
	is "$status" 143
}

@test "run leaves nothing behind after the program has ended" {
	run_c_ok 'args("true")'
	is "$(ls -A "$STATE")" ""
	is "$(cgroups_of_test)" ""
}

@test "run --keep keeps the stopped container" {
	run_c_ok 'args("true")' --keep
	is "$(status_of)" stopped
	run_ok berth delete "$ID"
}

@test "stdout and stderr are passed through apart" {
	run_c_ok 'sh("echo one; echo two >&2; echo three")'
	is "$out" $'one\nthree'
	is "$err" two
}

@test "stdin is passed through" {
	printf 'a\nb\nc' >"$T/in"
	STDIN=$T/in run_c_ok 'sh("wc -c; cat /proc/self/fd/0 | wc -c")'
	is "$(tr -d ' ' <<<"$out" | head -n 1)" 5
}

@test "a pipe of a megabyte goes through whole" {
	bundle b 'args("cat")'
	head -c 1000000 /dev/urandom >"$T/in"
	close_fds berth run -b "$BUNDLE" "$ID" <"$T/in" | cat >"$T/got"
	cmp "$T/in" "$T/got"
}

@test "stdin that is closed is no trouble" {
	bundle b 'sh("echo hi")'
	close_fds berth run -b "$BUNDLE" "$ID" <&- >"$T/got" 2>"$T/err"
	is "$(<"$T/got")" hi
}

@test "signals are forwarded to the program" {
	run_in_background 'sh("for s in HUP INT TERM USR1 USR2 CONT WINCH; do trap \"echo got-$s\" $s; done; trap \"echo end; exit 9\" QUIT; echo up; while :; do sleep 1000 & wait; done")'
	for s in HUP INT TERM USR1 USR2; do
		kill -$s $bg
		wait_until 5 grep -q "got-$s" "$T/bg.out" || fail "$s did not arrive"
	done
	kill -QUIT $bg
	bg_ends 9
}

@test "a program that a forwarded signal ends gives 128 plus the signal" {
	run_in_background 'no_ns("pid") | sh("echo up; exec sleep 1000")'
	kill -TERM $bg
	bg_ends 143
}

@test "run --detach returns while the container goes on" {
	bundle b idle
	run_ok berth run --detach --pid-file "$T/pid" -b "$BUNDLE" "$ID"
	is "$(status_of)" running
	is "$(<"$T/pid")" "$(pid_of)"
}

@test "run -d is run --detach" {
	bundle b idle
	run_ok berth run -d -b "$BUNDLE" "$ID"
	is "$(status_of)" running
}

@test "a detached container stays as stopped after its end" {
	bundle b 'args("true")'
	run_ok berth run -d -b "$BUNDLE" "$ID"
	wait_status "$ID" stopped
	run_ok berth delete "$ID"
}

@test "a foreground run writes the pid file too" {
	run_in_background 'sh("trap \"exit 3\" TERM; echo up; while :; do sleep 1000 & wait; done")' --pid-file "$T/pid"
	is "$(<"$T/pid")" "$(pid_of)"
	kill -TERM $bg
	bg_ends 3
}

@test "state, exec and kill work on a foreground run" {
	run_in_background 'sh("trap \"exit 5\" TERM; echo up; while :; do sleep 1000 & wait; done")'
	is "$(status_of)" running
	run_ok berth exec "$ID" echo inside
	is "$out" inside
	run_ok berth kill "$ID" TERM
	bg_ends 5
}

@test "delete --force from outside ends a foreground run" {
	run_in_background 'sh("echo up; while :; do sleep 1000 & wait; done")'
	run_ok berth delete --force "$ID"
	bg_ends 137
}

@test "delete --force cleans up after a foreground run that was killed" {
	run_in_background 'sh("echo up; while :; do sleep 1000 & wait; done")'
	kill -KILL $bg
	bg_ends 137
	run_ok berth delete --force "$ID"
	wait_until 2 nothing_left || leak_check
}

@test "only the descriptors 0, 1 and 2 reach the program" {
	run_c_ok 'args("probe", "fds")'
	is "$out" "0 1 2"
}

@test "descriptors that the caller leaks do not reach the program" {
	bundle b 'args("probe", "fds")'
	exec 77</ 78<"$T"
	capture berth run -b "$BUNDLE" "$ID"
	exec 77<&- 78<&-
	is "$out" "0 1 2"
}

@test "descriptors that the caller leaks do not reach a created init" {
	bundle b idle
	exec 77</
	create_bundle
	exec 77<&-
	pid=$(pid_of)
	for fd in "/proc/$pid"/fd/*; do
		[ -d "$fd" ] || continue
		mount=$(sed -n 's/^mnt_id:\t//p' "/proc/$pid/fdinfo/${fd##*/}")
		! grep -q "^$mount " /proc/self/mountinfo || fail "init holds the host's $(readlink "$fd")" || return
	done
}

@test "--preserve-fds N passes 3 to 3+N-1 and no more" {
	bundle b 'sh("probe fds; cat <&3; cat <&4")'
	echo three >"$T/3"
	echo four >"$T/4"
	berth run --preserve-fds 2 -b "$BUNDLE" "$ID" 3<"$T/3" 4<"$T/4" 5<"$T/4" >"$T/got"
	is "$(<"$T/got")" $'0 1 2 3 4\nthree\nfour'
}

@test "--preserve-fds of a descriptor that is not open is an error" {
	only_berth
	bundle b 'args("true")'
	run_fail 1 'preserve' berth run --preserve-fds 3 -b "$BUNDLE" "$ID"
}

@test "--preserve-fds wants a number" {
	bundle b 'args("true")'
	for n in x -1 3x '' 4294967296; do
		capture berth run --preserve-fds "$n" -b "$BUNDLE" "$ID"
		isnt "$status" 0 "status of '$n'"
	done
}

@test "LISTEN_FDS passes its descriptors and LISTEN_PID is 1" {
	bundle b 'sh("echo $LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES; probe fds; cat <&3")'
	echo three >"$T/3"
	listening 1 run -b "$BUNDLE" "$ID" 3<"$T/3" >"$T/got"
	is "$(sed -n 1p "$T/got" | cut -d' ' -f1,2)" "1 1"
	is "$(sed -n 2,3p "$T/got")" $'0 1 2 3\nthree'
}

@test "--preserve-fds and LISTEN_FDS together" {
	bundle b 'sh("probe fds; cat <&3; cat <&4")'
	echo three >"$T/3"
	echo four >"$T/4"
	listening 1 run --preserve-fds 1 -b "$BUNDLE" "$ID" 3<"$T/3" 4<"$T/4" 5<"$T/4" >"$T/got"
	is "$(<"$T/got")" $'0 1 2 3 4\nthree\nfour'
}

@test "--preserve-fds works with create and start" {
	bundle b 'sh("probe fds; cat <&3")'
	echo three >"$T/3"
	berth create --preserve-fds 1 -b "$BUNDLE" "$ID" 3<"$T/3" 4<"$T/3" >"$T/got" 2>"$T/err" </dev/null
	run_ok berth start "$ID"
	wait_status "$ID" stopped
	is "$(<"$T/got")" $'0 1 2 3\nthree'
}

@test "--pidfd-socket gets a pidfd of init" {
	only_berth
	requires_python
	bundle b idle
	"$PY" "$here/recvtty.py" "$T/s" "$T/o" 3>&- 4>&- &
	agent=$!
	at_end "kill $agent"
	wait_until 5 test -S "$T/s"
	run_ok berth run -d --pidfd-socket "$T/s" -b "$BUNDLE" "$ID"
	ends $agent 0
	is "$(<"$T/o.what")" '1 anon_inode:[pidfd]'
}

@test "--no-pivot runs the container all the same" {
	run_c_ok 'sh("echo hi; ls /; cd ..; pwd")' --no-pivot
	has "$out" hi
	is "$(tail -n 1 <<<"$out")" /
}

@test "--no-new-keyring keeps the caller's session keyring" {
	requires_command keyctl
	bundle b 'args("probe", "syscall", "keyctl", "0", "-3", "0")'
	capture keyctl session - "$BERTH" --root "$STATE" run --no-new-keyring -b "$BUNDLE" "$ID"
	is "$status" 0
}

@test "the container has a session keyring of its own" {
	# KEYCTL_GET_KEYRING_ID of KEY_SPEC_SESSION_KEYRING, do not create
	run_c 'args("probe", "syscall", "keyctl", "0", "-3", "0")'
	inside=$out
	"$BATS_RUN_TMPDIR/base/bin/probe" syscall keyctl 0 -3 0 >"$T/outside"
	isnt "$inside" "$(<"$T/outside")" "session keyring"
}

@test "--no-subreaper is accepted" {
	run_c_ok 'args("true")' --no-subreaper
}

@test "run of a program that does not exist says so and leaves nothing" {
	run_c 'args("nope-nope")'
	isnt "$status" 0
	has "$err" 'exec: "nope-nope": executable file not found in $PATH'
	is "$(ls -A "$STATE")" ""
}

@test "a second run of an id that is taken is refused" {
	run_in_background 'sh("trap \"exit 0\" TERM; echo up; while :; do sleep 1000 & wait; done")'
	capture berth run -b "$BUNDLE" "$ID"
	isnt "$status" 0
	has "$err" 'already exists'
	is "$(status_of)" running
	kill -TERM $bg
	bg_ends 0
}

@test "a short-lived program does not hang run, fifty times" {
	bundle b 'args("true")'
	for _ in {1..50}; do
		LIMIT=5 capture berth run -b "$BUNDLE" "$ID"
		is "$status" 0
	done
}

@test "children that the program leaves do not hang run" {
	run_c_ok 'sh("sleep 1003 & exit 0")'
}

@test "children without a pid namespace are gone after run" {
	run_c_ok 'no_ns("pid") | sh("sleep 1004 >/dev/null 2>&1 & exit 0")'
	wait_until 2 nothing_left || leak_check
}

# ---- the configs of others ----

# engine_config EDIT: the config of a real engine in $BUNDLE, without what is on the engine's disk
engine_config() {
	bundle engine
	jq --arg id "$ID" "$jq_words"'del(.process.rlimits) | .mounts |= map(select(.source | startswith("/") | not))
		| .linux.cgroupsPath = "/" + $id | '"$1" "$source_dir/tests/data/engine-config.json" >"$BUNDLE/config.json"
}

@test "an engine's config runs" {
	engine_config 'sh("hostname; id -u; grep Seccomp: /proc/self/status")'
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" $'ba1f21f0967f\n0\nSeccomp:\t2'
}

@test "an engine's config runs in a user namespace" {
	requires_userns
	engine_config 'userns | sh("hostname; id -u; grep Seccomp: /proc/self/status")'
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" $'ba1f21f0967f\n0\nSeccomp:\t2'
}

@test "an engine's config runs with a terminal" {
	requires_python
	engine_config '.process.terminal = true | sh("tty; hostname")'
	run_ok "$PY" "$here/onpty.py" -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$out" $'/dev/pts/0\nba1f21f0967f'
}

@test "an engine's config runs with a terminal in a user namespace" {
	requires_python
	requires_userns
	engine_config 'userns | .process.terminal = true | sh("tty; hostname; id -u")'
	run_ok "$PY" "$here/onpty.py" -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$out" $'/dev/pts/0\nba1f21f0967f\n0'
}

@test "berth spec's own config runs, with and without a terminal and a user namespace" {
	only_berth
	requires_python
	requires_userns
	bundle b
	rm "$BUNDLE/config.json"
	run_ok "$BERTH" spec -b "$BUNDLE"
	cp "$BUNDLE/config.json" "$T/spec.json"
	for words in . userns; do
		edit "$words"' | del(.process.rlimits) | .process.args = ["sh", "-c", "tty; hostname >/dev/null; id -u"]' <"$T/spec.json" >"$BUNDLE/config.json"
		run_ok "$PY" "$here/onpty.py" -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
		is "$out" $'/dev/pts/0\n0'
		edit "$words"' | del(.process.rlimits) | .process.terminal = false | args("id", "-u")' <"$T/spec.json" >"$BUNDLE/config.json"
		run_ok berth run -b "$BUNDLE" "$ID"
		is "$out" 0
	done
}

# ---- the host's view: run -- CMD ----

@test "run -- CMD runs a program of the host" {
	only_berth
	run_ok berth run -- cat /etc/os-release
	is "$out" "$(cat /etc/os-release)"
}

@test "run -- CMD ends with the program's exit code" {
	only_berth
	run_fail 7 '' berth run -- sh -c 'exit 7'
	run_fail 137 '' berth run -- sh -c 'kill -KILL $$; sh -c "kill -KILL \$PPID"; exit 137'
}

@test "run -- CMD of nothing there is 127, of no program 126" {
	only_berth
	run_fail 127 'executable file not found in $PATH' berth run -- nope-nope
	run_fail 127 'no such file or directory' berth run -- /nope/nope
	run_fail 126 'permission denied' berth run -- /etc/os-release
	run_fail 126 'is a directory' berth run -- /usr
}

@test "run -- CMD is in namespaces of its own" {
	only_berth
	run_ok berth run -- sh -c 'cd /proc/self/ns; for n in pid mnt net uts ipc cgroup user; do readlink $n; done'
	while read -r link; do
		isnt "$link" "$(readlink "/proc/self/ns/${link%%:*}")" "${link%%:*} namespace"
	done <<<"$out"
	is "$(wc -l <<<"$out")" 7
}

@test "run -- CMD sees its own processes only" {
	only_berth
	run_ok berth run -- sh -c 'echo $$; ls -d /proc/[0-9]* | wc -l'
	is "$(head -n 1 <<<"$out")" 1
	[ "$(tail -n 1 <<<"$out")" -lt 6 ] || fail "there are $out processes"
}

@test "run -- CMD has a network of nothing but a loopback" {
	only_berth
	run_ok berth run -- sh -c 'tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " "'
	is "$out" lo
}

@test "a write of run -- CMD is gone afterwards" {
	only_berth
	f=/var/tmp/berth-$ID
	run_ok berth run -- sh -c "echo gone >$f; cat $f; echo x >>/etc/os-release; rm /etc/hostname; ls /etc/hostname 2>&1 | wc -l"
	has "$out" gone
	[ ! -e "$f" ] || fail "$f is on the host"
	[ -e /etc/hostname ] || fail "/etc/hostname was removed"
	! grep -qx x /etc/os-release || fail "/etc/os-release was changed"
}

@test "run -- CMD does not see the host's secrets" {
	only_berth
	f=/root/berth-secret-$ID
	echo secret >"$f"
	at_end "rm -f $f"
	capture berth run -- sh -c "cat $f; cat /etc/shadow /etc/gshadow; cat /etc/ssh/ssh_host_*_key /etc/ssl/private/*; ls -A /root; ls -A /home"
	hasnt "$out" secret "$(head -n 1 /etc/shadow)" 'PRIVATE KEY' .bash
	is "$out" ""
}

@test "run -- CMD does not get the caller's environment" {
	only_berth
	export SECRET_$$=s3cret
	run_ok berth run -- env
	hasnt "$out" s3cret
	has "$out" PATH=
}

@test "run -- CMD has a hostname of its own and cannot change the host's" {
	only_berth
	host=$(hostname)
	run_ok berth run -- sh -c 'hostname; hostname changed 2>&1; true'
	isnt "$(head -n 1 <<<"$out")" "$host"
	is "$(hostname)" "$host"
}

@test "run -- CMD passes stdin and stdout" {
	only_berth
	echo hello >"$T/in"
	STDIN=$T/in run_ok berth run -- tr a-z A-Z
	is "$out" HELLO
}

@test "run -- CMD passes words as they are" {
	only_berth
	run_ok berth run -- printf '[%s]' 'a b' '' "c'd" '$HOME' --help -- '*'
	is "$out" "[a b][][c'd][\$HOME][--help][--][*]"
}

@test "run -- CMD without a command says what is missing" {
	only_berth
	capture berth run --
	isnt "$status" 0
	isnt "$err" ""
}

@test "run -- CMD leaves no mount on the host" {
	only_berth
	cut -d' ' -f5- /proc/self/mountinfo | grep -c . >"$T/n"
	run_ok berth run -- true
	is "$(cut -d' ' -f5- /proc/self/mountinfo | grep -c .)" "$(<"$T/n")" mounts
}

@test "run -- CMD can make no device and open no disk" {
	only_berth
	run_ok berth run -- sh -c 'for i in sda vda; do mknod /tmp/$i b 254 0 && cat /tmp/$i >/dev/null && echo OPEN; done 2>/dev/null; echo end'
	is "$out" end
}

@test "run -- CMD forwards signals" {
	only_berth
	bg run -- sh -c 'trap "exit 9" TERM; echo up; while :; do sleep 1000 & wait; done'
	bg_up
	kill -TERM $bg
	bg_ends 9
}
