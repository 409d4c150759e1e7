# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
#
# What every integration test stands on. A .bats file says `load helpers` and has:
#
#   $ID                 an id that is unique on this machine; part of every cgroup's name
#   $T                  the test's own directory; $STATE is --root, below it
#   bundle NAME EXPR    makes $T/NAME with a busybox rootfs and the default config, edited by jq; $BUNDLE
#   create_c EXPR ...   bundle + create (further words are options); run_c, running_c likewise
#   run_ok CMD, run_fail STATUS TEXT CMD
#                       $status, $out and $err afterwards; they print all of it when they fail
#   bg ARGS             the runtime in the background; then bg_up, bg_ends STATUS
#   at_end CMD          runs in teardown, last one first
#
# teardown deletes what the test left in $STATE with `delete --force` and then fails the test when a
# process, a mount, a cgroup or a file in the state directory is left.
#
# The runtime is $BERTH (build/berth). With BERTH=runc the tests run against a peer: those that ask
# for what a peer does otherwise say only_berth and are skipped then, unless ONLY_BERTH=run is set.

here=${BATS_TEST_DIRNAME}
source_dir=$(cd "$here/../.." && pwd)
BERTH=${BERTH:-build/berth}
case $BERTH in
/*) ;;
*/*) BERTH=$source_dir/$BERTH ;;
*) BERTH=$(command -v "$BERTH") ;;
esac
PY=/usr/bin/python3
[ -x $PY ] || PY=python3

# ---- set-up and clean-up ----

setup_file() {
	[ -x "$BERTH" ] || { echo "no runtime: BERTH=$BERTH (make first)" >&2; return 1; }
	# a container root that is mapped to another id walks through here
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/* "$BATS_FILE_TMPDIR"
	base_rootfs
	measure_patience
}

# How many times longer than here things may take: under software emulation everything is 10 to 20
# times slower. All limits of time are multiplied by it.
measure_patience() {
	local start
	[ ! -e "$BATS_RUN_TMPDIR/patience" ] || return 0
	start=$(date +%s%N)
	for _ in {1..20}; do "$BATS_RUN_TMPDIR/base/bin/busybox" true; done
	echo $((($(date +%s%N) - start) / 80000000 + 1)) >"$BATS_RUN_TMPDIR/patience"
}

# The rootfs that all bundles are hard-linked from, once per run of bats.
base_rootfs() {
	local base=$BATS_RUN_TMPDIR/base tmp
	[ -d "$base" ] && return
	tmp=$(mktemp -d "$BATS_RUN_TMPDIR/base.XXXXXX")
	chmod 755 "$tmp"
	mkdir -p "$tmp"/{bin,etc,proc,sys,dev,tmp,root,home/user,usr/bin,var,mnt,run}
	chmod 1777 "$tmp/tmp"
	cp "$(static_busybox)" "$tmp/bin/busybox"
	"$tmp/bin/busybox" --list | grep -vx busybox | while read -r applet; do
		ln -s busybox "$tmp/bin/$applet"
	done
	printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'user:x:1000:1000::/home/user:/bin/sh' \
		'other:x:1001:1001::/:/bin/sh' >"$tmp/etc/passwd"
	printf '%s\n' 'root:x:0:' 'user:x:1000:' 'staff:x:50:user' 'many:x:51:user,other' >"$tmp/etc/group"
	chown 1000:1000 "$tmp/home/user"
	"${CC:-cc}" -Os -static -o "$tmp/bin/probe" "$here/probe.c"
	mv -T "$tmp" "$base" 2>/dev/null || rm -rf "$tmp"
}

static_busybox() {
	local b
	for b in /bin/busybox /usr/bin/busybox; do
		[ -x $b ] && { echo $b; return; }
	done
	echo "busybox is missing: apt-get install busybox-static" >&2
	return 1
}

setup() {
	T=$BATS_TEST_TMPDIR
	ID=bt$$-$BATS_SUITE_TEST_NUMBER
	STATE=$T/state
	BUNDLE=
	endings=()
	patience=$(<"$BATS_RUN_TMPDIR/patience")
	export ONPTY_LIMIT=$((15 * patience))
	mkdir "$STATE"
	chmod 711 "${T%/*}" "$T"
	mounts_of_test >"$T/mounts.before"
	[ -z "${only_here:-}" ] || only_berth
}

at_end() {
	endings+=("$*")
}

teardown() {
	local bad=0 i
	teardown_containers || bad=1
	for ((i = ${#endings[@]} - 1; i >= 0; i--)); do
		eval "${endings[i]}" >/dev/null 2>&1 || true
	done
	leak_check || bad=1
	return $bad
}

teardown_containers() {
	local d bad=0
	for d in "$STATE"/*/; do
		[ -d "$d" ] || continue
		capture berth delete --force "$(basename "$d")"
		[ "$status" = 0 ] && continue
		show "delete --force $(basename "$d") in teardown"
		bad=1
	done
	return $bad
}

