"""Become what a service has to be, then run it.

    python -I launch.py '{"command": [...], "folder": "...", ...}'

A script, not a module: it runs on the server's Python and stands between the
sandbox and each service, because code between fork and exec of a program with
threads is not safe, and because a changed user must be in place before the
signal for the parent's death is asked for.
"""

import ctypes
import json
import os
import sys
from typing import Any, Dict

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CLONE_NEWUSER = 0x10000000
CAPABILITY_VERSION_3, CAP_DAC_OVERRIDE = 0x20080522, 1


def enter_namespace(libc: ctypes.CDLL, number: int) -> None:
    """Keep root's files, but be called by another number: PostgreSQL refuses to be root."""
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "no user namespace")
    maps = {"setgroups": "deny", "uid_map": f"{number} {user} 1", "gid_map": f"{number} {group} 1"}
    for name, text in maps.items():
        with open(f"/proc/self/{name}", "w") as stream:
            stream.write(text)


def become_user(libc: ctypes.CDLL, number: int, group: int) -> None:
    """Become another user, who may still pass through folders that only root can enter."""
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(group)
    os.setuid(number)
    mask = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    # Where this is not allowed, the files have to be open to that user.
    if libc.capset(header, sets) == 0:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def main(plan: Dict[str, Any]) -> None:
    """Do what *plan* says, and turn into its command."""
    os.umask(0o077)
    libc = ctypes.CDLL(None, use_errno=True)
    if "namespace" in plan:
        enter_namespace(libc, plan["namespace"])
    elif "user" in plan:
        become_user(libc, *plan["user"])
    if plan.get("death_signal") and sys.platform.startswith("linux"):
        libc.prctl(PR_SET_PDEATHSIG, plan["death_signal"], 0, 0, 0)
        if os.getppid() != plan["parent"]:
            sys.exit("the sandbox ended before this service started")
    os.chdir(plan["folder"])
    os.execv(plan["command"][0], plan["command"])


main(json.loads(sys.argv[1]))
