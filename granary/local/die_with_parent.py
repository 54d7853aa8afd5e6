"""Run a program that is sent SIGTERM when its parent dies, so that a killed supervisor leaves no
orphans. Started by path with `python -S -E`: `die_with_parent.py PARENT_PID PROGRAM ARGUMENT…`.

Why a program of its own: the request to the kernel must be made in the child between fork and exec,
and running Python there is not safe in a process that has threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, program = int(sys.argv[1]), sys.argv[2:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent died first")
    os.execvp(program[0], program)


if __name__ == "__main__":
    main()