# Processes that are still about this test, one "PID WHY COMMAND" a line: by their cgroup, their
# command line, or a root directory below $T. Zombies belong to whoever must reap them.
processes_of_test() {
	local f pid
	printf '%s\n' "$ID" "$T/" | grep -lsaFf - /proc/[0-9]*/cgroup /proc/[0-9]*/cmdline \
		/proc/[0-9]*/mountinfo 2>/dev/null | while IFS= read -r f; do
		pid=${f#/proc/}
		pid=${pid%%/*}
		[ "$pid" != 1 ] && [ "$pid" != $$ ] && [ "$pid" != "$BASHPID" ] || continue
		! over "$pid" || continue
		if [ "${f##*/}" = mountinfo ]; then
			awk -v t="$T/" '$5 == "/" && index($4, t) { f = 1 } END { exit !f }' "$f" 2>/dev/null || continue
		fi
		echo "$pid ${f##*/} $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")"
	done 2>/dev/null
}

cgroups_of_test() {
	find /sys/fs/cgroup -depth -type d -name "*$ID*" 2>/dev/null
}

# All mounts when the run has a mount namespace of its own (tests/integration/run), else the test's.
mounts_of_test() {
	if [ -n "${BERTH_TEST_MNTNS:-}" ]; then
		cut -d' ' -f3- /proc/self/mountinfo
	else
		grep -aF -e "$T" -e "$ID" /proc/self/mountinfo | cut -d' ' -f3-
	fi
}

nothing_left() {
	[ -z "$(processes_of_test)" ] && [ -z "$(cgroups_of_test)" ] && [ -z "$(ls -A "$STATE")" ] &&
		mounts_of_test | cmp -s - "$T/mounts.before"
}

leak_check() {
	local left
	wait_until 1 nothing_left && return
	echo "left behind:"
	left=$(processes_of_test)
	[ -z "$left" ] || echo "process: $left"
	[ -z "$left" ] || echo "$left" | while read -r pid _; do kill -9 "$pid" 2>/dev/null || true; done
	left=$(cgroups_of_test)
	if [ -n "$left" ]; then
		echo "cgroup: $left"
		wait_until 1 eval "cgroups_of_test | xargs -r rmdir 2>/dev/null" || true
	fi
	find "$STATE" -mindepth 1 -printf 'state: %P\n'
	mounts_of_test | diff "$T/mounts.before" - || true
	return 1
}

# ---- running things ----

# The runtime with the test's state directory. A call that hangs ends with status 124.
berth() {
	timeout --foreground -k 1 $((${LIMIT:-20} * patience)) "$BERTH" --root "$STATE" "$@"
}

# $status, $out, $err of a command. Output goes through files: a container that keeps its stdout
# does not keep us. The descriptors of bats (3 and above) are not ours to pass on.
capture() {
	status=0
	close_fds "$@" <"${STDIN:-/dev/null}" >"$T/out" 2>"$T/err" || status=$?
	out=$(tr -d '\0' <"$T/out")
	err=$(tr -d '\0' <"$T/err")
	err=${err//\\\"/\"} # runc quotes its text log
}

close_fds() {
	"$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}

# The runtime in the background, output in $T/bg.out and $T/bg.err; signals to $bg reach the runtime
# itself. bg_up waits for "up" on its stdout, bg_ends for its end with a status.
bg() {
	(exec "$BERTH" --root "$STATE" "$@" <"${STDIN:-/dev/null}" >"$T/bg.out" 2>"$T/bg.err" 3>&- 4>&-) &
	bg=$!
	at_end "kill -KILL $bg"
}

bg_up() {
	wait_until 10 grep -q up "$T/bg.out" || fail "it does not come up: $(<"$T/bg.err")"
}

bg_ends() {
	ends "$bg" "$1"
}

# ends PID STATUS: a child of the test
ends() {
	local rc=0
	wait_until 10 over "$1" || fail "$1 does not end" || return
	wait "$1" || rc=$?
	is "$rc" "$2" "exit status"
}

over() {
	[[ $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) == '' || $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) == Z* ]]
}

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

show() {
	printf '%s\n' "command: $*" "status:  $status" "stdout:  $out" "stderr:  $err" >&2
}

run_ok() {
	capture "$@"
	[ "$status" = 0 ] && return
	show "$@"
	return 1
}

