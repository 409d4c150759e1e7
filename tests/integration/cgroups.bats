#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: the container has its own, limits hold, and it is gone after delete. The same tests run on
# hybrid hosts (v1 hierarchies) and on pure v2 hosts.

load helpers

v2() {
	[ -e /sys/fs/cgroup/cgroup.controllers ]
}

# cg_dir CONTROLLER [PID]: the directory of the container's cgroup, on the host
cg_dir() {
	local pid=${2:-$(pid_of)} path
	if v2; then
		echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")"
		return
	fi
	while IFS=: read -r _ controllers path; do
		[[ ,$controllers, == *,$1,* ]] || continue
		local mount
		mount=$(awk -v c="$1" '$0 ~ " - cgroup " { n = split($NF, o, ","); for (i in o) if (o[i] == c) print $5 }' /proc/self/mountinfo | head -n 1)
		echo "$mount$path"
		return
	done <"/proc/$pid/cgroup"
}

# cg_value CONTROLLER V1FILE V2FILE
cg_value() {
	if v2; then cat "$(cg_dir "$1")/$3"; else cat "$(cg_dir "$1")/$2"; fi
}

requires_controller() {
	if v2; then
		grep -qw "$1" /sys/fs/cgroup/cgroup.controllers || skip "needs the $1 controller"
	else
		awk -v c="$1" '$1 == c && $4 == 1 && $2 != 0 { f = 1 } END { exit !f }' /proc/cgroups || skip "needs the $1 controller in a v1 hierarchy"
	fi
}

@test "the container is in a cgroup of its own in every hierarchy" {
	running_c
	while IFS=: read -r number controllers path; do
		[ "$number" != 0 ] || v2 || continue
		has "$path" "$ID"
		[ "$(cat "$(cg_dir "${controllers%%,*}")/cgroup.procs" | wc -l)" -ge 1 ] || fail "$controllers: nobody is in $path"
	done <"/proc/$(pid_of)/cgroup"
}

@test "the cgroup is gone after delete" {
	running_c
	[ -n "$(cgroups_of_test)" ] || fail "there was no cgroup"
	run_ok berth delete --force "$ID"
	is "$(cgroups_of_test)" ""
}

@test "the cgroup is gone after a foreground run" {
	run_c_ok 'args("true")'
	is "$(cgroups_of_test)" ""
}

@test "cgroups that the payload made inside are removed too" {
	running_c
	for d in $(cgroups_of_test); do mkdir -p "$d/a/b" "$d/c"; done
	run_ok berth delete --force "$ID"
	is "$(cgroups_of_test)" ""
}

@test "processes that the payload moved into a cgroup of its own are killed" {
	running_c
	berth exec -d --pid-file "$T/p" "$ID" sleep 1000
	dir=$(cg_dir pids)
	mkdir "$dir/inner"
	echo "$(<"$T/p")" >"$dir/inner/cgroup.procs" || skip "no process can be moved here"
	run_ok berth delete --force "$ID"
	wait_until 2 over "$(<"$T/p")" || fail "it lives"
}

@test "an absolute cgroupsPath is below the mount point" {
	running_c 'idle | .linux.cgroupsPath = "/berth-test/\($id)"'
	path=$(sed -n 's/^[0-9]*:\(pids\|\|name=systemd\)://p' "/proc/$(pid_of)/cgroup" | grep berth-test | head -n 1)
	is "$path" "/berth-test/$ID"
}

@test "the parents that were made for a cgroupsPath are removed" {
	only_berth
	running_c 'idle | .linux.cgroupsPath = "/\($id)-top/mid/\($id)"'
	run_ok berth delete --force "$ID"
	is "$(cgroups_of_test)" ""
}

@test "the parents that were there stay" {
	top=$(if v2; then echo "/sys/fs/cgroup/$ID-top"; else echo "/sys/fs/cgroup/pids/$ID-top"; fi)
	mkdir "$top"
	at_end "rmdir $top"
	running_c 'idle | .linux.cgroupsPath = "/\($id)-top/\($id)"'
	run_ok berth delete --force "$ID"
	[ -d "$top" ] || fail "$top was removed"
}

