#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The process: user, directory, environment, capabilities, limits, priorities, seccomp, labels, args[0].

load helpers

cap_line() {
	sed -n "s/^$1:\t//p" <<<"$out"
}

# caps EXPR: the five sets of the program, as numbers in $caps
caps() {
	run_c_ok "$1 | args(\"grep\", \"^Cap\", \"/proc/self/status\")"
	caps="$(cap_line CapInh) $(cap_line CapPrm) $(cap_line CapEff) $(cap_line CapBnd) $(cap_line CapAmb)"
	caps=$(sed 's/\b0\{1,15\}//g' <<<"$caps")
}

# ---- user ----

@test "uid, gid and groups are those of the config and no others" {
	run_c_ok '.process.user = {uid: 1000, gid: 50, additionalGids: [77, 78]} | sh("id -u; id -g; grep -E \"^(Uid|Gid|Groups):\" /proc/self/status")'
	is "$out" $'1000\n50\nUid:\t1000\t1000\t1000\t1000\nGid:\t50\t50\t50\t50\nGroups:\t77 78 '
}

@test "root without groups has none of the caller's" {
	run_c_ok 'args("grep", "^Groups:", "/proc/self/status")'
	matches "$out" $'^Groups:\t( |0 )?$'
}

@test "a file that a group must not read is not read" {
	bundle b 'rw | .process.user = {uid: 1000, gid: 50} | args("cat", "/var/f")'
	echo secret >"$BUNDLE/rootfs/var/f"
	chown 0:50 "$BUNDLE/rootfs/var/f"
	chmod 604 "$BUNDLE/rootfs/var/f"
	capture berth run -b "$BUNDLE" "$ID"
	isnt "$status" 0
	hasnt "$out" secret
}

@test "ids out of range are refused" {
	for field in uid gid; do
		for v in 4294967295 4294967296 -1 1.5 18446744073709551616; do
			create_c_fail 1 '' ".process.user.$field = $v"
			isnt "$err" ""
		done
	done
}

@test "the umask is 0022 unless the config says otherwise" {
	(
		umask 077
		run_c_ok 'sh("umask")'
		is "$out" 0022
	)
	only_berth
	run_c_ok '.process.user.umask = 63 | sh("umask; touch /dev/shm/f; stat -c %a /dev/shm/f")'
	is "$out" $'0077\n600'
}

# ---- directory ----

@test "the working directory" {
	run_c_ok '.process.cwd = "/tmp" | args("pwd")'
	is "$out" /tmp
}

@test "a working directory that is missing is made" {
	run_c_ok 'rw | .process.cwd = "/made/for/it" | args("pwd")'
	is "$out" /made/for/it
	is "$(stat -c %a "$BUNDLE/rootfs/made/for/it")" 755
}

@test "a working directory that only the user may enter" {
	bundle b '.process.user = {uid: 1000, gid: 1000} | .process.cwd = "/home/user/private" | args("pwd")'
	mkdir "$BUNDLE/rootfs/home/user/private"
	chown 1000:1000 "$BUNDLE/rootfs/home/user/private"
	chmod 700 "$BUNDLE/rootfs/home/user/private"
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" /home/user/private
}

@test "a working directory that is a file is refused" {
	create_c_fail 1 /etc/passwd '.process.cwd = "/etc/passwd"'
}

@test "a working directory that is missing or relative in the config is refused" {
	create_c_fail 1 '' 'del(.process.cwd)'
	matches "$err" '[cC]wd'
	create_c_fail 1 '' '.process.cwd = "tmp"'
	matches "$err" '[cC]wd'
}

# ---- environment ----

@test "the environment is that of the config, HOME is added" {
	export SECRET=s3cret
	run_c_ok '.process.env = ["PATH=/bin", "A=b c", "EMPTY=", "E=x=y"] | args("/bin/env")'
	is "$(sort <<<"$out")" "$(printf '%s\n' 'A=b c' E=x=y EMPTY= HOME=/root PATH=/bin | sort)"
}

