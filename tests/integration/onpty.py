#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run a command on a terminal of its own and act like its user.

usage: onpty.py [ACTION ...] -- CMD [ARG ...]

Actions, in this order: wait:TEXT (until the terminal has shown TEXT), send:TEXT (type it, \\x03 and
the like allowed), size:ROWSxCOLS (before the first wait: the size at the start), raw: (until the
terminal is in raw mode), kill:SIGNAL (to the command), sh:CMD (run beside it, must succeed). Prints what the terminal showed; ends like
the command (128+n by signal), with 99 when an action waited in vain, and says
"terminal not restored" on stderr when the settings are not what they were.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

LIMIT = float(os.environ.get("ONPTY_LIMIT", "15"))


def set_size(fd, text):
    rows, cols = map(int, text.split("x"))
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


class Screen:
    def __init__(self, master):
        self.master, self.text, self.seen, self.closed = master, b"", 0, False

    def pump(self, seconds):
        if self.closed or not select.select([self.master], [], [], seconds)[0]:
            return
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        if data:
            self.text += data
        else:
            self.closed = True

    def until(self, check):
        end = time.monotonic() + LIMIT
        while not check():
            if time.monotonic() > end or self.closed:
                return check()
            self.pump(0.02)
        return True


def act(action, screen, slave, pid):
    word, _, value = action.partition(":")
    if word == "wait":
        want = value.encode()

        def shown():
            at = screen.text.find(want, screen.seen)
            if at < 0:
                return False
            screen.seen = at + len(want)
            return True

        return screen.until(shown)
    if word == "send":
        os.write(screen.master, value.encode().decode("unicode_escape").encode())
        return True
    if word == "size":
        set_size(screen.master, value)
        return True
    if word == "raw":
        return screen.until(lambda: not termios.tcgetattr(slave)[3] & (termios.ICANON | termios.ECHO))
    if word == "sh":
        return subprocess.run(value, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode == 0
    if word == "kill":
        os.kill(pid, getattr(signal, "SIG" + value))
        return True
    raise SystemExit(f"onpty.py: unknown action {action}")


def main():
    args = sys.argv[1:]
    cut = args.index("--")
    actions, command = args[:cut], args[cut + 1:]
    master, slave = pty.openpty()
    if actions and actions[0].startswith("size:"):
        set_size(master, actions.pop(0)[5:])
    before = termios.tcgetattr(slave)
    pid = os.fork()
    if pid == 0:
        os.close(master)
        os.login_tty(slave) if hasattr(os, "login_tty") else login_tty(slave)
        os.execvp(command[0], command)
    screen = Screen(master)
    failed = None
    for action in actions:
        if not act(action, screen, slave, pid):
            failed = action
            break
    end = time.monotonic() + LIMIT
    done, status = 0, 0
    while not done and time.monotonic() < end and not failed:
        screen.pump(0.02)
        done, status = os.waitpid(pid, os.WNOHANG)
    if not done:
        failed = failed or "exit:"
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    while select.select([master], [], [], 0)[0] and not screen.closed:
        screen.pump(0)
    sys.stdout.buffer.write(re.sub(rb"\r\n", b"\n", screen.text))
    sys.stdout.flush()
    if termios.tcgetattr(slave) != before:
        print("terminal not restored", file=sys.stderr)
    if failed:
        print(f"waited in vain: {failed}", file=sys.stderr)
        return 99
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def login_tty(fd):
    os.setsid()
    fcntl.ioctl(fd, termios.TIOCSCTTY, 0)
    for n in range(3):
        os.dup2(fd, n)
    if fd > 2:
        os.close(fd)


sys.exit(main())
