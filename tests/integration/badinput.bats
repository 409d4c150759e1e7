#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Bad input, row by row: what is wrong with it, the exit status, the words of the message (the JSON
# pointer, line and column or the path among them), and that nothing is left.

load helpers
only_here=yes # peers have other words for all of this: helpers' setup skips the file for them

# A table is lines of NAME | JQ EDIT | WORD | WORD ...; create must end with 1, the message must have all
# the words, and nothing may be left. All rows of a table run; the failing ones are listed.
table() {
	local bad=0 name edit words word row=0
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		row=$((row + 1))
		IFS='|' read -r name edit words <<<"$line"
		bundle b "${edit//¦/|}"
		refused "$(xargs <<<"$name")" "$words" || bad=$((bad + 1))
	done
	[ $row -gt 0 ] || fail "an empty table"
	[ $bad = 0 ] || fail "$bad of $row rows"
}

# raw NAME WORDS: config.json is stdin, whatever it is
raw() {
	bundle b
	cat >"$BUNDLE/config.json"
	refused "$1" "$2"
}

# refused NAME WORDS: create in $BUNDLE
refused() {
	local word
	LIMIT=5 capture berth create --pid-file "$T/pid" -b "$BUNDLE" "$ID"
	if [ "$status" != 1 ]; then
		echo "$1: status $status, not 1; stderr: $err"
		berth delete --force "$ID" || true
		rm -f "$T/pid"
		return 1
	fi
	[ "$(wc -l <<<"$err")" -le 2 ] || { echo "$1: more than a message and a hint: $err"; return 1; }
	while read -r -d'|' word; do
		[ -n "$word" ] || continue
		[[ $err == *"$word"* ]] || { echo "$1: no '$word' in: $err"; return 1; }
	done <<<"$2|"
	[ ! -e "$T/pid" ] || { echo "$1: a pid file"; rm "$T/pid"; return 1; }
	[ -z "$(ls -A "$STATE")" ] || { echo "$1: left in the state directory: $(ls -A "$STATE")"; berth delete --force "$ID"; return 1; }
	[ -z "$(cgroups_of_test)" ] || { echo "$1: left a cgroup"; berth delete --force "$ID"; return 1; }
	[ -z "$(processes_of_test)" ] || { echo "$1: left $(processes_of_test)"; return 1; }
	mounts_of_test | cmp -s - "$T/mounts.before" || { echo "$1: left a mount"; return 1; }
}

@test "JSON that is none: line and column" {
	raw 'empty file' 'config.json|line 1' </dev/null
	raw 'a word' 'config.json|line 1|column' <<<'hello'
	raw 'cut off' 'config.json|line' < <(head -c 300 <(default_config))
	raw 'a comma too many' 'config.json|line 3' <<<$'{\n  "ociVersion": "1.0.2",\n}'
	raw 'trailing bytes' 'config.json|line' < <(default_config; echo '{}')
	raw 'trailing word' 'config.json|line' < <(default_config; echo x)
	raw 'an array' 'config.json' <<<'[]'
	raw 'a number' 'config.json' <<<'1'
	raw 'single quotes' 'config.json|line 1' <<<"{'a': 1}"
	raw 'a comment' 'config.json|line' < <(echo '// comment'; default_config)
	raw 'not UTF-8' 'config.json|line' < <(printf '{"ociVersion": "1.0.\xff\xfe"}')
	raw 'NaN' 'config.json|line' < <(default_config | sed 's/"uid": 0/"uid": NaN/')
	raw 'a control character' 'config.json|line' < <(default_config | sed $'s/"berth"/"be\trth"/')
}

@test "JSON that is deep, big or binary does not hang or crash" {
	raw 'ten thousand brackets' 'config.json' < <(head -c 10000 /dev/zero | tr '\0' '[')
	raw 'deep objects' 'config.json' < <(for _ in {1..3000}; do printf '{"a":'; done)
	raw 'binary' 'config.json' < <(head -c 4096 /dev/urandom)
	raw 'zeroes' 'config.json' < <(head -c 4096 /dev/zero)
}

