#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# create, start, state, kill, delete, list, ps: states, texts, options, formats.

load helpers

# ---- create ----

@test "create parks the container and start runs its program" {
	create_c 'sh("echo hi")'
	is "$(status_of)" created
	is "$(<"$T/c.out")" ""
	run_ok berth start "$ID"
	wait_status "$ID" stopped
	is "$(<"$T/c.out")" hi
}

@test "create writes nothing to stdout and stderr" {
	create_c idle
	is "$(<"$T/c.out")$(<"$T/c.err")" ""
}

@test "the pid file is the decimal pid without a newline, mode 0644" {
	create_c idle --pid-file "$T/pid"
	is "$(<"$T/pid")" "$(pid_of)"
	is "$(stat -c %s "$T/pid")" "$(printf %s "$(pid_of)" | wc -c)" size
	is "$(stat -c %a "$T/pid")" 644 mode
}

@test "the pid file replaces what was there" {
	printf 'something much longer than a pid' >"$T/pid"
	create_c idle --pid-file "$T/pid"
	is "$(<"$T/pid")" "$(pid_of)"
}

@test "a pid file that cannot be written fails create and leaves no container" {
	bundle b idle
	run_fail 1 "$T/nodir" berth create --pid-file "$T/nodir/pid" -b "$BUNDLE" "$ID"
	run_fail 1 'container does not exist' berth state "$ID"
}

@test "a failed create leaves no pid file" {
	bundle b 'args("/nope")'
	run_fail 1 'no such file or directory' berth create --pid-file "$T/pid" -b "$BUNDLE" "$ID"
	[ ! -e "$T/pid" ] || fail "there is a pid file"
}

@test "the bundle is the working directory when none is given" {
	bundle b 'sh("echo hi")'
	cd "$BUNDLE"
	run_ok berth run "$ID"
	is "$out" hi
}

@test "a relative bundle is stored as an absolute path" {
	bundle b idle
	cd "$T"
	run_ok berth create -b b "$ID"
	is "$(berth state "$ID" | jq -r .bundle)" "$T/b"
}

@test "create without an id is an error" {
	bundle b
	capture berth create -b "$BUNDLE"
	isnt "$status" 0 status
	isnt "$err" "" stderr
}

@test "create with two ids is an error" {
	bundle b
	capture berth create -b "$BUNDLE" "$ID" "$ID-2"
	isnt "$status" 0 status
}

@test "an id that is taken is refused and the container stays as it is" {
	running_c
	pid=$(pid_of)
	run_fail 1 'container with given ID already exists' berth create -b "$BUNDLE" "$ID"
	is "$(status_of)" running
	is "$(pid_of)" "$pid" pid
}

@test "a stopped container still holds its id" {
	life_c 'args("true")'
	run_fail 1 'container with given ID already exists' berth create -b "$BUNDLE" "$ID"
}

@test "ids with letters, digits, underscore, plus, minus and dot are accepted" {
	bundle b idle
	for id in "$ID"_aZ09+.- "$ID".x "$ID"+; do
		run_ok berth create -b "$BUNDLE" "$id"
		is "$(status_of "$id")" created
		run_ok berth delete --force "$id"
	done
}

@test "invalid ids are refused in words and nothing is made" {
	bundle b idle
	for id in '' . .. a/b ../x /x 'a b' 'a:b' $'a\nb' 'ä' 'a*' "$(printf 'x%.0s' {1..300})"; do
		run_fail 1 'invalid container ID format' berth create -b "$BUNDLE" "$id"
		is "$(ls -A "$STATE")" "" "state directory"
	done
}

@test "an id is free again right after delete, ten times in a row" {
	bundle b idle
	for _ in {1..10}; do
		run_ok berth create -b "$BUNDLE" "$ID"
		run_ok berth delete --force "$ID"
	done
}

@test "a bundle without config.json is named in the error" {
	mkdir "$T/empty"
	run_fail 1 'JSON specification file config.json not found' berth create -b "$T/empty" "$ID"
}

@test "a bundle that does not exist is named in the error" {
	run_fail 1 "$T/nope" berth create -b "$T/nope" "$ID"
}

@test "a config.json changed after create has no effect" {
	create_c 'sh("echo first; hostname")'
	edit 'sh("echo second") | .hostname = "other" | .root.path = "gone"' <"$BUNDLE/config.json" >"$T/new"
	mv "$T/new" "$BUNDLE/config.json"
	run_ok berth start "$ID"
	wait_status "$ID" stopped
	is "$(<"$T/c.out")" $'first\nberth'
}

