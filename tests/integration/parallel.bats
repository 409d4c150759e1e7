#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Two hundred containers at once, each with five execs at once, and nothing is left.

load helpers

# one container's whole life; says what went wrong
life() {
	local id=$1 i rc
	berth create --pid-file "$T/pid.$id" --bundle "$BUNDLE" "$id" || { echo "$id: create: $?"; return; }
	berth start "$id" || { echo "$id: start: $?"; return; }
	local execs=()
	for i in 1 2 3 4 5; do
		berth exec "$id" sh -c "exit $i" &
		execs+=($!)
	done
	for i in 1 2 3 4 5; do
		rc=0
		wait "${execs[i - 1]}" || rc=$?
		[ $rc = $i ] || echo "$id: exec $i: $rc"
	done
	berth kill "$id" KILL || echo "$id: kill: $?"
	berth delete --force "$id" || echo "$id: delete: $?"
}

# many N AT_ONCE
many() {
	local n running=0
	for ((n = 1; n <= $1; n++)); do
		life "$ID-$n" </dev/null >>"$T/trouble" 2>&1 3>&- 4>&- &
		running=$((running + 1))
		if [ $running -ge "$2" ]; then
			wait -n || true
			running=$((running - 1))
		fi
	done
	wait
}

@test "200 containers, 20 at a time" {
	bundle b idle
	LIMIT=60 many 200 20
	is "$(<"$T/trouble")" "" trouble
	is "$(berth list -q)" ""
	nothing_left || leak_check
}

@test "50 containers, all at once" {
	bundle b idle
	LIMIT=60 many 50 50
	is "$(<"$T/trouble")" "" trouble
	nothing_left || leak_check
}

@test "50 foreground runs at once give each its own output and code" {
	bundle b 'sh("echo $$; cat; exit 3")'
	for n in {1..50}; do
		(echo "input $n" | LIMIT=60 berth run -b "$BUNDLE" "$ID-$n" >"$T/o$n" 2>&1 3>&- 4>&-) &
		pids[n]=$!
	done
	for n in {1..50}; do
		rc=0
		wait "${pids[n]}" || rc=$?
		is $rc 3 "exit status of $n"
		is "$(<"$T/o$n")" $'1\n'"input $n"
	done
}

@test "the mount table of the host does not grow with the containers" {
	bundle b idle
	before=$(wc -l </proc/self/mountinfo)
	for n in {1..20}; do run_ok berth run -d -b "$BUNDLE" "$ID-$n"; done
	is "$(grep -cF "$T" /proc/self/mountinfo || true)" "$(grep -cF "$T" "$T/mounts.before" || true)" "mounts of the test"
	for n in {1..20}; do run_ok berth delete --force "$ID-$n"; done
}
