#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Mounts, devices, masks, the root: what the container sees, and what the host must not see.

load helpers

# mount_line DEST: the line of /proc/self/mountinfo in $out
mount_line() {
	awk -v d="$1" '$5 == d { l = $0 } END { print l }' <<<"$out"
}

flags_of() {
	mount_line "$1" | cut -d' ' -f6
}

# tmpfs with options; prints the per-mount flags and the superblock's
flags_with() {
	run_c_ok "mnt(\"/mnt\"; \"tmpfs\"; \"tmpfs\"; [$1]) | args(\"cat\", \"/proc/self/mountinfo\")"
	flags=$(flags_of /mnt)
	super=$(mount_line /mnt | sed 's/.* //')
}

has_word() {
	[[ ,$1, == *,$2,* ]] || fail "no '$2' in $1"
}

has_no_word() {
	[[ ,$1, != *,$2,* ]] || fail "'$2' is in $1"
}

# a source directory with a submount, below a mount of its own so that nothing propagates
tree() {
	mkdir -p "$T/tree"
	mount -t tmpfs tmpfs "$T/tree"
	at_end "umount -R -l $T/tree"
	mount --make-private "$T/tree"
	mkdir "$T/tree/sub"
	mount -t tmpfs sub "$T/tree/sub"
	echo top >"$T/tree/file"
	echo deep >"$T/tree/sub/file"
	chmod 777 "$T/tree" "$T/tree/sub"
}

# ---- option words ----

@test "ro and rw" {
	flags_with '"ro"'
	has_word "$flags" ro
	flags_with '"rw"'
	has_word "$flags" rw
}

@test "nosuid, nodev and noexec" {
	flags_with '"nosuid", "nodev", "noexec"'
	has_word "$flags" nosuid
	has_word "$flags" nodev
	has_word "$flags" noexec
	flags_with '"suid", "dev", "exec"'
	has_no_word "$flags" nosuid
	has_no_word "$flags" nodev
	has_no_word "$flags" noexec
}

@test "of words that contradict each other the last one wins" {
	flags_with '"ro", "rw", "nosuid", "suid", "exec", "noexec"'
	has_word "$flags" rw
	has_no_word "$flags" nosuid
	has_word "$flags" noexec
}

@test "the atime family" {
	flags_with '"noatime"'
	has_word "$flags" noatime
	flags_with '"nodiratime"'
	has_word "$flags" nodiratime
	flags_with '"relatime"'
	has_word "$flags" relatime
	flags_with '"strictatime"'
	has_no_word "$flags" relatime
	has_no_word "$flags" noatime
}

@test "the last word of the atime family wins" {
	only_berth
	flags_with '"noatime", "relatime"'
	has_word "$flags" relatime
	has_no_word "$flags" noatime
	flags_with '"noatime", "atime"'
	has_no_word "$flags" noatime
}

@test "nosymfollow" {
	only_berth
	requires_kernel 5.10
	flags_with '"nosymfollow"'
	has_word "$flags" nosymfollow
	flags_with '"nosymfollow", "symfollow"'
	has_no_word "$flags" nosymfollow
}

@test "the flags of the superblock" {
	only_berth
	flags_with '"sync", "dirsync", "lazytime"'
	for word in sync dirsync lazytime; do has_word "$super" $word; done
	flags_with '"sync", "async", "lazytime", "nolazytime"'
	for word in sync lazytime; do has_no_word "$super" $word; done
}

@test "words without an effect on tmpfs are taken" {
	only_berth
	flags_with '"defaults", "silent", "loud", "iversion", "noiversion", "mand", "nomand"'
}

@test "words of fstab that concern nobody here are dropped" {
	only_berth
	flags_with '"nofail", "_netdev", "auto", "user", "x-systemd.automount", "comment=hello"'
}

@test "unknown words go to the file system, which may refuse them" {
	create_c_fail 1 /mnt 'idle | mnt("/mnt"; "tmpfs"; "tmpfs"; ["bogus-word"])'
	matches "$err" 'invalid argument|bogus-word'
}

# ---- tmpfs ----

@test "tmpfs has its size, mode, owner and number of inodes" {
	run_c_ok 'mnt("/mnt"; "tmpfs"; "tmpfs"; ["size=64k", "mode=1750", "uid=7", "gid=8", "nr_inodes=10"]) | sh("stat -c \"%a %u %g\" /mnt; df -k /mnt | tail -n 1; stat -f -c %c /mnt")'
	is "$(sed -n 1p <<<"$out")" '1750 7 8'
	matches "$(sed -n 2p <<<"$out")" ' 64 '
	is "$(sed -n 3p <<<"$out")" 10
}

