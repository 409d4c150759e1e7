#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec: another process in a running container.

load helpers

# exec_file EXPR: a process file made by jq from a small default
exec_file() {
	echo '{"cwd": "/", "args": ["true"], "user": {"uid": 0, "gid": 0}, "env": ["PATH=/bin:/usr/bin"],
		"capabilities": {}, "noNewPrivileges": true}' | jq "$jq_words $1" >"$T/process.json"
}

@test "exec runs a program in the container's namespaces" {
	running_c
	pid=$(pid_of)
	run_ok berth exec "$ID" sh -c 'cd /proc/self/ns; for n in *; do readlink $n; done'
	while read -r link; do
		is "$link" "$(readlink "/proc/$pid/ns/${link%%:*}")" "${link%%:*} namespace"
	done <<<"$out"
	[ "$(wc -l <<<"$out")" -ge 8 ] || fail "only $out"
}

@test "exec is in the container's cgroup" {
	running_c
	pid=$(pid_of)
	run_ok berth exec --detach --pid-file "$T/p" "$ID" sleep 1000
	is "$(grep -v '^0::' "/proc/$(<"$T/p")/cgroup")" "$(grep -v '^0::' "/proc/$pid/cgroup")" cgroups
}

@test "exec ends with the exit code of the program" {
	running_c
	for code in 0 1 7 125 126 127 200; do
		capture berth exec "$ID" sh -c "exit $code"
		is "$status" "$code"
		is "$err" ""
	done
}

@test "exec ends with 128 plus the signal that ended the program" {
	running_c
	capture berth exec "$ID" sh -c 'kill -KILL $$'
	is "$status" 137
	capture berth exec "$ID" sh -c 'kill -SEGV $$'
	is "$status" 139
}

@test "exec passes stdin, stdout and stderr" {
	running_c
	echo words >"$T/in"
	STDIN=$T/in run_ok berth exec "$ID" sh -c 'tr a-z A-Z; echo err >&2'
	is "$out" WORDS
	is "$err" err
}

@test "exec forwards signals" {
	running_c
	mkfifo "$BUNDLE/rootfs/tmp/wait"
	bg exec "$ID" sh -c 'trap "exit 9" TERM; echo up; while :; do read -t 1000 x <>/tmp/wait; done'
	bg_up
	kill -TERM $bg
	bg_ends 9
}

@test "only the descriptors 0, 1 and 2 reach the exec'd program" {
	running_c
	exec 77</
	capture berth exec "$ID" probe fds
	exec 77<&-
	is "$out" "0 1 2"
}

@test "exec --preserve-fds passes them" {
	running_c
	echo three >"$T/3"
	berth exec --preserve-fds 1 "$ID" sh -c 'probe fds; cat <&3' 3<"$T/3" 4<"$T/3" >"$T/got"
	is "$(<"$T/got")" $'0 1 2 3\nthree'
}

@test "words after the id belong to the program, options too" {
	running_c
	run_ok berth exec "$ID" printf '[%s]' -t --env 'a b' '' --
	is "$out" '[-t][--env][a b][][--]'
}

@test "exec has environment, directory and user of the container's process" {
	running_c 'idle | .process.env += ["A=from config"] | .process.cwd = "/tmp" | .process.user = {uid: 1000, gid: 1000, additionalGids: [50]}'
	run_ok berth exec "$ID" sh -c 'echo "$A"; pwd; id -u; id -g; id -G'
	is "$out" $'from config\n/tmp\n1000\n1000\n1000 50'
}

@test "exec has no_new_privs and capabilities of the container's process" {
	running_c
	pid=$(pid_of)
	run_ok berth exec "$ID" grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status
	is "$out" "$(grep -E '^(Cap|NoNewPrivs|Seccomp:)' "/proc/$pid/status")"
}

