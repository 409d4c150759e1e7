#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A seccomp agent: answers every notification with one errno.

usage: seccomp_agent.py SOCKET OUT ERRNO

Takes one connection, writes the JSON that came with the descriptor to OUT, how many descriptors
to OUT.fds, and serves notifications until the filter's last process is gone.
"""
import array
import fcntl
import json
import os
import select
import socket
import struct
import sys

NOTIF_RECV, NOTIF_SEND = 0xC0502100, 0xC0182101


def complete(msg):
    try:
        json.loads(msg)
        return True
    except ValueError:
        return False


def main():
    path, out, errno = sys.argv[1], sys.argv[2], int(sys.argv[3])
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path + ".new")
    listener.listen(4)
    listener.settimeout(120)
    os.rename(path + ".new", path)
    conn, _ = listener.accept()
    fds = array.array("i")
    msg, anc, _, _ = conn.recvmsg(65536, socket.CMSG_SPACE(64))
    for level, kind, data in anc:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data)
    while not complete(msg):
        more = conn.recv(65536)
        if not more:
            break
        msg += more
    with open(out + ".fds", "w") as f:
        f.write(str(len(fds)))
    with open(out, "wb") as f:
        f.write(msg)
    while fds:
        poll = select.poll()
        poll.register(fds[0], select.POLLIN)
        if not poll.poll(120000):
            return 1
        buf = bytearray(80)
        try:
            fcntl.ioctl(fds[0], NOTIF_RECV, buf)
            (ident,) = struct.unpack_from("Q", buf)
            fcntl.ioctl(fds[0], NOTIF_SEND, bytearray(struct.pack("QqiI", ident, 0, -errno, 0)))
        except OSError as e:
            if e.errno == 2:
                if poll.poll(0) and poll.poll(0)[0][1] & select.POLLHUP:
                    return 0
                continue
            raise
    return 1


sys.exit(main())