@test "tmpfs without a mode keeps the mode of the directory below" {
	bundle b 'mnt("/mnt/d"; "tmpfs"; "tmpfs"; []) | sh("stat -c %a /mnt/d")'
	mkdir "$BUNDLE/rootfs/mnt/d"
	chmod 1731 "$BUNDLE/rootfs/mnt/d"
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" 1731
}

@test "tmpcopyup fills a tmpfs with what was there" {
	bundle b 'mnt("/mnt/d"; "tmpfs"; "tmpfs"; ["tmpcopyup"]) | sh("cd /mnt/d; cat f; readlink l; stat -c \"%a %u\" f s; cat s/g; echo new >n; cat n")'
	mkdir -p "$BUNDLE/rootfs/mnt/d/s"
	echo content >"$BUNDLE/rootfs/mnt/d/f"
	chmod 640 "$BUNDLE/rootfs/mnt/d/f"
	chown 7 "$BUNDLE/rootfs/mnt/d/f"
	ln -s /etc/passwd "$BUNDLE/rootfs/mnt/d/l"
	echo deep >"$BUNDLE/rootfs/mnt/d/s/g"
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" $'content\n/etc/passwd\n640 7\n755 0\ndeep\nnew'
	[ ! -e "$BUNDLE/rootfs/mnt/d/n" ] || fail "the write reached the image"
}

# ---- binds ----

@test "a directory is bound" {
	mkdir "$T/src"
	echo hello >"$T/src/f"
	run_c_ok "bind(\"$T/src\"; \"/mnt\"; []) | sh(\"cat /mnt/f; echo back >/mnt/g\")"
	is "$out" hello
	is "$(<"$T/src/g")" back
}

@test "a directory is bound read-only" {
	mkdir "$T/src"
	run_c "bind(\"$T/src\"; \"/mnt\"; [\"ro\"]) | sh(\"echo x >/mnt/f\")"
	isnt "$status" 0
	has "$err" 'Read-only file system'
	[ ! -e "$T/src/f" ] || fail "it was written"
}

@test "a file is bound onto a file" {
	echo hello >"$T/f"
	run_c_ok "bind(\"$T/f\"; \"/etc/passwd\"; [\"ro\"]) | args(\"cat\", \"/etc/passwd\")"
	is "$out" hello
}

@test "the place of a file bind is made when it is missing" {
	echo hello >"$T/f"
	run_c_ok "rw | bind(\"$T/f\"; \"/a/b/c\"; []) | args(\"cat\", \"/a/b/c\")"
	is "$out" hello
	[ -f "$BUNDLE/rootfs/a/b/c" ] || fail "no file was made"
	is "$(stat -c %s "$BUNDLE/rootfs/a/b/c")" 0
}

@test "the place of a directory mount is made when it is missing, mode 0755" {
	run_c_ok 'rw | mnt("/x/y"; "tmpfs"; "tmpfs"; ["mode=700"]) | args("true")'
	is "$(stat -c %a "$BUNDLE/rootfs/x/y")" 755
}

@test "a directory onto a file is refused" {
	mkdir "$T/src"
	create_c_fail 1 'not a directory' "bind(\"$T/src\"; \"/etc/passwd\"; [])"
	has "$err" /etc/passwd
}

@test "a file onto a directory is refused" {
	: >"$T/f"
	create_c_fail 1 /mnt "bind(\"$T/f\"; \"/mnt\"; [])"
}

@test "a bind source that is missing is named, in the words that engines match" {
	create_c_fail 1 'no such file or directory' "bind(\"$T/gone\"; \"/mnt\"; [])"
	has "$err" "$T/gone"
	is "$(ls -A "$STATE")" ""
}

@test "a relative bind source is below the bundle" {
	bundle b 'bind("src"; "/mnt"; []) | args("cat", "/mnt/f")'
	mkdir "$BUNDLE/src"
	echo hello >"$BUNDLE/src/f"
	cd /
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" hello
}

@test "bind is not recursive, rbind is" {
	tree
	run_c_ok "bind(\"$T/tree\"; \"/mnt\"; []) | sh(\"cat /mnt/file; ls /mnt/sub\")"
	is "$out" top
	run_c_ok "mnt(\"/mnt\"; \"bind\"; \"$T/tree\"; [\"rbind\"]) | sh(\"cat /mnt/file /mnt/sub/file\")"
	is "$out" $'top\ndeep'
}

@test "ro concerns the top of an rbind, rro the whole tree" {
	tree
	run_c "mnt(\"/mnt\"; \"bind\"; \"$T/tree\"; [\"rbind\", \"ro\"]) | sh(\"echo x >/mnt/x; echo y >/mnt/sub/y\")"
	has "$err" '/mnt/x: Read-only'
	is "$(<"$T/tree/sub/y")" y
	rm "$T/tree/sub/y"
	run_c "mnt(\"/mnt\"; \"bind\"; \"$T/tree\"; [\"rbind\", \"rro\"]) | sh(\"echo x >/mnt/x; echo y >/mnt/sub/y\")"
	has "$err" '/mnt/x: Read-only' '/mnt/sub/y: Read-only'
	[ ! -e "$T/tree/sub/y" ] || fail "it was written"
}