@test "exec has the container's seccomp filter" {
	running_c 'idle | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["sync"], action: "SCMP_ACT_ERRNO", errnoRet: 77}]}'
	run_ok berth exec "$ID" probe syscall sync
	is "$out" errno=77
}

@test "--env adds to and overrides the container's environment" {
	running_c 'idle | .process.env += ["A=1", "B=2"]'
	run_ok berth exec -e B=3 --env C=4 --env=D= -e 'E=a=b c' "$ID" sh -c 'echo "$A,$B,$C,${D-unset},$E"'
	is "$out" '1,3,4,,a=b c'
}

@test "an --env without an equals sign is refused" {
	running_c
	run_fail 255 NOVALUE berth exec -e NOVALUE "$ID" true
}

@test "the caller's environment does not reach the program" {
	running_c
	export SECRET=s3cret
	run_ok berth exec "$ID" env
	hasnt "$out" s3cret
}

@test "HOME comes from the container's passwd file" {
	running_c
	run_ok berth exec "$ID" sh -c 'echo $HOME'
	is "$out" /root
	run_ok berth exec -u 1000 "$ID" sh -c 'echo $HOME'
	is "$out" /home/user
	run_ok berth exec -u 4242 "$ID" sh -c 'echo $HOME'
	is "$out" /
	run_ok berth exec -e HOME=/own "$ID" sh -c 'echo $HOME'
	is "$out" /own
}

@test "--cwd sets the directory, and one that is not there is an error" {
	running_c
	run_ok berth exec --cwd /tmp "$ID" pwd
	is "$out" /tmp
	run_fail 255 'no such file or directory' berth exec --cwd /nope "$ID" pwd
	has "$err" '/nope'
	run_fail 255 '' berth exec --cwd /etc/passwd "$ID" pwd
	only_berth
	run_fail 255 'absolute' berth exec --cwd tmp "$ID" pwd
}

@test "--user takes a uid, and a uid and a gid" {
	running_c
	run_ok berth exec -u 1000 "$ID" id -u
	is "$out" 1000
	run_ok berth exec -u 1000:50 "$ID" sh -c 'id -u; id -g'
	is "$out" $'1000\n50'
	run_ok berth exec --user=4242:4343 "$ID" sh -c 'id -u; id -g; id -G'
	is "$out" $'4242\n4343\n4343'
	run_ok berth exec -u 4294967294:4294967294 "$ID" sh -c 'id -u; id -g'
	is "$out" $'4294967294\n4294967294'
}

@test "a --user that is no number in range is refused and nothing runs" {
	only_berth
	running_c
	for user in 4294967295 4294967296 4294967297 18446744073709551616 99999999999999999999999 -1 +1 ' 1' '1 ' 0x1 1x x1 \
		:1 1: : '' 1:-1 1:4294967295 1:4294967296 1:x 1:1:1 'no-such-user' '1000:no-such-group' $'1\n' 1.0 1e3; do
		capture berth exec -u "$user" "$ID" id -u
		is "$status" 255 "status of --user '$user'"
		is "$out" "" "output of --user '$user'"
		isnt "$err" "" "error of --user '$user'"
	done
}

@test "a --user of digits is a number even when passwd has such a name" {
	running_c
	echo '1000:x:0:0::/:' >>"$T/passwd"
	cp "$T/passwd" "$BUNDLE/rootfs/etc/passwd"
	run_ok berth exec -u 1000 "$ID" id -u
	is "$out" 1000
}

@test "--user takes names from the container's passwd and group files" {
	only_berth
	running_c
	run_ok berth exec -u user "$ID" sh -c 'id -u; id -g'
	is "$out" $'1000\n1000'
	run_ok berth exec -u user:many "$ID" id -g
	is "$out" 51
}

@test "--additional-gids are the supplementary groups" {
	running_c
	run_ok berth exec --additional-gids 50 --additional-gids 77 "$ID" id -G
	is "$out" '0 50 77'
	run_ok berth exec -g 50 -u 1000:1000 "$ID" id -G
	is "$out" '1000 50'
}

