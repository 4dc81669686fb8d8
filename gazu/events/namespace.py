"""The part of `events` that needs Socket.IO, which is loaded with it."""

import logging
from typing import Any

import socketio

logger: logging.Logger = logging.getLogger("gazu")


class EventsNamespace(socketio.ClientNamespace):  # type: ignore[misc]
    """The namespace of the event stream: logs connections, disconnections and errors."""

    def on_connect(self) -> None:
        """Log that the stream is connected."""
        logger.debug("connected to the event stream")

    def on_disconnect(self) -> None:
        """Log that the stream is disconnected."""
        logger.debug("disconnected from the event stream")

    def on_error(self, data: Any) -> Any:
        """Log an error that the server reports, and return it."""
        logger.warning("error of the event stream: %s", data)
        return data
