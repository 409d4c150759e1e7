#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Published holes of container runtimes, replayed: hostile root file systems, odd configs, leaked
# descriptors. The victim is a host directory whose every inode must stay as it was.

load helpers

victim() {
	mkdir -p "$T/victim/pts" "$T/victim/sub"
	echo precious >"$T/victim/file"
	chmod 600 "$T/victim/file"
	: >"$T/victim/ptmx"
	echo precious >"$T/victim/console"
	picture >"$T/victim.before"
}

picture() {
	(cd "$T/victim" && find . -printf '%P %y %m %U %G %s %T@ %l\n' | sort && cat file console)
}

unharmed() {
	picture | diff "$T/victim.before" - || fail "the victim was changed"
	mounts_of_test | diff "$T/mounts.before" - || fail "there is a new mount"
}

# Whatever it answers within 5 s: it must not touch the victim, and not take long.
attack() {
	LIMIT=5 capture berth run -b "$BUNDLE" "$ID"
	isnt "$status" 124 "status (a time-out)"
	berth delete --force "$ID" >/dev/null 2>&1 || true
	unharmed
}

no_dev='no_mount("/dev") | no_mount("/dev/pts") | no_mount("/dev/shm") | no_mount("/dev/mqueue")'

# ---- links in the root file system ----

@test "CVE-2026-41579, CVE-2026-47766: /dev is a symlink to a host directory" {
	victim
	for target in "$T/victim" "../../../../../../../../..$T/victim"; do
		bundle b "$no_dev | rw | args(\"true\")"
		rm -rf "$BUNDLE/rootfs/dev"
		ln -s "$target" "$BUNDLE/rootfs/dev"
		attack
		rm -rf "$BUNDLE"
	done
}

@test "/dev is a symlink and the config mounts on it" {
	victim
	bundle b 'rw | args("true")'
	rm -rf "$BUNDLE/rootfs/dev"
	ln -s "$T/victim" "$BUNDLE/rootfs/dev"
	attack
}

@test "CVE-2026-88264: /dev/console is a symlink to a host file" {
	requires_python
	victim
	bundle b "$no_dev | rw | .process.terminal = true | args(\"true\")"
	ln -s "$T/victim/console" "$BUNDLE/rootfs/dev/console"
	capture "$PY" "$here/onpty.py" -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	unharmed
	ln -sf "$T/victim/new" "$BUNDLE/rootfs/dev/console"
	capture "$PY" "$here/onpty.py" -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	unharmed
}

@test "CVE-2026-88265: /dev/null is a symlink to a bound host file, stdio are pipes" {
	only_berth
	victim
	bundle b "$no_dev | rw | .process.user = {uid: 1234, gid: 1234} | bind(\"$T/victim/file\"; \"/hf\"; []) | args(\"echo\", \"hi\")"
	ln -s /hf "$BUNDLE/rootfs/dev/null"
	close_fds berth run -b "$BUNDLE" "$ID" </dev/null 2>&1 | cat >"$T/got" || true
	unharmed
}

@test "CVE-2025-31133: masked paths with a /dev/null that is a link, a file, another device, or absent" {
	only_berth
	before=$(cat /proc/sys/kernel/core_pattern)
	for kind in link file device absent; do
		bundle b "$no_dev | rw | .linux.maskedPaths = [\"/proc/kcore\", \"/proc/sysrq-trigger\", \"/etc/secret\"] | .linux.readonlyPaths = [] | sh(\"cat /etc/secret; stat -c %F:%t:%T /proc/kcore; echo evil >/proc/sysrq-trigger; echo evil >/proc/kcore\")"
		echo top-secret >"$BUNDLE/rootfs/etc/secret"
		rm -f "$BUNDLE/rootfs/dev/null"
		case $kind in
		link) ln -s /proc/sys/kernel/core_pattern "$BUNDLE/rootfs/dev/null" ;;
		file) echo file-content >"$BUNDLE/rootfs/dev/null" ;;
		device) mknod "$BUNDLE/rootfs/dev/null" c 1 5 ;;
		esac
		LIMIT=5 capture berth run -b "$BUNDLE" "$ID"
		hasnt "$out" top-secret
		[ "$status" = 1 ] || [[ $out == *"character special file:1:3"* ]] || fail "$kind: $out $err"
		is "$(cat /proc/sys/kernel/core_pattern)" "$before" "core_pattern after $kind"
		rm -rf "$BUNDLE"
	done
}