@test "an --additional-gids that is no number in range is refused" {
	running_c
	for gid in -1 4294967295 4294967296 x 1x ''; do
		capture berth exec --additional-gids "$gid" "$ID" id -G
		isnt "$status" 0 "status of '$gid'"
		is "$out" "" "output of '$gid'"
	done
}

@test "--cap adds a capability to all sets but the inheritable" {
	running_c
	run_ok berth exec --cap CAP_NET_ADMIN "$ID" grep Cap /proc/self/status
	for set in CapPrm CapEff CapBnd; do
		v=$(sed -n "s/^$set:\t//p" <<<"$out")
		(((16#$v >> 12) & 1)) || fail "$set is $v"
	done
	is "$(sed -n 's/^CapInh:\t//p' <<<"$out")" 0000000000000000
}

@test "--cap of an unknown name is a warning at most" {
	only_berth
	running_c
	run_ok berth exec --cap CAP_BOGUS "$ID" echo on
	is "$out" on
}

@test "--no-new-privs sets it" {
	running_c 'idle | .process.noNewPrivileges = false'
	run_ok berth exec "$ID" grep NoNewPrivs /proc/self/status
	is "$out" $'NoNewPrivs:\t0'
	run_ok berth exec --no-new-privs "$ID" grep NoNewPrivs /proc/self/status
	is "$out" $'NoNewPrivs:\t1'
}

@test "--detach returns while the program goes on and writes the pid file" {
	running_c
	run_ok berth exec --detach --pid-file "$T/p" "$ID" sleep 1000
	pid=$(<"$T/p")
	is "$(tr '\0' ' ' <"/proc/$pid/cmdline")" 'sleep 1000 '
	is "$(stat -c %s "$T/p")" "${#pid}" "size of the pid file"
	run_ok berth ps -f json "$ID"
	is "$(jq --argjson p "$pid" 'index($p) != null' <<<"$out")" true
}

@test "--detach of a program that does not exist fails and writes no pid file" {
	running_c
	run_fail 255 'executable file not found in $PATH' berth exec -d --pid-file "$T/p" "$ID" nope-nope
	[ ! -e "$T/p" ] || fail "there is a pid file"
}

@test "the pid file of a foreground exec" {
	running_c
	bg exec --pid-file "$T/p" "$ID" sh -c 'echo up; exec sleep 1000'
	bg_up
	wait_until 5 eval '[ "$(tr "\0" " " <"/proc/$(<"$T/p")/cmdline")" = "sleep 1000 " ]'
	kill -KILL "$(<"$T/p")"
	bg_ends 137
}

@test "errors of the program are in the words that engines match, with status 255" {
	running_c 'idle | rw'
	run_fail 255 'exec: "nope": executable file not found in $PATH' berth exec "$ID" nope
	has "$err" 'exec failed: unable to start container process: exec:'
	run_fail 255 'exec: "/nope": stat /nope: no such file or directory' berth exec "$ID" /nope
	run_fail 255 'permission denied' berth exec "$ID" /etc/passwd
	has "$err" 'exec: "/etc/passwd": permission denied'
	run_fail 255 'exec: "/etc":' berth exec "$ID" /etc
	run_ok berth exec "$ID" sh -c 'printf garbage >/tmp/f; chmod 755 /tmp/f'
	run_fail 255 'exec format error' berth exec "$ID" /tmp/f
}

@test "a directory is called a directory" {
	only_berth
	running_c
	run_fail 255 'exec: "/etc": is a directory' berth exec "$ID" /etc
}

@test "a script whose interpreter is missing" {
	running_c 'idle | rw'
	run_ok berth exec "$ID" sh -c 'echo "#!/no/such/interpreter" >/tmp/f; chmod 755 /tmp/f'
	run_fail 255 'no such file or directory' berth exec "$ID" /tmp/f
}

@test "exec in an unknown container" {
	run_fail 255 'container does not exist' berth exec "$ID" true
}

@test "exec in a created container works" {
	create_c idle
	run_ok berth exec "$ID" echo hi
	is "$out" hi
	is "$(status_of)" created
}

@test "exec in a stopped container is refused" {
	life_c 'args("true")'
	run_fail 255 'cannot exec in a stopped container' berth exec "$ID" true
}

@test "exec in a paused container is refused unless it is told to" {
	only_berth
	running_c
	freeze_cgroup
	run_fail 255 'cannot exec in a paused container' berth exec "$ID" true
	has "$err" ignore-paused
}

@test "delete --force of a paused container works" {
	only_berth
	running_c
	freeze_cgroup
	is "$(status_of)" paused
	run_ok berth delete --force "$ID"
	nothing_left || leak_check
}

@test "exec without a command is an error" {
	running_c
	capture berth exec "$ID"
	isnt "$status" 0
	isnt "$err" ""
}

@test "--process takes everything from the file" {
	running_c 'idle | .process.env += ["A=config"]'
	exec_file 'sh("echo \"$A,$B\"; pwd; id -u; id -g; id -G; umask") | .env += ["B=file"] | .cwd = "/tmp" | .user = {uid: 1000, gid: 50, additionalGids: [77], umask: 63}'
	jq '.args = .process.args | del(.process)' "$T/process.json" >"$T/p.json"
	run_ok berth exec --process "$T/p.json" "$ID"
	is "$out" $',file\n/tmp\n1000\n50\n50 77\n0077'
}

@test "--process with -p, capabilities and rlimits" {
	running_c
	exec_file '.args = ["sh", "-c", "grep CapEff /proc/self/status; ulimit -n"] | .capabilities = {bounding: ["CAP_CHOWN"], permitted: ["CAP_CHOWN"], effective: ["CAP_CHOWN"]} | .rlimits = [{type: "RLIMIT_NOFILE", soft: 33, hard: 44}]'
	run_ok berth exec -p "$T/process.json" "$ID"
	is "$out" $'CapEff:\t0000000000000001\n33'
}

@test "--process without capabilities has none" {
	only_berth
	running_c
	exec_file '.args = ["grep", "-E", "Cap(Prm|Eff|Inh|Amb)", "/proc/self/status"] | del(.capabilities)'
	run_ok berth exec -p "$T/process.json" "$ID"
	is "$(cut -f2 <<<"$out" | sort -u)" 0000000000000000
}

@test "--process files that are wrong are refused with the place" {
	only_berth
	running_c
	for pair in '.args = []|/args' 'del(.args)|/args' 'del(.cwd)|/cwd' '.cwd = "x"|/cwd' '.user.uid = "0"|/user/uid' \
		'.user.uid = 4294967296|/user/uid' '.env = ["X"]|/env/0' '.args = [1]|/args/0' '.rlimits = [{type: "RLIMIT_X", soft: 1, hard: 1}]|/rlimits/0'; do
		exec_file "${pair%|*}"
		run_fail 255 "${pair##*|}" berth exec -p "$T/process.json" "$ID"
	done
}

@test "--process of a file that is not there is named" {
	running_c
	capture berth exec -p "$T/nope.json" "$ID"
	isnt "$status" 0
	has "$err" "$T/nope.json"
}

@test "exec applies oom_score_adj, scheduler and I/O priority of the process file" {
	only_berth
	running_c
	exec_file '.args = ["sh", "-c", "cat /proc/self/oom_score_adj; probe sched; ionice -p $$"] | .oomScoreAdj = 500 | .scheduler = {policy: "SCHED_BATCH", nice: 5} | .ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	run_ok berth exec -p "$T/process.json" "$ID"
	is "$out" $'500\n3 0 5\nbest-effort: prio 6'
}

@test "exec applies the CPU affinity of the process file" {
	only_berth
	[ "$(nproc)" -ge 2 ] || skip "needs two CPUs"
	running_c
	exec_file '.args = ["grep", "Cpus_allowed_list", "/proc/self/status"] | .execCPUAffinity = {initial: "0", final: "1"}'
	run_ok berth exec -p "$T/process.json" "$ID"
	is "$out" $'Cpus_allowed_list:\t1'
}

@test "five execs at once" {
	running_c
	for i in 1 2 3 4 5; do
		close_fds berth exec "$ID" sh -c "echo $i; exit $i" </dev/null >"$T/o$i" 2>"$T/e$i" &
		pids[i]=$!
	done
	for i in 1 2 3 4 5; do
		ends "${pids[i]}" $i
		is "$(<"$T/o$i")" $i
	done
}

@test "a container that is deleted ends its execs" {
	running_c
	bg exec "$ID" sh -c 'echo up; exec sleep 1000'
	bg_up
	run_ok berth delete --force "$ID"
	bg_ends 137
}

@test "exec --cgroup goes into a sub-cgroup" {
	only_berth
	running_c
	for d in $(cgroups_of_test); do
		mkdir "$d/sub"
		for f in cpuset.cpus cpuset.mems; do # empty in a new v1 cgroup: nobody may enter
			[ ! -e "$d/freezer.state" ] && [ -e "$d/$f" ] && cat "$d/$f" >"$d/sub/$f" || true
		done
	done
	run_ok berth exec --cgroup sub -d --pid-file "$T/p" "$ID" sleep 1000
	while IFS=: read -r _ ctl path; do
		[[ $path != *"$ID"* ]] || [[ $path == */sub ]] || fail "$ctl: $path"
	done <"/proc/$(<"$T/p")/cgroup"
	grep -q "$ID.*/sub$" "/proc/$(<"$T/p")/cgroup" || fail "in no sub-cgroup"
}

@test "exec --cgroup does not leave the container's cgroup" {
	running_c
	for sub in .. ../x /.. a/../../x nope; do
		capture berth exec --cgroup "$sub" "$ID" true
		isnt "$status" 0 "status of '$sub'"
	done
}

@test "exec asks for AppArmor where there is none" {
	only_berth
	requires_no_apparmor
	running_c
	run_fail 255 -i berth exec --apparmor some-profile "$ID" true || true
	isnt "$status" 0
	matches "${err,,}" apparmor
}

@test "exec asks for SELinux where there is none" {
	only_berth
	[ ! -d /sys/fs/selinux ] || skip "needs a host without SELinux"
	running_c
	capture berth exec --process-label some_u:some_r:some_t:s0 "$ID" true
	is "$status" 255
	matches "${err,,}" selinux
}

@test "exec in a user namespace has the ids of the inside" {
	requires_userns
	running_c 'idle | userns'
	run_ok berth exec "$ID" id -u
	is "$out" 0
	run_ok berth exec -d --pid-file "$T/p" -u 1000 "$ID" sleep 1000
	is "$(stat -c %u "/proc/$(<"$T/p")")" 101000
}

@test "exec of an id that the user namespace does not map is refused" {
	requires_userns
	running_c 'idle | userns'
	capture berth exec -u 70000 "$ID" id -u
	is "$status" 255
	is "$out" ""
}

@test "exec leaves the container's init alone" {
	running_c
	pid=$(pid_of)
	for _ in 1 2 3; do run_ok berth exec "$ID" true; done
	is "$(pid_of)" "$pid"
	is "$(status_of)" running
}

@test "a zombie left by exec is reaped" {
	running_c
	run_ok berth exec "$ID" sh -c 'sleep 0 & exit 0'
	run_ok berth exec "$ID" true
	wait_until 5 eval '[ "$(berth ps -f json $ID | jq length)" -le 2 ]'
}