@test "duplicate keys" {
	raw 'at the top' 'ociVersion' < <(default_config | sed 's/"ociVersion"/"ociVersion": "1.0.0", "ociVersion"/')
	raw 'inside' 'uid' < <(default_config | sed 's/"uid": 0/"uid": 1000, "uid": 0/')
}

@test "a config.json that is no regular file" {
	bundle b
	rm "$BUNDLE/config.json"
	mkfifo "$BUNDLE/config.json"
	refused 'a FIFO' 'config.json'
	rm "$BUNDLE/config.json"
	mkdir "$BUNDLE/config.json"
	refused 'a directory' 'config.json'
	rmdir "$BUNDLE/config.json"
	ln -s /dev/zero "$BUNDLE/config.json"
	refused 'an endless device' 'config.json'
	rm "$BUNDLE/config.json"
	truncate -s 3G "$BUNDLE/config.json"
	refused 'three gigabytes' 'config.json'
}

@test "the version" {
	table <<'E'
absent        | del(.ociVersion)            | /ociVersion
null          | .ociVersion = null          | /ociVersion
empty         | .ociVersion = ""            | /ociVersion
junk          | .ociVersion = "junk"        | /ociVersion | junk
another major | .ociVersion = "2.0.0"       | /ociVersion | 2.0.0
two numbers   | .ociVersion = "1.0"         | /ociVersion
a number      | .ociVersion = 1             | /ociVersion
E
}

@test "versions that must be taken" {
	for v in 1.0.0 1.0.2-dev 1.0.0-rc5-dev 1.2.1 1.3.0 1.99.0 1.3.0+build; do
		run_c_ok ".ociVersion = \"$v\" | args(\"true\")"
	done
}

@test "wrong types" {
	table <<'E'
uid is a string           | .process.user.uid = "0"                     | /process/user/uid
uid is null               | .process.user.uid = null                    | /process/user/uid
uid is a fraction         | .process.user.uid = 1.5                     | /process/user/uid
gid is a boolean          | .process.user.gid = true                    | /process/user/gid
args is a string          | .process.args = "true"                      | /process/args
an arg is a number        | .process.args = ["true", 1]                 | /process/args/1
an arg is null            | .process.args = ["true", null]              | /process/args/1
env is an object          | .process.env = {A: "b"}                     | /process/env
terminal is a string      | .process.terminal = "yes"                   | /process/terminal
terminal is a number      | .process.terminal = 1                       | /process/terminal
process is an array       | .process = []                               | /process
root is a string          | .root = "rootfs"                            | /root
readonly is a string      | .root.readonly = "true"                     | /root/readonly
mounts is an object       | .mounts = {}                                | /mounts
a mount is a string       | .mounts[2] = "x"                            | /mounts/2
options is a string       | .mounts[1].options = "ro"                   | /mounts/1/options
linux is null but needed  | .linux.namespaces = "pid"                   | /linux/namespaces
hostname is a number      | .hostname = 5                               | /hostname
annotation is a number    | .annotations = {a: 1}                       | /annotations/a
annotation has no key     | .annotations = {"": "x"}                    | /annotations
hooks is an array         | .hooks = []                                 | /hooks
limit is a string         | .linux.resources.memory = {limit: "1g"}     | /linux/resources/memory/limit
limit is a fraction       | .linux.resources.memory = {limit: 1.5}      | /linux/resources/memory/limit
sysctl value is a number  | .linux.sysctl = {"net.ipv4.ip_forward": 1}  | /linux/sysctl/net.ipv4.ip_forward
capability is a number    | .process.capabilities.bounding = [1]        | /process/capabilities/bounding/0
E
}

@test "null for what is optional is the same as absent" {
	run_c_ok '.hooks = null | .annotations = null | .linux.resources = null | .process.user.additionalGids = null | .linux.seccomp = null | .process.rlimits = null | .linux.devices = null | .linux.sysctl = null | args("true")'
}