@test "the recursive words change the whole tree" {
	only_berth
	tree
	run_c_ok "mnt(\"/mnt\"; \"bind\"; \"$T/tree\"; [\"rbind\", \"rnosuid\", \"rnodev\", \"rnoexec\", \"rnoatime\", \"rnosymfollow\", \"rnodiratime\"]) | args(\"cat\", \"/proc/self/mountinfo\")"
	for d in /mnt /mnt/sub; do
		for word in nosuid nodev noexec noatime nosymfollow nodiratime; do has_word "$(flags_of $d)" $word; done
	done
	mount -o remount,bind,nosuid,nodev,ro "$T/tree/sub"
	run_c_ok "mnt(\"/mnt\"; \"bind\"; \"$T/tree\"; [\"rbind\", \"rsuid\", \"rdev\", \"rrw\", \"rrelatime\"]) | args(\"cat\", \"/proc/self/mountinfo\")"
	for word in nosuid nodev ro; do has_no_word "$(flags_of /mnt/sub)" $word; done
	has_word "$(flags_of /mnt/sub)" relatime
}

@test "a recursive word does not change the source on the host" {
	tree
	before=$(grep -F "$T/tree" /proc/self/mountinfo)
	run_c_ok "mnt(\"/mnt\"; \"bind\"; \"$T/tree\"; [\"rbind\", \"rro\"]) | args(\"true\")"
	is "$(grep -F "$T/tree" /proc/self/mountinfo)" "$before"
}

@test "a bind keeps the flags of its source unless they are cleared" {
	tree
	mount -o remount,bind,nosuid,nodev "$T/tree"
	run_c_ok "bind(\"$T/tree\"; \"/mnt\"; [\"ro\"]) | args(\"cat\", \"/proc/self/mountinfo\")"
	for word in ro nosuid nodev; do has_word "$(flags_of /mnt)" $word; done
}

@test "a file system type bind without the bind option is an error or a bind, never a type" {
	mkdir "$T/src"
	echo hello >"$T/src/f"
	run_c "mnt(\"/mnt\"; \"bind\"; \"$T/src\"; [\"ro\"]) | args(\"cat\", \"/mnt/f\")"
	if [ "$status" = 0 ]; then is "$out" hello; else isnt "$err" ""; fi
}

@test "options of a file system on a bind are refused" {
	mkdir "$T/src"
	create_c_fail 1 /mnt "bind(\"$T/src\"; \"/mnt\"; [\"size=10k\"])" || create_c_fail 1 'filesystem-specific' "bind(\"$T/src\"; \"/mnt\"; [\"size=10k\"])"
}

@test "copy-symlink makes the same link" {
	only_berth
	ln -s /some/where "$T/link"
	run_c_ok "rw | bind(\"$T/link\"; \"/mnt/l\"; [\"copy-symlink\"]) | args(\"readlink\", \"/mnt/l\")"
	is "$out" /some/where
}

@test "mounts come in the listed order: the later one hides the earlier one" {
	mkdir "$T/a" "$T/b"
	echo a >"$T/a/f"
	echo b >"$T/b/f"
	run_c_ok "bind(\"$T/a\"; \"/mnt\"; []) | bind(\"$T/b\"; \"/mnt\"; []) | args(\"cat\", \"/mnt/f\")"
	is "$out" b
}

@test "a mount inside an earlier mount" {
	echo hello >"$T/f"
	run_c_ok "mnt(\"/mnt\"; \"tmpfs\"; \"tmpfs\"; []) | bind(\"$T/f\"; \"/mnt/a/f\"; []) | args(\"cat\", \"/mnt/a/f\")"
	is "$out" hello
}

# ---- destinations ----

@test "a relative destination is below the root" {
	mkdir "$T/src"
	echo hello >"$T/src/f"
	run_c_ok "bind(\"$T/src\"; \"mnt\"; []) | args(\"cat\", \"/mnt/f\")"
	is "$out" hello
}

@test "an absolute symlink in a destination is followed inside the root" {
	mkdir "$T/victim" "$T/src"
	echo hello >"$T/src/f"
	bundle b "bind(\"$T/src\"; \"/link/d\"; []) | rw | sh(\"cat /link/d/f; readlink /link\")"
	ln -s "$T/victim" "$BUNDLE/rootfs/link"
	mkdir -p "$BUNDLE/rootfs$T/victim"
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" "hello"$'\n'"$T/victim"
	is "$(ls -A "$T/victim")" "" "the host's directory"
}