# run_fail STATUS TEXT CMD...: exactly this status, and TEXT somewhere on stderr.
run_fail() {
	local want=$1 text=$2
	shift 2
	capture "$@"
	if [ "$status" = "$want" ] && [[ $err == *"$text"* ]]; then
		return
	fi
	show "$@"
	fail "wanted:  status $want and '$text'"
}

# is GOT WANT [WHAT]
is() {
	[ "$1" = "$2" ] || fail "${3:-value} is '$1', not '$2'"
}

isnt() {
	[ "$1" != "$2" ] || fail "${3:-value} is '$1'"
}

# has TEXT PART...
has() {
	local text=$1
	shift
	for part; do
		[[ $text == *"$part"* ]] || fail "'$part' is not in: $text" || return
	done
}

hasnt() {
	local text=$1
	shift
	for part; do
		[[ $text != *"$part"* ]] || fail "'$part' is in: $text" || return
	done
}

# matches TEXT REGEX
matches() {
	[[ $1 =~ $2 ]] || fail "'$1' does not match $2"
}

# wait_until SECONDS CMD...: polls until CMD succeeds.
wait_until() {
	local end=$((SECONDS + $1 * patience + 1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.01
	done
}

status_of() {
	berth state "${1:-$ID}" | jq -r .status
}

status_is() {
	[ "$(status_of "$1" 2>/dev/null)" = "$2" ]
}

wait_status() {
	wait_until 5 status_is "$1" "$2" || fail "$1 does not become $2: $(status_of "$1" 2>&1)"
}

pid_of() {
	berth state "${1:-$ID}" | jq -r .pid
}

# ---- bundles ----

# What the jq expressions may use beside jq itself.
# shellcheck disable=SC2016
jq_words='
def args(f): .process.args = [f];
def sh(s): .process.args = ["/bin/sh", "-c", s];
def idle: .process.args = ["/bin/sh", "-c", "trap \"exit 3\" TERM; while :; do sleep 1000 & wait; done"];
def rw: .root.readonly = false;
def ns(t): .linux.namespaces += [{type: t}];
def no_ns(t): .linux.namespaces |= map(select(.type != t));
def ns_at(t; p): no_ns(t) | .linux.namespaces += [{type: t, path: p}];
def userns: ns("user") | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
	| .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}];
def mnt(d; t; s; o): .mounts += [{destination: d, type: t, source: s, options: o}];
def bind(s; d; o): mnt(d; "bind"; s; ["bind"] + o);
def no_mount(d): .mounts |= map(select(.destination != d));
def all_caps(l): .process.capabilities = {bounding: l, effective: l, permitted: l};
def hook(k; f): .hooks[k] += [f];
'

default_config() {
	cat <<'E'
{
  "ociVersion": "1.0.2",
  "process": {
    "terminal": false,
    "user": { "uid": 0, "gid": 0 },
    "args": [ "true" ],
    "env": [ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm" ],
    "cwd": "/",
    "capabilities": {
      "bounding": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ],
      "effective": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ],
      "permitted": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ]
    },
    "noNewPrivileges": true
  },
  "root": { "path": "rootfs", "readonly": true },
  "hostname": "berth",
  "mounts": [
    { "destination": "/proc", "type": "proc", "source": "proc" },
    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
      "options": [ "nosuid", "strictatime", "mode=755", "size=65536k" ] },
    { "destination": "/dev/pts", "type": "devpts", "source": "devpts",
      "options": [ "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5" ] },
    { "destination": "/dev/shm", "type": "tmpfs", "source": "shm",
      "options": [ "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" ] },
    { "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
      "options": [ "nosuid", "noexec", "nodev" ] },
    { "destination": "/sys", "type": "sysfs", "source": "sysfs",
      "options": [ "nosuid", "noexec", "nodev", "ro" ] }
  ],
  "linux": {
    "resources": { "devices": [ { "allow": false, "access": "rwm" } ] },
    "namespaces": [ { "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" },
      { "type": "mount" } ],
    "maskedPaths": [ "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
      "/proc/timer_list", "/proc/sched_debug", "/sys/firmware", "/proc/scsi" ],
    "readonlyPaths": [ "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" ]
  }
}
E
}