@test "unknown keys are ignored at every level" {
	run_c_ok '.unknown = 1 | .process.unknown = {} | .linux.unknown = [] | .root.unknown = "x" | .mounts[0].unknown = 1 | .linux.resources.unknown = 1 | .windows = {} | .vm = {hypervisor: {path: "/x"}} | args("true")'
}

@test "unknown words" {
	table <<'E'
namespace           | .linux.namespaces[2].type = "galaxy"                                                    | /linux/namespaces/2 | galaxy
namespace twice     | .linux.namespaces += [{type: "pid"}]                                                    | /linux/namespaces/5 | pid
namespace untyped   | .linux.namespaces += [{}]                                                               | /linux/namespaces/5
propagation         | .linux.rootfsPropagation = "sideways"                                                   | /linux/rootfsPropagation | sideways
seccomp action      | .linux.seccomp = {defaultAction: "SCMP_ACT_X"}                                          | /linux/seccomp/defaultAction | SCMP_ACT_X
seccomp no action   | .linux.seccomp = {syscalls: []}                                                         | /linux/seccomp/defaultAction
seccomp arch        | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X"]}      | /linux/seccomp/architectures/0 | SCMP_ARCH_X
seccomp operator    | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["sync"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 1, op: "SCMP_CMP_X"}]}]} | /linux/seccomp/syscalls/0/args/0/op | SCMP_CMP_X
seccomp flag        | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: ["X"]}                        | /linux/seccomp/flags/0
rlimit              | .process.rlimits = [{type: "RLIMIT_X", soft: 1, hard: 1}]                               | /process/rlimits/0 | RLIMIT_X
scheduler           | .process.scheduler = {policy: "SCHED_X"}                                                | /process/scheduler/policy | SCHED_X
scheduler flag      | .process.scheduler = {policy: "SCHED_OTHER", flags: ["X"]}                              | /process/scheduler/flags/0
I/O class           | .process.ioPriority = {class: "X"}                                                      | /process/ioPriority/class
device type         | .linux.devices = [{path: "/dev/x", type: "z", major: 1, minor: 1}]                      | /linux/devices/0/type
device rule type    | .linux.resources.devices = [{allow: true, type: "z"}]                                   | /linux/resources/devices/0/type
device rule access  | .linux.resources.devices = [{allow: true, access: "rx"}]                                | /linux/resources/devices/0/access
personality         | .linux.personality = {domain: "X"}                                                      | /linux/personality/domain
memory policy       | .linux.memoryPolicy = {mode: "X"}                                                       | /linux/memoryPolicy/mode
clock               | .linux.namespaces += [{type: "time"}] ¦ .linux.timeOffsets = {realtime: {secs: 1}}      | /linux/timeOffsets/realtime
file system type    | .mounts += [{destination: "/mnt", type: "nonesuchfs", source: "x"}]                     | nonesuchfs
E
}