@test "HOME is looked up for the uid in the container, and kept when it is set" {
	run_c_ok '.process.user.uid = 1000 | sh("echo $HOME")'
	is "$out" /home/user
	run_c_ok '.process.user.uid = 4242 | sh("echo $HOME")'
	is "$out" /
	run_c_ok '.process.env += ["HOME=/own"] | sh("echo $HOME")'
	is "$out" /own
	run_c_ok '.process.env += ["HOME="] | sh("echo $HOME")'
	is "$out" /root
}

@test "without a passwd file HOME is the root" {
	bundle b 'sh("echo $HOME")'
	rm "$BUNDLE/rootfs/etc/passwd"
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" / || is "$out" /root
}

@test "a variable without an equals sign is refused" {
	create_c_fail 1 '' '.process.env += ["NOVALUE"]'
	only_berth
	has "$err" /process/env/2
}

@test "of a variable that comes twice the last one wins" {
	run_c_ok '.process.env += ["A=1", "A=2"] | sh("echo $A")'
	is "$out" 2
}

@test "a thousand variables and arguments" {
	run_c_ok '.process.env += [range(1000) | "V\(.)=\(.)"] | .process.args = ["sh", "-c", "echo $V999 $#", "sh"] + [range(1000) | tostring]'
	is "$out" '999 1000'
}

# ---- capabilities ----

@test "the five sets are exactly those of the config" {
	caps '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID"], permitted: ["CAP_CHOWN", "CAP_KILL"], effective: ["CAP_CHOWN"], inheritable: ["CAP_KILL"], ambient: []} | .process.noNewPrivileges = true'
	# exec by root refills permitted and effective from inheritable and bounding
	is "$(cut -d' ' -f4 <<<"$caps")" a1 "bounding"
	is "$(cut -d' ' -f1 <<<"$caps")" 20 "inheritable"
	is "$(cut -d' ' -f5 <<<"$caps")" 0 "ambient"
}

@test "a user without ambient capabilities has none" {
	caps '.process.user = {uid: 1000, gid: 1000}'
	is "$caps" "0 0 0 20000420 0"
}

@test "ambient capabilities reach a user" {
	caps '.process.user = {uid: 1000, gid: 1000} | .process.capabilities |= (.inheritable = .bounding | .ambient = ["CAP_KILL"])'
	is "$caps" "20000420 20 20 20000420 20"
}

@test "no capabilities at all" {
	caps '.process.capabilities = {}'
	is "$caps" "0 0 0 0 0"
}

@test "the object absent means no capabilities" {
	only_berth
	caps 'del(.process.capabilities)'
	is "$caps" "0 0 0 0 0"
}

@test "an unknown capability is a warning at most" {
	run_c_ok '.process.capabilities.bounding += ["CAP_BOGUS"] | sh("echo on")'
	is "$out" on
}

@test "a capability that cannot be granted is a warning at most" {
	only_berth
	has_cap 24 && skip "this host grants every capability"
	run_c_ok '.process.capabilities |= map_values(. + ["CAP_SYS_RESOURCE"]) | sh("echo on")'
	is "$out" on
}

@test "no_new_privs" {
	run_c_ok 'args("grep", "NoNewPrivs", "/proc/self/status")'
	is "$out" $'NoNewPrivs:\t1'
	run_c_ok '.process.noNewPrivileges = false | args("grep", "NoNewPrivs", "/proc/self/status")'
	is "$out" $'NoNewPrivs:\t0'
}

# ---- limits and priorities ----

@test "resource limits are exactly those of the config" {
	run_c_ok '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_CORE", soft: 0, hard: 0}, {type: "RLIMIT_STACK", soft: 1048576, hard: 2097152}]
		| args("grep", "-E", "open files|core file|stack size", "/proc/self/limits")'
	matches "$(grep 'open files' <<<"$out" | tr -s ' ')" ' 100 200 '
	matches "$(grep 'core file' <<<"$out" | tr -s ' ')" ' 0 0 '
	matches "$(grep 'stack size' <<<"$out" | tr -s ' ')" ' 1048576 2097152 '
}

@test "a tiny limit of open files does not break the set-up" {
	only_berth
	run_c_ok '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 4, hard: 4}] | sh("ulimit -n")'
	is "$out" 4
}

