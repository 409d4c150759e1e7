#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Terminals: in the foreground (a real pty around the runtime, tests/integration/onpty.py) and detached
# (the master goes over --console-socket, tests/integration/recvtty.py).

load helpers

tty_sh() {
	bundle b ".process.terminal = true | sh(\"$1\")"
}

# on_tty ACTION ... -- CMD ...: $out is the screen
on_tty() {
	requires_python
	capture "$PY" "$here/onpty.py" "$@"
}

on_tty_ok() {
	on_tty "$@"
	[ "$status" = 0 ] && [ -z "$err" ] && return
	show "on a terminal: $*"
	return 1
}

# the program that takes the master; $agent, the socket is $T/s, the output $T/o
receiver() {
	requires_python
	"$PY" "$here/recvtty.py" "$T/s" "$T/o" "$@" >"$T/agent.err" 2>&1 3>&- 4>&- &
	agent=$!
	at_end "kill $agent"
	wait_until 5 test -S "$T/s"
}

@test "a foreground container with a terminal has it as stdin, stdout and stderr" {
	tty_sh 'tty; test -t 0 && test -t 1 && test -t 2 && echo all'
	on_tty_ok -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$out" $'/dev/pts/0\nall'
}

@test "the exit code comes through a terminal" {
	tty_sh 'exit 7'
	on_tty -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$status" 7
	is "$err" ""
}

@test "the caller's terminal is raw while the container runs and restored afterwards" {
	tty_sh 'echo up; read x; echo got \"$x\"'
	on_tty_ok wait:up raw: 'send:a b\r' 'wait:got a b' -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
}

@test "the caller's terminal is restored when the program fails" {
	tty_sh 'stty raw -echo; exit 3'
	on_tty -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$status" 3
	is "$err" ""
}

@test "the caller's terminal is restored when create fails" {
	bundle b '.process.terminal = true | args("/nope")'
	on_tty -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	isnt "$status" 0
	has "$out" 'no such file or directory'
	is "$err" ""
}

@test "the caller's terminal is restored when the container is deleted from outside" {
	tty_sh 'echo up; while :; do sleep 1000 & wait; done'
	on_tty wait:up raw: "sh:${BERTH@Q} --root ${STATE@Q} delete --force $ID" -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$status" 137
	hasnt "$err" 'not restored'
}

@test "the window size is taken over at the start" {
	tty_sh 'echo up; read x; stty size'
	on_tty_ok size:33x99 wait:up 'send:\r' -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	has "$out" '33 99'
}

@test "the window size is there from the first moment" {
	only_berth
	tty_sh 'stty size'
	on_tty_ok size:33x99 -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$out" '33 99'
}

@test "a change of the window size reaches the program" {
	tty_sh 'trap \"stty size; exit 0\" WINCH; echo up; while :; do sleep 1000 & wait; done'
	on_tty_ok size:24x80 wait:up size:50x132 'wait:50 132' -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
}

@test "control-C is a signal for the program, not for the runtime" {
	tty_sh 'trap \"echo interrupted; exit 4\" INT; echo up; while :; do sleep 1; done'
	on_tty wait:up raw: 'send:\x03' wait:interrupted -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$status" 4
	is "$err" ""
}

@test "job control works in the container" {
	bundle b '.process.terminal = true | args("sh", "-i")'
	on_tty 'wait:# ' "send:sh -c 'echo u''p; exec sleep 1000'\\r" wait:up 'send:\x1a' wait:Stopped 'send:kill -9 %1\r' 'wait:# ' 'send:exit 6\rexit 6\r' -- \
		"$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	[ "$status" = 6 ] || show sh -i
	is "$status" 6
	hasnt "$out" 'job control turned off' "can't access tty"
}

@test "the program leads a session and the terminal is its controlling terminal" {
	tty_sh 'cut -d\" \" -f1,6,7 /proc/self/stat; echo hi >/dev/tty'
	on_tty_ok -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	matches "$(head -n 1 <<<"$out")" ' 1 34816$'
	is "$(tail -n 1 <<<"$out")" hi
}

@test "the terminal belongs to the program's user" {
	bundle b '.process.terminal = true | .process.user = {uid: 1000, gid: 1000} | sh("stat -c \"%u %a\" $(tty)")'
	on_tty_ok -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$out" '1000 620'
}

@test "/dev/console is the terminal, mounted, not a symlink" {
	tty_sh 'stat -c %F /dev/console; stat -c %t,%T /dev/console; grep -c \" /dev/console \" /proc/mounts; echo hi >/dev/console'
	on_tty_ok -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$out" $'character special file\n88,0\n1\nhi'
}

@test "without a terminal there is no /dev/console" {
	run_c_ok 'sh("ls /dev/console 2>/dev/null; tty; cat </dev/tty")' || true
	hasnt "$out" /dev/console
}

@test "a large output of a terminal arrives whole" {
	tty_sh 'seq 1 20000; echo end'
	on_tty_ok -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$(wc -l <<<"$out")" 20001
	is "$(tail -n 1 <<<"$out")" end
}

