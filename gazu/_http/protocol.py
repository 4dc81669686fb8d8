"""What the answers of the server mean and what follows from them: pure, no socket, no clock but its arguments."""

from typing import Any, Dict, Generator, List, Mapping, NamedTuple, Optional, Type

from ..exception import (
    GazuException,
    InvalidTokenException,
    MethodNotAllowedException,
    NotAllowedException,
    NotAuthenticatedException,
    ParameterException,
    RequestRefusedException,
    RouteNotFoundException,
    ServerErrorException,
    TooBigFileException,
    TransportException,
    ValidationException,
)

#: A request is repeated for want of a token at most so often, less one.
MAX_AUTH_RETRIES = 3
#: Requests that one call makes at most, the first included.
MAX_ATTEMPTS = 5
#: Seconds: the first wait between two attempts, and the longest that a server may ask for.
FIRST_WAIT, LONGEST_WAIT = 0.2, 30.0
#: Statuses that say: the same request may do later.
TRANSIENT = frozenset((429, 502, 503, 504))
#: Methods for which the same request twice means the same as once.
REPEATABLE = frozenset(("GET", "HEAD", "PUT", "DELETE"))

NO_MESSAGE = "No additional information"

_ERRORS: Dict[int, Type[GazuException]] = {
    400: ParameterException,
    401: NotAuthenticatedException,
    403: NotAllowedException,
    404: RouteNotFoundException,
    405: MethodNotAllowedException,
    413: TooBigFileException,
    422: ValidationException,
}


def message_of(data: Any, default: str = NO_MESSAGE) -> str:
    """Return the message in the body of an error, whichever of the server's shapes it has."""
    if not isinstance(data, Mapping):
        return default
    texts = (data.get(key) for key in ("message", "error", "msg"))
    message = next((text for text in texts if text and isinstance(text, str)), default)
    details = data.get("data")
    errors = details.get("errors") if isinstance(details, Mapping) else None
    if errors and isinstance(errors, list):
        fields = (e for e in errors if isinstance(e, Mapping))
        message += " (%s)" % ", ".join(f"{e.get('field')}: {e.get('message')}" for e in fields)
    return message


def error_for(status: int, method: str, path: str, body: Any = None) -> Optional[GazuException]:
    """Return the error that an answer stands for, or None if it is no error."""
    if status < 400:
        return None
    fallback = ServerErrorException if status >= 500 else RequestRefusedException
    kind = NotAuthenticatedException if is_expired(status, body) else _ERRORS.get(status, fallback)
    if kind is ValidationException and is_unreadable(body):
        kind = InvalidTokenException
    message = message_of(body)
    error: GazuException
    if kind is TooBigFileException:
        error = kind(f"{path}: the data sent is larger than the server, or a proxy before it, accepts")
    elif kind in (ParameterException, ValidationException, InvalidTokenException):
        error = kind(path, message)
    elif message is NO_MESSAGE:
        error = kind(path)
    else:
        error = kind(f"{path}: {message}")
    error.status_code, error.method, error.path, error.body = status, method, path, body
    return error


def is_expired(status: int, body: Any) -> bool:
    """Return whether an answer means that the access token is too old."""
    return status in (401, 422) and message_of(body, "") == "Signature has expired"


def is_unreadable(body: Any) -> bool:
    """Return whether a 422 is about the token: only the part of the server that checks it says `msg`."""
    return isinstance(body, Mapping) and "msg" in body and "message" not in body


class Answer(NamedTuple):
    """What the recovery of the authentication needs to know of an answer."""

    status: int
    body: Any


#: Steps that `recover` asks its driver for.
SEND, REFRESH, ASK = "send", "refresh", "ask"


def recover(refreshes: bool, asks: bool) -> Generator[str, Any, None]:
    """Get a request past an expired token.

    A generator that yields the next step and is sent its outcome: SEND is answered
    with an `Answer`; REFRESH (get a new access token) and ASK (call the user's
    callback) with True if the request shall be sent again. It ends when the last
    answer stands, good or bad.

    Args:
        refreshes: a refresh token is there and may be used.
        asks: the user has given a callback.
    """
    for _ in range(MAX_AUTH_RETRIES):
        answer = yield SEND
        expired = is_expired(answer.status, answer.body)
        unreadable = answer.status == 422 and is_unreadable(answer.body)
        if not expired and not unreadable and answer.status != 401:
            return
        if expired and refreshes and (yield REFRESH):
            continue
        if not asks or not (yield ASK):
            return


