"""A gate before a server: open, slow, silent or closed."""

import socket
import threading
import time
from contextlib import suppress
from typing import Any, List, Optional
from urllib.parse import urlsplit

from ..waiting import until

#: Bytes taken at a time. A larger buffer of the kernel would take megabytes at once, and a bar would jump to its end.
PIECE = 64 * 1024


class Gate:
    """Hand bytes on to the server of *host* and back; `host` is the address of the gate.

    `bytes_per_second` limits what clients send; with 0 nothing gets through, and the connections stay: the server is
    silent. So it is once clients have sent `until` bytes. After `close` there is no server, until `open`. `sent` counts
    the bytes that clients sent.
    """

    def __init__(self, host: str) -> None:
        self.server = urlsplit(host)
        self.bytes_per_second: Optional[float] = None
        self.sent = 0
        self.until: Optional[int] = None
        self.port = 0
        self.sockets: List[socket.socket] = []
        self.open()
        self.host = f"http://127.0.0.1:{self.port}{self.server.path}"

    def open(self) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)  # before bind: connections inherit it
        listening.bind(("127.0.0.1", self.port))
        listening.listen()
        self.port = listening.getsockname()[1]
        self.sockets = [listening]
        threading.Thread(target=self.accept, args=(listening,), daemon=True).start()

    def close(self) -> None:
        for one in self.sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # wakes the threads that wait for it
            one.close()

    def __enter__(self) -> "Gate":
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client = listening.accept()[0]
                server = socket.create_connection((self.server.hostname, self.server.port))
                self.sockets += [client, server]
                threading.Thread(target=self.hand_on, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self.hand_on, args=(server, client, False), daemon=True).start()

    def hand_on(self, source: socket.socket, target: socket.socket, limited: bool) -> None:
        with suppress(OSError):
            while True:
                self.hold()
                piece = source.recv(PIECE // 4)
                if not piece:
                    break
                if limited and self.bytes_per_second:
                    time.sleep(len(piece) / self.bytes_per_second)
                self.hold()
                target.sendall(piece)
                self.sent += len(piece) if limited else 0
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def hold(self) -> None:
        """Wait while the server is silent."""
        while self.bytes_per_second == 0 or (self.until is not None and self.sent >= self.until):
            time.sleep(0.05)

    def let_go(self) -> None:
        """Let everything through."""
        self.until = self.bytes_per_second = None

    def wait_for(self, count: int, seconds: float = 60) -> None:
        """Wait until clients have sent so many bytes."""
        until(lambda: self.sent >= count, seconds, lambda: f"only {self.sent} of {count} bytes were sent")