@test "a config.json removed after create has no effect" {
	create_c 'sh("echo first")'
	rm "$BUNDLE/config.json"
	run_ok berth start "$ID"
	wait_status "$ID" stopped
	is "$(<"$T/c.out")" first
	run_ok berth delete "$ID"
}

# ---- start ----

@test "start of an unknown container" {
	run_fail 1 'container does not exist' berth start "$ID"
}

@test "a second start is refused and the container goes on" {
	running_c
	run_fail 1 'cannot start an already running container' berth start "$ID"
	is "$(status_of)" running
}

@test "start of a stopped container is refused" {
	life_c 'args("true")'
	run_fail 1 'cannot start a container that has stopped' berth start "$ID"
}

@test "start of a created container whose init was killed is refused" {
	create_c idle
	run_ok berth kill "$ID" KILL
	wait_status "$ID" stopped
	run_fail 1 'cannot start a container that has stopped' berth start "$ID"
}

# ---- state ----

@test "state has the fields of the specification and those that engines read" {
	create_c idle
	run_ok berth state "$ID"
	is "$(jq -r .id <<<"$out")" "$ID"
	is "$(jq -r .status <<<"$out")" created
	is "$(jq -r .bundle <<<"$out")" "$BUNDLE"
	is "$(jq -r .rootfs <<<"$out")" "$BUNDLE/rootfs"
	is "$(jq -r '.pid | type' <<<"$out")" number
	matches "$(jq -r .ociVersion <<<"$out")" '^1\.'
	matches "$(jq -r .created <<<"$out")" '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z$'
	is "$(jq -r '.owner | type' <<<"$out")" string
}

@test "the pid of state is the container's init" {
	running_c
	pid=$(pid_of)
	isnt "$(readlink "/proc/$pid/ns/pid")" "$(readlink /proc/self/ns/pid)"
	matches "$(sed -n 's/^NSpid:\t//p' "/proc/$pid/status")" "^$pid"$'\t1$'
}

@test "state goes from created to running to stopped, and stopped has pid 0" {
	create_c idle
	is "$(status_of)" created
	run_ok berth start "$ID"
	is "$(status_of)" running
	run_ok berth kill "$ID" KILL
	wait_status "$ID" stopped
	is "$(pid_of)" 0
}

@test "state of an unknown container" {
	run_fail 1 'container does not exist' berth state "$ID"
	is "$out" ""
}

@test "annotations are in the state" {
	create_c 'idle | .annotations = {"a.b/c": "d \"e\" ü", "empty": ""}'
	run_ok berth state "$ID"
	is "$(jq -c .annotations <<<"$out")" '{"a.b/c":"d \"e\" ü","empty":""}'
}

@test "state is found from another directory and by an absolute or relative root" {
	running_c
	cd "$T"
	run_ok "$BERTH" --root state state "$ID"
	is "$(jq -r .status <<<"$out")" running
}

@test "containers of another root are not seen" {
	running_c
	mkdir "$T/other"
	run_fail 1 'container does not exist' "$BERTH" --root "$T/other" state "$ID"
}

# ---- kill ----

@test "kill sends TERM by default" {
	running_c 'sh("trap \"echo got TERM; exit\" TERM; echo up; while :; do sleep 1000 & wait; done")'
	wait_until 5 grep -q up "$T/c.out"
	run_ok berth kill "$ID"
	wait_status "$ID" stopped
	is "$(<"$T/c.out")" $'up\ngot TERM'
}

@test "kill takes names, SIG names, lower case and numbers" {
	running_c 'sh("trap \"echo got\" USR1; echo up; while :; do sleep 1000 & wait; done")'
	wait_until 5 grep -q up "$T/c.out"
	n=0
	for sig in USR1 SIGUSR1 usr1 sigusr1 SigUsr1 10; do
		run_ok berth kill "$ID" "$sig"
		n=$((n + 1))
		wait_until 5 eval "[ \$(grep -c got $T/c.out) = $n ]" || fail "$sig did not arrive"
	done
}

@test "kill takes real-time signals by name" {
	only_berth
	running_c 'sh("for s in 34 37 62 64; do trap \"echo got $s\" $s; done; echo up; while :; do sleep 1000 & wait; done")'
	wait_until 5 grep -q up "$T/c.out"
	for pair in RTMIN:34 SIGRTMIN+3:37 rtmin+3:37 RTMAX-2:62 SIGRTMAX:64 64:64; do
		: >"$T/c.out"
		run_ok berth kill "$ID" "${pair%:*}"
		wait_until 5 grep -q "got ${pair#*:}" "$T/c.out" || fail "$pair did not arrive"
	done
}