# bundle NAME [EXPR]: $T/NAME/{config.json,rootfs}. $id, $t, $b are the test's id and directories.
bundle() {
	BUNDLE=$T/$1
	mkdir -p "$BUNDLE"
	if [ ! -d "$BUNDLE/rootfs" ]; then
		cp -al "$BATS_RUN_TMPDIR/base" "$BUNDLE/rootfs"
		cp --remove-destination "$BATS_RUN_TMPDIR/base/etc"/* "$BUNDLE/rootfs/etc"
	fi
	default_config | edit "${2:-.}" >"$BUNDLE/config.json"
}

edit() {
	jq --arg id "$ID" --arg t "$T" --arg b "$BUNDLE" "$jq_words $1"
}

# run_c EXPR [OPTIONS]: foreground run; asserts nothing.
run_c() {
	local expr=$1
	shift
	bundle b "$expr"
	capture berth run "$@" --bundle "$BUNDLE" "$ID"
}

# It ran and ended with 0; $out is what it wrote.
run_c_ok() {
	run_c "$@"
	[ "$status" = 0 ] && return
	show "run $*"
	return 1
}

# run_c_fail STATUS TEXT EXPR [OPTIONS]
run_c_fail() {
	local want=$1 text=$2
	shift 2
	run_c "$@"
	if [ "$status" = "$want" ] && [[ $err == *"$text"* ]]; then
		return
	fi
	show "run $*"
	fail "wanted:  status $want and '$text'"
}

# create_c EXPR [OPTIONS]: must succeed. What the container writes goes to $T/c.out and $T/c.err.
create_c() {
	local expr=$1
	shift
	bundle b "$expr"
	create_bundle "$@"
}

create_bundle() {
	status=0
	close_fds berth create "$@" --bundle "$BUNDLE" "$ID" </dev/null >"$T/c.out" 2>"$T/c.err" || status=$?
	out=
	err=$(<"$T/c.err")
	[ "$status" = 0 ] && return
	show "create $*"
	return 1
}

# create_c_fail STATUS TEXT EXPR [OPTIONS]
create_c_fail() {
	local want=$1 text=$2 expr=$3
	shift 3
	bundle b "$expr"
	run_fail "$want" "$text" berth create "$@" --bundle "$BUNDLE" "$ID"
}

# A container that is running when this returns.
running_c() {
	create_c "${1:-idle}" "${@:2}"
	run_ok berth start "$ID"
}

# The container's whole life in one: create, start, wait; $out and $err are what it wrote.
life_c() {
	create_c "$@"
	run_ok berth start "$ID"
	wait_status "$ID" stopped
	out=$(<"$T/c.out")
	err=$(<"$T/c.err")
}

# Freeze the container by hand: v1's freezer, or v2's file. Thawed at the end of the test.
freeze_cgroup() {
	local d
	for d in $(cgroups_of_test); do
		if [ -e "$d/freezer.state" ]; then
			echo FROZEN >"$d/freezer.state"
			at_end "echo THAWED >$d/freezer.state"
			wait_until 5 grep -q FROZEN "$d/freezer.state"
			return
		fi
	done
	for d in $(cgroups_of_test); do
		if [ -e "$d/cgroup.freeze" ]; then
			echo 1 >"$d/cgroup.freeze"
			at_end "echo 0 >$d/cgroup.freeze"
			wait_until 5 grep -q 'frozen 1' "$d/cgroup.events"
			return
		fi
	done
	fail "no cgroup to freeze"
}

# ---- what the machine has ----

requires_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

requires_userns() {
	unshare -U true 2>/dev/null || skip "needs user namespaces"
}

requires_timens() {
	[ -e /proc/self/ns/time ] || skip "needs time namespaces (Linux 5.6)"
}

requires_cgroup2() {
	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip "needs a pure cgroup v2 host"
}

requires_cgroup1() {
	[ ! -e /sys/fs/cgroup/cgroup.controllers ] || skip "needs cgroup v1 hierarchies"
}

# has_cap NUMBER
has_cap() {
	local eff
	eff=$(sed -n 's/^CapEff:\t//p' /proc/self/status)
	(((16#$eff >> $1) & 1))
}

requires_sys_resource() {
	has_cap 24 || skip "needs CAP_SYS_RESOURCE"
}

requires_sys_nice() {
	has_cap 23 || skip "needs CAP_SYS_NICE"
}

requires_no_apparmor() {
	[ ! -d /sys/kernel/security/apparmor ] || skip "needs a host without AppArmor"
}

requires_python() {
	"$PY" -c '' 2>/dev/null || skip "needs python3"
}

requires_kernel() {
	local have
	have=$(uname -r)
	[ "$(printf '%s\n' "$1" "$have" | sort -V | head -n 1)" = "$1" ] || skip "needs Linux $1"
}

requires_command() {
	command -v "$1" >/dev/null || skip "needs $1"
}

# For what this runtime does otherwise than the peers, on purpose.
only_berth() {
	[ "${ONLY_BERTH:-}" = run ] && return
	[[ $("$BERTH" --version) == berth* ]] || skip "berth's own behaviour"
}
