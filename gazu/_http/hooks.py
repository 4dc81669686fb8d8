"""The hooks of a client: functions that are called with each of its requests. Loaded when one is set."""

import re
import time
from typing import Any, Callable, Iterator, List, NamedTuple, Optional, Union

from ..exception import CancelledException
from .log import get_logger
from .messages import Request
from .route import origin_of, public, template_of

#: A segment of a path that is a word of a route; anything else may be an id or a name.
_WORD = re.compile(r"[a-z_]+\d?(-[a-z_]+\d?)*", re.ASCII)


class RequestEvent(NamedTuple):
    """A request that is about to be sent.

    Attributes:
        method: `GET`
        route: the path without its values: `data/projects/{project_id}/shots`. In a path that was not made by a
            function of the library, all but plain words becomes `{id}`.
        host: `https://kitsu.example.com`
        attempt: 1, and one more each time that this request is sent again.
    """

    method: str
    route: str
    host: str
    attempt: int


class ResponseEvent(NamedTuple):
    """What came of a request; the first four attributes are those of its `RequestEvent`.

    Attributes:
        status: the status of the response; None without a response.
        seconds: from the request to the response; the body of a download comes later.
        error: why there was no response: a TransportException, or a CancelledException if the call ended before.
    """

    method: str
    route: str
    host: str
    attempt: int
    status: Optional[int]
    seconds: float
    error: Optional[BaseException]


class Hooks:
    """Functions that are called with each request of a client, and with what came of it.

        client.hooks.after_response.append(lambda event: print(event.route, event.status, event.seconds))

    They are called where the request is sent: in the thread of the caller, or in the event loop. An error of theirs
    is logged, and changes nothing. They stay with this client: pickles and copies of it have none.
    """

    def __init__(self) -> None:
        self.before_request: List[Callable[[RequestEvent], Any]] = []
        self.after_response: List[Callable[[ResponseEvent], Any]] = []


class Watch:
    """A request that the hooks of a client are called with."""

    def __init__(self, hooks: Hooks, request: Request, attempt: int) -> None:
        self._hooks = hooks
        self._event = RequestEvent(request.method, route_of(request), origin_of(public(request.url)), attempt)
        _call(hooks.before_request, self._event)
        self._started = time.monotonic()

    def end(self, status: Optional[int], error: Optional[BaseException] = None) -> None:
        """Call the hooks with what came of the request."""
        seconds = time.monotonic() - self._started
        if isinstance(error, GeneratorExit):
            error = CancelledException(f"{self._event.method} {self._event.route}: the call ended before")
        _call(self._hooks.after_response, ResponseEvent(*self._event, status, seconds, error))


def _call(functions: List[Any], event: Union[RequestEvent, ResponseEvent]) -> None:
    for function in list(functions):
        try:
            function(event)
        except Exception:
            get_logger().warning("a hook failed at %s %s", event.method, event.route, exc_info=True)


def route_of(request: Request) -> str:
    """Return the path of a request without its values."""
    path = template_of(request.path) or "/".join(_segments(request.path))
    return path.split("?")[0].strip("/")


def _segments(path: str) -> Iterator[str]:
    for segment in path.split("?")[0].split("/"):
        yield segment if not segment or _WORD.fullmatch(segment) or segment.startswith("{") else "{id}"