@test "symlinks with dots in a destination do not leave the root" {
	mkdir "$T/victim" "$T/src"
	echo hello >"$T/src/f"
	bundle b "bind(\"$T/src\"; \"/link/d\"; []) | rw | sh(\"cat /link/d/f\")"
	ln -s ../../../../../../../../../..$T/victim "$BUNDLE/rootfs/link"
	capture berth run -b "$BUNDLE" "$ID"
	[ "$status" != 0 ] || is "$out" hello
	is "$(ls -A "$T/victim")" "" "the host's directory"
}

@test "a destination with dots does not leave the root" {
	mkdir "$T/victim" "$T/src"
	run_c "bind(\"$T/src\"; \"/../../../../../../../..$T/victim/d\"; []) | rw | args(\"true\")"
	is "$(ls -A "$T/victim")" "" "the host's directory"
}

@test "a symlink that dangles inside is made good inside" {
	mkdir "$T/src"
	echo hello >"$T/src/f"
	bundle b "bind(\"$T/src\"; \"/run/x\"; []) | rw | sh(\"cat /run/x/f\")"
	rmdir "$BUNDLE/rootfs/run"
	ln -s /var/run-is-here "$BUNDLE/rootfs/run"
	capture berth run -b "$BUNDLE" "$ID"
	[ "$status" != 0 ] || is "$out" hello
	[ ! -e /var/run-is-here ] || { rm -rf /var/run-is-here; fail "made on the host"; }
}

@test "a destination of the root itself is refused or harmless" {
	mkdir "$T/src"
	run_c "bind(\"$T/src\"; \"/\"; []) | args(\"true\")"
	[ "$status" = 0 ] || isnt "$err" ""
}

# ---- id-mapped mounts ----

owned_tree() {
	requires_kernel 5.12
	mkdir "$T/src"
	echo hello >"$T/src/f"
	chown 1000:1001 "$T/src/f"
	chmod 755 "$T/src"
}

@test "an id-mapped mount with maps of its own shows other owners" {
	only_berth
	owned_tree
	run_c_ok "mnt(\"/mnt\"; \"bind\"; \"$T/src\"; [\"bind\", \"idmap\"]) | .mounts[-1] += {uidMappings: [{containerID: 1000, hostID: 5000, size: 10}], gidMappings: [{containerID: 1000, hostID: 6000, size: 10}]} | args(\"stat\", \"-c\", \"%u %g\", \"/mnt/f\")"
	is "$out" '5000 6001'
	is "$(stat -c '%u %g' "$T/src/f")" '1000 1001' "owner on the host"
}

@test "mappings without the idmap word are an id-mapped mount too" {
	only_berth
	owned_tree
	run_c_ok "mnt(\"/mnt\"; \"bind\"; \"$T/src\"; [\"bind\"]) | .mounts[-1] += {uidMappings: [{containerID: 1000, hostID: 5000, size: 10}], gidMappings: [{containerID: 1000, hostID: 6000, size: 10}]} | args(\"stat\", \"-c\", \"%u %g\", \"/mnt/f\")"
	is "$out" '5000 6001'
}

@test "an id-mapped mount with the container's maps shows the owners of the host" {
	only_berth
	requires_userns
	owned_tree
	run_c_ok "userns | mnt(\"/mnt\"; \"bind\"; \"$T/src\"; [\"bind\", \"idmap\"]) | sh(\"stat -c \\\"%u %g\\\" /mnt/f; cat /mnt/f\")"
	is "$out" $'1000 1001\nhello'
}

@test "without idmap a host file is nobody's in a user namespace" {
	requires_userns
	owned_tree
	run_c_ok "userns | bind(\"$T/src\"; \"/mnt\"; []) | args(\"stat\", \"-c\", \"%u %g\", \"/mnt/f\")"
	is "$out" '65534 65534'
}

@test "ridmap maps the whole tree, idmap the top" {
	only_berth
	requires_kernel 6.3
	tree
	chown 1000:1000 "$T/tree/file" "$T/tree/sub/file"
	maps='uidMappings: [{containerID: 1000, hostID: 5000, size: 10}], gidMappings: [{containerID: 1000, hostID: 5000, size: 10}]'
	run_c_ok "mnt(\"/mnt\"; \"bind\"; \"$T/tree\"; [\"rbind\", \"ridmap\"]) | .mounts[-1] += {$maps} | args(\"stat\", \"-c\", \"%u\", \"/mnt/file\", \"/mnt/sub/file\")"
	is "$out" $'5000\n5000'
	run_c_ok "mnt(\"/mnt\"; \"bind\"; \"$T/tree\"; [\"rbind\", \"idmap\"]) | .mounts[-1] += {$maps} | args(\"stat\", \"-c\", \"%u\", \"/mnt/file\", \"/mnt/sub/file\")"
	is "$out" $'5000\n1000'
}