@test "a relative cgroupsPath always means the same place" {
	running_c 'idle | .linux.cgroupsPath = "\($id)-rel/\($id)"'
	one=$(cut -d: -f2- "/proc/$(pid_of)/cgroup" | sort)
	run_ok berth delete --force "$ID"
	running_c 'idle | .linux.cgroupsPath = "\($id)-rel/\($id)"'
	is "$(cut -d: -f2- "/proc/$(pid_of)/cgroup" | sort)" "$one"
	has "$one" "$ID-rel/$ID"
}

@test "a cgroupsPath with dots does not climb out" {
	only_berth
	for path in "/../../$ID" "/a/../../$ID" "../$ID" '/..'; do
		create_c_fail 1 /linux/cgroupsPath "idle | .linux.cgroupsPath = \"$path\""
	done
}

@test "a cgroupsPath in systemd's form without systemd is a plain path or refused" {
	run_c ".linux.cgroupsPath = \"system.slice:berth:$ID\" | args(\"true\")"
	[ "$status" = 0 ] || has "$err" cgroupsPath
}

@test "the memory limit is set" {
	requires_controller memory
	running_c 'idle | .linux.resources.memory = {limit: 67108864}'
	is "$(cg_value memory memory.limit_in_bytes memory.max)" 67108864
}

@test "a memory hog is killed" {
	requires_controller memory
	create_c 'sh("probe eat 400; echo rc=$?") | .linux.resources.memory = {limit: 33554432}'
	run_ok berth start "$ID"
	wait_status "$ID" stopped
	has "$(<"$T/c.out")" rc=137
}

@test "a program below its memory limit is not killed" {
	requires_controller memory
	run_c_ok '.linux.resources.memory = {limit: 67108864} | args("probe", "eat", "20")'
	is "$out" 20
}

@test "memory reservation" {
	requires_controller memory
	running_c 'idle | .linux.resources.memory = {limit: 67108864, reservation: 33554432}'
	is "$(cg_value memory memory.soft_limit_in_bytes memory.low)" 33554432
}

@test "an unlimited memory limit" {
	requires_controller memory
	running_c 'idle | .linux.resources.memory = {limit: -1}'
	v=$(cg_value memory memory.limit_in_bytes memory.max)
	[ "$v" = max ] || [ "$v" -gt 1000000000000 ] || fail "$v"
}

@test "a memory limit too small for the start says so, and leaves nothing" {
	requires_controller memory
	only_berth
	run_c '.linux.resources.memory = {limit: 4096} | args("true")'
	isnt "$status" 0
	isnt "$err" ""
	is "$(cgroups_of_test)" ""
}

@test "the pids limit is set" {
	requires_controller pids
	running_c 'idle | .linux.resources.pids = {limit: 33}'
	is "$(cg_value pids pids.max pids.max)" 33
}

@test "a fork bomb stops at the pids limit" {
	requires_controller pids
	run_c_ok '.linux.resources.pids = {limit: 20} | args("probe", "forks", "200")'
	[ "$out" -ge 15 ] && [ "$out" -le 20 ] || fail "$out forks"
}

@test "an exec counts for the pids limit" {
	requires_controller pids
	running_c 'idle | .linux.resources.pids = {limit: 10}'
	run_ok berth exec "$ID" probe forks 200
	[ "$out" -le 10 ] || fail "$out forks"
}

@test "a pids limit of -1 is no limit" {
	requires_controller pids
	running_c 'idle | .linux.resources.pids = {limit: -1}'
	is "$(cg_value pids pids.max pids.max)" max
}

