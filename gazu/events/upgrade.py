"""The WebSocket of the event stream, which its requests are upgraded to; needs websocket-client."""

import logging
import socket
import threading
from contextlib import suppress
from typing import Any

import websocket

from .schedule import HANDSHAKE_SECONDS

#: Bytes of a message, with what comes between its parts; websocket-client has no limit, and events have a few hundred.
MAX_MESSAGE_BYTES = 16 * 1024 * 1024

logger: logging.Logger = logging.getLogger("gazu")


class EventSocket(websocket.WebSocket):  # type: ignore[misc, unused-ignore]
    """A WebSocket whose handshake goes to the host that it is meant for, and has an end, as its messages have."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call, unused-ignore]
        self._left = MAX_MESSAGE_BYTES
        buffer: Any = self.frame_buffer
        self._receive = buffer.recv
        buffer.recv = self._receive_limited

    def recv(self) -> Any:
        """Return the next message; without one, close the connection, which engineio leaves to the garbage collector.

        Raises:
            websocket.WebSocketException: the message is longer than `MAX_MESSAGE_BYTES`, or there is none.
        """
        self._left = MAX_MESSAGE_BYTES
        message: Any = None
        try:
            message = super().recv()  # type: ignore[no-untyped-call, unused-ignore]
        finally:
            if not message:  # that the server says good-bye is an empty message, too
                self.shutdown()  # type: ignore[no-untyped-call, unused-ignore]
        return message

    def _receive_limited(self, size: int) -> Any:
        received = self._receive(size)
        self._left -= len(received)
        if self._left < 0:
            problem = f"the event host sends a message of more than {MAX_MESSAGE_BYTES >> 20} MiB"
            logger.warning("%s: the event stream is disconnected", problem)  # engineio reports it to nobody
            raise websocket.WebSocketException(problem)
        return received

    def connect(self, url: str, **options: Any) -> None:
        """Connect; a redirect is not followed, as the access token would go along."""
        timer = threading.Timer(HANDSHAKE_SECONDS, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            super().connect(url, **{"redirect_limit": 0, **options})  # type: ignore[no-untyped-call, unused-ignore]
        finally:
            timer.cancel()
        if self.getstatus() != 101:
            self.shutdown()  # type: ignore[no-untyped-call, unused-ignore]
            raise websocket.WebSocketException(f"the response to the upgrade has status {self.getstatus()}, not 101")

    def _give_up(self) -> None:
        """End a handshake that comes byte by byte."""
        sock: Any = self.sock
        with suppress(OSError, AttributeError):
            sock.shutdown(socket.SHUT_RDWR)
