"""Hundreds of files over processes and over Dask: whole, in order, each once; whatever becomes of a worker."""

import logging
import multiprocessing
import os
import signal
import uuid
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest

import gazu
from gazu import files
from gazu.client import KitsuClient
from gazu.exception import NotAuthenticatedException, ParameterException, RouteNotFoundException
from gazu_sandbox import Sandbox
from gazu_sandbox.processes import wait_for

COUNT = 200
#: Of the tests in which workers die with the 50th.
FEWER = 80
#: Seconds that an access token lives: it ends while workers hold it.
ACCESS = 5

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning"),  # by which the tests want to fork
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of Dask, which leaves sockets to the collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
Items = List[Tuple[Any, ...]]


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(jobs=False, access_seconds=ACCESS) as running:
        yield running


@pytest.fixture
def client(box: Sandbox) -> KitsuClient:
    return gazu.create_session(box.host, box.email, box.password, use_refresh_token=True)


@pytest.fixture
def previews(request: Any, client: KitsuClient, tmp_path: Path) -> Items:
    """Previews that wait for their files, and these: documents, as the server keeps them byte for byte."""
    project = gazu.project.new_project(f"Farm {uuid.uuid4().hex[:8]}", client=client)
    kind = gazu.asset.new_asset_type(f"Prop {uuid.uuid4().hex[:8]}", client=client)
    step = gazu.task.new_task_type(f"Paint {uuid.uuid4().hex[:8]}", for_entity="Asset", client=client)
    task = gazu.task.new_task(gazu.asset.new_asset(project, kind, "Tree", client=client), step, client=client)
    comment = gazu.task.add_comment(task, task["task_status_id"], "rendered", client=client)
    count = FEWER if "die" in request.node.name or "kill" in request.node.name else COUNT
    made = gazu.parallel.call_many(gazu.task.create_preview, [(task, comment)] * count, client=client)
    items = []
    for number, outcome in enumerate(made):
        path = tmp_path / f"{number:03}.pdf"
        path.write_bytes(b"%PDF-1.4\n" + f"page {number}\n".encode() * (200 + number))
        items.append((outcome.result["id"], str(path)))
    assert len({identifier for identifier, _ in items}) == count
    return items


# -- executors -----------------------------------------------------------------
def log_to(folder: str) -> None:
    """Have the library log all that it can, in a worker."""
    handler = logging.FileHandler(os.path.join(folder, f"{os.getpid()}.log"))
    logging.basicConfig(level=logging.DEBUG, handlers=[handler], force=True)


@contextmanager
def processes(method: str, logs: Path) -> Iterator[Executor]:
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, context, initializer=log_to, initargs=(str(logs),)) as executor:
        yield executor


@contextmanager
def dask_workers(logs: Path, failures: int = 3) -> Iterator[Any]:
    import dask
    import distributed

    settings = {"logging.distributed": "debug", "distributed.scheduler.allowed-failures": failures}
    with dask.config.set(settings):
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            with distributed.Client(cluster) as own:
                own.run(log_to, str(logs))
                yield own


def seen_by_dask(own: Any) -> str:
    """Return all that Dask would show of its tasks, in its logs and on its pages."""

    def of_scheduler(dask_scheduler: Any) -> str:
        tasks = [(task, task.run_spec, task.exception_text) for task in dask_scheduler.tasks.values()]
        return repr((tasks, dask_scheduler.get_events(), list(dask_scheduler.transition_log)))

    return repr((own.run_on_scheduler(of_scheduler), own.cluster.get_logs()))


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


@pytest.fixture(params=["spawn", "fork", "dask"])
def workers(request: Any, logs: Path) -> Iterator[Any]:
    """The executor, and what there is to see of its workers."""
    if request.param == "dask":
        with dask_workers(logs) as own:
            yield own.get_executor(), lambda: seen_by_dask(own)
    else:
        with processes(request.param, logs) as executor:
            yield executor, lambda: ""


def expire(box: Sandbox, client: KitsuClient) -> None:
    """Wait until the access token of the client is too old."""
    probe = KitsuClient(box.host, tokens=dict(client.tokens), use_refresh_token=False)

    def is_old() -> bool:
        try:
            gazu.client.get_current_user(client=probe)
        except NotAuthenticatedException:
            return True
        return False

    wait_for("the end of a token", is_old, box.check, 4 * ACCESS)


# -- what workers do -------------------------------------------------------------
def upload(preview: str, path: str, client: KitsuClient) -> Tuple[int, str]:
    """Upload a file, and tell which process did it with which token."""
    gazu.task.upload_preview_file(preview, path, client=client)
    return os.getpid(), str(client.access_token)


def upload_or_die(preview: str, path: str, mark: str, client: KitsuClient) -> int:
    """Upload a file; for one of them, the worker dies the first time, or where no *mark* can be left, each time."""
    if path.endswith("050.pdf") and not os.path.exists(mark):
        if mark:
            Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    gazu.task.upload_preview_file(preview, path, client=client)
    return os.getpid()


def fetched(items: Items, folder: Path, client: KitsuClient, executor: Any = None) -> List[Any]:
    """Download the files of previews; return the outcomes."""
    folder.mkdir()
    places = [(preview, str(folder / Path(path).name)) for preview, path in items]
    outcomes = gazu.parallel.call_many(files.download_preview_file, places, executor=executor, client=client)
    assert [outcome.item for outcome in outcomes] == places
    return outcomes


def added(client: KitsuClient, items: Items) -> Dict[str, int]:
    """Return how often each preview got a file: the server notes it."""
    counts = dict.fromkeys((preview for preview, _ in items), 0)
    for event in gazu.raw.fetch_each("events", {"name": "preview-file:add-file"}, page_size=500, client=client):
        if event["data"]["preview_file_id"] in counts:
            counts[event["data"]["preview_file_id"]] += 1
    return counts


