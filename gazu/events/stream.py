"""Keeping the event stream connected, for months."""

import functools
import logging
import threading
import time
from typing import Any, Callable, Collection, Dict, Mapping, Optional

from ..client import KitsuClient
from . import connection
from .renewal import TokenRenewal
from .schedule import BACKOFF_MAX_SECONDS

#: Between two checks of the connection and of the access token.
CHECK_INTERVAL_SECONDS = 0.25

logger: logging.Logger = logging.getLogger("gazu")


class EventStream:
    """Keeps the event stream connected and the access token fresh, in a thread of its own.

    Args:
        settings: those of `gazu.events.init`.
        on_event: called with name and data of each event, in the thread that reads the stream: must not wait.
        on_change: called when notifications may have been missed, with whether the log can be read at once.

    Attributes:
        names: the events to receive.
        problem: what is wrong, in words, or None.
    """

    def __init__(
        self,
        client: KitsuClient,
        settings: Mapping[str, Any],
        stopping: threading.Event,
        on_event: Callable[[str, Dict[str, Any]], None],
        on_change: Callable[[bool], None],
    ) -> None:
        self.names: Collection[str] = ()
        self.problem: Optional[str] = None
        self.thread: Optional[threading.Thread] = None
        self.renewal: TokenRenewal = TokenRenewal(client)
        self._client, self._settings, self._stopping = client, settings, stopping
        self._on_event, self._on_change = on_event, on_change
        self._connection: Any = None

    def is_connected(self) -> bool:
        """Return whether the event stream is connected."""
        return self._connection is not None and bool(self._connection.connected)

    def new_connection(self) -> Any:
        """Return a connection with a handler for each name; raise an error for settings that there are not."""
        stream = connection.new_connection(self._client, reconnection=False, handle_sigint=False, **self._settings)
        for name in self.names:
            stream.on(name, functools.partial(self._receive, name), connection.NAMESPACE)
        return stream

    def start(self) -> None:
        """Connect, and stay connected until the listener stops."""
        self.thread = threading.Thread(target=self._run, name="gazu-events", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._stay_connected()
        except BaseException as error:
            logger.exception("the thread of the event stream has ended")
            self.problem = f"the thread of the event stream has ended: {error!r}"
        finally:
            if self._connection is not None:
                self._connection.disconnect()
            self._connection = None

    def _stay_connected(self) -> None:
        pause = retry_at = 0.0
        while not self._stopping.is_set():
            if self.renewal.check():
                self._on_change(True)  # consumers that were refused need not wait
            if self._connection is not None and not self.is_connected():
                logger.warning("the event stream is disconnected")
                self._connection = None
                self._on_change(False)
            if self._connection is None and time.monotonic() >= retry_at:
                self._connect()
                pause = 0.0 if self.is_connected() else min(BACKOFF_MAX_SECONDS, max(1.0, pause * 2))
                retry_at = time.monotonic() + pause
            self._stopping.wait(CHECK_INTERVAL_SECONDS)

    def _connect(self) -> None:
        try:
            stream = self.new_connection()
            connection.connect(stream, self._client)
        except Exception as error:  # whatever it is, the next attempt may succeed
            self.problem = f"the event stream cannot be reached: {error}"
            return
        self._connection, self.problem = stream, None
        self._on_change(True)

    def _receive(self, name: str, data: Any = None) -> None:
        self._on_event(name, data if isinstance(data, dict) else {})
