"""Push a production with the gazu of this interpreter: `sync_case.py SOURCE TARGET EMAIL PASSWORD NAME HOW`.

HOW is `whole` (push_project), or `parts`: the functions of upstream's sync, one after the other. Print one JSON
line: seconds, MiB above what the process used before, and what failed.
"""

import json
import sys
import time

import gazu

SOURCE, TARGET, EMAIL, PASSWORD, NAME, HOW = sys.argv[1:7]


def log_in_at(host):
    client = gazu.client.create_client(host)
    gazu.log_in(EMAIL, PASSWORD, client=client)
    return client


def memory(which):
    """Return the current (VmRSS) or peak (VmHWM) memory of the process in MiB; getrusage includes the parent's."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(which)) / 1024


def parts(here, there, status, clients):
    """Push in parts; if the server refuses all entities at once, kind by kind."""
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


clients = [log_in_at(host) for host in (SOURCE, TARGET)]
here, there = (gazu.project.get_project_by_name(NAME, client=client) for client in clients)
status = gazu.task.get_task_status_by_name("Todo", client=clients[1])
before, start = memory("VmRSS"), time.perf_counter()
if HOW == "whole":
    failed = gazu.sync.push_project(here, source=clients[0], target=clients[1])["failed"]
else:
    failed = parts(here, there, status, clients)
print(json.dumps({"seconds": time.perf_counter() - start, "memory": memory("VmHWM") - before, "failed": failed}))
