"""Calls on a thread of their own: what the polling thread sees, without a network."""

import asyncio
import functools
import gc
import os
import subprocess
import sys
import threading
import time
import traceback
import weakref
from concurrent import futures

import pytest

import gazu
from gazu import background
from gazu.background import start
from gazu.exception import CancelledException, GazuException

PATIENCE = 20


class Transfer:
    """A function that reports its progress step by step, each time that the test lets it."""

    def __init__(self, total=3):
        self.total = total
        self.turn = threading.Semaphore(0)
        self.reported = threading.Semaphore(0)
        self.thread = None
        self.steps = 0

    def __call__(self, name, progress_callback=None):
        self.thread = threading.current_thread()
        for step in range(1, self.total + 1):
            assert self.turn.acquire(timeout=PATIENCE)
            self.steps = step
            try:
                progress_callback(step, self.total)
            finally:
                self.reported.release()
        return name.upper()

    def go(self, steps=1):
        """Let it do some steps, and wait until they are reported."""
        for _ in range(steps):
            self.turn.release()
            assert self.reported.acquire(timeout=PATIENCE)


class Shown:
    """A progress_callback that notes where it was called."""

    def __init__(self):
        self.calls, self.threads = [], set()

    def __call__(self, done, total):
        self.calls.append((done, total))
        self.threads.add(threading.current_thread())


def ended(job):
    """Wait for a job whatever its end is."""
    assert futures.wait([job], PATIENCE).done
    return job


def test_progress_is_shown_by_the_thread_that_polls():
    transfer, shown = Transfer(), Shown()
    job = start(transfer, "shot", progress_callback=shown)
    assert not job.poll() and not job.done() and job.progress == (0, 0) and shown.calls == []
    transfer.go()
    assert not job.poll()
    assert not job.poll()
    assert job.progress == (1, 3) and shown.calls == [(1, 3)]
    transfer.go(2)
    assert job.result(PATIENCE) == "SHOT"
    assert job.poll() and job.poll()
    assert shown.calls == [(1, 3), (3, 3)]  # what was between two polls is not repeated
    assert shown.threads == {threading.current_thread()} and transfer.thread not in shown.threads
    assert job.error is None and not job.cancelled() and repr(job) == "<Job Transfer: done, 3 of 3>"


def test_callback_may_be_bound():
    transfer, shown = Transfer(1), Shown()
    job = start(functools.partial(transfer, progress_callback=shown), "a")
    transfer.go()
    assert job.result(PATIENCE) == "A" and job.poll() and shown.calls == [(1, 1)]


def test_function_without_progress():
    job = start(divmod, 7, 2)
    assert job.result(PATIENCE) == (3, 1) and job.poll() and job.progress == (0, 0)
    assert start(lambda **options: options, call_of="x").result(PATIENCE) == {"call_of": "x"}
    with pytest.raises(TypeError, match="progress_callback"):
        start(lambda: None, progress_callback=print).result(PATIENCE)


def test_function_without_a_signature():
    class Odd:
        __signature__ = "none"

        def __call__(self, value):
            return value

    assert start(Odd(), "a").result(PATIENCE) == "a"


def test_error_is_kept_with_its_traceback():
    def fail(password):
        raise KeyError("what went wrong")

    job = ended(start(fail, "s3cret"))
    assert job.poll() and not job.cancelled()
    assert [frame.name for frame in traceback.extract_tb(job.error.__traceback__)] == ["_run", "fail"]
    with pytest.raises(KeyError, match="what went wrong"):
        job.result()
    assert "s3cret" not in repr(job) and "failed" in repr(job)


def test_even_an_exit_is_an_error_of_the_job():
    job = ended(start(sys.exit, 3))
    assert job.poll() and isinstance(job.error, SystemExit)


def test_result_does_not_wait_longer_than_asked():
    transfer = Transfer()
    job = start(transfer, "x")
    for wait in (job.result, job.exception):
        with pytest.raises(futures.TimeoutError):
            wait(0)
    assert job.error is None
    transfer.go(3)
    assert job.result(PATIENCE) == "X"


# -- cancel ----------------------------------------------------------------------
def test_cancel_takes_effect_at_the_next_progress():
    transfer = Transfer()
    job = start(transfer, "x")
    transfer.go()
    assert job.running() and job.cancel() and job.cancel()
    assert not job.done() and not job.cancelled() and repr(job) == "<Job Transfer: running, 1 of 3>"
    transfer.go()
    assert ended(job).poll() and job.cancelled() and transfer.steps == 2
    assert isinstance(job.error, GazuException) and repr(job) == "<Job Transfer: cancelled, 2 of 3>"
    with pytest.raises(CancelledException, match="Transfer was cancelled"):
        job.result()


def test_cancel_comes_too_late():
    """All is there already: to say that it was cancelled would have it done again."""
    transfer = Transfer(1)
    job = start(transfer, "x")
    job.cancel()
    transfer.go()
    assert job.result(PATIENCE) == "X" and not job.cancelled()
    assert job.cancel() is False and not job.cancelled()


def test_cancel_where_the_total_is_not_known():
    def download(progress_callback):
        progress_callback(10, 0)
        assert go.wait(PATIENCE)
        progress_callback(20, 0)

    go = threading.Event()
    job = start(download)
    job.cancel()
    go.set()
    assert ended(job).cancelled()


def test_cancel_before_it_begins(monkeypatch):
    """The thread is there, and has not come to its first line."""
    held = []
    monkeypatch.setattr(background.threading.Thread, "start", lambda thread: held.append(thread))
    called = []
    job = start(called.append, 1)
    job.cancel()
    held[0].run()
    assert job.poll() and job.cancelled() and called == []
    assert "before it began" in str(job.error)