@test "kill with signal 0 only asks" {
	running_c
	run_ok berth kill "$ID" 0
	is "$(status_of)" running
}

@test "unknown signals are refused by name" {
	running_c
	for sig in NOPE SIGNOPE 999 65 -1 1x SIG RTMIN+99 RTMAX-99 9999999999999999999999; do
		capture berth kill "$ID" "$sig"
		is "$status" 1 "status of kill '$sig'"
		isnt "$err" "" "stderr of kill '$sig'"
		is "$(status_of)" running "status after kill '$sig'"
	done
	run_fail 1 'unknown signal "NOPE"' berth kill "$ID" NOPE
}

@test "kill of an unknown container" {
	run_fail 1 'container does not exist' berth kill "$ID" TERM
	run_fail 1 'container does not exist' berth kill --all "$ID" KILL
}

@test "kill of a dead container says that it is not running" {
	life_c 'args("true")'
	run_fail 1 'container not running' berth kill "$ID" TERM
	run_fail 1 'container not running' berth kill "$ID" KILL
}

@test "kill --all of a dead container is a success" {
	life_c 'args("true")'
	run_ok berth kill --all "$ID" KILL
	run_ok berth kill -a "$ID" 9
}

@test "TERM, INT and HUP end a created container" {
	bundle b idle
	for sig in TERM INT HUP; do
		create_bundle
		run_ok berth kill "$ID" "$sig"
		wait_status "$ID" stopped
		run_ok berth delete "$ID"
	done
}

@test "KILL ends a created container" {
	create_c idle
	run_ok berth kill "$ID" KILL
	wait_status "$ID" stopped
	run_ok berth delete "$ID"
}

@test "kill --all reaches every process" {
	only_berth
	running_c 'sh("trap : USR1; (trap \"echo child; exit\" USR1; echo up; while :; do sleep 1000 & wait; done) & while :; do wait; done")'
	wait_until 5 grep -q up "$T/c.out"
	run_ok berth kill --all "$ID" USR1
	wait_until 5 grep -q child "$T/c.out" || fail "the child got no signal"
}

@test "KILL without a private pid namespace ends the whole container" {
	only_berth
	running_c 'no_ns("pid") | sh("sleep 1001 & echo up; while :; do sleep 1000 & wait; done")'
	wait_until 5 grep -q up "$T/c.out"
	run_ok berth kill "$ID" KILL
	wait_until 5 eval '[ -z "$(cgroups_of_test | xargs -I{} cat {}/cgroup.procs)" ]' || fail "there are processes left"
}

@test "KILL ends a paused container" {
	running_c
	freeze_cgroup
	is "$(status_of)" paused
	run_ok berth kill "$ID" KILL
	only_berth
	wait_status "$ID" stopped
}

@test "a stopping init that ends by TERM leaves its status stopped" {
	running_c
	run_ok berth kill "$ID" TERM
	wait_status "$ID" stopped
}

# ---- delete ----

@test "delete of a stopped container" {
	life_c 'args("true")'
	run_ok berth delete "$ID"
	run_fail 1 'container does not exist' berth state "$ID"
	nothing_left || leak_check
}

@test "delete of a created container kills it" {
	create_c idle
	pid=$(pid_of)
	run_ok berth delete "$ID"
	nothing_left || leak_check
}

@test "delete of a running container is refused" {
	running_c
	run_fail 1 "cannot delete container $ID that is not stopped: running" berth delete "$ID"
	is "$(status_of)" running
}

@test "delete --force of a running container" {
	running_c
	run_ok berth delete --force "$ID"
	is "$out$err" ""
	nothing_left || leak_check
}

@test "delete -f is delete --force" {
	running_c
	run_ok berth delete -f "$ID"
	nothing_left || leak_check
}

@test "delete --force ends processes that ignore signals and their children" {
	running_c 'sh("trap \"\" TERM INT HUP; (trap \"\" TERM; sleep 1001) & setsid sleep 1002 & echo up; while :; do sleep 1000 & wait; done")'
	wait_until 5 grep -q up "$T/c.out"
	run_ok berth delete --force "$ID"
	nothing_left || leak_check
}

@test "delete of an unknown container" {
	run_fail 1 'container does not exist' berth delete "$ID"
}