@test "only one kind of mapping, or none and no user namespace, is refused" {
	only_berth
	mkdir "$T/src"
	create_c_fail 1 /mounts/6 "mnt(\"/mnt\"; \"bind\"; \"$T/src\"; [\"bind\", \"idmap\"]) | .mounts[-1] += {uidMappings: [{containerID: 0, hostID: 5000, size: 10}]}"
	create_c_fail 1 /mounts/6 "mnt(\"/mnt\"; \"bind\"; \"$T/src\"; [\"bind\", \"idmap\"])"
}

# ---- propagation ----

@test "propagation words" {
	tree
	for pair in private: shared:shared slave: unbindable:unbindable rshared:shared rprivate: runbindable:unbindable; do
		run_c_ok "bind(\"$T/tree\"; \"/mnt\"; [\"${pair%:*}\"]) | args(\"cat\", \"/proc/self/mountinfo\")"
		fields=$(mount_line /mnt | cut -d' ' -f7-8)
		if [ -n "${pair#*:}" ]; then
			has "$fields" "${pair#*:}"
		else
			hasnt "$fields" shared: unbindable
		fi
	done
}

@test "slave receives what the host mounts later, private does not" {
	mkdir "$T/src"
	mount -t tmpfs tmpfs "$T/src"
	at_end "umount -R -l $T/src"
	mount --make-shared "$T/src"
	mkdir "$T/src/later"
	for word in rslave rprivate; do
		running_c "idle | mnt(\"/mnt\"; \"bind\"; \"$T/src\"; [\"rbind\", \"$word\"])"
		mount -t tmpfs later "$T/src/later"
		echo seen >"$T/src/later/f"
		capture berth exec "$ID" cat /mnt/later/f
		umount "$T/src/later"
		if [ $word = rslave ]; then is "$out" seen; else is "$out" ""; fi
		run_ok berth delete --force "$ID"
	done
}

@test "what the container mounts does not reach the host" {
	mkdir "$T/src"
	mount -t tmpfs tmpfs "$T/src"
	at_end "umount -R -l $T/src"
	mount --make-shared "$T/src"
	mkdir "$T/src/d"
	running_c "idle | bind(\"$T/src\"; \"/mnt\"; []) | all_caps([\"CAP_SYS_ADMIN\"])"
	capture berth exec "$ID" mount -t tmpfs inner /mnt/d
	hasnt "$(</proc/self/mountinfo)" "$T/src/d"
}

@test "rootfsPropagation" {
	for pair in shared:shared rshared:shared slave: private: rprivate:; do
		run_c_ok ".linux.rootfsPropagation = \"${pair%:*}\" | args(\"cat\", \"/proc/self/mountinfo\")"
		fields=$(mount_line / | cut -d' ' -f7)
		if [ -n "${pair#*:}" ]; then has "$fields" "${pair#*:}"; else hasnt "$fields" shared:; fi
	done
}

@test "an unknown rootfsPropagation is refused" {
	create_c_fail 1 rootfsPropagation '.linux.rootfsPropagation = "sideways"'
}

# ---- the root ----

@test "a read-only root is read-only, and its mounts are not" {
	run_c 'sh("echo x >/tmp/f; echo y >/dev/shm/f && cat /dev/shm/f")'
	has "$err" 'Read-only file system'
	is "$out" y
}

@test "a root that is not read-only is written to" {
	run_c_ok 'rw | sh("echo x >/tmp/f")'
	is "$(<"$BUNDLE/rootfs/tmp/f")" x
}

@test "an absolute root path" {
	run_c_ok '.root.path = ($b + "/rootfs") | sh("echo hi")'
	is "$out" hi
}

@test "the host's own root as the root, read-only: a whole Debian system" {
	bundle b '.root.path = "/" | sh("cat /etc/os-release | head -n 1; touch /etc/berth-was-here")'
	capture berth run -b "$BUNDLE" "$ID"
	is "$out" "$(head -n 1 /etc/os-release)"
	has "$err" 'Read-only file system'
	[ ! -e /etc/berth-was-here ] || { rm /etc/berth-was-here; fail "the host was written"; }
	mounts_of_test | diff "$T/mounts.before" -
}

@test "a root path that is missing or no directory is refused by name" {
	create_c_fail 1 /gone '.root.path = "gone"'
	create_c_fail 1 config.json '.root.path = "config.json"'
}