@test "a limit above the hard limit needs CAP_SYS_RESOURCE" {
	has_cap 24 && skip "this host may raise limits"
	create_c_fail 1 '' '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 2147483000, hard: 2147483000}]'
	isnt "$err" ""
}

@test "wrong limits are refused" {
	only_berth
	create_c_fail 1 /process/rlimits/0 '.process.rlimits = [{type: "RLIMIT_BOGUS", soft: 1, hard: 1}]'
	create_c_fail 1 /process/rlimits/0 '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 2, hard: 1}]'
	create_c_fail 1 /process/rlimits/1 '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 10, hard: 10}, {type: "RLIMIT_NOFILE", soft: 20, hard: 20}]'
}

@test "oom_score_adj is set, and left alone when it is absent" {
	run_c_ok '.process.oomScoreAdj = 321 | args("cat", "/proc/self/oom_score_adj")'
	is "$out" 321
	(
		echo 17 >/proc/self/oom_score_adj || skip "cannot set oom_score_adj here"
		run_c_ok 'args("cat", "/proc/self/oom_score_adj")'
		is "$out" 17
	)
}

@test "oom_score_adj out of range is refused" {
	for v in 1001 -1001 5000; do
		create_c_fail 1 '' ".process.oomScoreAdj = $v"
		isnt "$err" ""
	done
}

@test "the scheduler" {
	only_berth
	run_c_ok '.process.scheduler = {policy: "SCHED_BATCH", nice: 7} | args("probe", "sched")'
	is "$out" '3 0 7'
	run_c_ok '.process.scheduler = {policy: "SCHED_IDLE"} | args("probe", "sched")'
	is "$(cut -d' ' -f1 <<<"$out")" 5
	run_c_ok '.process.scheduler = {policy: "SCHED_OTHER", nice: 3} | args("probe", "sched")'
	is "$out" '0 0 3'
}

@test "a real-time scheduler" {
	only_berth
	requires_sys_nice
	"$BATS_RUN_TMPDIR/base/bin/busybox" true
	python_can_fifo || skip "real-time scheduling is not allowed here"
	run_c '.process.scheduler = {policy: "SCHED_FIFO", priority: 5} | args("probe", "sched")'
	if [ "$status" = 0 ]; then is "$out" '1 5 0'; else has "$err" scheduler; fi
}

python_can_fifo() {
	"$PY" -c 'import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))' 2>/dev/null
}

@test "wrong schedulers are refused" {
	only_berth
	create_c_fail 1 /process/scheduler/policy '.process.scheduler = {policy: "SCHED_BOGUS"}'
	create_c_fail 1 /process/scheduler/nice '.process.scheduler = {policy: "SCHED_OTHER", nice: 50}'
	create_c_fail 1 /process/scheduler/priority '.process.scheduler = {policy: "SCHED_OTHER", priority: 5}'
	create_c_fail 1 /process/scheduler '.process.scheduler = {policy: "SCHED_OTHER", runtime: 5}'
}

@test "the I/O priority" {
	only_berth
	run_c_ok '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6} | sh("ionice -p $$")'
	is "$out" 'best-effort: prio 6'
	run_c_ok '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE"} | sh("ionice -p $$")'
	has "$out" idle
}

@test "wrong I/O priorities are refused" {
	only_berth
	create_c_fail 1 /process/ioPriority/class '.process.ioPriority = {class: "IOPRIO_CLASS_BOGUS"}'
	create_c_fail 1 /process/ioPriority/priority '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 9}'
}

@test "the personality" {
	only_berth
	[ "$(uname -m)" = x86_64 ] || skip "needs a 64-bit machine with a 32-bit personality"
	run_c_ok '.linux.personality = {domain: "LINUX32"} | args("uname", "-m")'
	is "$out" i686
	run_c_ok '.linux.personality = {domain: "LINUX"} | args("uname", "-m")'
	is "$out" x86_64
	running_c 'idle | .linux.personality = {domain: "LINUX32"}'
	run_ok berth exec "$ID" uname -m
	is "$out" i686
}

