"""The deadline of a whole call, with all its attempts and waits."""

from time import monotonic
from typing import Any, Optional, Type

from ..exception import TransportException
from .messages import Request


class Deadline:
    """When a call has to end; as a context, it turns what happens after that into an error that says so."""

    def __init__(self, seconds: float, kind: Type[TransportException]) -> None:
        self._kind, self._seconds, self._until = kind, seconds, monotonic() + seconds
        self._request: Optional[Request] = None

    def left(self, step: Any) -> float:
        """Return the seconds left for *step*.

        Raises:
            DeadlinePassed: there are none, or the step is a wait that takes longer.
        """
        self._request = getattr(step, "request", self._request)
        left = self._until - monotonic()
        if left <= getattr(step, "seconds", 0):
            raise self.error()
        return left

    def is_over(self) -> bool:
        """Return whether the time is over; timers may be early by their resolution."""
        return monotonic() >= self._until - 0.01

    def error(self) -> TransportException:
        """Return the error that says that the time is over."""
        method, path = (self._request.method, self._request.path) if self._request else ("", "")
        error = self._kind(f"{method} {path}: the call has not ended by its deadline, after {self._seconds:.3g} s")
        error.method, error.path = method, path
        return error

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if isinstance(error, TransportException) and self.is_over():
            raise self.error() from error