@test "a root on another file system, mounted nosuid and read-only" {
	bundle b 'sh("echo hi")'
	mkdir "$T/mnt"
	mount --bind "$BUNDLE/rootfs" "$T/mnt"
	at_end "umount -l $T/mnt"
	mount -o remount,bind,ro,nosuid,nodev "$T/mnt"
	edit '.root.path = ($t + "/mnt")' <"$BUNDLE/config.json" >"$T/c"
	mv "$T/c" "$BUNDLE/config.json"
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$out" hi
}

@test "the host's files are not reachable from the root" {
	run_c_ok 'sh("ls / | tr \"\\n\" \" \"; ls /.. | tr \"\\n\" \" \"; cd /; cd ..; pwd; ls /proc/1/root | wc -l")'
	hasnt "$out" "$T" boot
	grep -q '^.*$' <<<"$out"
}

@test "the container's mount table has nothing of the host" {
	run_c_ok 'args("cat", "/proc/self/mountinfo")'
	bad=$(cut -d' ' -f5 <<<"$out" | grep -vE '^/$|^/(proc|sys|dev)(/|$)' || true)
	is "$bad" "" "foreign mount points"
}

# ---- masks ----

@test "masked files are empty, masked directories are empty and read-only" {
	bundle b '.linux.maskedPaths += ["/etc/secret", "/etc/dir", "/nope/nope"] | rw | sh("cat /etc/secret; ls /etc/dir; echo x >/etc/dir/f; wc -c </proc/kcore; ls /sys/firmware; stat -c %F /etc/secret")'
	echo secret >"$BUNDLE/rootfs/etc/secret"
	mkdir "$BUNDLE/rootfs/etc/dir"
	echo secret >"$BUNDLE/rootfs/etc/dir/s"
	capture berth run -b "$BUNDLE" "$ID"
	hasnt "$out" secret
	has "$out" 'character special file'
	has "$err" 'Read-only file system'
}

@test "a write to a masked file does not reach it" {
	bundle b 'rw | .linux.maskedPaths += ["/etc/secret"] | sh("echo x >/etc/secret; rm -f /etc/secret; true")'
	echo secret >"$BUNDLE/rootfs/etc/secret"
	capture berth run -b "$BUNDLE" "$ID"
	is "$(<"$BUNDLE/rootfs/etc/secret")" secret
}

@test "read-only paths are read-only, with all below" {
	bundle b 'rw | .linux.readonlyPaths += ["/var", "/nope/nope"] | mnt("/var/sub"; "tmpfs"; "tmpfs"; []) | sh("echo x >/var/f; echo x >/var/sub/f; echo x >/proc/sys/kernel/printk; echo ok >/tmp/f; cat /tmp/f")'
	capture berth run -b "$BUNDLE" "$ID"
	is "$(grep -c 'Read-only file system' <<<"$err")" 3
	is "$out" ok
}

@test "relative masked and read-only paths are refused" {
	only_berth
	create_c_fail 1 /linux/maskedPaths/0 '.linux.maskedPaths = ["proc/kcore"]'
	create_c_fail 1 /linux/readonlyPaths/0 '.linux.readonlyPaths = ["proc/sys"]'
}

@test "masks and sysctl together: the sysctl is set, the path is read-only" {
	run_c '.linux.sysctl = {"net.ipv4.ip_forward": "1"} | sh("cat /proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/ip_forward")'
	is "$out" 1
	has "$err" 'Read-only'
}

# ---- /dev ----

@test "the default devices are there with the right numbers and mode 0666" {
	run_c_ok 'sh("cd /dev; stat -c \"%n %t:%T %a %u:%g %F\" null zero full random urandom tty")'
	is "$out" 'null 1:3 666 0:0 character special file
zero 1:5 666 0:0 character special file
full 1:7 666 0:0 character special file
random 1:8 666 0:0 character special file
urandom 1:9 666 0:0 character special file
tty 5:0 666 0:0 character special file'
}

@test "the links of /dev" {
	run_c_ok 'sh("cd /dev; for l in fd stdin stdout stderr ptmx; do readlink $l; done")'
	is "$out" $'/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx'
}

@test "the default devices work" {
	run_c_ok 'sh("echo x >/dev/null; head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c; echo x >/dev/full; true")'
	is "$(tr -d ' ' <<<"$out")" $'4\n4'
	has "$err" 'No space left'
}

@test "a pipe as stdout can be opened again by the program's user" {
	bundle b '.process.user = {uid: 1000, gid: 1000} | sh("echo again >/dev/stdout; echo err >/dev/stderr")'
	close_fds berth run -b "$BUNDLE" "$ID" </dev/null 2>&1 | cat >"$T/got"
	is "$(<"$T/got")" $'again\nerr'
}

@test "a host file as stdout keeps its owner" {
	bundle b '.process.user = {uid: 1000, gid: 1000} | args("echo", "hi")'
	only_berth
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$(stat -c %u "$T/out" /dev/null | tr '\n' ' ')" '0 0 '
}