@test "a large output just before the end is not cut" {
	tty_sh 'head -c 100000 /dev/zero | tr \"\\\\0\" x; exit 5'
	on_tty -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$status" 5
	is "${#out}" 100000 bytes
}

@test "a terminal whose stdin is at its end does not hang run" {
	tty_sh 'echo hi'
	LIMIT=5 capture berth run -b "$BUNDLE" "$ID"
	isnt "$status" 124 "status (a time-out)"
}

@test "consoleSize is the size when the master goes over a socket" {
	bundle b '.process.terminal = true | .process.consoleSize = {height: 33, width: 99} | sh("stty size")'
	receiver
	run_ok berth create --console-socket "$T/s" -b "$BUNDLE" "$ID"
	run_ok berth start "$ID"
	ends $agent 0
	has "$(<"$T/o")" '33 99'
}

@test "the console socket receives the master with at least one byte" {
	tty_sh 'tty; echo hello'
	receiver
	run_ok berth create --console-socket "$T/s" -b "$BUNDLE" "$ID"
	run_ok berth start "$ID"
	ends $agent 0
	is "$(<"$T/o.what")" '1 tty'
	[ -s "$T/o.msg" ] || fail "no byte came with the descriptor"
	is "$(tr -d '\r' <"$T/o")" $'/dev/pts/0\nhello'
}

@test "what is typed on the received master reaches the program" {
	tty_sh 'read x; echo got \"$x\"'
	receiver 'some words\r'
	run_ok berth run -d --console-socket "$T/s" -b "$BUNDLE" "$ID"
	ends $agent 0
	has "$(<"$T/o")" 'got some words'
}

@test "create with a terminal and no console socket is refused" {
	tty_sh 'echo hi'
	run_fail 1 'cannot allocate tty' berth create -b "$BUNDLE" "$ID"
	has "$err" 'without setting console socket'
	is "$(ls -A "$STATE")" ""
}

@test "run --detach with a terminal and no console socket is refused" {
	tty_sh 'echo hi'
	run_fail 1 'cannot allocate tty' berth run -d -b "$BUNDLE" "$ID"
	is "$(ls -A "$STATE")" ""
}

@test "a console socket without a terminal is refused" {
	bundle b
	receiver
	run_fail 1 'console socket' berth create --console-socket "$T/s" -b "$BUNDLE" "$ID"
}

@test "a console socket that is not there is named" {
	tty_sh 'echo hi'
	run_fail 1 "$T/nosock" berth create --console-socket "$T/nosock" -b "$BUNDLE" "$ID"
	is "$(ls -A "$STATE")" ""
}

@test "a console socket that is a file is refused" {
	tty_sh 'echo hi'
	: >"$T/file"
	run_fail 1 "$T/file" berth create --console-socket "$T/file" -b "$BUNDLE" "$ID"
}

@test "a terminal works in a user namespace" {
	requires_userns
	bundle b 'userns | .process.terminal = true | sh("tty; id -u; stat -c %u $(tty)")'
	chown -R 100000:100000 "$BUNDLE/rootfs/tmp"
	on_tty_ok -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$out" $'/dev/pts/0\n0\n0'
}

@test "exec -t gives a terminal of the container" {
	running_c
	on_tty_ok -- "$BERTH" --root "$STATE" exec -t "$ID" sh -c 'tty; test -t 1 && echo yes'
	is "$out" $'/dev/pts/0\nyes'
}

@test "exec -t takes over window size, input and exit code" {
	running_c
	on_tty size:30x90 wait:up raw: 'send:x\r' -- "$BERTH" --root "$STATE" exec -t "$ID" \
		sh -c 'echo up; read x; stty size; echo "<$x>"; exit 8'
	is "$status" 8
	is "$err" ""
	has "$out" '30 90' '<x>'
}

@test "exec without -t on a terminal keeps the caller's terminal as it is" {
	running_c
	on_tty_ok -- "$BERTH" --root "$STATE" exec "$ID" sh -c 'echo hi'
	is "$out" hi
}

@test "exec -t --detach sends the master over the console socket" {
	running_c
	receiver
	run_ok berth exec -t -d --console-socket "$T/s" "$ID" sh -c 'tty; echo hello'
	ends $agent 0
	has "$(<"$T/o")" /dev/pts/0 hello
}

@test "exec -t --detach without a console socket is refused" {
	running_c
	run_fail 255 'cannot allocate tty' berth exec -t -d "$ID" true
}

@test "two terminals at once are two" {
	running_c
	on_tty_ok -- sh -c "${BERTH@Q} --root ${STATE@Q} exec -t $ID tty; ${BERTH@Q} --root ${STATE@Q} exec -t $ID sh -c 'ls /dev/pts; tty'"
	has "$out" /dev/pts/0
}

@test "run -t gives run -- CMD a terminal" {
	only_berth
	on_tty_ok -- "$BERTH" --root "$STATE" run -t -- sh -c 'test -t 0 && tty'
	matches "$out" '^/dev/pts/[0-9]+$'
}
