"""The versions of Zou that the tests run on: those in `GAZU_ZOU`, by default two old ones."""

import os
from typing import Any, Iterator

import pytest

import gazu
from gazu.client import KitsuClient
from gazu_sandbox import Sandbox
from gazu_sandbox.versions import NEWEST, number

ZOU = os.environ.get("GAZU_ZOU", "0.19.69 0.20.85").split()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "gazu_server" in metafunc.fixturenames:
        metafunc.parametrize("gazu_server", ZOU, indirect=True, scope="session")


@pytest.fixture
def zou(gazu_client: KitsuClient) -> Any:
    """The version of the server, in a form that can be compared."""
    return number(gazu.client.get_api_version(client=gazu_client))


@pytest.fixture(scope="session")
def newest() -> Iterator[KitsuClient]:
    """The administrator of a server of the newest version."""
    with Sandbox(workers=1, jobs=False, zou=NEWEST) as box:
        with gazu.create_session(box.host, box.email, box.password) as client:
            yield client