@test "delete --force of an unknown container is silent success" {
	run_ok berth delete --force "$ID"
	is "$out$err" ""
	run_ok berth delete --force "$ID"
}

@test "delete --force of an id that cannot be one does not leave the root" {
	mkdir "$T/victim"
	capture berth delete --force ../victim
	[ -d "$T/victim" ] || fail "../victim was removed"
	capture berth delete --force .
	[ -d "$STATE" ] || fail "the root was removed"
}

@test "delete works from the stored state when the bundle is gone" {
	running_c
	rm -rf "$BUNDLE/config.json"
	run_ok berth delete --force "$ID"
	nothing_left || leak_check
}

@test "delete keeps the bundle" {
	life_c 'args("true")'
	run_ok berth delete "$ID"
	[ -x "$BUNDLE/rootfs/bin/busybox" ] || fail "the root file system was touched"
}

@test "delete --force removes what a crash left of a state directory" {
	only_berth
	create_c idle
	cp "$STATE/$ID/state.json" "$T/whole"
	run_ok berth delete --force "$ID"
	size=$(stat -c %s "$T/whole")
	for n in none 0 1 $((size / 2)) $((size - 2)); do
		mkdir -m 700 "$STATE/$ID"
		[ "$n" = none ] || head -c "$n" "$T/whole" >"$STATE/$ID/state.json"
		run_ok berth list
		capture berth state "$ID"
		run_ok berth delete --force "$ID"
		is "$(ls -A "$STATE")" "" "after $n bytes"
	done
}

@test "create takes over what a crash left of a state directory" {
	only_berth
	bundle b idle
	mkdir -m 700 "$STATE/$ID"
	run_ok berth create -b "$BUNDLE" "$ID"
	is "$(status_of)" created
}

@test "delete --force of a create that is killed leaves nothing, and the id is free" {
	only_berth
	bundle b idle
	for ms in 1 2 3 4 5 6 8 10 12 15 20 30; do
		timeout -s KILL "0.$(printf %03d $ms)" "$BERTH" --root "$STATE" create -b "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- 4>&- || true
		run_ok berth delete --force "$ID"
		wait_until 1 nothing_left || leak_check || fail "killed after $ms ms"
	done
	run_ok berth create -b "$BUNDLE" "$ID"
}

@test "the next create cleans up after a create that was killed" {
	only_berth
	bundle b idle
	for ms in 2 4 6 8 12 20; do
		timeout -s KILL "0.$(printf %03d $ms)" "$BERTH" --root "$STATE" create -b "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- 4>&- || true
		# late enough, it had succeeded: then the id is rightly taken
		! status_is "$ID" created || run_ok berth delete --force "$ID"
		run_ok berth create -b "$BUNDLE" "$ID"
		run_ok berth delete --force "$ID"
		wait_until 1 nothing_left || leak_check || fail "killed after $ms ms"
	done
}

# ---- list ----

@test "list prints a table of the containers" {
	create_c idle
	run_ok berth list
	matches "$(head -n 1 <<<"$out")" '^ID +PID +STATUS +BUNDLE +CREATED +OWNER'
	matches "$(tail -n 1 <<<"$out")" "^$ID +$(pid_of) +created +$BUNDLE +20.* +root"
}

@test "list --quiet prints ids only" {
	bundle b idle
	run_ok berth create -b "$BUNDLE" "$ID"
	run_ok berth create -b "$BUNDLE" "$ID-2"
	run_ok berth list -q
	is "$(sort <<<"$out")" "$ID"$'\n'"$ID-2"
	run_ok berth list --quiet
	is "$(wc -l <<<"$out")" 2
}

@test "list -f json is an array of states on one line" {
	create_c idle
	run_ok berth list -f json
	is "$(wc -l <<<"$out")" 1 lines
	is "$(jq -r '.[0].id' <<<"$out")" "$ID"
	is "$(jq -r '.[0].status' <<<"$out")" created
	is "$(jq -r '.[0].bundle' <<<"$out")" "$BUNDLE"
}

@test "list -f json without containers is an empty array" {
	only_berth
	run_ok berth list -f json
	is "$out" '[]'
}

@test "list without containers and without a root directory" {
	rmdir "$STATE"
	run_ok berth list
	run_ok berth list -q
	is "$out" ""
	mkdir -p "$STATE"
}

@test "list refuses an unknown format" {
	run_fail 1 format berth list -f xml
}

@test "list takes --format=json" {
	create_c idle
	run_ok berth list --format=json
	is "$(jq length <<<"$out")" 1
}