@test "CVE-2019-19921, CVE-2023-27561, CVE-2025-54867: /proc and /sys are symlinks" {
	victim
	for d in proc sys; do
		for target in "$T/victim" tmp /tmp; do
			bundle b 'rw | args("true")'
			rmdir "$BUNDLE/rootfs/$d"
			ln -s "$target" "$BUNDLE/rootfs/$d"
			attack
			isnt "$status" 0 "status of $d -> $target"
			rm -rf "$BUNDLE"
		done
	done
}

@test "CVE-2019-16884: nothing but a procfs on /proc" {
	mkdir -p "$T/fake/self/attr"
	create_c_fail 1 /proc 'idle | no_mount("/proc") | mnt("/proc"; "tmpfs"; "tmpfs"; [])'
	create_c_fail 1 /proc "idle | no_mount(\"/proc\") | bind(\"$T/fake\"; \"/proc\"; [])"
	create_c_fail 1 /proc 'idle | mnt("/proc"; "tmpfs"; "tmpfs"; [])'
	create_c_fail 1 /proc "idle | bind(\"$T/fake\"; \"/proc/self\"; [])"
}

@test "CVE-2023-28642: other spellings of /proc" {
	mkdir "$T/fake"
	for d in //proc /./proc /proc/. /proc/../proc /dev/../proc proc /proc/self/../; do
		create_c_fail 1 '' "idle | bind(\"$T/fake\"; \"$d\"; [])"
	done
	bundle b "idle | bind(\"$T/fake\"; \"/link\"; [])"
	ln -s /proc "$BUNDLE/rootfs/link"
	run_fail 1 '' berth create -b "$BUNDLE" "$ID"
}

@test "CVE-2019-18837: a link as the parent of a mount point" {
	victim
	mkdir "$T/src"
	bundle b "rw | bind(\"$T/src\"; \"/mnt/sub\"; []) | bind(\"$T/src\"; \"/mnt/new/deep\"; []) | args(\"true\")"
	rmdir "$BUNDLE/rootfs/mnt"
	ln -s "$T/victim" "$BUNDLE/rootfs/mnt"
	attack
}

@test "a link that an earlier mount brings along" {
	victim
	mkdir "$T/vol" "$T/src"
	ln -s "$T/victim" "$T/vol/out"
	ln -s ../../../../../../../../../../../..$T/victim "$T/vol/dots"
	for dest in /mnt/out/x /mnt/dots/x /mnt/out /mnt/dots; do
		bundle b "rw | bind(\"$T/vol\"; \"/mnt\"; []) | bind(\"$T/src\"; \"$dest\"; []) | args(\"true\")"
		attack
	done
}

@test "CVE-2021-30465, CVE-2024-45310: a volume whose directory becomes a link during the start" {
	requires_python
	victim
	mkdir "$T/vol" "$T/vol/dst" "$T/src"
	ln -s "$T/victim" "$T/vol/link"
	"$PY" - "$T/vol/dst" "$T/vol/link" 3>&- 4>&- <<-'P' &
		import ctypes, sys
		libc = ctypes.CDLL(None)
		a, b = (s.encode() for s in sys.argv[1:3])
		while libc.renameat2(-100, a, -100, b, 2) == 0:
		    pass
	P
	actor=$!
	at_end "kill -KILL $actor"
	for i in {1..20}; do
		bundle b "rw | bind(\"$T/vol\"; \"/mnt\"; []) | bind(\"$T/src\"; \"/mnt/dst/made$i\"; []) | bind(\"$T/victim/../src\"; \"/mnt/link/sub\"; []) | args(\"true\")"
		LIMIT=5 capture berth run -b "$BUNDLE" "$ID"
		isnt "$status" 124 "status (a time-out)"
		berth delete --force "$ID" >/dev/null 2>&1 || true
	done
	kill -KILL $actor
	unharmed
}

@test "root.path is a symlink" {
	victim
	bundle b 'args("true")'
	mv "$BUNDLE/rootfs" "$BUNDLE/real"
	ln -s "$T/victim" "$BUNDLE/rootfs"
	attack
	isnt "$status" 0
	ln -sfn real "$BUNDLE/rootfs"
	LIMIT=5 capture berth run -b "$BUNDLE" "$ID"
	only_berth
	is "$status" 1
	has "$err" rootfs
}

