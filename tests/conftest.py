"""What holds for all tests."""

import gc
import os
import signal
from typing import Iterator

import pytest

import gazu
from gazu._http.outbox import Outbox


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Have `-n auto` start more processes than there are cores: half of the time, tests wait."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_collection_finish() -> None:
    """Keep the collected tests, half a million objects, out of the collections that hundreds of tests ask for."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def fresh_start() -> Iterator[None]:
    """Let no test know of the publications that another one lost; have Ctrl-C where a shell has turned it off."""
    gazu.client.default_client.outbox = Outbox()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
