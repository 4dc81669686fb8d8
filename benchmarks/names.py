"""
Fetch all tasks of a project with names instead of ids, on a real server: requests and seconds, before and after.

    python benchmarks/names.py                       # starts a sandbox
    python benchmarks/names.py --sequences 20        # 20 x 10 shots with 3 tasks each; 8 people, 2 at each task
    python benchmarks/names.py --host http://... --email ... --password ...

There is only one check: all variants must return the same names.
"""

import argparse
import logging
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import gazu

FIELDS = ["entity.name", "entity.parent.name", "task_type.name", "task_status.short_name", "assignees.full_name"]


class Count(logging.Handler):
    """Counts requests: the library logs a line for each one."""

    count = 0

    def emit(self, record):
        self.count += 1


def make_project(sequences):
    """Create shots with tasks, each assigned to two people; return the project."""
    tag = uuid.uuid4().hex[:6]
    project = gazu.project.new_project(f"Names {tag}")
    types = [
        gazu.task.new_task_type(f"{name} {tag}", for_entity="Shot") for name in ("Layout", "Animation", "Lighting")
    ]
    people = [gazu.person.new_person(f"P{n}", tag, f"p{n}.{tag}@example.com") for n in range(8)]
    for person in people:
        gazu.project.add_person_to_team(project, person)
    with ThreadPoolExecutor(8) as pool:
        above = list(pool.map(lambda n: gazu.shot.new_sequence(project, f"SQ{n:02}"), range(sequences)))
        places = [(row, f"SH{n:03}") for row in above for n in range(10)]
        shots = list(pool.map(lambda place: gazu.shot.new_shot(project, *place), places))
        jobs = [(shot, kind, (people[n % 8], people[(n + 3) % 8])) for n, shot in enumerate(shots) for kind in types]
        list(pool.map(lambda job: gazu.task.new_task(job[0], job[1], assignees=job[2]), jobs))
    return project


# -- the variants --------------------------------------------------------------
def fetch_each_id(project):
    for task in gazu.task.all_tasks_for_project(project):
        entity = gazu.entity.get_entity(task["entity_id"])
        yield (
            task["id"],
            entity["name"],
            gazu.entity.get_entity(entity["parent_id"])["name"],
            gazu.task.get_task_type(task["task_type_id"])["name"],
            gazu.task.get_task_status(task["task_status_id"])["short_name"],
            *sorted(gazu.person.get_person(one)["full_name"] for one in task["assignees"]),
        )


def expand_tasks(project):
    return map(names, gazu.query.expand(gazu.task.all_tasks_for_project(project), *FIELDS))


def find_tasks(project):
    return map(names, gazu.query.find("tasks", {"project_id": project}, ["priority", *FIELDS]))


def iterate_tasks(project):
    return map(names, gazu.query.find_each("tasks", {"project_id": project}, ["priority", *FIELDS]))


def names(row):
    return (
        row["id"],
        row["entity"]["name"],
        row["entity"]["parent"]["name"],
        row["task_type"]["name"],
        row["task_status"]["short_name"],
        *sorted(person["full_name"] for person in row["assignees"]),
    )


VARIANTS = [
    ("one request per id", fetch_each_id, False),
    ("one request per id, `gazu.cache.enable()`", fetch_each_id, True),
    ("`query.expand(all_tasks_for_project(...), ...)`", expand_tasks, False),
    ('`query.find("tasks", ...)`', find_tasks, False),
    ('`query.find_each("tasks", ...)`', iterate_tasks, False),
]


@contextmanager
def logged_in(options):
    if options.host:
        gazu.set_host(options.host)
        gazu.log_in(options.email, options.password)
        yield
        return
    from gazu_sandbox import Sandbox

    with Sandbox() as box:
        gazu.set_host(box.host)
        gazu.log_in(box.email, box.password)
        yield


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().split("\n\n")[0])
    parser.add_argument("--sequences", type=int, default=20)
    parser.add_argument("--host", help="a running server, on which to create a project")
    parser.add_argument("--email", default="admin@example.com")
    parser.add_argument("--password", default="mysecretpassword")
    options = parser.parse_args()
    count = Count()
    with logged_in(options):
        project = make_project(options.sequences)
        logging.getLogger("gazu").addHandler(count)
        logging.getLogger("gazu").setLevel(logging.DEBUG)
        logging.getLogger("gazu").propagate = False
        print(f"| {options.sequences * 30} tasks | requests | seconds |\n| --- | --- | --- |")
        results = []
        for title, variant, cached in VARIANTS:
            gazu.cache.enable() if cached else gazu.cache.disable()
            count.count, start = 0, time.perf_counter()
            results.append(sorted(variant(project)))
            print(f"| {title} | {count.count} | {time.perf_counter() - start:.2f} |", flush=True)
    assert len(results[0]) == options.sequences * 30 and all(one == results[0] for one in results)


if __name__ == "__main__":
    main()