@test "the working directory is a link out, or lies behind one" {
	victim
	bundle b 'rw | .process.cwd = "/out/new/dir" | args("pwd")'
	ln -s "$T/victim" "$BUNDLE/rootfs/out"
	attack
	bundle b 'rw | .process.cwd = "/out" | args("pwd")'
	attack
}

@test "a device behind a link" {
	victim
	bundle b 'rw | .linux.devices = [{path: "/out/null", type: "c", major: 1, minor: 3}] | args("true")'
	ln -s "$T/victim" "$BUNDLE/rootfs/out"
	attack
}

@test "masked and read-only paths behind a link" {
	victim
	bundle b 'rw | .linux.maskedPaths = ["/out/file", "/out/sub"] | .linux.readonlyPaths = ["/out"] | args("true")'
	ln -s "$T/victim" "$BUNDLE/rootfs/out"
	attack
	is "$(<"$T/victim/file")" precious
}

@test "tmpcopyup of a link" {
	victim
	bundle b 'rw | mnt("/out"; "tmpfs"; "tmpfs"; ["tmpcopyup"]) | sh("cat /out/file")'
	ln -s "$T/victim" "$BUNDLE/rootfs/out"
	attack
	hasnt "$out" precious
}

@test "links in a directory that is copied up stay links" {
	victim
	bundle b 'rw | mnt("/var/d"; "tmpfs"; "tmpfs"; ["tmpcopyup"]) | sh("readlink /var/d/l; cat /var/d/l")'
	mkdir "$BUNDLE/rootfs/var/d"
	ln -s "$T/victim/file" "$BUNDLE/rootfs/var/d/l"
	attack
	hasnt "$out" precious
}

@test "CVE-2026-115521: a read-only root with a /proc of the image's making stays read-only" {
	bundle b 'no_mount("/proc") | del(.linux.maskedPaths, .linux.readonlyPaths) | sh("echo x >/f; ls /f")'
	mkdir -p "$BUNDLE/rootfs/proc/self/fd"
	ln -s /tmp "$BUNDLE/rootfs/proc/self/fd/3"
	capture berth run -b "$BUNDLE" "$ID"
	[ ! -e "$BUNDLE/rootfs/f" ] || fail "the root was written"
}

# ---- identities ----

@test "CVE-2016-3697: a numeric user is a number, whatever passwd says" {
	bundle b 'idle'
	echo '1000:x:0:0::/:/bin/sh' >"$BUNDLE/rootfs/etc/passwd"
	echo '50:x:0:' >"$BUNDLE/rootfs/etc/group"
	create_bundle
	run_ok berth start "$ID"
	run_ok berth exec -u 1000:50 "$ID" sh -c 'id -u; id -g'
	is "$out" $'1000\n50'
}

@test "the users of a table: each is what it says or an error" {
	only_berth
	running_c
	for pair in 1=1:0 1:2=1:2 01= +1= -1= 2147483648=2147483648:0 4294967294=4294967294:0 4294967295= 4294967296= \
		18446744073709551617= ' 1=' 1x= 0=0:0 root=0:0 user=1000:1000 user:staff=1000:50 1000:staff=1000:50 :2= 1:= nobody-here=; do
		user=${pair%%=*}
		capture berth exec -u "$user" "$ID" sh -c 'echo $(id -u):$(id -g)'
		if [ -n "${pair#*=}" ]; then
			is "$out" "${pair#*=}" "--user '$user'"
		elif [ "$user" = 01 ]; then
			[ "$status" = 255 ] || is "$out" 1:0 "--user '$user'"
		else
			is "$status" 255 "status of --user '$user'"
			is "$out" "" "output of --user '$user'"
		fi
	done
}

@test "a passwd file that is a FIFO does not hang run" {
	for f in passwd group; do
		bundle b 'args("true")'
		rm -f "$BUNDLE/rootfs/etc/$f"
		mkfifo "$BUNDLE/rootfs/etc/$f"
		only_berth
		LIMIT=3 capture berth run -b "$BUNDLE" "$ID"
		isnt "$status" 124 "status (a time-out)"
		rm -rf "$BUNDLE"
	done
}

