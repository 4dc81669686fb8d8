"""What holds for all tests."""

import signal
from typing import Iterator

import pytest

import gazu


@pytest.fixture(autouse=True)
def fresh_start() -> Iterator[None]:
    """Let no test know of the publications that another one lost; have Ctrl-C where a shell has turned it off."""
    gazu.client.default_client.__dict__.pop("_journal", None)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
