#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A whole Debian as the root file system, made by mmdebstrap, under the default config and under a
# real engine's (tests/data/engine-config.json), with and without a user namespace and a terminal.

load helpers

# The rootfs of this file, once; mapped for the user namespace by owner.
debian_rootfs() {
	debian=$BATS_RUN_TMPDIR/debian
	[ ! -d "$debian" ] || return 0
	requires_command mmdebstrap
	mmdebstrap --quiet --variant=essential bookworm "$debian.new" \
		"$(apt-get indextargets --format '$(REPO_URI)' | head -n 1)" >&2 ||
		skip 'mmdebstrap cannot reach a Debian mirror'
	mv "$debian.new" "$debian"
}

userns='.linux.namespaces += [{type: "user"}]
	| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
	| .linux.gidMappings = [{containerID: 0, hostID: 0, size: 65536}]'
question='.process.args = ["bash", "-c", "id -u; . /etc/os-release; echo $ID; dpkg --version | head -n 1; tty; true"]'

# usage: answers JQ-EDIT: the payload's answers in $out
answers() {
	bundle b "$question | .root.path = \"$debian\" | $1"
	run_ok berth run -b "$BUNDLE" "$ID"
	has "$out" 0
	has "$out" debian
	has "$out" "package management program"
}

answers_on_tty() {
	bundle b "$question | .root.path = \"$debian\" | .process.terminal = true | $1"
	requires_python
	out=$($PY "$here/onpty.py" -- "$BERTH" --root "$STATE" run -b "$BUNDLE" "$ID")
	has "$out" debian
	has "$out" /dev/pts/0
}

# a real engine's config with the answers' program; its own mounts of files that are not here are dropped
engine() {
	debian_rootfs
	mkdir -p "$T/e"
	jq "del(.process.rlimits) | .mounts |= map(select(.type != \"bind\")) | $question
		| .root.path = \"$debian\" | .linux.cgroupsPath = \"/$ID\" | $1" \
		"$source_dir/tests/data/engine-config.json" >"$T/e/config.json"
}

@test "Debian runs" {
	debian_rootfs
	answers .
	has "$out" 'not a tty'
}

@test "Debian runs in a user namespace" {
	debian_rootfs
	answers "$userns"
}

@test "Debian runs on a terminal" {
	debian_rootfs
	answers_on_tty .
}

@test "Debian runs in a user namespace on a terminal" {
	debian_rootfs
	answers_on_tty "$userns"
}

@test "Debian runs under an engine's config" {
	engine .
	run_ok berth run -b "$T/e" "$ID"
	has "$out" debian
}

@test "Debian runs under an engine's config in a user namespace" {
	engine "$userns"
	run_ok berth run -b "$T/e" "$ID"
	has "$out" debian
}

@test "Debian runs under an engine's config on a terminal" {
	engine '.process.terminal = true'
	requires_python
	out=$($PY "$here/onpty.py" -- "$BERTH" --root "$STATE" run -b "$T/e" "$ID")
	has "$out" /dev/pts/0
}
