#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Namespaces: new, joined by path, the host's; mappings, offsets, names, sysctl.

load helpers

ns_file() {
	case $1 in
	network) echo net ;;
	mount) echo mnt ;;
	*) echo "$1" ;;
	esac
}

host_ns() {
	readlink "/proc/self/ns/$(ns_file "$1")"
}

# ns_holder OPTION...: a process with namespaces of its own; $holder is its pid
ns_holder() {
	unshare "$@" --fork sh -c 'echo $$ >/dev/null; exec sleep 1000' 3>&- 4>&- &
	local parent=$!
	at_end "kill -KILL $parent"
	wait_until 5 eval "holder=\$(pgrep -P $parent -x sleep)" || fail "no holder"
	at_end "kill -KILL $holder"
}

# the link of a namespace as the container's program sees it; sysfs needs a network namespace of its own
inside() {
	run_c_ok "sh(\"readlink /proc/self/ns/$(ns_file "$1")\") | $2"
}

@test "each listed namespace is new" {
	requires_timens
	run_c_ok 'userns | ns("cgroup") | ns("time") | sh("for n in pid net mnt ipc uts user cgroup time; do readlink /proc/self/ns/$n; done")'
	is "$(wc -l <<<"$out")" 8
	while read -r link; do
		isnt "$link" "$(readlink "/proc/self/ns/${link%%:*}")" "${link%%:*}"
	done <<<"$out"
}

@test "a namespace that is not listed is the host's" {
	for t in pid network ipc uts; do
		case $t in
		network) more='no_mount("/sys")' ;;
		uts) more='del(.hostname)' ;;
		ipc) more='no_mount("/dev/mqueue")' ;;
		*) more=. ;;
		esac
		inside $t "no_ns(\"$t\") | $more"
		is "$out" "$(host_ns $t)" "$t"
	done
	for t in cgroup user time; do
		[ -e "/proc/self/ns/$t" ] || continue
		inside $t .
		is "$out" "$(host_ns $t)" "$t"
	done
}

@test "an empty path means a new namespace" {
	inside uts 'ns_at("uts"; "")'
	isnt "$out" "$(host_ns uts)"
}

@test "a namespace of another process is joined by its path" {
	ns_holder --net --ipc --uts
	for t in network ipc uts; do
		inside $t "ns_at(\"$t\"; \"/proc/$holder/ns/$(ns_file $t)\") | del(.hostname)"
		is "$out" "$(readlink "/proc/$holder/ns/$(ns_file $t)")" "$t"
	done
}

@test "a network namespace is joined by a bind-mounted file, as ip netns makes it" {
	: >"$T/netns"
	unshare --net="$T/netns" true
	at_end "umount $T/netns"
	inside network "ns_at(\"network\"; \"$T/netns\")"
	is "$out" "net:[$(stat -Lc %i "$T/netns")]"
}

@test "a pid namespace is joined: the program is not its pid 1 and the mount of /proc shows it" {
	ns_holder --pid --mount-proc
	create_c "ns_at(\"pid\"; \"/proc/$holder/ns/pid_for_children\") | sh(\"echo \$\$; readlink /proc/self/ns/pid; cat /proc/1/comm\")"
	run_ok berth start "$ID"
	wait_status "$ID" stopped
	out=$(<"$T/c.out")
	isnt "$(sed -n 1p <<<"$out")" 1
	is "$(sed -n 2p <<<"$out")" "$(readlink "/proc/$holder/ns/pid_for_children")"
	is "$(sed -n 3p <<<"$out")" sleep
}

@test "a user namespace is joined" {
	requires_userns
	ns_holder --user --map-root-user --net
	run_c "ns_at(\"user\"; \"/proc/$holder/ns/user\") | ns_at(\"network\"; \"/proc/$holder/ns/net\") | sh(\"readlink /proc/self/ns/user; readlink /proc/self/ns/net; id -u\")"
	[ "$status" = 0 ] || show run
	is "$status" 0
	is "$out" "$(readlink "/proc/$holder/ns/user")"$'\n'"$(readlink "/proc/$holder/ns/net")"$'\n0'
}