@test "a passwd file that is a link to a host file is not read" {
	victim
	bundle b 'sh("echo $HOME")'
	echo 'root:x:0:0::/host-home:/bin/sh' >"$T/victim/passwd"
	picture >"$T/victim.before"
	ln -sf "$T/victim/passwd" "$BUNDLE/rootfs/etc/passwd"
	attack
	hasnt "$out" host-home
}

@test "lines of a passwd file that are a megabyte long" {
	only_berth
	bundle b 'sh("echo $HOME")'
	head -c 1048576 /dev/zero | tr '\0' x >"$BUNDLE/rootfs/etc/passwd"
	printf '\nroot:x:0:0::/root:/bin/sh\n' >>"$BUNDLE/rootfs/etc/passwd"
	LIMIT=3 capture berth run -b "$BUNDLE" "$ID"
	isnt "$status" 124 "status (a time-out)"
}

# ---- descriptors ----

@test "CVE-2024-21626: the working directory is one of the runtime's descriptors" {
	exec 77</
	for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 20 77; do
		for d in /proc/self/fd/$n /proc/thread-self/fd/$n /dev/fd/$n; do
			bundle b ".process.cwd = \"$d\" | sh(\"pwd; ls -d $T\")"
			capture berth run -b "$BUNDLE" "$ID"
			hasnt "$out" "$T" || { exec 77<&-; return 1; }
		done
	done
	exec 77<&-
}

@test "CVE-2024-21626: so is that of an exec" {
	running_c
	exec 77</
	for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 20 77; do
		capture berth exec --cwd /proc/self/fd/$n "$ID" sh -c "pwd; ls -d $T"
		hasnt "$out" "$T" || { exec 77<&-; return 1; }
	done
	exec 77<&-
}

@test "CVE-2024-21626: a link in the image leads to it" {
	running_c
	rm -rf "$BUNDLE/rootfs/home/user"
	for n in 3 5 7 9; do
		ln -sfn /proc/self/fd/$n "$BUNDLE/rootfs/home/user"
		capture berth exec --cwd /home/user "$ID" sh -c "pwd; ls -d $T"
		hasnt "$out" "$T"
	done
}

