"""The upgrade of the event stream from requests to a WebSocket; needs websocket-client."""

import socket
import threading
from contextlib import suppress
from typing import Any

import websocket

from .schedule import HANDSHAKE_SECONDS


class HandshakeSocket(websocket.WebSocket):  # type: ignore[misc, unused-ignore]
    """A WebSocket whose handshake goes to the host that it is meant for, and has an end."""

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