def test_function_without_progress_goes_on_to_its_end():
    go = threading.Event()
    job = start(go.wait, PATIENCE)
    job.cancel()
    go.set()
    assert job.result(PATIENCE) is True and not job.cancelled()


def test_callback_that_raises_cancels():
    transfer = Transfer()

    def closed(done, total):
        raise RuntimeError("the window is gone")

    job = start(transfer, "x", progress_callback=closed)
    assert not job.poll()
    transfer.go()
    with pytest.raises(RuntimeError, match="the window is gone"):
        job.poll()
    transfer.go()
    assert ended(job).cancelled()
    assert job.poll()  # and the window is not asked again


# -- as a future -------------------------------------------------------------------
def test_jobs_are_futures():
    transfers = [Transfer(1), Transfer(1), Transfer(1)]
    first, second, third = jobs = [start(transfer, name) for transfer, name in zip(transfers, "abc")]
    transfers[1].go()
    assert futures.wait(jobs, PATIENCE, futures.FIRST_COMPLETED) == ({second}, {first, third})
    transfers[0].go()
    transfers[2].go()
    assert {job.result() for job in futures.as_completed(jobs, PATIENCE)} == {"A", "B", "C"}
    assert background.Job[str] and isinstance(first, futures.Future) and first.exception() is None


def test_callbacks_of_a_job():
    """They are called in the thread of the job, whatever its end; one that fails harms nobody."""
    transfer, called = Transfer(), []
    job = start(transfer, "x")
    job.add_done_callback(lambda one: 1 / 0)
    job.add_done_callback(lambda one: called.append((one, one.cancelled(), threading.current_thread())))
    job.cancel()
    transfer.go()
    ended(job)
    transfer.thread.join(PATIENCE)
    assert called == [(job, True, transfer.thread)]


def test_first_failure_of_several():
    failed, other = Transfer(1), Transfer(1)
    jobs = [start(failed, 1), start(other, "y")]  # 1 has no upper()
    failed.go()
    assert futures.wait(jobs, PATIENCE, futures.FIRST_EXCEPTION) == ({jobs[0]}, {jobs[1]})
    assert isinstance(jobs[0].exception(), AttributeError)
    other.go()
    assert jobs[1].result(PATIENCE) == "Y"


def test_await_a_job():
    transfer, fails = Transfer(1), Transfer(1)
    job = start(transfer, "x")

    async def main():
        asyncio.get_running_loop().run_in_executor(None, transfer.go)
        assert await asyncio.wrap_future(job) == "X"
        asyncio.get_running_loop().run_in_executor(None, fails.go)
        with pytest.raises(AttributeError):
            await asyncio.wrap_future(start(fails, 1))

    asyncio.run(main())


def test_a_task_that_is_cancelled_cancels_the_job_that_it_awaits():
    transfer = Transfer()
    job = start(transfer, "x")

    async def wait():
        await asyncio.wrap_future(job)

    async def main():
        task = asyncio.get_running_loop().create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    transfer.go()
    assert ended(job).cancelled() and isinstance(job.error, CancelledException)


def test_a_job_that_is_cancelled_cancels_who_awaits_it():
    transfer = Transfer()
    job = start(transfer, "x")

    async def main():
        job.cancel()
        waiting = asyncio.wrap_future(job)
        asyncio.get_running_loop().run_in_executor(None, transfer.go)
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(main())
    assert job.cancelled()


# -- what stays behind -------------------------------------------------------------
def test_nothing_is_kept_longer_than_the_job():
    class Big:
        def method(self):
            raise KeyError(1)

    big = Big()
    gone = weakref.ref(big)
    gc.disable()
    try:
        job = ended(start(big.method))
        for thread in threading.enumerate():
            if thread.name == "gazu":
                thread.join(PATIENCE)
        assert job.error is not None and job not in background._running
        mark = weakref.ref(job)
        del big, job
        assert gone() is None and mark() is None
    finally:
        gc.enable()


SCRIPT = """
import sys, threading, time, logging
sys.path.insert(0, sys.argv[1])
import gazu
gazu.background.GRACE_SECONDS = float(sys.argv[3])
begun = threading.Event()
def transfer(progress_callback):
    try:
        while True:
            begun.set()
            progress_callback(1, 9)
            time.sleep(0.01)
    finally:
        print("tidied up")
def short():
    begun.set()
    time.sleep(0.2)
def stalled():
    begun.set()
    time.sleep(600)
gazu.background.start(globals()[sys.argv[2]])
begun.wait()
"""


@pytest.mark.parametrize(
    "function, grace, out, said",
    [
        ("transfer", 20, "tidied up", "cancelled as the program ended: <Job transfer: cancelled, 1 of 9>"),
        ("short", 20, "", ""),
        ("stalled", 0.1, "", "the program ended before its call did: <Job stalled: running, 0 of 0>"),
    ],
)
def test_end_of_the_program(function, grace, out, said):
    """What runs is cancelled, has time to clean up, and is named unless it succeeds; what does not react delays nobody."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(gazu.__file__)))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, root, function, str(grace)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == out
    assert done.stderr.strip() == said


def test_stop(caplog):
    """Hosts without `atexit` call it when they are closed; some have several hooks for that."""

    def transfer(progress_callback):
        while True:
            progress_callback(1, 9)
            time.sleep(0.01)

    blocked = Transfer(1)
    one, other = start(transfer), start(blocked, "b")
    assert background.stop(0.3) == [other] and ended(one).cancelled() and not other.done()
    assert background.stop(grace=0) == [other]
    blocked.go()
    assert other.result(PATIENCE) == "B" and background.stop() == []
    assert sorted(record.message.partition(":")[0] for record in caplog.records) == [
        "cancelled as the program ended",
        "the program ended before its call did",
        "the program ended before its call did",
    ]
