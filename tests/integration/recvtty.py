#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The caller's end of --console-socket: take one connection, one message, one descriptor.

usage: recvtty.py SOCKET OUT [INPUT]

Writes OUT.msg (the bytes that came with the descriptor), OUT.what ("tty" or what it is), types
INPUT on the terminal and copies what the terminal says to OUT until the other side closes.
"""
import array
import os
import socket
import sys


def main():
    path, out = sys.argv[1:3]
    text = sys.argv[3].encode().decode("unicode_escape").encode() if len(sys.argv) > 3 else b""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path + ".new")
    listener.listen(1)
    listener.settimeout(120)
    os.rename(path + ".new", path)
    conn, _ = listener.accept()
    fds = array.array("i")
    msg, anc, _, _ = conn.recvmsg(4096, socket.CMSG_SPACE(16 * fds.itemsize))
    for level, kind, data in anc:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    conn.close()
    with open(out + ".msg", "wb") as f:
        f.write(msg)
    with open(out + ".what", "w") as f:
        f.write(f"{len(fds)} ")
        f.write("tty" if fds and os.isatty(fds[0]) else os.readlink(f"/proc/self/fd/{fds[0]}") if fds else "nothing")
    if not fds:
        return 1
    if not os.isatty(fds[0]):
        return 0
    if text:
        os.write(fds[0], text)
    with open(out, "wb", buffering=0) as f:
        while True:
            try:
                data = os.read(fds[0], 65536)
            except OSError:
                return 0
            if not data:
                return 0
            f.write(data)


sys.exit(main())
