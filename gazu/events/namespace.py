"""The part of `events` that needs Socket.IO, which is loaded with it."""

import logging
from typing import Any

from .._http.route import public
from ..exception import NotAuthenticatedException

try:
    import socketio as socketio
except ImportError as error:
    raise ModuleNotFoundError(
        f"gazu.events needs the package python-socketio ({error}): pip install 'python-socketio[client]'",
        name="socketio",
    ) from error

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


class StreamRefusedException(NotAuthenticatedException, socketio.exceptions.ConnectionError):  # type: ignore[misc]
    """The event stream refuses the access token."""

    @classmethod
    def of(cls, host: str, said: Any) -> "StreamRefusedException":
        """Return the error for what the server *said*: a text, or a dict with a message."""
        reason = said.get("message", said) if isinstance(said, dict) else said
        error = cls(f"event stream of {public(host)}: {reason} (log in again, or set a valid token)")
        error.body = said
        return error
