"""A proxy that loses requests and responses of a real server."""

import socket
import struct
import threading
from contextlib import contextmanager
from typing import Any, Iterator, List, Optional
from urllib.parse import urlsplit

from gazu.client import KitsuClient

GATEWAY = b"HTTP/1.1 504 Gateway Time-out\r\nConnection: close\r\nContent-Length: 14\r\n\r\n<h1>Late!</h1>"


class Proxy:
    """Hand on requests and answers; a POST to a path with `target` in it meets its `fate`, the first after `skip`.

    "answer": the server does it, and its response is lost. "half": half of the response arrives.
    "gateway": a page of the proxy comes instead. "request": the server never gets it.
    "down": as "answer", and nothing gets through from then on until `fate` is None.
    """

    def __init__(self, host: str) -> None:
        self.server = urlsplit(host)
        self.target = ""
        self.fate: Optional[str] = None
        self.skip = 0
        self.done: List[str] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.host = f"http://127.0.0.1:{self.socket.getsockname()[1]}{self.server.path}"
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *error: Any) -> None:
        self.socket.close()

    @contextmanager
    def client_of(self, admin: KitsuClient, **settings: Any) -> Iterator[KitsuClient]:
        """A client that is logged in as *admin*, and sends its requests through this proxy."""
        client = KitsuClient(self.host, access_token=admin.access_token, **settings)
        yield client
        client.session.close()

    def accept(self) -> None:
        while True:
            try:
                client = self.socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as stream:
            try:
                line = stream.readline()
                head = [line]
                while head[-1] not in (b"\r\n", b""):
                    head.append(stream.readline())
                sizes = [int(one.split(b":")[1]) for one in head if one.lower().startswith(b"content-length:")]
                body = stream.read(sum(sizes))
                client.sendall(self.answer(line.decode().split(" ")[:2], head, body))
            except (OSError, IndexError):  # a connection of a client that is closed
                pass
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def answer(self, call: List[str], head: List[bytes], body: bytes) -> bytes:
        method, path = call
        fate = self.fate if self.target in path and method == "POST" else None
        if fate and self.skip:
            self.skip, fate = self.skip - 1, None
        if fate is None and self.fate == "down" and not self.target:
            raise ConnectionError("down")
        if fate == "request":
            self.fate = None
            raise ConnectionError("lost on the way")
        if fate == "down":
            self.target = ""
        elif fate:
            self.fate = None
        with socket.create_connection((self.server.hostname, self.server.port)) as server:
            head = [one for one in head[:-1] if not one.lower().startswith((b"connection:", b"accept-encoding:"))]
            server.sendall(b"".join([*head, b"Connection: close\r\n\r\n", body]))
            with server.makefile("rb") as stream:
                answer = stream.read()
        if method == "POST":
            self.done.append(path.split("?")[0])
        if fate in ("answer", "down"):
            raise ConnectionError("lost on the way back")
        return {"half": answer[: len(answer) - 20], "gateway": GATEWAY}.get(fate or "", answer)

    def meet(self, fate: str, target: str, skip: int = 0) -> None:
        self.target, self.fate, self.skip = target, fate, skip
        self.done.clear()