@test "wrong personalities are refused" {
	only_berth
	create_c_fail 1 /linux/personality/domain '.linux.personality = {domain: "SOLARIS"}'
	create_c_fail 1 /linux/personality/flags '.linux.personality = {domain: "LINUX", flags: ["ANY"]}'
}

@test "signals are neither blocked nor ignored in the program" {
	run_c_ok 'args("grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status")'
	is "$out" $'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000'
}

@test "signals that the caller ignores are not ignored in the program" {
	bundle b 'args("grep", "-E", "^SigIgn", "/proc/self/status")'
	(
		trap '' USR1 PIPE
		run_ok berth run -b "$BUNDLE" "$ID"
		is "$out" $'SigIgn:\t0000000000000000'
	)
}

@test "the program leads a session" {
	run_c_ok 'args("cut", "-d ", "-f1,5,6", "/proc/self/stat")'
	is "$out" '1 1 1'
}

# ---- seccomp ----

seccomp() {
	echo ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [$1]}"
}

@test "seccomp: an errno" {
	run_c_ok "$(seccomp '{names: ["sync"], action: "SCMP_ACT_ERRNO", errnoRet: 77}') | args(\"probe\", \"syscall\", \"sync\")"
	is "$out" errno=77
}

@test "seccomp: the errno is EPERM when none is given" {
	run_c_ok "$(seccomp '{names: ["sync"], action: "SCMP_ACT_ERRNO"}') | args(\"probe\", \"syscall\", \"sync\")"
	is "$out" errno=1
}

@test "seccomp: the default errno" {
	run_c_ok '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38, syscalls: [{names: ["execve", "exit_group", "write", "brk", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "mprotect", "readlink", "readlinkat", "getrandom", "newfstatat", "fstat", "close_range", "close", "read", "futex", "prctl", "getpid", "rt_sigprocmask", "rt_sigaction", "openat", "dup3", "chdir", "sendmsg", "sendto", "epoll_pwait", "epoll_ctl", "fcntl", "capset", "capget", "getdents64", "sigaltstack", "mmap", "munmap", "setuid", "setgid", "setgroups", "nanosleep", "gettid", "tgkill", "fstatfs", "faccessat2", "faccessat", "statx", "stat", "lstat", "exit", "clone", "getppid", "poll", "ppoll", "recvmsg", "madvise", "set_mempolicy", "shutdown"], action: "SCMP_ACT_ALLOW"}]} | args("/bin/probe", "syscall", "sync")'
	is "$out" errno=38
}

@test "seccomp: kill ends the process" {
	run_c "$(seccomp '{names: ["sync"], action: "SCMP_ACT_KILL_PROCESS"}') | sh(\"probe syscall sync; echo \$?\")"
	is "$(tail -n 1 <<<"$out")" 159
	run_c "$(seccomp '{names: ["sync"], action: "SCMP_ACT_KILL"}') | sh(\"probe syscall sync; echo \$?\")"
	is "$(tail -n 1 <<<"$out")" 159
	run_c "$(seccomp '{names: ["sync"], action: "SCMP_ACT_TRAP"}') | sh(\"probe syscall sync; echo \$?\")"
	is "$(tail -n 1 <<<"$out")" 159
}

@test "seccomp: log lets the call through" {
	run_c_ok "$(seccomp '{names: ["sync"], action: "SCMP_ACT_LOG"}') | args(\"probe\", \"syscall\", \"sync\")"
	is "$out" ret=0
}