@test "numbers out of range" {
	table <<'E'
uid -1                 | .process.user.uid = -1                                      | /process/user/uid
uid 2^32-1             | .process.user.uid = 4294967295                              | /process/user/uid
uid 2^32               | .process.user.uid = 4294967296                              | /process/user/uid
gid 2^32               | .process.user.gid = 4294967296                              | /process/user/gid
group 2^32-1           | .process.user.additionalGids = [1, 4294967295]              | /process/user/additionalGids/1
group -1               | .process.user.additionalGids = [-1]                         | /process/user/additionalGids/0
oom 1001               | .process.oomScoreAdj = 1001                                 | /process/oomScoreAdj
oom -1001              | .process.oomScoreAdj = -1001                                | /process/oomScoreAdj
nice 20                | .process.scheduler = {policy: "SCHED_OTHER", nice: 20}      | /process/scheduler/nice
I/O priority 8         | .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8} | /process/ioPriority/priority
soft above hard        | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 2, hard: 1}] | /process/rlimits/0
rlimit twice           | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1, hard: 1}, {type: "RLIMIT_NOFILE", soft: 1, hard: 1}] | /process/rlimits/1
rlimit negative        | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: -5, hard: 1}] | /process/rlimits/0/soft
device mode            | .linux.devices = [{path: "/dev/x", type: "c", major: -1, minor: 1}] | /linux/devices/0
hook timeout 0         | .hooks = {prestart: [{path: "/bin/true", timeout: 0}]}      | /hooks/prestart/0/timeout
hook timeout -1        | .hooks = {poststop: [{path: "/bin/true", timeout: -1}]}     | /hooks/poststop/0/timeout
swappiness             | .linux.resources.memory = {swappiness: 101}                 | /linux/resources/memory/swappiness
block weight 9         | .linux.resources.blockIO = {weight: 9}                      | /linux/resources/blockIO/weight
block weight 1001      | .linux.resources.blockIO = {weight: 1001}                   | /linux/resources/blockIO/weight
swap below limit       | .linux.resources.memory = {limit: 104857600, swap: 1024}    | /linux/resources/memory
2^64                   | .linux.resources.cpu = {shares: 18446744073709551616}       | line 11 | column
pids text              | .linux.resources.pids = {limit: "many"}                     | /linux/resources/pids/limit
seccomp arg index      | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["sync"], action: "SCMP_ACT_ERRNO", args: [{index: 6, value: 1, op: "SCMP_CMP_EQ"}]}]} | /linux/seccomp/syscalls/0/args/0/index
errno                  | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["sync"], action: "SCMP_ACT_ERRNO", errnoRet: 4096}]} | /linux/seccomp/syscalls/0/errnoRet
console size           | .process.terminal = true ¦ .process.consoleSize = {height: 70000, width: 80} | /process/consoleSize
nanoseconds            | .linux.namespaces += [{type: "time"}] ¦ .linux.timeOffsets = {boottime: {nanosecs: 1000000000}} | /linux/timeOffsets/boottime/nanosecs
E
}

@test "what belongs together and is not" {
	table <<'E'
maps without a user namespace    | .linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1}]                 | /linux/uidMappings
user namespace without maps      | .linux.namespaces += [{type: "user"}]                                          | apping
uid without a mapping            | userns ¦ .process.user.uid = 70000                                             | /process/user/uid
gid without a mapping            | userns ¦ .process.user.gid = 70000                                             | /process/user/gid
group without a mapping          | userns ¦ .process.user.additionalGids = [70000]                                | /process/user/additionalGids/0
maps overlap inside              | userns ¦ .linux.uidMappings += [{containerID: 5, hostID: 900000, size: 1}]     | /linux/uidMappings
map of size 0                    | userns ¦ .linux.uidMappings[0].size = 0                                        | /linux/uidMappings/0
map past the end                 | userns ¦ .linux.uidMappings[0] = {containerID: 4294967290, hostID: 0, size: 100} | /linux/uidMappings/0
time offsets, no namespace       | .linux.timeOffsets = {boottime: {secs: 1}}                                     | /linux/timeOffsets
hostname, no namespace           | no_ns("uts")                                                                   | /hostname
domainname, no namespace         | no_ns("uts") ¦ del(.hostname) ¦ .domainname = "x"                              | /domainname
masks, no mount namespace        | no_ns("mount")                                                                 | mount
notify without a listener        | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["sync"], action: "SCMP_ACT_NOTIFY"}]} | /linux/seccomp | listenerPath
metadata without a listener      | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x"}      | /linux/seccomp/listenerMetadata
errno with an action without     | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 5}         | /linux/seccomp/defaultErrnoRet
names empty                      | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: [], action: "SCMP_ACT_ERRNO"}]} | /linux/seccomp/syscalls/0/names
personality flags                | .linux.personality = {domain: "LINUX", flags: ["X"]}                           | /linux/personality/flags
priority without a real-time one | .process.scheduler = {policy: "SCHED_OTHER", priority: 1}                      | /process/scheduler/priority
device without numbers           | .linux.devices = [{path: "/dev/x", type: "c"}]                                 | /linux/devices/0
device rule without allow        | .linux.resources.devices = [{type: "c"}]                                       | /linux/resources/devices/0
net sysctl of the host           | no_ns("network") ¦ no_mount("/sys") ¦ .linux.sysctl = {"net.ipv4.ip_forward": "1"} | net.ipv4.ip_forward
sysctl of the host               | .linux.sysctl = {"vm.swappiness": "1"}                                         | vm.swappiness
E
}

