#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Real engines with berth as their runtime, as a smoke test. For the virtual machine (tests/vm/check):
# an engine changes the host it runs on (networks, storage, mounts).

bats_require_minimum_version 1.5.0

berth=/usr/local/bin/berth
image=localhost/berth-smoke

need() {
	local tool
	for tool; do command -v "$tool" >/dev/null || skip "no $tool here"; done
	[ -x "$berth" ] || skip "no $berth here"
	[ -e /etc/systemd/system/job.service ] || skip 'only in the virtual machine of tests/vm'
}

# a root file system of busybox alone, as a tar on stdout
busybox_tar() {
	local d=$BATS_TEST_TMPDIR/rootfs applet
	mkdir -p "$d"/{bin,etc,tmp,proc,sys,dev}
	cp "$(command -v busybox)" "$d/bin/busybox"
	for applet in sh true false sleep cat id echo hostname mount grep ps; do ln -sf busybox "$d/bin/$applet"; done
	echo 'root:x:0:0:root:/:/bin/sh' >"$d/etc/passwd"
	tar -C "$d" -c .
}

podman_image() {
	podman image exists $image || busybox_tar | podman import --quiet - $image
}

# netavark wants kernel modules and time; the runtime is what is tested here
podman_run() {
	podman --runtime "$berth" --cgroup-manager cgroupfs run --network none "$@"
}

@test "podman run: the output and the exit status of the payload arrive" {
	need podman conmon
	podman_image
	run podman_run --rm $image echo hello
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *hello* ]]
	run podman_run --rm $image sh -c 'exit 7'
	[ "$status" = 7 ]
}

@test "podman run with systemd's cgroup manager" {
	need podman conmon
	podman_image
	run podman --runtime "$berth" --cgroup-manager systemd run --rm --network none $image cat /proc/self/cgroup
	echo "$output"
	[ "$status" = 0 ]
}

@test "podman run -d, exec, stop, rm" {
	need podman conmon
	podman_image
	podman_run -d --name berth-smoke $image sleep 1000
	run podman exec berth-smoke echo inside
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *inside* ]]
	podman stop -t 1 berth-smoke
	podman rm -f berth-smoke
	[ -z "$($berth list -q)" ] || $berth list
}

@test "podman run: limits hold" {
	need podman conmon
	podman_image
	run podman_run --rm --memory 64m --pids-limit 77 $image \
		sh -c 'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max'
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *67108864* && $output == *77* ]]
}

@test "podman run: a program that does not exist is 127, one that cannot run is 126" {
	need podman conmon
	podman_image
	run -127 podman_run --rm $image /no/such/program
	run -126 podman_run --rm $image /etc/passwd
}

@test "buildah run" {
	need buildah
	podman_image
	local c
	c=$(buildah from --pull-never $image)
	run buildah run --runtime "$berth" --isolation oci --network none "$c" echo built
	buildah rm "$c"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *built* ]]
}

@test "ctr run (containerd with berth as the binary of its runc shim)" {
	need ctr containerd
	# busybox as a bundle's rootfs: ctr needs no image for that
	busybox_tar >/dev/null
	systemctl start containerd || skip 'containerd does not start here'
	run timeout 240 ctr run --rm --runc-binary "$berth" --rootfs "$BATS_TEST_TMPDIR/rootfs" berth-ctr echo contained
	systemctl stop containerd
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *contained* ]]
}

@test "docker run" {
	need docker dockerd
	mkdir -p /etc/docker
	cat >/etc/docker/daemon.json <<-JSON
		{ "runtimes": { "berth": { "path": "$berth" } }, "iptables": false, "ip6tables": false, "bridge": "none",
		  "storage-driver": "vfs" }
	JSON
	timeout 240 systemctl start docker || skip 'docker does not start here'
	busybox_tar | docker import - berth-smoke
	run timeout 240 docker run --rm --runtime berth --network none berth-smoke echo docked
	systemctl stop docker docker.socket
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *docked* ]]
}
