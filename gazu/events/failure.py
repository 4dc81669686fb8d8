"""What became of an event whose handler raised, and what to do about it."""

import enum
from typing import Any, Callable, Dict, NamedTuple, Optional


class ErrorAction(enum.Enum):
    """What a listener does about an event whose handler raised."""

    RETRY = "call the handler again, after a pause that grows"
    SKIP = "give the event up, and go on with the next one"
    STOP = "stop the listener; the event comes again with the next start"


RETRY, SKIP, STOP = ErrorAction


class Failure(NamedTuple):
    """A call of a handler that raised.

    Attributes:
        error: what it raised.
        event: the name of the event.
        data: the data of the event, with its `event_id` if it is in the log.
        attempt: which call of the handler for this event it was: 1, 2, ...
        queue: the queue of the handler.
    """

    error: BaseException
    event: str
    data: Dict[str, Any]
    attempt: int
    queue: str


ErrorHandler = Callable[[Failure], Optional[ErrorAction]]