def test_many_files_up_and_down(
    box: Sandbox, client: KitsuClient, previews: Items, workers: Any, logs: Path, tmp_path: Path, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    executor, shown = workers
    expire(box, client)
    items = [*previews]
    items.insert(70, (str(uuid.uuid4()), previews[0][1]))
    items.insert(140, (previews[1][0], str(tmp_path / "none.pdf")))
    progress: List[Tuple[int, int]] = []
    sent = gazu.parallel.call_many(upload, items, 4, executor, None, lambda *call: progress.append(call), client)

    assert [outcome.item for outcome in sent] == items
    assert progress == [(number, len(items)) for number in range(1, len(items) + 1)]
    unknown, missing = sent.pop(140).error, sent.pop(70).error
    assert isinstance(missing, RouteNotFoundException) and isinstance(unknown, FileNotFoundError)
    assert (missing.status_code, missing.method) == (404, "POST")
    assert missing.path and items[70][0] in missing.path and missing.body["error"]
    assert [outcome.error for outcome in sent] == [None] * COUNT
    assert set(added(client, previews).values()) == {1}, "each went up once"

    # Each process renewed the token for itself, and not for each file; the refresh token outlives that.
    tokens = {outcome.result for outcome in sent}
    assert len({pid for pid, _ in tokens}) == 2 and os.getpid() not in {pid for pid, _ in tokens}
    assert len(tokens) < COUNT / 2

    got = fetched(previews, tmp_path / "down", client, executor)
    assert [outcome.error for outcome in got] == [None] * COUNT
    for _, path in previews:
        assert (tmp_path / "down" / Path(path).name).read_bytes() == Path(path).read_bytes()
    assert len(list((tmp_path / "down").iterdir())) == COUNT

    failed = gazu.parallel.call_many(upload, [("no id", "no file")], executor=executor, client=client)
    assert isinstance(failed[0].error, (ValueError, FileNotFoundError))
    text = caplog.text + shown() + "".join(path.read_text() for path in logs.iterdir())
    assert "POST pictures/preview-files/" in text and "GET auth/refresh-token" in text
    secrets = {token for _, token in tokens} | {str(client.access_token), str(client.refresh_token)}
    assert [secret for secret in secrets if secret in text] == []


def test_equal_items_are_calls_of_their_own(client: KitsuClient, workers: Any) -> None:
    """Dask takes equal calls for one, unless configured otherwise."""
    executor, _ = workers
    outcomes = gazu.parallel.call_many(unique_each_time, [("x",)] * 6, executor=executor, client=client)
    assert len({outcome.result for outcome in outcomes}) == 6


def unique_each_time(_: str) -> str:
    return uuid.uuid4().hex


def test_a_process_that_dies(client: KitsuClient, previews: Items, logs: Path, tmp_path: Path) -> None:
    """With one worker a pool loses all: what it had done is reported, and the rest can be done by another pool."""
    mark = str(tmp_path / "died")
    items = [(*item, mark) for item in previews]
    with processes("spawn", logs) as executor:
        first = gazu.parallel.call_many(upload_or_die, items, 4, executor=executor, client=client)
    assert [outcome.item for outcome in first] == items
    assert {type(outcome.error) for outcome in first if outcome.error} == {type(first[50].error)}
    assert isinstance(first[50].error, BrokenExecutor)
    done = [outcome for outcome in first if not outcome.error]
    assert 40 <= len(done) <= 60

    left = [outcome.item for outcome in first if outcome.error]
    with processes("spawn", logs) as executor:
        second = gazu.parallel.call_many(upload_or_die, left, 4, executor=executor, client=client)
    # Of those that were on their way when the pool broke, some had arrived: the server refuses them, and has them.
    refused = [outcome.item[0] for outcome in second if outcome.error]
    assert all(isinstance(outcome.error, ParameterException) for outcome in second if outcome.error)
    assert len(refused) <= 3
    assert set(added(client, previews).values()) == {1}
    assert not any(outcome.error for outcome in fetched(previews, tmp_path / "down", client))


def test_a_dask_worker_that_dies(client: KitsuClient, previews: Items, logs: Path, tmp_path: Path) -> None:
    """Dask starts another worker, which does what the dead one had before it."""
    items = [(*item, str(tmp_path / "died")) for item in previews]
    with dask_workers(logs) as own:
        outcomes = gazu.parallel.call_many(upload_or_die, items, 4, executor=own.get_executor(), client=client)
    assert [outcome.item for outcome in outcomes] == items
    assert len({outcome.result for outcome in outcomes if not outcome.error}) == 3, "processes"
    # What was done, but not yet told when the worker died, is done again: the server refuses the second file.
    assert all(isinstance(outcome.error, ParameterException) for outcome in outcomes if outcome.error)
    assert len([outcome for outcome in outcomes if outcome.error]) <= 4
    assert set(added(client, previews).values()) == {1}
    assert not any(outcome.error for outcome in fetched(previews, tmp_path / "down", client))


def test_an_item_that_kills_dask_workers(client: KitsuClient, previews: Items, logs: Path) -> None:
    from distributed import KilledWorker

    items = [(*item, "") for item in previews[40:60]]
    with dask_workers(logs, failures=1) as own:
        outcomes = gazu.parallel.call_many(upload_or_die, items, 2, executor=own.get_executor(), client=client)
    assert [outcome.item for outcome in outcomes] == items
    assert isinstance(outcomes[10].error, KilledWorker)
    allowed = (type(None), KilledWorker, ParameterException)
    assert all(isinstance(outcome.error, allowed) for outcome in outcomes)
    assert sum(not outcome.error for outcome in outcomes) >= 15
