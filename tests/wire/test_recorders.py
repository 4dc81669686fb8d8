"""Tools that record for tests put a connection class of their own into urllib3, as vcrpy does."""

import os
import ssl
import subprocess
import sys

import pytest
from urllib3 import connectionpool

import gazu
from gazu import client as raw_client

from .test_environment import CERTIFICATE
from .test_upload import MIB, sparse

POOLS = (connectionpool.HTTPConnectionPool, connectionpool.HTTPSConnectionPool)


class Recorder:
    """What comes in the place of the connections while it is entered; kept ones are left out."""

    def __init__(self, monkeypatch):
        self.monkeypatch, self.seen = monkeypatch, []

    def __enter__(self):
        self.undo = self.monkeypatch.context()
        patch = self.undo.__enter__()
        for pool in POOLS:
            patch.setattr(pool, "ConnectionCls", self.recording(pool.ConnectionCls))
        patch.setattr(connectionpool.HTTPConnectionPool, "_get_conn", self.fresh)
        return self

    def __exit__(self, *args):
        self.undo.__exit__(*args)

    def recording(self, base):
        class Recording(base):
            def putrequest(this, method, *args, **kwargs):
                self.seen.append(method)
                super().putrequest(method, *args, **kwargs)

        return Recording

    @staticmethod
    def fresh(pool, timeout=None, _get_conn=connectionpool.HTTPConnectionPool._get_conn):
        while True:
            found = _get_conn(pool, timeout)
            if isinstance(found, pool.ConnectionCls):
                return found
            found.close()


@pytest.fixture(params=["http", "https"])
def server(request, start):
    tls = None
    if request.param == "https":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(CERTIFICATE)
    return start(tls=tls)


@pytest.fixture
def client(server, connect):
    return connect(server.host, ssl_verify=CERTIFICATE)


def test_recorder_sees_all_and_only_while_it_is_there(client, server, monkeypatch, tmp_path):
    path = sparse(tmp_path / "large.mov", 3 * MIB)
    recorder = Recorder(monkeypatch)
    raw_client.get("data/rows", client=client)
    with recorder:
        raw_client.get("data/rows", client=client)
        raw_client.upload("pictures", path, client=client)
    client.session.close()  # recorders take their connections away
    raw_client.get("data/rows", client=client)
    assert recorder.seen == ["GET", "POST"]
    assert len(server.requests) == 4


@pytest.mark.parametrize("name", ["HTTPConnection", "HTTPSConnection"])
def test_recorder_that_was_there_first(name):
    """The HTTP stack is imported when a program makes its first request, maybe within a recording."""
    script = f"""
from urllib3 import connection, connectionpool
real = connection.{name}
pool = connectionpool.{name}Pool
class Recording(real):
    pass
connection.{name} = pool.ConnectionCls = Recording
from gazu._http import connections
ours = {{"HTTPConnection": connections.Pool, "HTTPSConnection": connections.SecurePool}}["{name}"]("localhost")
assert ours.ConnectionCls is Recording
connection.{name} = pool.ConnectionCls = real
assert issubclass(ours.ConnectionCls, connections.EarlyResponseMixin)
assert issubclass(ours.ConnectionCls, real) and not issubclass(ours.ConnectionCls, Recording)
"""
    root = os.path.dirname(os.path.dirname(gazu.__file__))
    subprocess.run([sys.executable, "-c", script], check=True, env=dict(os.environ, PYTHONPATH=root), timeout=60)
