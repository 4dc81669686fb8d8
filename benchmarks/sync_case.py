"""One push of a production, in the interpreter that is measured: `sync_case.py SOURCE TARGET EMAIL PASSWORD NAME HOW`.

HOW is `whole` (push_project), or `parts`: all that upstream's sync has, one function after the other. Prints one JSON
line: seconds, MiB above what the process had before, and what failed.
"""

import json
import sys
import time

import gazu

SOURCE, TARGET, EMAIL, PASSWORD, NAME, HOW = sys.argv[1:7]


def client_of(host):
    client = gazu.client.create_client(host)
    gazu.log_in(EMAIL, PASSWORD, client=client)
    return client


def memory(which):
    """Return what the process has (VmRSS), or has had at most (VmHWM), in MiB; getrusage counts the parent's too."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(which)) / 1024


def parts(here, there, status, clients):
    """Push in parts; where all entities at once are refused, kind by kind."""
    failed = []

    def attempt(function, *arguments):
        try:
            function(*arguments)
            return True
        except Exception as error:
            failed.append(f"{function.__name__}: {str(error)[:200]}")
            return False

    if not attempt(gazu.sync.push_project_entities, here, there, *clients):
        for kind in ("episodes", "assets", "sequences", "shots", "entity_links"):
            attempt(getattr(gazu.sync, f"push_{kind}"), here, there, *clients)
    attempt(gazu.sync.push_tasks, here, there, status, *clients)
    attempt(gazu.sync.push_tasks_comments, here, *clients)
    return failed


clients = [client_of(host) for host in (SOURCE, TARGET)]
here, there = (gazu.project.get_project_by_name(NAME, client=client) for client in clients)
status = gazu.task.get_task_status_by_name("Todo", client=clients[1])
before, start = memory("VmRSS"), time.perf_counter()
failed = gazu.sync.push_project(here, *clients)["failed"] if HOW == "whole" else parts(here, there, status, clients)
print(json.dumps({"seconds": time.perf_counter() - start, "memory": memory("VmHWM") - before, "failed": failed}))