@test "listed devices are made with type, numbers, mode and owner" {
	run_c_ok '.linux.devices = [{path: "/dev/mine", type: "c", major: 1, minor: 5, fileMode: 384, uid: 7, gid: 8},
		{path: "/dev/sub/blk", type: "b", major: 7, minor: 0, fileMode: 432}, {path: "/dev/pipe", type: "p", fileMode: 420},
		{path: "/dev/plain", type: "u", major: 1, minor: 3}]
		| sh("cd /dev; stat -c \"%n %t:%T %a %u:%g %F\" mine sub/blk pipe plain")'
	is "$out" 'mine 1:5 600 7:8 character special file
sub/blk 7:0 660 0:0 block special file
pipe 0:0 644 0:0 fifo
plain 1:3 666 0:0 character special file'
}

@test "a listed device is not allowed unless a rule says so" {
	run_c '.linux.devices = [{path: "/dev/kmsg2", type: "c", major: 1, minor: 11}] | sh("head -c 1 /dev/kmsg2")'
	isnt "$status" 0
	has "$err" 'Operation not permitted'
}

@test "a device outside /dev" {
	run_c_ok 'rw | .linux.devices = [{path: "/var/z", type: "c", major: 1, minor: 5}] | sh("head -c 3 /var/z | wc -c")'
	is "$(tr -d ' ' <<<"$out")" 3
}

@test "a device whose place holds something else is refused" {
	only_berth
	bundle b 'rw | .linux.devices = [{path: "/var/dev", type: "c", major: 1, minor: 5}]'
	echo file >"$BUNDLE/rootfs/var/dev"
	run_fail 1 /var/dev berth create -b "$BUNDLE" "$ID"
	is "$(<"$BUNDLE/rootfs/var/dev")" file
}

@test "a device whose place holds a device of another number is refused" {
	only_berth
	bundle b 'rw | .linux.devices = [{path: "/var/dev", type: "c", major: 1, minor: 5}]'
	mknod "$BUNDLE/rootfs/var/dev" c 1 7
	run_fail 1 /var/dev berth create -b "$BUNDLE" "$ID"
}

@test "a device that is there already is taken" {
	bundle b 'rw | .linux.devices = [{path: "/var/dev", type: "c", major: 1, minor: 5}] | sh("head -c 3 /var/dev | wc -c")'
	mknod "$BUNDLE/rootfs/var/dev" c 1 5
	run_ok berth run -b "$BUNDLE" "$ID"
}

@test "unknown device types are refused" {
	only_berth
	create_c_fail 1 /linux/devices/0/type '.linux.devices = [{path: "/dev/x", type: "z", major: 1, minor: 5}]'
	create_c_fail 1 /linux/devices/0 '.linux.devices = [{path: "/dev/x", type: "c"}]'
	create_c_fail 1 /linux/devices/0/path '.linux.devices = [{path: "dev/x", type: "c", major: 1, minor: 5}]'
}

@test "devices in a user namespace are the host's nodes" {
	requires_userns
	run_c_ok 'userns | .linux.devices = [{path: "/dev/zero", type: "c", major: 1, minor: 5, fileMode: 438}] | sh("head -c 3 /dev/zero | wc -c; stat -c %t:%T /dev/zero; echo x >/dev/null")'
	is "$(tr -d ' ' <<<"$out")" $'3\n1:5'
}

@test "a mount below /dev stays" {
	echo hello >"$T/f"
	run_c_ok "bind(\"$T/f\"; \"/dev/mine\"; []) | args(\"cat\", \"/dev/mine\")"
	is "$out" hello
}

@test "when /dev is bound from the host nothing is made in it" {
	mkdir "$T/dev" "$T/dev/pts" "$T/dev/shm" "$T/dev/mqueue"
	mknod "$T/dev/null" c 1 3
	before=$(find "$T/dev" | sort)
	run_c_ok "no_mount(\"/dev\") | .mounts = [{destination: \"/dev\", type: \"bind\", source: \"$T/dev\", options: [\"bind\"]}] + .mounts | args(\"true\")"
	is "$(find "$T/dev" | sort)" "$before"
}

# ---- the special file systems ----

@test "proc shows the container's processes" {
	run_c_ok 'sh("cat /proc/1/comm; ls -d /proc/[0-9]* | wc -l")'
	[ "$(sed -n 2p <<<"$out")" -le 3 ] || fail "$out"
}

@test "mqueue and devpts are the container's own" {
	run_c_ok 'sh("grep -E \" /dev/(mqueue|pts) \" /proc/mounts | cut -d\" \" -f3; ls /dev/pts; stat -c %a /dev/pts/ptmx")'
	has "$out" mqueue devpts ptmx 666
	hasnt "$out" $'\n0\n'
}