@test "a mount namespace is joined" {
	only_berth
	ns_holder --mount
	run_c "ns_at(\"mount\"; \"/proc/$holder/ns/mnt\") | del(.linux.maskedPaths, .linux.readonlyPaths, .mounts) | .root.readonly = false | sh(\"readlink /proc/self/ns/mnt || echo no proc\")"
	[ "$status" = 0 ] || show run
	is "$status" 0
}

@test "a cgroup namespace is joined" {
	ns_holder --cgroup
	inside cgroup "ns(\"cgroup\") | ns_at(\"cgroup\"; \"/proc/$holder/ns/cgroup\")"
	is "$out" "$(readlink "/proc/$holder/ns/cgroup")"
}

@test "a time namespace is joined" {
	only_berth
	requires_timens
	ns_holder --time --boottime 100000
	inside time "ns_at(\"time\"; \"/proc/$holder/ns/time\")"
	is "$out" "$(readlink "/proc/$holder/ns/time")"
}

@test "two containers share the namespaces of the first, as a pod does" {
	running_c 'idle | .hostname = "pod"'
	pid=$(pid_of)
	bundle two "ns_at(\"network\"; \"/proc/$pid/ns/net\") | ns_at(\"ipc\"; \"/proc/$pid/ns/ipc\") | ns_at(\"uts\"; \"/proc/$pid/ns/uts\") | del(.hostname) | sh(\"hostname; readlink /proc/self/ns/net\")"
	run_ok berth run -b "$BUNDLE" "$ID-2"
	is "$out" "pod"$'\n'"$(readlink "/proc/$pid/ns/net")"
}

@test "a path that is a namespace of another kind is refused by name" {
	create_c_fail 1 /proc/self/ns/ipc 'ns_at("uts"; "/proc/self/ns/ipc") | del(.hostname)'
	is "$(ls -A "$STATE")" ""
}

@test "a path that is no namespace is refused" {
	: >"$T/file"
	create_c_fail 1 "$T/file" "ns_at(\"network\"; \"$T/file\")"
	mkfifo "$T/fifo"
	LIMIT=5 create_c_fail 1 "$T/fifo" "ns_at(\"network\"; \"$T/fifo\")"
}

@test "a path that does not exist is refused" {
	create_c_fail 1 "$T/nope" "ns_at(\"network\"; \"$T/nope\")"
	has "$err" 'no such file or directory'
}

@test "a relative path is refused" {
	create_c_fail 1 proc/self/ns/net 'ns_at("network"; "proc/self/ns/net")'
}

@test "a namespace listed twice is refused" {
	only_berth
	create_c_fail 1 /linux/namespaces/5 'ns("uts")'
}

@test "an unknown namespace type is refused" {
	only_berth
	create_c_fail 1 /linux/namespaces/5 'ns("galaxy")'
	has "$err" galaxy
}

# ---- user namespaces ----

@test "the id maps are exactly those of the config" {
	requires_userns
	running_c 'idle | userns | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}, {containerID: 1000, hostID: 300000, size: 5}]
		| .linux.gidMappings = [{containerID: 0, hostID: 200000, size: 70000}]'
	pid=$(pid_of)
	is "$(tr -s ' ' <"/proc/$pid/uid_map")" $' 0 100000 1000\n 1000 300000 5'
	is "$(tr -s ' ' <"/proc/$pid/gid_map")" ' 0 200000 70000'
	is "$(stat -c '%u %g' "/proc/$pid/root/proc/1")" '0 0' 2>/dev/null || true
	matches "$(sed -n 's/^Uid:\t//p' "/proc/$pid/status")" '^100000'
}

@test "root inside a user namespace is not root outside" {
	requires_userns
	run_c_ok 'userns | sh("id -u; mknod /dev/shm/x b 8 0 && cat /dev/shm/x; hostname new 2>&1; cat /proc/self/uid_map | tr -s \" \"")'
	is "$(head -n 1 <<<"$out")" 0
	has "$out" '0 100000 65536'
}

@test "a container with a user namespace has all of its mounts and devices" {
	requires_userns
	run_c_ok 'userns | rw | sh("set -e; echo x >/dev/null; head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; ls /dev/pts/ptmx /dev/shm /dev/mqueue -d; cat /proc/self/comm; ls -d /sys/class/net/lo; stat -c %t,%T /dev/null")'
	is "$(tr '\n' ' ' <<<"$out" | tr -s ' ')" '3 3 /dev/mqueue /dev/pts/ptmx /dev/shm cat /sys/class/net/lo 1,3 '
}