@test "mount options that make no sense together" {
	mkdir "$T/src"
	table <<E
data on a bind           | bind("$T/src"; "/mnt"; ["size=5m"])                                         | /mounts/6/options | size=5m
idmap without maps       | bind("$T/src"; "/mnt"; ["idmap"])                                           | /mounts/6
one kind of map          | bind("$T/src"; "/mnt"; []) ¦ .mounts[6].uidMappings = [{containerID: 0, hostID: 5, size: 1}] | /mounts/6
idmap of a tmpfs         | mnt("/mnt"; "tmpfs"; "tmpfs"; ["idmap"])                                    | /mounts/6
no destination           | .mounts += [{type: "tmpfs", source: "tmpfs"}]                               | /mounts/6/destination
empty destination        | mnt(""; "tmpfs"; "tmpfs"; [])                                               | /mounts/6/destination
bind without a source    | .mounts += [{destination: "/mnt", type: "bind", options: ["bind"]}]         | /mounts/6
bogus option of a tmpfs  | mnt("/mnt"; "tmpfs"; "tmpfs"; ["bogus=1"])                                  | /mnt
tmpfs on /proc           | mnt("/proc"; "tmpfs"; "tmpfs"; [])                                          | /proc
tmpfs below /proc        | mnt("/proc/sys"; "tmpfs"; "tmpfs"; [])                                      | /proc/sys
E
}

@test "paths that are relative or lead outside" {
	table <<'E'
cwd                  | .process.cwd = "tmp"                                                    | /process/cwd
cwd empty            | .process.cwd = ""                                                       | /process/cwd
hook                 | .hooks = {createRuntime: [{path: "bin/true"}]}                          | /hooks/createRuntime/0/path
hook without         | .hooks = {createRuntime: [{args: ["x"]}]}                               | /hooks/createRuntime/0/path
masked               | .linux.maskedPaths = ["/proc/kcore", "proc/keys"]                       | /linux/maskedPaths/1
read-only            | .linux.readonlyPaths = ["proc/sys"]                                     | /linux/readonlyPaths/0
device               | .linux.devices = [{path: "dev/x", type: "c", major: 1, minor: 1}]       | /linux/devices/0/path
namespace            | .linux.namespaces[1].path = "proc/self/ns/net"                          | /linux/namespaces/1
cgroup climbs        | .linux.cgroupsPath = "/../../x"                                         | /linux/cgroupsPath
cgroup climbs inside | .linux.cgroupsPath = "/a/../../x"                                       | /linux/cgroupsPath
unified with a slash | .linux.resources.unified = {"../x": "1"}                                | /linux/resources/unified
huge page climbs     | .linux.resources.hugepageLimits = [{pageSize: "../../x", limit: 1}]     | /linux/resources/hugepageLimits/0
sysctl climbs        | .linux.sysctl = {"net/../vm/swappiness": "1"}                           | /linux/sysctl
seccomp listener     | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "x", syscalls: [{names: ["sync"], action: "SCMP_ACT_NOTIFY"}]} | listenerPath
E
}

@test "NUL in strings" {
	table <<'E'
NUL in an argument     | .process.args = ["echo", "a\u0000b"]                   | NUL | line | column
NUL in env             | .process.env += ["A=b\u0000c"]                         | NUL | line | column
NUL in cwd             | .process.cwd = "/tmp\u0000/x"                          | NUL | line | column
NUL in a destination   | .mounts[1].destination = "/dev\u0000x"                 | NUL | line | column
NUL in a source        | .mounts[1].source = "x\u0000y"                         | NUL | line | column
NUL in the hostname    | .hostname = "a\u0000b"                                 | NUL | line | column
NUL in a key           | .annotations = {"a\u0000b": "c"}                       | NUL | line | column
NUL in the root        | .root.path = "rootfs\u0000x"                           | NUL | line | column
E
}

