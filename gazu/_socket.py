"""The part of `events` that needs Socket.IO, which is loaded with it."""

import logging
from typing import Any

import socketio

logger = logging.getLogger("gazu")


class EventsNamespace(socketio.ClientNamespace):  # type: ignore[misc]
    """The event stream: logs when the connection is there, gone, or in trouble."""

    def on_connect(self) -> None:
        """Log that the connection is there."""
        logger.debug("connected to the event stream")

    def on_disconnect(self) -> None:
        """Log that the connection is gone."""
        logger.debug("disconnected from the event stream")

    def on_error(self, data: Any) -> Any:
        """Log what the server says is wrong, and return it."""
        logger.warning("the event stream says: %s", data)
        return data