@test "the user of the program is a user of the namespace" {
	requires_userns
	running_c 'idle | userns | .process.user = {uid: 1000, gid: 1000}'
	is "$(stat -c '%u %g' "/proc/$(pid_of)")" '101000 101000'
}

@test "a user that is not mapped is refused" {
	requires_userns
	create_c_fail 1 '' 'userns | .process.user.uid = 70000'
	isnt "$err" ""
	only_berth
	has "$err" /process/user/uid
}

@test "mappings without a user namespace are refused" {
	only_berth
	create_c_fail 1 /linux/uidMappings '.linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1}]'
}

@test "a user namespace without mappings is refused" {
	requires_userns
	create_c_fail 1 apping 'ns("user")'
}

@test "mappings that overlap are refused" {
	only_berth
	requires_userns
	create_c_fail 1 /linux/uidMappings 'userns | .linux.uidMappings += [{containerID: 100, hostID: 500000, size: 1}]'
}

@test "a single-id mapping works" {
	requires_userns
	run_c_ok 'userns | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1}] | .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 1}]
		| .mounts |= map(.options |= (. // [] | map(select(. != "gid=5")))) | sh("id -u; tr -s \" \" </proc/self/gid_map")'
	is "$out" $'0\n 0 100000 1'
}

# ---- time ----

@test "time offsets move the clocks" {
	only_berth
	requires_timens
	run_c_ok 'ns("time") | .linux.timeOffsets = {monotonic: {secs: 1000000, nanosecs: 0}, boottime: {secs: 2000000}} | args("probe", "clock")'
	read -r mono boot <<<"$out"
	read -r host_mono host_boot < <("$BATS_RUN_TMPDIR/base/bin/probe" clock)
	((mono - host_mono >= 999990 && mono - host_mono <= 1000010)) || fail "monotonic $mono, host $host_mono"
	((boot - host_boot >= 1999990 && boot - host_boot <= 2000010)) || fail "boottime $boot, host $host_boot"
}

@test "exec sees the offset clocks too" {
	only_berth
	requires_timens
	running_c 'idle | ns("time") | .linux.timeOffsets = {boottime: {secs: 2000000}}'
	run_ok berth exec "$ID" probe clock
	((${out#* } > 2000000)) || fail "$out"
}

@test "time offsets without a time namespace are refused" {
	only_berth
	create_c_fail 1 /linux/timeOffsets '.linux.timeOffsets = {boottime: {secs: 1}}'
}

@test "unknown clocks and too many nanoseconds are refused" {
	only_berth
	requires_timens
	create_c_fail 1 /linux/timeOffsets/realtime 'ns("time") | .linux.timeOffsets = {realtime: {secs: 1}}'
	create_c_fail 1 /linux/timeOffsets/monotonic/nanosecs 'ns("time") | .linux.timeOffsets = {monotonic: {secs: 1, nanosecs: 1000000000}}'
}

# ---- names ----

@test "hostname and domainname are set" {
	host=$(hostname)
	run_c_ok '.hostname = "inside.example" | .domainname = "nis.example" | sh("hostname; cat /proc/sys/kernel/domainname")'
	is "$(sed -n 1p <<<"$out")" inside.example
	is "$(hostname)" "$host"
	only_berth
	is "$(sed -n 2p <<<"$out")" nis.example
}

@test "a hostname without a uts namespace is refused and the host's stays" {
	host=$(hostname)
	create_c_fail 1 '' 'no_ns("uts") | .hostname = "evil"'
	matches "$err" 'hostname|UTS|uts'
	is "$(hostname)" "$host"
}

@test "a hostname that is too long is refused" {
	create_c_fail 1 '' ".hostname = \"$(printf 'x%.0s' {1..65})\""
	isnt "$err" ""
}

# ---- sysctl ----

@test "sysctl of the container's namespaces are set, not the host's" {
	before=$(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni)
	run_c_ok '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shmmni": "1234", "kernel/msgmax": "4321", "net.ipv4.ping_group_range": "0 5", "fs.mqueue.msg_max": "7"}
		| sh("cd /proc/sys; cat net/ipv4/ip_forward kernel/shmmni kernel/msgmax net/ipv4/ping_group_range fs/mqueue/msg_max")'
	is "$(tr '\t' ' ' <<<"$out")" $'1\n1234\n4321\n0 5\n7'
	is "$(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni)" "$before" "the host's"
}

@test "sysctl of the host are refused" {
	for key in vm.swappiness kernel.panic fs.file-max kernel.core_pattern kernel.hostname net..ipv4 ../vm.swappiness \
		kernel/../vm/swappiness net/../vm/swappiness net/ipv4/../../vm/swappiness kernel.shmmni/../../vm/swappiness; do
		create_c_fail 1 '' ".linux.sysctl = {\"$key\": \"1\"}"
		isnt "$err" "" "error of $key"
		is "$(ls -A "$STATE")" ""
	done
}

@test "sysctl of a namespace that the container shares with the host are refused" {
	create_c_fail 1 net.ipv4.ip_forward 'no_ns("network") | no_mount("/sys") | .linux.sysctl = {"net.ipv4.ip_forward": "1"}'
	create_c_fail 1 kernel.shmmax 'no_ns("ipc") | no_mount("/dev/mqueue") | .linux.sysctl = {"kernel.shmmax": "1"}'
}

@test "net sysctl with the path of the host's network namespace are refused" {
	before=$(cat /proc/sys/net/ipv4/ip_forward)
	at_end "echo $before >/proc/sys/net/ipv4/ip_forward"
	create_c_fail 1 '' 'ns_at("network"; "/proc/self/ns/net") | no_mount("/sys") | .linux.sysctl = {"net.ipv4.ip_forward": "0"}'
	is "$(cat /proc/sys/net/ipv4/ip_forward)" "$before"
}

@test "a sysctl that does not exist is named" {
	create_c_fail 1 net '.linux.sysctl = {"net.ipv4.nonesuch": "1"}'
	has "$err" nonesuch
}

@test "a sysctl value that the kernel refuses is an error" {
	create_c_fail 1 ip_forward '.linux.sysctl = {"net.ipv4.ip_forward": "words"}'
}

@test "without a mount namespace nothing is mounted or masked on the host" {
	create_c_fail 1 '' 'no_ns("mount")'
	matches "$err" '[mM]ount|MNT|mnt'
	is "$(ls -A "$STATE")" ""
}

@test "a loopback device is there and nothing else in a new network namespace" {
	run_c_ok 'sh("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d \" \"")'
	has "$out" lo
	hasnt "$out" eth
}

@test "an ordinary user's ranges are mapped by newuidmap and newgidmap" {
	only_berth
	requires_command newuidmap
	requires_command setpriv
	local rest='{containerID: 1, hostID: 200000, size: 65535}' gid
	gid=$(id -g games) # newuidmap wants the group of the password file
	echo 'games:200000:65536' >"$T/ranges"
	mount --bind "$T/ranges" /etc/subuid && at_end umount /etc/subuid
	mount --bind "$T/ranges" /etc/subgid && at_end umount /etc/subgid
	"$BERTH" spec --rootless --bundle "$T"
	bundle b .
	jq ".process.terminal = false | .process.args = [\"cat\", \"/proc/self/uid_map\"] | .root.path = \"$BUNDLE/rootfs\"
		| .linux.uidMappings = [{containerID: 0, hostID: 5, size: 1}, $rest]
		| .linux.gidMappings = [{containerID: 0, hostID: $gid, size: 1}, $rest]" "$T/config.json" >"$BUNDLE/config.json"
	mkdir "$T/own" && chown 5:5 "$T/own" && cp "$BERTH" "$T/berth"
	chmod 755 "$T" "$T/berth" && chmod 700 "$T/own"
	run_ok setpriv --reuid 5 --regid "$gid" --clear-groups "$T/berth" --root "$T/own" run -b "$BUNDLE" "$ID"
	matches "$out" '1 +200000 +65535'
	echo 'games:300000:65536' >"$T/ranges"
	run_fail 1 'newuidmap refused' setpriv --reuid 5 --regid "$gid" --clear-groups "$T/berth" --root "$T/own" run -b "$BUNDLE" "$ID"
	is "$(ls -A "$T/own")" ""
}