# args: op, value, valueTwo; then what `personality(N)` gives
arg_filter() {
	run_c_ok "$(seccomp "{names: [\"setuid\"], action: \"SCMP_ACT_ERRNO\", errnoRet: 77, args: [$1]}") | all_caps([\"CAP_SETUID\"]) | sh(\"for v in $2; do probe syscall setuid \$v; done\")"
	is "$(tr '\n' ' ' <<<"$out")" "$3 "
}

@test "seccomp: every operator on an argument" {
	no=errno=77
	ok='ret=0'
	other=errno=1 # the bounding set has no way back to uid 0: only 0 succeeds
	arg_filter '{index: 0, value: 5, op: "SCMP_CMP_EQ"}' '5 0' "$no $ok"
	arg_filter '{index: 0, value: 0, op: "SCMP_CMP_NE"}' '1 0 9' "$no $ok $no"
	arg_filter '{index: 0, value: 5, op: "SCMP_CMP_GT"}' '6 4294967295 0' "$no $no $ok"
	arg_filter '{index: 0, value: 5, op: "SCMP_CMP_GE"}' '5 6 0' "$no $no $ok"
	arg_filter '{index: 0, value: 1, op: "SCMP_CMP_LT"}' '0' "$no"
	arg_filter '{index: 0, value: 0, op: "SCMP_CMP_LE"}' '0' "$no"
	arg_filter '{index: 0, value: 4, valueTwo: 4, op: "SCMP_CMP_MASKED_EQ"}' '4 6 0' "$no $no $ok"
}

@test "seccomp: 64-bit values are compared whole" {
	arg_filter '{index: 1, value: 4294967296, op: "SCMP_CMP_EQ"}' '0 "0 4294967296"' "ret=0 ret=0" || true
	run_c_ok "$(seccomp '{names: ["getpid"], action: "SCMP_ACT_ERRNO", errnoRet: 77, args: [{index: 0, value: 4294967301, op: "SCMP_CMP_EQ"}]}') | sh(\"probe syscall getpid 5; probe syscall getpid 4294967301; probe syscall getpid 4294967296\")"
	matches "$(sed -n 1p <<<"$out")" ret=
	is "$(sed -n 2p <<<"$out")" errno=77
	matches "$(sed -n 3p <<<"$out")" ret=
}

@test "seccomp: conditions on different arguments must all hold, on the same one any" {
	run_c_ok "$(seccomp '{names: ["getpid"], action: "SCMP_ACT_ERRNO", errnoRet: 77, args: [{index: 0, value: 1, op: "SCMP_CMP_EQ"}, {index: 1, value: 2, op: "SCMP_CMP_EQ"}]}') | sh(\"probe syscall getpid 1 2; probe syscall getpid 1 3; probe syscall getpid 0 2\")"
	is "$(sed 's/ret=.*/ret/' <<<"$out")" $'errno=77\nret\nret'
	run_c_ok "$(seccomp '{names: ["getpid"], action: "SCMP_ACT_ERRNO", errnoRet: 77, args: [{index: 0, value: 1, op: "SCMP_CMP_EQ"}, {index: 0, value: 2, op: "SCMP_CMP_EQ"}]}') | sh(\"probe syscall getpid 1; probe syscall getpid 2; probe syscall getpid 3\")"
	is "$(sed 's/ret=.*/ret/' <<<"$out")" $'errno=77\nerrno=77\nret'
}

@test "seccomp: unknown system calls are skipped" {
	run_c_ok "$(seccomp '{names: ["no_such_call", "sync", "newer_than_all"], action: "SCMP_ACT_ERRNO", errnoRet: 77}') | args(\"probe\", \"syscall\", \"sync\")"
	is "$out" errno=77
}

@test "seccomp: without no_new_privs too" {
	run_c_ok "$(seccomp '{names: ["sync"], action: "SCMP_ACT_ERRNO", errnoRet: 77}') | .process.noNewPrivileges = false | .process.user.uid = 1000 | sh(\"probe syscall sync; grep -E 'Seccomp:|NoNew' /proc/self/status\")"
	is "$out" $'errno=77\nNoNewPrivs:\t0\nSeccomp:\t2'
}

@test "seccomp: the profile of an engine" {
	bundle b
	jq --slurpfile e "$source_dir/tests/data/engine-config.json" '.linux.seccomp = $e[0].linux.seccomp | .process.capabilities = $e[0].process.capabilities | .process.args = ["sh", "-c", "echo hi; unshare -U true 2>&1; mount -t tmpfs x /mnt 2>&1; probe syscall acct 0; sleep 0.01; ls /bin | head -n 1; grep Seccomp: /proc/self/status"]' \
		"$BUNDLE/config.json" >"$T/c"
	mv "$T/c" "$BUNDLE/config.json"
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$(head -n 1 <<<"$out")" hi
	has "$out" $'Seccomp:\t2' errno=1
}

@test "wrong seccomp profiles are refused with their place" {
	only_berth
	create_c_fail 1 /linux/seccomp/defaultAction '.linux.seccomp = {defaultAction: "SCMP_ACT_BOGUS"}'
	create_c_fail 1 /linux/seccomp/syscalls/0/action "$(seccomp '{names: ["sync"], action: "SCMP_ACT_BOGUS"}')"
	create_c_fail 1 /linux/seccomp/syscalls/0/names "$(seccomp '{names: [], action: "SCMP_ACT_ERRNO"}')"
	create_c_fail 1 /linux/seccomp/syscalls/0/args/0/op "$(seccomp '{names: ["sync"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 1, op: "SCMP_CMP_BOGUS"}]}')"
	create_c_fail 1 /linux/seccomp/syscalls/0/args/0/index "$(seccomp '{names: ["sync"], action: "SCMP_ACT_ERRNO", args: [{index: 6, value: 1, op: "SCMP_CMP_EQ"}]}')"
	create_c_fail 1 /linux/seccomp/architectures/0 '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_BOGUS"]}'
	create_c_fail 1 /linux/seccomp/flags/0 '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_BOGUS"]}'
	create_c_fail 1 /linux/seccomp/syscalls/0/errnoRet "$(seccomp '{names: ["sync"], action: "SCMP_ACT_KILL", errnoRet: 5}')"
	create_c_fail 1 /linux/seccomp/listenerMetadata '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x"}'
}

@test "seccomp: a listener gets the descriptor and the state, and answers" {
	requires_python
	running_agent 77
	create_c "idle | $(seccomp '{names: ["mkdirat", "mkdir"], action: "SCMP_ACT_NOTIFY"}') | .linux.seccomp += {listenerPath: \"$T/agent\", listenerMetadata: \"meta data\"}"
	run_ok berth start "$ID"
	wait_until 5 test -s "$T/a"
	is "$(jq -c .fds "$T/a")" '["seccompFd"]'
	is "$(<"$T/a.fds")" 1
	is "$(jq -r .metadata "$T/a")" 'meta data'
	is "$(jq -r .state.id "$T/a")" "$ID"
	is "$(jq -r .state.status "$T/a")" creating
	is "$(jq -r .pid "$T/a")" "$(pid_of)"
	matches "$(jq -r .ociVersion "$T/a")" '^1\.'
}

running_agent() {
	"$PY" "$here/seccomp_agent.py" "$T/agent" "$T/a" "$1" >"$T/agent.err" 2>&1 3>&- 4>&- &
	agent=$!
	at_end "kill $agent"
	wait_until 5 test -S "$T/agent"
}

@test "seccomp: what the listener answers is what the program sees" {
	requires_python
	running_agent 77
	run_c_ok "$(seccomp '{names: ["sync"], action: "SCMP_ACT_NOTIFY"}') | .linux.seccomp += {listenerPath: \"$T/agent\"} | args(\"probe\", \"syscall\", \"sync\")"
	is "$out" errno=77
}

@test "seccomp: an exec connects to the listener on its own" {
	requires_python
	running_agent 77
	create_c "idle | $(seccomp '{names: ["sync"], action: "SCMP_ACT_NOTIFY"}') | .linux.seccomp += {listenerPath: \"$T/agent\"}"
	run_ok berth start "$ID"
	kill "$agent"
	rm -f "$T/agent" "$T/a"
	running_agent 78
	run_ok berth exec "$ID" probe syscall sync
	is "$out" errno=78
	is "$(jq -r .state.status "$T/a")" running
}

@test "seccomp: notify without a listener is refused" {
	create_c_fail 1 '' "$(seccomp '{names: ["sync"], action: "SCMP_ACT_NOTIFY"}')"
	matches "$err" '[lL]istenerPath'
}

@test "seccomp: a listener that is not there fails create" {
	create_c_fail 1 "$T/nosock" "$(seccomp '{names: ["sync"], action: "SCMP_ACT_NOTIFY"}') | .linux.seccomp += {listenerPath: \"$T/nosock\"}"
}

@test "seccomp: notify on write is refused, it would wait for itself" {
	requires_python
	create_c_fail 1 '' "$(seccomp '{names: ["write"], action: "SCMP_ACT_NOTIFY"}') | .linux.seccomp += {listenerPath: \"$T/agent\"}"
	has "$err" write
}

@test "seccomp: a profile without execve says so instead of dying" {
	only_berth
	create_c_fail 1 execve "$(seccomp '{names: ["execve", "execveat"], action: "SCMP_ACT_ERRNO"}')"
}

# ---- labels ----

@test "AppArmor asked for where there is none is an error" {
	requires_no_apparmor
	create_c_fail 1 '' '.process.apparmorProfile = "some-profile"'
	matches "${err,,}" apparmor
	is "$(ls -A "$STATE")" ""
}

@test "an AppArmor profile that does not exist is an error" {
	[ -d /sys/kernel/security/apparmor ] || skip "needs a host with AppArmor"
	run_c '.process.apparmorProfile = "no-such-profile" | sh("echo ran")'
	isnt "$status" 0
	is "$out" ""
	matches "${err,,}" apparmor
}

@test "SELinux asked for where there is none is an error" {
	only_berth
	[ ! -d /sys/fs/selinux ] || skip "needs a host without SELinux"
	create_c_fail 1 '' '.process.selinuxLabel = "some_u:some_r:some_t:s0"'
	matches "${err,,}" selinux
}

@test "an empty label asks for nothing" {
	run_c_ok '.process.apparmorProfile = "" | .process.selinuxLabel = "" | args("true")'
}

# ---- args[0] ----

@test "a program that is missing is found out at create" {
	create_c_fail 1 'exec: "nope-nope": executable file not found in $PATH' 'args("nope-nope")'
	create_c_fail 1 'exec: "/nope": stat /nope: no such file or directory' 'args("/nope")'
	create_c_fail 1 'exec: "":' 'args("")'
	is "$(ls -A "$STATE")" ""
}

@test "a program that is not executable is found out at create" {
	create_c_fail 1 'exec: "/etc/passwd": permission denied' 'args("/etc/passwd")'
}

@test "a program that is a directory is found out at create" {
	create_c_fail 1 'exec: "/etc":' 'args("/etc")'
	only_berth
	has "$err" 'is a directory'
}

@test "a program that the user may not execute is found out at create" {
	only_berth
	bundle b '.process.user = {uid: 1000, gid: 1000} | args("/var/p")'
	cp "$BUNDLE/rootfs/bin/probe" "$BUNDLE/rootfs/var/p"
	chmod 700 "$BUNDLE/rootfs/var/p"
	run_fail 1 'permission denied' berth create -b "$BUNDLE" "$ID"
}

@test "a program of a strange format fails start" {
	bundle b 'args("/var/p")'
	echo garbage >"$BUNDLE/rootfs/var/p"
	chmod 755 "$BUNDLE/rootfs/var/p"
	capture berth run -b "$BUNDLE" "$ID"
	isnt "$status" 0
	has "$err" 'exec format error'
}

@test "a program is looked up in the PATH of the container's environment" {
	bundle b '.process.env = ["PATH=/nope:/var"] | args("mine")'
	cp "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/var/echo"
	ln -s echo "$BUNDLE/rootfs/var/mine"
	capture berth run -b "$BUNDLE" "$ID"
	has "$out$err" 'applet not found'
}

@test "a relative program path is relative to the working directory" {
	bundle b '.process.cwd = "/bin" | args("./echo", "hi")'
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" hi
}

@test "a program behind an absolute symlink" {
	bundle b 'args("/var/link", "fds")'
	ln -s /bin/probe "$BUNDLE/rootfs/var/link"
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" '0 1 2'
}

@test "a script runs by its interpreter" {
	bundle b 'args("/var/s", "a b")'
	printf '#!/bin/sh\necho "<$1>"\n' >"$BUNDLE/rootfs/var/s"
	chmod 755 "$BUNDLE/rootfs/var/s"
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" '<a b>'
}

@test "no arguments at all are refused" {
	create_c_fail 1 '' '.process.args = []'
	matches "$err" args
	create_c_fail 1 '' 'del(.process.args)'
	matches "$err" args
}