@test "no process of an exec ever has a directory of the host open" {
	: >"$T/marker"
	running_c 'idle | rw | all_caps(["CAP_SYS_PTRACE"]) | bind("/"; "/mnt"; ["ro"])'
	# a hostile root in the container that looks at every process it can see
	cat >"$BUNDLE/rootfs/tmp/watcher" <<-E
		#!/bin/sh
		while [ ! -e /tmp/stop ]; do
			for p in /proc/[0-9]*; do
				case \$p in /proc/1 | /proc/\$\$) continue ;; esac
				for x in \$p/cwd \$p/root \$p/fd/*; do
					[ ! -e "\$x$T/marker" ] || echo "\$x" >>/tmp/seen
				done
			done
		done
	E
	chmod 755 "$BUNDLE/rootfs/tmp/watcher"
	run_ok berth exec -d "$ID" /tmp/watcher
	# it does see such a directory when there is one
	run_ok berth exec -d --cwd /mnt --pid-file "$T/p" "$ID" sleep 1000
	wait_until 5 test -s "$BUNDLE/rootfs/tmp/seen" || fail "the watcher is blind"
	kill -KILL "$(<"$T/p")"
	wait_until 5 over "$(<"$T/p")"
	: >"$BUNDLE/rootfs/tmp/seen"
	run_ok berth exec "$ID" true
	: >"$BUNDLE/rootfs/tmp/seen" # what it saw of the process that was killed
	for _ in {1..30}; do berth exec "$ID" true; done
	is "$(<"$BUNDLE/rootfs/tmp/seen")" "" "what the watcher saw"
	berth exec "$ID" touch /tmp/stop
}

@test "the environment of the host is not in the container, not even for a moment" {
	export BERTH_SECRET=s3cret-$ID
	running_c
	pid=$(pid_of)
	! tr '\0' '\n' <"/proc/$pid/environ" | grep -q s3cret || fail "init has it"
	run_ok berth exec -d --pid-file "$T/p" "$ID" sleep 1000
	! tr '\0' '\n' <"/proc/$(<"$T/p")/environ" | grep -q s3cret || fail "the exec has it"
}

@test "a created init shows nothing of the caller's environment or command line" {
	only_berth
	export BERTH_SECRET=s3cret-$ID
	create_c idle
	! tr '\0' '\n' <"/proc/$(pid_of)/environ" | grep -q s3cret || fail "init has the environment"
}

# ---- the binary ----

@test "CVE-2019-5736: the runtime's binary cannot be opened for writing from inside" {
	cp "$BERTH" "$T/runtime"
	BERTH=$T/runtime
	before=$(sha256sum <"$T/runtime")
	bundle b 'rw | idle'
	cat >"$BUNDLE/rootfs/tmp/poll" <<-'E'
		#!/bin/sh
		# looks at the exe of every process that enters, and tries to write it
		while [ ! -e /tmp/stop ]; do
			for p in /proc/[0-9]*; do
				case $p in /proc/1 | /proc/$$) continue ;; esac
				probe write $p/exe 2>/dev/null | grep ok && readlink $p/exe
			done
		done 2>/dev/null
	E
	chmod 755 "$BUNDLE/rootfs/tmp/poll"
	printf '#!/proc/self/exe\n' >"$BUNDLE/rootfs/tmp/evil"
	chmod 755 "$BUNDLE/rootfs/tmp/evil"
	create_bundle
	run_ok berth start "$ID"
	berth exec -d "$ID" sh -c '/tmp/poll >/tmp/seen'
	for _ in {1..15}; do LIMIT=5 berth exec "$ID" /tmp/evil >/dev/null 2>&1 || true; done
	berth exec "$ID" touch /tmp/stop
	is "$(sha256sum <"$T/runtime")" "$before" "the binary"
	! grep -q "$T/runtime" "$BUNDLE/rootfs/tmp/seen" || fail "it was open for writing"
}

@test "CVE-2019-5736: a container whose program is #!/proc/self/exe" {
	cp "$BERTH" "$T/runtime"
	BERTH=$T/runtime
	before=$(sha256sum <"$T/runtime")
	bundle b 'rw | args("/tmp/evil", "--version")'
	printf '#!/proc/self/exe\n' >"$BUNDLE/rootfs/tmp/evil"
	chmod 755 "$BUNDLE/rootfs/tmp/evil"
	LIMIT=5 capture berth run -b "$BUNDLE" "$ID"
	isnt "$status" 124
	is "$(sha256sum <"$T/runtime")" "$before" "the binary"
}

# write_later PID: keep the exe of a process open, end it, and write then: while it runs, every
# binary is busy. This is what the published attack does.
write_later() {
	local exe
	exec {exe}<"/proc/$1/exe"
	eval "$2"
	wait_until 5 over "$1" || fail "$1 does not end" || return
	(echo evil >>"/proc/self/fd/$exe") 2>"$T/write.err" && echo written || true
	exec {exe}<&-
}

@test "CVE-2019-5736: a descriptor of init's exe is no way to write the runtime's binary" {
	cp "$BERTH" "$T/runtime"
	before=$(sha256sum <"$T/runtime")
	BERTH=$T/runtime
	create_c idle
	is "$(write_later "$(pid_of)" 'berth delete --force "$ID" >/dev/null')" "" "the way to write"
	is "$(sha256sum <"$T/runtime")" "$before" "the binary"
	# the same does write a binary that nobody protects
	cp /bin/sleep "$T/plain"
	"$T/plain" 1000 3>&- 4>&- &
	plain=$!
	is "$(write_later $plain "kill -KILL $plain")" written "an unprotected binary"
}

# ---- capabilities, devices, limits ----

@test "CVE-2022-29162, CVE-2022-24769: inheritable capabilities are empty" {
	run_c_ok 'args("grep", "CapInh", "/proc/self/status")'
	is "$out" $'CapInh:\t0000000000000000'
	running_c
	run_ok berth exec --cap CAP_NET_ADMIN "$ID" grep CapInh /proc/self/status
	is "$out" $'CapInh:\t0000000000000000'
}

@test "CVE-2016-8867: a user has no ambient and no effective capabilities" {
	run_c_ok '.process.user = {uid: 1000, gid: 1000} | args("grep", "-E", "Cap(Amb|Eff|Prm)", "/proc/self/status")'
	is "$(cut -f2 <<<"$out" | sort -u)" 0000000000000000
}

@test "GHSA-g54h: without a device list no device of the host can be opened" {
	running_c 'idle | del(.linux.resources) | all_caps(["CAP_MKNOD", "CAP_DAC_OVERRIDE", "CAP_SYS_ADMIN", "CAP_SYS_RAWIO"]) | .mounts |= map(if .destination == "/dev/shm" then .options = ["mode=1777"] else . end)'
	read -r major minor < <(stat -c '%Hr %Lr' "$(find /dev -maxdepth 1 -type b | head -n 1)" 2>/dev/null || echo 254 0)
	run_ok berth exec "$ID" sh -c "mknod /dev/shm/disk b $major $minor; head -c 1 /dev/shm/disk 2>&1; mknod /dev/shm/mem c 1 1; head -c 1 /dev/shm/mem 2>&1" || true
	is "$(grep -c 'Operation not permitted' <<<"$out")" 2
}

@test "GHSA-5g49: page sizes and unified keys do not climb out of the cgroup" {
	for r in '{hugepageLimits: [{pageSize: "../../x", limit: 1}]}' '{hugepageLimits: [{pageSize: "2MB/../x", limit: 1}]}' \
		'{unified: {"../x": "1"}}' '{unified: {"a/b": "1"}}' '{unified: {"cgroup.procs": "1"}}' '{unified: {"..": "1"}}'; do
		create_c_fail 1 '' "idle | .linux.resources += $r"
		isnt "$err" "" "error of $r"
	done
}

@test "CVE-2022-0811: sysctl values and keys do not smuggle" {
	for kv in '"kernel.shm_rmid_forced": "1+kernel.core_pattern=|/evil"' '"kernel/../vm/swappiness": "1"' '"net.ipv4.ip_forward\n": "1"' '"": "1"' '"net": "1"' '"net.": "1"'; do
		create_c_fail 1 '' "idle | .linux.sysctl = {$kv}"
		isnt "$err" ""
	done
}

@test "CVE-2021-43784: very long values do not bleed into others" {
	long=$(head -c 70000 /dev/zero | tr '\0' x)
	bundle b 'sh("echo ${#LONG} $# ${#1}; id -u")'
	echo "$long" >"$T/long"
	jq --rawfile l "$T/long" '.process.env += ["LONG=" + $l] | .process.args += ["sh", $l] | .annotations = {l: $l} | .process.user.uid = 1000' "$BUNDLE/config.json" >"$T/c"
	mv "$T/c" "$BUNDLE/config.json"
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" $'70001 1 70001\n1000'
	requires_userns
	bundle c 'userns | .linux.uidMappings = [range(200) | {containerID: (. * 10), hostID: (100000 + . * 20), size: 10}] | args("id", "-u")'
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" 0
}

# ---- terminals ----

@test "CVE-2016-10124: TIOCSTI does not reach the caller's terminal" {
	requires_python
	bundle b 'sh("for c in e v i l; do probe syscall ioctl 0 0x5412 @$c; probe syscall ioctl 0 0x100005412 @$c; done; echo up")'
	capture "$PY" "$here/onpty.py" -- bash -c "${BERTH@Q} --root ${STATE@Q} run -b ${BUNDLE@Q} $ID; read -rt 0.3 line; echo \"<\$line>\""
	has "$out" up
	hasnt "$out" ret=0
	has "$out" '<>'
}

@test "the program of a container without a terminal has no controlling terminal" {
	requires_python
	bundle b 'sh("cut -d\" \" -f7 /proc/self/stat; cat </dev/tty")'
	capture "$PY" "$here/onpty.py" -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	is "$(head -n 1 <<<"$out")" 0
}

@test "CVE-2025-52565: /dev/pts of the image's making and a terminal" {
	requires_python
	victim
	mkdir "$T/pts"
	for i in 0 1 2 3; do ln -s "$T/victim/file" "$T/pts/$i"; done
	ln -s "$T/victim/ptmx" "$T/pts/ptmx"
	bundle b "no_mount(\"/dev/pts\") | bind(\"$T/pts\"; \"/dev/pts\"; []) | .process.terminal = true | sh(\"cat /dev/console </dev/null\")"
	capture "$PY" "$here/onpty.py" -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID"
	unharmed
	hasnt "$out" precious
}

# ---- races ----

@test "exec against the end of the container gives an answer each time" {
	for _ in {1..10}; do
		bundle b 'sh("usleep 20000")'
		run_ok berth run -d -b "$BUNDLE" "$ID"
		for _ in 1 2 3; do
			LIMIT=5 capture berth exec "$ID" true
			case $status in 0 | 137 | 255) ;; *) show exec && return 1 ;; esac
		done
		run_ok berth delete --force "$ID"
	done
}

@test "exec against delete --force leaves nothing" {
	for _ in {1..5}; do
		running_c
		for i in 1 2 3; do
			close_fds berth exec "$ID" sleep 1000 </dev/null >"$T/e$i" 2>&1 &
			pids[i]=$!
		done
		run_ok berth delete --force "$ID"
		for i in 1 2 3; do
			wait_until 5 over "${pids[i]}" || fail "exec hangs"
			wait "${pids[i]}" || true
		done
		nothing_left || leak_check
	done
}

@test "two creates of one id: exactly one wins" {
	bundle b idle
	for _ in {1..8}; do
		for i in 1 2 3 4; do
			(close_fds berth create -b "$BUNDLE" "$ID" </dev/null >/dev/null 2>"$T/e$i" && echo "$i" >>"$T/winner") &
			pids[i]=$!
		done
		wait "${pids[@]}" || true
		is "$(wc -l <"$T/winner")" 1 winners
		rm "$T/winner"
		is "$(status_of)" created
		run_ok berth delete --force "$ID"
	done
}

@test "two starts of one container: exactly one wins" {
	for _ in {1..5}; do
		create_c idle
		for i in 1 2 3; do
			(close_fds berth start "$ID" </dev/null >/dev/null 2>"$T/e$i" && echo "$i" >>"$T/winner") &
			pids[i]=$!
		done
		wait "${pids[@]}" || true
		is "$(wc -l <"$T/winner")" 1 winners
		rm "$T/winner"
		run_ok berth delete --force "$ID"
	done
}

@test "four deletes of one container: each succeeds or does not find it" {
	for _ in {1..5}; do
		running_c
		for i in 1 2 3 4; do
			close_fds berth delete --force "$ID" </dev/null >/dev/null 2>"$T/e$i" &
			pids[i]=$!
		done
		for i in 1 2 3 4; do
			rc=0
			wait "${pids[i]}" || rc=$?
			[ $rc = 0 ] || grep -q 'does not exist' "$T/e$i" || fail "status $rc: $(<"$T/e$i")"
		done
		nothing_left || leak_check
	done
}

@test "list and state against create and delete never fail on a container that goes" {
	bundle b idle
	(while [ ! -e "$T/stop" ]; do
		berth create -b "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
		berth delete --force "$ID" </dev/null >/dev/null 2>&1
	done) 3>&- 4>&- &
	storm=$!
	at_end "touch $T/stop"
	for _ in {1..40}; do
		run_ok berth list -f json
		jq . <<<"$out" >/dev/null || fail "$out"
		capture berth state "$ID"
		[ "$status" = 0 ] || has "$err" 'does not exist'
	done
	touch "$T/stop"
	ends $storm 0
}

@test "kill of a container whose pid was taken by another does not hit it" {
	life_c 'args("true")'
	run_fail 1 'container not running' berth kill "$ID" KILL
}

# ---- things that must not be there ----

@test "the container's mountinfo, cgroup and environment tell no host path but the root's" {
	run_c_ok 'sh("cat /proc/1/mountinfo | cut -d\" \" -f5; cat /proc/1/environ; ls /proc/1/root/..")'
	hasnt "$out" "$T" "$STATE"
}

@test "no abstract socket is made" {
	before=$(grep -c '@' /proc/net/unix || true)
	running_c
	! grep '@' /proc/net/unix | grep -qE "berth|$ID" || fail "$(grep '@' /proc/net/unix)"
}

@test "host masks are in place without a mount namespace being asked for twice" {
	before=$(sha256sum </proc/self/mountinfo)
	run_c 'no_ns("mount") | args("true")'
	isnt "$status" 0
	is "$(sha256sum </proc/self/mountinfo)" "$before" "the host's mount table"
}
