"""
A real HTTP server on a local socket, which answers each request as its script says.

What a mock of the HTTP library hides happens here for real: refused, reset, silent,
truncated and reused connections.
"""

import json
import os
import socket
import struct
import threading
import time
from types import SimpleNamespace
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Union

import pytest

from gazu.client import KitsuClient

from .awaiting import Awaiting, awaiting

#: Seconds after which a test that hangs is ended from the server's side.
PATIENCE = 20
#: Bytes of a body that are kept; of longer ones only the length is known.
KEPT = 4 * 1024 * 1024

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_SETTINGS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NETRC", "GAZU_TIMEOUT", "GAZU_RETRIES")


class Request:
    """What the server got."""

    def __init__(self, method: str, target: str, headers: Dict[str, str], connection: int) -> None:
        self.method, self.target, self.headers, self.connection = method, target, headers, connection
        self.path = target.split("?")[0]
        self.query = target.partition("?")[2]
        self.body = b""
        self.length = 0

    @property
    def token(self) -> Optional[str]:
        """The bearer token it carried."""
        return self.headers.get("authorization", "").replace("Bearer ", "") or None

    def json(self) -> Any:
        return json.loads(self.body.decode())


class Exchange:
    """One request on its connection: what an act (an entry of the script) works with."""

    def __init__(self, server: "Server", sock: socket.socket, stream: Any, request: Request) -> None:
        self.server, self.sock, self.stream, self.request = server, sock, stream, request

    def send(self, content: bytes) -> None:
        self.sock.sendall(content)

    def read_body(self) -> None:
        """Take the body off the connection; a large one is counted, not kept."""
        left = int(self.request.headers.get("content-length", "0"))
        kept: List[bytes] = []
        while left:
            piece = self.stream.read1(min(left, 256 * 1024))
            if not piece:
                raise ConnectionError("the client hung up within the body")
            left -= len(piece)
            self.request.length += len(piece)
            if self.request.length <= KEPT:
                kept.append(piece)
        self.request.body = b"".join(kept)

    def wait(self, seconds: float) -> None:
        """Let time pass, but not longer than the test."""
        self.server.stopping.wait(seconds)

    def close(self) -> None:
        """End the connection in an orderly way."""
        self.stream.close()
        _shut(self.sock)

    def reset(self) -> None:
        """End the connection with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.stream.close()
        self.sock.close()


Act = Callable[[Exchange], Any]


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()


class Server:
    """
    The server. Each request is answered by the next act of `script` or, when that is empty, by `default`.

    An act that returns "close" ends the connection.
    """

    def __init__(self, listening: bool = True, tls: Any = None) -> None:
        self.script: List[Act] = []
        self.default: Act = answer({})
        self.requests: List[Request] = []
        self.connections = 0
        self.stopping = threading.Event()
        self.idle = threading.Event()
        self.lock = threading.Lock()
        self.tls = tls
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.address = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.host = self.address + "/api"
        self.open: List[socket.socket] = []
        self.threads: List[threading.Thread] = []
        if listening:
            self.listen()

    def listen(self) -> None:
        """Begin to accept connections; until then they are refused."""
        self.socket.listen(128)
        self._start(self._accept)

    def _start(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                sock = self.socket.accept()[0]
            except OSError:
                return
            with self.lock:
                if self.stopping.is_set():
                    sock.close()
                    return
                self.connections += 1
                self.open.append(sock)
                self._start(self._serve, sock, self.connections)

    def _serve(self, sock: socket.socket, number: int) -> None:
        try:
            sock.settimeout(PATIENCE)
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
                self.open.append(sock)
            with sock.makefile("rb") as stream:
                while self._exchange(sock, stream, number):
                    pass
        except (OSError, ValueError):  # the client, or the script, ended the connection
            pass
        finally:
            _shut(sock)

    def _exchange(self, sock: socket.socket, stream: Any, number: int) -> bool:
        line = stream.readline().decode("latin-1").split()
        if not line:
            return False
        headers: Dict[str, str] = {}
        while True:
            name, _, value = stream.readline().decode("latin-1").partition(":")
            if not value:
                break
            headers[name.strip().lower()] = value.strip()
        exchange = Exchange(self, sock, stream, Request(line[0], line[1], headers, number))
        with self.lock:
            self.requests.append(exchange.request)
            act = self.script.pop(0) if self.script else self.default
        if not getattr(act, "early", False):
            exchange.read_body()
        return act(exchange) != "close"

    @property
    def calls(self) -> List[str]:
        """Method and target of all requests, in their order."""
        return [f"{request.method} {request.target}" for request in self.requests]

    def received(self, count: int) -> int:
        """Return how many requests came, once there are *count*, or none came for long."""
        deadline = time.monotonic() + PATIENCE
        while len(self.requests) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return len(self.requests)

    def close(self) -> None:
        self.stopping.set()
        with self.lock:
            _shut(self.socket)
            for sock in self.open:
                _shut(sock)
        for thread in list(self.threads):
            thread.join(PATIENCE)


# -- acts --------------------------------------------------------------------
REASON = "Because"


def head(status: int, headers: Dict[str, Any]) -> bytes:
    lines = [f"HTTP/1.1 {status} {REASON}"] + [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines + ["", ""]).encode("latin-1")


def answer(
    body: Any = b"", status: int = 200, headers: Optional[Dict[str, Any]] = None, kind: Optional[str] = None
) -> Act:
    """Answer with *body*: bytes, text (HTML) or what JSON can hold."""
    content, given = _content(body)
    fields = {"Content-Type": kind or given, "Content-Length": len(content), **(headers or {})}
    if status == 204:
        fields.pop("Content-Length")

    def act(exchange: Exchange) -> None:
        exchange.send(head(status, fields) + (b"" if exchange.request.method == "HEAD" else content))

    return act


def _content(body: Any) -> Tuple[bytes, str]:
    if isinstance(body, bytes):
        return body, "application/octet-stream"
    if isinstance(body, str):
        return body.encode(), "text/html"
    return json.dumps(body).encode(), "application/json"


def raw(*pieces: Union[bytes, float, Act]) -> Act:
    """Send the bytes, pause for the numbers, call the acts among *pieces*; then close the connection."""

    def act(exchange: Exchange) -> str:
        for piece in pieces:
            if isinstance(piece, bytes):
                exchange.send(piece)
            elif callable(piece):
                piece(exchange)
            else:
                exchange.wait(piece)
        exchange.close()
        return "close"

    return act


def reset(exchange: Exchange) -> str:
    """Reset the connection."""
    exchange.reset()
    return "close"


def hang(exchange: Exchange) -> str:
    """Say nothing until the test has ended."""
    exchange.wait(PATIENCE)
    return "close"


def then_close(act: Act) -> Act:
    """Answer as *act* as if the connection stayed, close it, and set `idle` of the server."""

    def closing(exchange: Exchange) -> str:
        act(exchange)
        exchange.close()
        exchange.server.idle.set()
        return "close"

    return closing


def early(act: Act) -> Act:
    """Run *act* before the body of the request is read."""

    def at_once(exchange: Exchange) -> Any:
        return act(exchange)

    at_once.early = True  # type: ignore[attr-defined]
    return at_once


# -- fixtures ----------------------------------------------------------------
@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> None:
    """Take away what the environment of the developer says about connections."""
    for name in [*_SETTINGS, *_PROXIES, *(name.upper() for name in _PROXIES)]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))


def _is_open(path: Any, folder: Optional[int]) -> bool:
    """Return whether this process has a file open, as Linux reports it."""
    base = os.readlink(f"/proc/self/fd/{folder}") if folder is not None else ""
    place = os.path.realpath(os.path.join(base, os.fsdecode(path)))
    for number in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{number}") == place and os.path.isfile(place):
                return True
        except OSError:  # the descriptor of this list
            pass
    return False


@pytest.fixture(autouse=True)
def open_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[List[str]]:
    """Refuse, as Windows does, to replace, rename or remove files that this process has open; yield what was tried."""
    tried: List[str] = []

    def guarded(name: str) -> Any:
        function = getattr(os, name)

        def guard(*paths: Any, **more: Any) -> Any:
            folder = more.get("dir_fd", more.get("src_dir_fd"))
            for path in paths:
                if not isinstance(path, int) and _is_open(path, folder):
                    tried.append(f"{name}({path})")
                    raise PermissionError(13, "The file is open in this process", os.fsdecode(path))
            return function(*paths, **more)

        return guard

    if os.path.isdir("/proc/self/fd"):
        for name in ("replace", "rename", "unlink", "remove"):
            monkeypatch.setattr(os, name, guarded(name))
    yield tried
    assert tried == [], "Windows would refuse it"


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    """Start servers, which end with the test."""
    servers: List[Server] = []

    def start(**options: Any) -> Server:
        servers.append(Server(**options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def server(start: Callable[..., Server]) -> Server:
    """A running server."""
    return start()


@pytest.fixture
def connect() -> Iterator[Callable[..., KitsuClient]]:
    """Make clients, whose connections are closed with the test."""
    clients: List[KitsuClient] = []

    def connect(host: str, **options: Any) -> KitsuClient:
        options.setdefault("access_token", "access-token-1")
        clients.append(KitsuClient(host, **options))
        return clients[-1]

    yield connect
    for client in clients:
        client.session.close()


@pytest.fixture
def client(server: Server, connect: Callable[..., KitsuClient]) -> KitsuClient:
    """A client of the server, with an access token and no refresh token."""
    return connect(server.host)


class Naps(list):  # type: ignore[type-arg]
    """The seconds that would have been slept; `then` is called at each."""

    then: Optional[Callable[[], Any]] = None
    now = 1000.0

    def sleep(self, seconds: float) -> None:
        self.append(seconds)
        self.now += seconds
        if self.then is not None:
            self.then()

    async def nap(self, seconds: float) -> None:
        self.sleep(seconds)


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> Naps:
    """Let the clock of the retries run without waiting."""
    naps = Naps()
    clock = SimpleNamespace(sleep=naps.sleep, monotonic=lambda: naps.now, time=lambda: naps.now)
    monkeypatch.setattr("gazu._http.sender.time", clock)
    monkeypatch.setattr("gazu._http.protocol.time", clock)
    monkeypatch.setattr("gazu._http.async_sender.sleep", naps.nap)
    return naps


@pytest.fixture
def loop() -> Iterator[Awaiting]:
    """An event loop, which ends with the test."""
    yield awaiting
    awaiting.close()