@test "missing what is required" {
	table <<'E'
root             | del(.root)                   | /root
root path        | del(.root.path)              | /root/path
process          | del(.process)                | /process
args             | del(.process.args)           | /process/args
args empty       | .process.args = []           | /process/args
cwd              | del(.process.cwd)            | /process/cwd
rootfs           | .root.path = "gone"          | gone | no such file or directory
rootfs a file    | .root.path = "config.json"   | config.json
rootfs empty     | .root.path = ""              | /root/path
bind source      | bind("/no/such"; "/mnt"; []) | /no/such | no such file or directory
namespace path   | ns_at("ipc"; "/no/such")     | /no/such
hook             | hook("prestart"; {path: "/no/such"}) | /no/such
E
}

@test "two faults in one file are both reported" {
	table <<'E'
two        | .process.user.uid = "x" ¦ .linux.namespaces[0].type = "galaxy"                                                    | /process/user/uid | /linux/namespaces/0
three      | .ociVersion = "9.0.0" ¦ .process.cwd = "x" ¦ .hooks = {poststop: [{path: "x"}]}                                   | /ociVersion | /process/cwd | /hooks/poststop/0/path
many       | .mounts = [range(5) ¦ {destination: 5}]                                                                           | /mounts/0 | /mounts/4
E
}

@test "faults name line and column" {
	bundle b '.process.user.uid = "x"'
	line=$(grep -n '"x"' "$BUNDLE/config.json" | cut -d: -f1)
	refused 'a wrong type' "/process/user/uid|line $line"
}

@test "ids" {
	bundle b
	for id in '' . .. a/b ../x 'a b' $'a\nb' "$(printf 'x%.0s' {1..2000})"; do
		run_fail 1 'invalid container ID format' berth create -b "$BUNDLE" "$id"
	done
	is "$(ls -A "$STATE")" ""
}

@test "program names" {
	table <<'E'
missing        | args("nope")         | exec: "nope": executable file not found in $PATH
missing path   | args("/nope")        | exec: "/nope": stat /nope: no such file or directory
empty          | args("")             | exec: ""
not executable | args("/etc/passwd")  | exec: "/etc/passwd": permission denied
a directory    | args("/etc")         | exec: "/etc": is a directory
E
}

@test "/etc/passwd that is a FIFO, a device, a directory or huge does not hang" {
	bundle b 'args("true")'
	pw=$BUNDLE/rootfs/etc/passwd
	rm "$pw"
	mkfifo "$pw"
	LIMIT=3 capture berth run -b "$BUNDLE" "$ID"
	isnt "$status" 124 "status with a FIFO"
	rm "$pw"
	mknod "$pw" c 1 5
	LIMIT=3 capture berth run -b "$BUNDLE" "$ID"
	isnt "$status" 124 "status with /dev/zero"
	rm "$pw"
	mkdir "$pw"
	LIMIT=3 capture berth run -b "$BUNDLE" "$ID"
	isnt "$status" 124 "status with a directory"
	rmdir "$pw"
	truncate -s 3G "$pw"
	LIMIT=3 capture berth run -b "$BUNDLE" "$ID"
	isnt "$status" 124 "status with a huge file"
	rm "$pw"
	ln -s /dev/zero "$pw"
	LIMIT=3 capture berth run -b "$BUNDLE" "$ID"
	isnt "$status" 124 "status with a link to /dev/zero"
	is "$(ls -A "$STATE")" ""
}