# ---- ps ----

@test "ps -f json is an array of pids" {
	running_c 'sh("sleep 1000 & echo up; wait")'
	wait_until 5 grep -q up "$T/c.out"
	run_ok berth ps -f json "$ID"
	is "$(jq length <<<"$out")" 2
	is "$(jq -r 'map(type) | unique[]' <<<"$out")" number
	is "$(jq --argjson p "$(pid_of)" 'index($p) != null' <<<"$out")" true
}

@test "ps prints a table with the processes of the container only" {
	running_c 'sh("sleep 1234 & echo up; wait")'
	wait_until 5 grep -q up "$T/c.out"
	run_ok berth ps "$ID"
	matches "$(head -n 1 <<<"$out")" PID
	has "$out" 'sleep 1234' "$(pid_of)"
	is "$(wc -l <<<"$out")" 3 lines
}

@test "ps takes the options that docker top passes" {
	running_c
	run_ok berth ps "$ID" -ef
	has "$out" "$(pid_of)"
}

@test "ps of an unknown container" {
	run_fail 1 'container does not exist' berth ps "$ID"
}

# ---- global options and the log ----

@test "global options stand before or after the command" {
	only_berth
	bundle b idle
	run_ok "$BERTH" create --root "$STATE" --log "$T/log" -b "$BUNDLE" "$ID"
	run_ok "$BERTH" state --root="$STATE" "$ID"
	is "$(jq -r .id <<<"$out")" "$ID"
	run_ok "$BERTH" --root "$STATE" state "$ID"
}

@test "an option takes its value as a word or behind an equals sign, with one dash or two" {
	bundle b idle
	for form in "--bundle $BUNDLE" "--bundle=$BUNDLE" "-bundle $BUNDLE" "-bundle=$BUNDLE" "-b $BUNDLE"; do
		# shellcheck disable=SC2086
		run_ok berth create $form "$ID"
		run_ok berth delete -force "$ID"
	done
}

@test "an option may come twice" {
	bundle b idle
	run_ok "$BERTH" --root "$T/other" --root "$STATE" --debug --debug create -b /nope -b "$BUNDLE" "$ID"
	is "$(status_of)" created
}

@test "global options that engines pass are accepted" {
	only_berth
	bundle b idle
	run_ok berth --log "$T/log" --log-format json --log-level debug --rootless=auto --criu /usr/sbin/criu \
		--cgroup-manager cgroupfs create --no-pivot=false --no-new-keyring --no-subreaper -b "$BUNDLE" "$ID"
	is "$(status_of)" created
}

@test "an unknown option is named" {
	capture berth create --bogus-option "$ID"
	is "$status" 1
	has "$err" bogus-option
	capture berth --bogus-option state "$ID"
	isnt "$status" 0
	has "$out$err" bogus-option
}

@test "an option without its value is named" {
	capture berth create --bundle
	is "$status" 1
	has "$err" bundle
	matches "$err" 'flag needs an argument|requires an argument'
}

@test "an unknown command is named" {
	capture berth frobnicate
	isnt "$status" 0
	has "$out$err" frobnicate
}

@test "errors go to the log file as one JSON object a line, and to stderr" {
	capture berth --log "$T/log" --log-format json state "$ID"
	is "$status" 1
	has "$err" 'container does not exist'
	is "$(wc -l <"$T/log")" 1 lines
	is "$(jq -r .level "$T/log")" error
	has "$(jq -r .msg "$T/log")" 'container does not exist'
	matches "$(jq -r .time "$T/log")" '^20[0-9-]{8}T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9:]{5})$'
}

@test "the log file is appended to" {
	echo '{"level":"info","msg":"before","time":"2026-01-01T00:00:00Z"}' >"$T/log"
	capture berth --log "$T/log" --log-format json state "$ID"
	is "$(wc -l <"$T/log")" 2 lines
	is "$(jq -r .msg "$T/log" | head -n 1)" before
}

@test "a success writes nothing to the log" {
	bundle b 'idle | .mounts[0].destination = "proc" | .process.capabilities.bounding += ["CAP_BOGUS"]'
	only_berth
	run_ok berth --log "$T/log" --log-format json create -b "$BUNDLE" "$ID"
	run_ok berth --log "$T/log" --log-format json start "$ID"
	[ ! -s "$T/log" ] || fail "the log has: $(<"$T/log")"
}

@test "the text log has the message in plain words" {
	capture berth --log "$T/log" --log-format text state "$ID"
	has "$(<"$T/log")" 'container does not exist'
}