@test "CPU quota and period" {
	requires_controller cpu
	running_c 'idle | .linux.resources.cpu = {quota: 50000, period: 100000}'
	if v2; then
		is "$(cat "$(cg_dir cpu)/cpu.max")" '50000 100000'
	else
		is "$(cat "$(cg_dir cpu)/cpu.cfs_quota_us")" 50000
		is "$(cat "$(cg_dir cpu)/cpu.cfs_period_us")" 100000
	fi
}

@test "a busy loop gets its quota and no more" {
	requires_controller cpu
	running_c 'sh("while :; do :; done") | .linux.resources.cpu = {quota: 10000, period: 100000}'
	throttled() {
		awk '$1 == "nr_throttled" && $2 >= 2 { f = 1 } END { exit !f }' "$(cg_dir cpu)/cpu.stat"
	}
	wait_until 5 throttled || fail "it is not throttled: $(cat "$(cg_dir cpu)/cpu.stat")"
}

@test "CPU shares become a weight" {
	requires_controller cpu
	running_c 'idle | .linux.resources.cpu = {shares: 2048}'
	if v2; then
		is "$(cat "$(cg_dir cpu)/cpu.weight")" 174
	else
		is "$(cat "$(cg_dir cpu)/cpu.shares")" 2048
	fi
}

@test "cpuset: the container runs on the CPUs it is given" {
	requires_controller cpuset
	run_c_ok '.linux.resources.cpu = {cpus: "0"} | args("grep", "Cpus_allowed_list", "/proc/self/status")'
	is "$out" $'Cpus_allowed_list:\t0'
}

@test "CPUs that do not exist are refused" {
	requires_controller cpuset
	create_c_fail 1 '' 'idle | .linux.resources.cpu = {cpus: "4000"}'
	isnt "$err" ""
	is "$(cgroups_of_test)" ""
}

@test "unified keys on a host without v2 are refused" {
	requires_cgroup1
	create_c_fail 1 unified 'idle | .linux.resources.unified = {"pids.max": "5"}'
}

@test "unified keys are written" {
	requires_cgroup2
	running_c 'idle | .linux.resources.unified = {"pids.max": "44", "memory.high": "100000000"}'
	is "$(cat "$(cg_dir pids)/pids.max")" 44
	is "$(cat "$(cg_dir memory)/memory.high")" 99999744
}

@test "a unified key of a controller that is not there names the controller" {
	requires_cgroup2
	create_c_fail 1 bogus 'idle | .linux.resources.unified = {"bogus.max": "5"}'
}

# ---- devices ----