def retry_after(value: Optional[str], now: float) -> Optional[float]:
    """Return the seconds that a Retry-After header asks for, given as seconds or as a date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        from email.utils import parsedate_to_datetime  # a slow import for a rare header
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None


def pause(attempt: int, asked: Optional[float]) -> Optional[float]:
    """Return the seconds to wait after the failed *attempt* (1 is the first), or None to give up.

    Args:
        asked: what the server asked for; longer than LONGEST_WAIT means to give up.
    """
    if asked is not None:
        return asked if asked <= LONGEST_WAIT else None
    import random

    return FIRST_WAIT * 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)


class Budget:
    """A limit on retries over all calls, so that a farm does not keep a dying server down.

    Each retry costs one of CAPACITY; each success gives a tenth of one back.
    """

    CAPACITY = 40.0

    def __init__(self) -> None:
        self.left = self.CAPACITY

    def spend(self) -> bool:
        """Take one retry out of the budget; False if it is used up."""
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def earn(self) -> None:
        """Note a success."""
        if self.left < self.CAPACITY:
            self.left = min(self.CAPACITY, self.left + 0.1)


class Attempts:
    """How often one request is sent: told of each outcome, it says when to send again, or None for never.

    Args:
        retries: attempts after the first.
        budget: that of the client.
    """

    def __init__(self, method: str, retries: int, budget: Budget) -> None:
        self.method, self.budget = method, budget
        self.left = min(retries, MAX_ATTEMPTS - 1)
        self.failures = 0
        self.lost = False

    def answered(self, status: int, response: Any, now: float) -> Optional[float]:
        """Return the seconds to wait after an answer; None if it stands.

        Args:
            response: what has its `headers`; they are not cheap, and mostly not needed.
        """
        if status not in TRANSIENT:
            self.budget.earn()
            return None
        self.lost = self.lost or status in (502, 504)  # those of a proxy whose server did not answer in time
        return self._again(self.method in REPEATABLE, retry_after(response.headers.get("Retry-After"), now))

    def failed(self, error: TransportException, final: bool) -> Optional[float]:
        """Return the seconds to wait after no answer; None if *error* is to be raised.

        Args:
            final: another attempt cannot mend it.
        """
        self.lost = self.lost or error.sent
        return self._again(not final and (self.method in REPEATABLE or not error.sent), None)

    def _again(self, allowed: bool, asked: Optional[float]) -> Optional[float]:
        self.failures += 1
        if not allowed or self.failures > self.left:
            return None
        wait = pause(self.failures, asked)
        return wait if wait is not None and self.budget.spend() else None

    def did_it(self, status: int) -> bool:
        """Return whether an answer says that the attempt whose answer was lost has deleted the record."""
        return self.lost and status == 404 and self.method == "DELETE"


def pages(at_once: int) -> Generator[List[int], List[Any], List[Any]]:
    """Collect the rows of all pages, to the last or to an empty one; the count may grow on the way.

    A generator that yields the numbers of the pages to get, *at_once* at most, is sent
    their answers, and returns the rows.
    """
    (first,) = yield [1]
    if isinstance(first, list):  # a server, or a route, that knows no pages
        return first
    rows: List[Any] = list(first.get("data") or [])
    last, page = first.get("nb_pages") or 1, 2
    while page <= last:
        # The second page comes alone: what is wrong with one is mostly wrong with all.
        numbers = list(range(page, min(last, page + (0 if page == 2 else at_once - 1)) + 1))
        answers = yield numbers
        for answer in answers:
            rows += answer.get("data") or []
            last = max(last, answer.get("nb_pages") or 1)
        if page > 2 and not all(answer.get("data") for answer in answers):
            break
        page = numbers[-1] + 1
    return rows
