"""Measure one case with the gazu of this interpreter: `case.py NAME HOST FOLDER`.

Print one JSON line: seconds of one operation and, for transfers, MiB of memory above what the process used before. With
BENCHMARK_CPU=1 the seconds are those of the processor that the process took, in itself and in the system. It only uses
public functions, so that it runs with any release.
"""

import gc
import json
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

NAME, HOST, FOLDER = sys.argv[1:4]
SHOT = "00000000-83c5-4e26-ad9b-0b28d2778eda"
PROJECT = "1b31a5a6-36c3-4d5c-9a63-5d4d16ad1b9c"


def clock():
    """Return the time, or the processor time of this process and of those that it waited for."""
    if not os.environ.get("BENCHMARK_CPU"):
        return time.perf_counter()
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def best(function, repeat, number=1):
    """Return the seconds per call, the minimum of *repeat* rounds of *number* calls."""
    seconds = []
    for _ in range(repeat):
        gc.collect()
        start = clock()
        for _ in range(number):
            function()
        seconds.append((clock() - start) / number)
    return min(seconds)


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def out(seconds, memory=None):
    print(json.dumps({"seconds": seconds, "memory": memory}))
    sys.exit()


def on_threads(function, threads, calls):
    """Return the seconds for *calls* calls on *threads* threads."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: function(), range(threads)))  # opens the connections
        start = clock()
        list(pool.map(lambda _: function(), range(calls)))
        return clock() - start


if NAME == "import":
    command = [sys.executable, "-c", "import gazu"]
    bare = best(lambda: subprocess.check_call([sys.executable, "-c", "pass"]), 12)
    out(best(lambda: subprocess.check_call(command), 12) - bare)

if NAME == "first list of a process":
    call = "gazu.log_in('jane@example.com', 'password'); gazu.project.all_open_projects()"
    out(
        best(lambda: subprocess.check_call([sys.executable, "-c", f"import gazu; gazu.set_host({HOST!r}); {call}"]), 12)
    )

import gazu  # noqa: E402

gazu.set_host(HOST)
gazu.client.set_tokens({"access_token": "token"})
gazu.shot.get_shot(SHOT)  # opens the connection

if NAME == "small GET":
    out(best(lambda: gazu.shot.get_shot(SHOT), 7, 300))
if NAME.startswith("list of 20,000"):
    out(best(lambda: gazu.client.fetch_all("shots/all"), 5))
if NAME == "sorted list of 20,000":
    out(best(lambda: gazu.shot.all_shots_for_project(PROJECT), 5))
if NAME == "50 pages, 20 ms away":
    out(best(lambda: gazu.client.fetch_all("shots", paginated=True), 3))
if NAME == "1,000 GETs on 8 threads, 20 ms away":
    out(on_threads(lambda: gazu.shot.get_shot(SHOT), 8, 1000))
if NAME == "414 thumbnails, 20 ms away":
    function = gazu.files.download_preview_file_thumbnail
    items = [(SHOT, os.path.join(FOLDER, f"{number}.png")) for number in range(414)]
    one_by_one = not hasattr(gazu, "parallel")
    out(best(lambda: list(map(function, *zip(*items))) if one_by_one else gazu.parallel.call_many(function, items), 1))
if NAME.startswith("cache hit"):
    gazu.cache.enable()
    if NAME.endswith("5,000"):
        gazu.project.all_projects()
        out(best(lambda: gazu.project.all_projects(), 7, 3))
    gazu.shot.get_shot(SHOT)
    out(best(lambda: gazu.shot.get_shot(SHOT), 7, 3000))
if NAME.startswith("upload 1 GiB"):
    path = os.path.join(FOLDER, "big.bin")
    options = {"progress_callback": lambda done, total: None} if "progress" in NAME else {}
    gazu.client.upload("u", __file__)
    before = peak()
    out(best(lambda: gazu.client.upload("u", path, **options), 1), peak() - before)
if NAME.startswith("download 1 GiB"):
    path = os.path.join(FOLDER, "down.bin")
    gazu.client.download("data/shots/" + SHOT, path)
    before = peak()
    out(best(lambda: gazu.client.download("big", path), 1), peak() - before)