@test "exec -u with an /etc/passwd that is a FIFO does not hang" {
	running_c 'idle | .process.env += ["HOME=/"]'
	rm "$BUNDLE/rootfs/etc/passwd"
	mkfifo "$BUNDLE/rootfs/etc/passwd"
	LIMIT=3 capture berth exec -u user "$ID" id
	is "$status" 255
	has "$err" passwd
	LIMIT=3 capture berth exec -u 1000 "$ID" echo on
	is "$status" 0
	is "$out" on
}

@test "a state directory that is read-only" {
	bundle b
	mkdir "$T/ro"
	mount -t tmpfs -o ro,mode=700 tmpfs "$T/ro"
	at_end "umount $T/ro"
	run_fail 1 'state directory' "$BERTH" --root "$T/ro" create -b "$BUNDLE" "$ID"
	has "$err" 'read-only file system'
	run_fail 1 "$T/ro/new" "$BERTH" --root "$T/ro/new" create -b "$BUNDLE" "$ID"
	is "$(cgroups_of_test)" ""
}

@test "a state directory on a full disk" {
	bundle b 'args("true") | .annotations = {big: ("x" * 100000)}'
	mkdir "$T/full"
	mount -t tmpfs -o size=8k,mode=700 tmpfs "$T/full"
	at_end "umount $T/full"
	capture "$BERTH" --root "$T/full" create -b "$BUNDLE" "$ID"
	is "$status" 1
	has "$err" 'no space left on device'
	is "$(ls -A "$T/full")" ""
	is "$(cgroups_of_test)" ""
	is "$(processes_of_test)" ""
}

@test "a state directory that is a file" {
	bundle b
	: >"$T/file"
	run_fail 1 "$T/file" "$BERTH" --root "$T/file" create -b "$BUNDLE" "$ID"
}

@test "a pid file on a full disk" {
	bundle b
	mkdir "$T/full"
	mount -t tmpfs -o size=4k,nr_inodes=2 tmpfs "$T/full"
	at_end "umount $T/full"
	head -c 4096 /dev/zero >"$T/full/x"
	capture berth create --pid-file "$T/full/pid" -b "$BUNDLE" "$ID"
	is "$status" 1
	has "$err" "$T/full"
	is "$(ls -A "$STATE")" ""
	is "$(cgroups_of_test)" ""
}

@test "no permission: an ordinary user is told so" {
	bundle b
	chmod 755 "$T" "$BUNDLE" "$BUNDLE/rootfs"
	chmod 644 "$BUNDLE/config.json"
	capture setpriv --reuid 1000 --regid 1000 --clear-groups "$BERTH" --root "$STATE" create -b "$BUNDLE" "$ID"
	is "$status" 1
	isnt "$err" ""
	is "$(ls -A "$STATE")" ""
	is "$(cgroups_of_test)" ""
}

@test "a hook that fails or hangs" {
	LIMIT=6 table <<'E'
fails          | hook("createRuntime"; {path: "/bin/false"})                                                     | /bin/false
says something | hook("prestart"; {path: "/bin/sh", args: ["sh", "-c", "echo words >&2; exit 4"]})               | words
hangs          | hook("createContainer"; {path: "/bin/sleep", args: ["sleep", "1000"], timeout: 1})              | /bin/sleep
E
}

@test "capabilities that do not exist are a warning only" {
	run_c_ok '.process.capabilities.effective += ["CAP_BOGUS", "cap_kill", ""] | sh("echo on")'
	is "$out" on
}

@test "a message about a bad file is one line and says which file" {
	bundle b '.process.cwd = "x"'
	capture berth create -b "$BUNDLE" "$ID"
	has "$err" config.json
	is "$(grep -vc hint <<<"$err")" 1 lines
}

@test "run gives the same answers as create" {
	for expr in '.ociVersion = "2.0.0"' '.process.user.uid = "0"' '.linux.namespaces[0].type = "galaxy"'; do
		bundle b "$expr"
		capture berth create -b "$BUNDLE" "$ID"
		one=$err
		capture berth run -b "$BUNDLE" "$ID"
		isnt "$status" 0
		is "$err" "$one"
	done
}