@test "--debug writes debug lines that are JSON too" {
	bundle b idle
	run_ok berth --debug --log "$T/log" --log-format json create -b "$BUNDLE" "$ID"
	[ -s "$T/log" ] || fail "no debug lines"
	is "$(jq -r .level "$T/log" | sort -u)" debug
}

@test "a log format that does not exist is refused" {
	capture berth --log-format xml --log "$T/log" list
	isnt "$status" 0
	has "$err" xml
}

@test "--version names the program, the commit and the specification" {
	run_ok "$BERTH" --version
	matches "$(head -n 1 <<<"$out")" '^[a-z]+ version [0-9]+\.[0-9]+'
	has "$out" 'commit: ' 'spec: 1.'
	v=$out
	run_ok "$BERTH" -v
	is "$out" "$v"
}

@test "the version command is the version option" {
	only_berth
	run_ok "$BERTH" version
	matches "$(head -n 1 <<<"$out")" '^berth version [0-9]+\.[0-9]+'
}

@test "features is one JSON document with what engines look for" {
	only_berth
	run_ok env -i "$BERTH" features
	is "$err" ""
	is "$(jq -r .ociVersionMin <<<"$out")" 1.0.0
	matches "$(jq -r .ociVersionMax <<<"$out")" '^1\.3\.'
	is "$(jq '.mountOptions | index("rro") != null' <<<"$out")" true
	is "$(jq .linux.mountExtensions.idmap.enabled <<<"$out")" true
	is "$(jq -c '.hooks | length' <<<"$out")" 6
	is "$(jq -c '.linux.namespaces | sort' <<<"$out")" \
		'["cgroup","ipc","mount","network","pid","time","user","uts"]'
	is "$(jq -c '.linux.capabilities | length' <<<"$out")" 41
}

@test "features lists mount options sorted and without doubles" {
	only_berth
	run_ok "$BERTH" features
	is "$(jq -c '.mountOptions == (.mountOptions | unique)' <<<"$out")" true
}

@test "spec writes a config.json that runs once there is a rootfs" {
	bundle b
	cd "$BUNDLE"
	rm config.json
	run_ok "$BERTH" spec
	jq -e . config.json >/dev/null
	edit '.process.terminal = false | sh("echo hi") | del(.process.rlimits)' <config.json >new
	mv new config.json
	run_ok berth run "$ID"
	is "$out" hi
}

@test "spec does not overwrite a config.json" {
	bundle b
	before=$(<"$BUNDLE/config.json")
	capture "$BERTH" spec -b "$BUNDLE"
	is "$status" 1
	has "$err" config.json
	is "$(<"$BUNDLE/config.json")" "$before"
}

@test "spec --rootless has a user namespace with mappings" {
	mkdir "$T/s"
	run_ok "$BERTH" spec --rootless -b "$T/s"
	is "$(jq '[.linux.namespaces[].type] | index("user") != null' "$T/s/config.json")" true
	is "$(jq '.linux.uidMappings | length' "$T/s/config.json")" 1
}

@test "spec has no inheritable capabilities" {
	mkdir "$T/s"
	run_ok "$BERTH" spec -b "$T/s"
	is "$(jq -c '.process.capabilities.inheritable // []' "$T/s/config.json")" '[]'
}

@test "help exits 0 for the program and for every command" {
	run_ok "$BERTH" --help
	for c in create start state kill delete run exec list ps spec features; do
		run_ok "$BERTH" $c --help
		has "$out" $c
	done
}

@test "an environment that is empty is no trouble" {
	bundle b 'sh("echo hi")'
	run_ok env -i "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$out" hi
	run_ok env -i XDG_RUNTIME_DIR= "$BERTH" --root "$STATE" list
}

@test "start, kill and delete come from other processes, directories and without the options of create" {
	bundle b idle
	cd "$BUNDLE"
	run_ok berth --log "$T/log" --debug create "$ID"
	cd /
	run_ok berth start "$ID"
	run_ok berth kill "$ID" KILL
	wait_status "$ID" stopped
	run_ok berth delete "$ID"
}

@test "the state directory is for its owner only" {
	only_berth
	create_c idle
	find "$STATE" -mindepth 1 ! -type l ! -type s -perm /0077 >"$T/open"
	is "$(<"$T/open")" "" "what others may touch"
}

@test "a root directory that does not exist is made" {
	rmdir "$STATE"
	running_c
	is "$(status_of)" running
}