@test "sysfs shows the container's network namespace only" {
	run_c_ok 'args("ls", "/sys/class/net")'
	hasnt "$out" eth
	has "$out" lo
}

@test "a cgroup mount on a v1 host has a directory per hierarchy" {
	requires_cgroup1
	run_c_ok 'mnt("/sys/fs/cgroup"; "cgroup"; "cgroup"; ["nosuid", "noexec", "nodev", "relatime", "ro"]) | sh("ls /sys/fs/cgroup; cat /sys/fs/cgroup/pids/cgroup.procs; mkdir /sys/fs/cgroup/pids/x")' || true
	has "$out" memory pids cpu devices systemd
	has "$out" $'\n1'
	has "$err" 'Read-only file system'
}

@test "a cgroup mount in a cgroup namespace shows the container's own cgroup" {
	run_c_ok 'ns("cgroup") | mnt("/sys/fs/cgroup"; "cgroup"; "cgroup"; ["nosuid", "noexec", "nodev", "relatime", "ro"]) | sh("cat /proc/self/cgroup | cut -d: -f3 | sort -u; if [ -e /sys/fs/cgroup/cgroup.procs ]; then cat /sys/fs/cgroup/cgroup.procs; else cat /sys/fs/cgroup/pids/cgroup.procs; fi")'
	has "$out" / 1
	hasnt "$out" "$ID"
}

@test "a writable cgroup mount is writable" {
	run_c_ok 'ns("cgroup") | mnt("/sys/fs/cgroup"; "cgroup"; "cgroup"; ["nosuid", "noexec", "nodev"]) | sh("cd /sys/fs/cgroup; test -e cgroup.procs || cd pids; mkdir inner && rmdir inner && echo ok")'
	is "$out" ok
}

@test "an unknown file system type is refused" {
	create_c_fail 1 /mnt 'mnt("/mnt"; "nonesuchfs"; "none"; [])'
	matches "$err" 'no such device|nonesuchfs'
}

@test "overlay as a mount" {
	mkdir "$T/lower" "$T/upper" "$T/work"
	echo lower >"$T/lower/f"
	run_c_ok "mnt(\"/mnt\"; \"overlay\"; \"overlay\"; [\"lowerdir=$T/lower\", \"upperdir=$T/upper\", \"workdir=$T/work\"]) | sh(\"cat /mnt/f; echo upper >/mnt/f\")"
	is "$out" lower
	is "$(<"$T/upper/f")" upper
	is "$(<"$T/lower/f")" lower
}

@test "options of more than a page are set one by one" {
	only_berth
	dirs=
	for i in {1..60}; do
		mkdir -p "$T/lower/a-long-directory-name-to-fill-the-page-with-options-$i"
		dirs+=:$T/lower/a-long-directory-name-to-fill-the-page-with-options-$i
	done
	[ ${#dirs} -gt 4096 ]
	echo hello >"$T/lower/a-long-directory-name-to-fill-the-page-with-options-60/f"
	capture true
	run_c "mnt(\"/mnt\"; \"overlay\"; \"overlay\"; [\"lowerdir=${dirs#:}\"]) | args(\"cat\", \"/mnt/f\")"
	if [ "$status" = 0 ]; then is "$out" hello; else has "$err" /mnt; fi
}

# ---- the host ----

@test "the host's mount table is the same before, during and after" {
	before=$(cut -d' ' -f4- /proc/self/mountinfo | grep -cF "$T" || true)
	mounts_of_test >"$T/m1"
	running_c 'idle | bind("/etc"; "/mnt"; ["ro"])'
	mounts_of_test | diff "$T/m1" -
	run_ok berth exec "$ID" true
	mounts_of_test | diff "$T/m1" -
	run_ok berth delete --force "$ID"
	mounts_of_test | diff "$T/m1" -
}

@test "the propagation of the host's root stays as it is" {
	before=$(awk '$5 == "/" { print $7 }' /proc/self/mountinfo)
	run_c_ok '.linux.rootfsPropagation = "rshared" | args("true")'
	run_c_ok '.linux.rootfsPropagation = "rprivate" | args("true")'
	is "$(awk '$5 == "/" { print $7 }' /proc/self/mountinfo)" "$before"
}

@test "a container whose root is a mount point that is shared" {
	bundle b 'args("true")'
	mount --bind "$BUNDLE/rootfs" "$BUNDLE/rootfs"
	at_end "umount -l $BUNDLE/rootfs"
	mount --make-shared "$BUNDLE/rootfs"
	n=$(grep -cF "$T" /proc/self/mountinfo)
	run_ok berth run -b "$BUNDLE" "$ID"
	is "$(grep -cF "$T" /proc/self/mountinfo)" "$n"
}
