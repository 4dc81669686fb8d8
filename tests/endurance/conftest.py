"""What takes minutes: `tox -e endurance`. Each test starts the servers that it needs, with the settings that it needs."""

import contextlib
from typing import Callable, Iterator

import pytest

from gazu_sandbox import Sandbox


@pytest.fixture
def start() -> Iterator[Callable[..., Sandbox]]:
    """Start servers, which end with the test: `start(access_seconds=10)`."""
    with contextlib.ExitStack() as stack:
        yield lambda **settings: stack.enter_context(Sandbox(**settings))