# may TYPE MAJOR MINOR EDIT: what the container can do with a node it makes itself
may() {
	run_c_ok "$4 | all_caps([\"CAP_MKNOD\", \"CAP_DAC_OVERRIDE\", \"CAP_SYSLOG\"]) | .mounts |= map(if .destination == \"/dev/shm\" then .options = [\"mode=1777\"] else . end)
		| .process.args = [\"sh\", \"-c\", \"mknod /dev/shm/d $1 $2 $3 || echo no-mknod; head -c 1 /dev/shm/d >/dev/null 2>/dev/null && echo open || echo no-open\"]"
	out=$(tr '\n' ' ' <<<"$out")
}

@test "a device that no rule allows cannot be opened" {
	may c 1 11 .
	has "$out" no-open
	may b 7 0 .
	has "$out" no-open
}

@test "without device rules nothing but the defaults is allowed" {
	may c 1 11 'del(.linux.resources)'
	has "$out" no-open
}

@test "the default devices are allowed" {
	may c 1 5 .
	is "$out" 'open '
}

@test "a rule that allows a device lets it be made and opened" {
	may c 1 11 '.linux.resources.devices += [{allow: true, type: "c", major: 1, minor: 11, access: "rwm"}]'
	is "$out" "open "
}

@test "the last rule wins" {
	may c 1 11 '.linux.resources.devices += [{allow: true, type: "c", major: 1, minor: 11, access: "rwm"}, {allow: false, type: "c", major: 1, minor: 11, access: "rwm"}]'
	has "$out" no-open
}

@test "access is per kind: write does not mean read" {
	may c 1 11 '.linux.resources.devices += [{allow: true, type: "c", major: 1, minor: 11, access: "wm"}]'
	is "$out" 'no-open '
}

@test "wildcards of major and minor" {
	only_berth
	may c 1 11 '.linux.resources.devices += [{allow: true, type: "c", access: "rwm"}]'
	is "$out" "open "
	may b 7 0 '.linux.resources.devices += [{allow: true, type: "c", access: "rwm"}]'
	has "$out" no-open
}

@test "an exec is held by the device rules too" {
	running_c "idle | all_caps([\"CAP_MKNOD\", \"CAP_DAC_OVERRIDE\", \"CAP_SYSLOG\"]) | .mounts |= map(if .destination == \"/dev/shm\" then .options = [\"mode=1777\"] else . end)"
	run_ok berth exec "$ID" sh -c 'mknod /dev/shm/d c 1 11; head -c 1 /dev/shm/d >/dev/null 2>&1 && echo open || echo no-open'
	is "$out" no-open
}

@test "wrong device rules are refused" {
	only_berth
	create_c_fail 1 /linux/resources/devices/0 '.linux.resources.devices = [{type: "c"}]'
	create_c_fail 1 /linux/resources/devices/0/type '.linux.resources.devices = [{allow: true, type: "z"}]'
	create_c_fail 1 /linux/resources/devices/0/access '.linux.resources.devices = [{allow: true, access: "rwx"}]'
}

# ---- in the way ----

@test "a limit that the kernel refuses leaves no cgroup" {
	requires_controller cpu
	create_c_fail 1 '' 'idle | .linux.resources.cpu = {quota: 1, period: 1}'
	isnt "$err" ""
	is "$(cgroups_of_test)" ""
	is "$(ls -A "$STATE")" ""
}

@test "values out of range are refused" {
	only_berth
	create_c_fail 1 /linux/resources/memory/swappiness '.linux.resources.memory = {swappiness: 101}'
	create_c_fail 1 /linux/resources/blockIO/weight '.linux.resources.blockIO = {weight: 5}'
	create_c_fail 1 /linux/resources/memory '.linux.resources.memory = {limit: 100000000, swap: 1000}'
	create_c_fail 1 /linux/resources/pids/limit '.linux.resources.pids = {limit: "5"}'
}

@test "two containers with limits do not disturb each other" {
	requires_controller pids
	running_c 'idle | .linux.resources.pids = {limit: 11}'
	bundle two 'idle | .linux.resources.pids = {limit: 22}'
	run_ok berth run -d -b "$BUNDLE" "$ID-2"
	is "$(cat "$(cg_dir pids "$(pid_of "$ID")")/pids.max")" 11
	is "$(cat "$(cg_dir pids "$(pid_of "$ID-2")")/pids.max")" 22
	run_ok berth delete --force "$ID-2"
	is "$(status_of)" running
}

@test "the runtime's own cgroup is not the container's" {
	running_c
	hasnt "$(</proc/self/cgroup)" "$ID"
}

@test "--cgroup-manager disabled makes no cgroup" {
	only_berth
	bundle b 'idle | del(.linux.resources)'
	run_ok berth --cgroup-manager disabled run -d -b "$BUNDLE" "$ID"
	is "$(cgroups_of_test)" ""
	is "$(cut -d: -f3 "/proc/$(pid_of)/cgroup" | sort -u)" "$(cut -d: -f3 /proc/self/cgroup | sort -u)"
	run_ok berth delete --force "$ID"
}

@test "on v2 the process is born in its cgroup: a hook sees it there" {
	requires_cgroup2
	create_c "idle | hook(\"prestart\"; {path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat /proc/\$(jq -r .pid)/cgroup >$T/cg\"], env: [\"PATH=$PATH\"]})"
	has "$(<"$T/cg")" "$ID"
}
