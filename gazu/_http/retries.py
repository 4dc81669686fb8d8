"""When a request may be sent again, and how long to wait before that: pure, no clock but its arguments."""

from typing import Any, Optional

from ..exception import GazuException, TransportException

#: Requests that one call makes at most, the first included.
MAX_ATTEMPTS = 5
#: The first wait between two attempts, and the longest that a server may ask for.
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.2, 30.0
#: Statuses of a proxy that cannot reach the server behind it, or gave up while the server may still work.
GATEWAY_STATUSES = (502, 503, 504)
#: Statuses that say: the same request may succeed later.
TRANSIENT = frozenset((429, *GATEWAY_STATUSES))
#: Methods for which the same request twice means the same as once.
REPEATABLE = frozenset(("GET", "HEAD", "PUT", "DELETE"))


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


def is_in_doubt(error: GazuException) -> bool:
    """Return whether the server may have done what was requested, or may be doing it still."""
    return (isinstance(error, TransportException) and error.sent) or error.status_code in GATEWAY_STATUSES


def back_off(attempt: int, asked: Optional[float]) -> Optional[float]:
    """Return the seconds to wait after the failed *attempt* (1 is the first), or None to give up.

    Args:
        asked: what the server asked for; longer than LONGEST_WAIT_SECONDS means to give up.
    """
    if asked is not None:
        return asked if asked <= LONGEST_WAIT_SECONDS else None
    import random

    return FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)


class RetryBudget:
    """A limit on retries over all calls, so that a farm does not keep a failing server down.

    Each retry costs one of CAPACITY; each success gives a tenth of one back.
    """

    CAPACITY = 40.0

    def __init__(self) -> None:
        self.left: float = self.CAPACITY

    def spend(self) -> bool:
        """Take one retry out of the budget; False if it is used up."""
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def earn(self) -> None:
        """Record a success."""
        if self.left < self.CAPACITY:
            self.left = min(self.CAPACITY, self.left + 0.1)


class RetryState:
    """The attempts at one request: given each outcome, it returns when to send again, or None for never.

    Args:
        retries: attempts after the first.
        budget: that of the client.
    """

    def __init__(self, method: str, retries: int, budget: RetryBudget) -> None:
        self.method, self.budget = method, budget
        self.left = min(retries, MAX_ATTEMPTS - 1)
        self.failures = 0
        self.lost = False

    def after_response(self, status: int, response: Any, now: float) -> Optional[float]:
        """Return the seconds to wait after a response; None if it stands.

        Args:
            response: what has its `headers`; they are not cheap, and mostly not needed.
        """
        if status not in TRANSIENT:
            self.budget.earn()
            return None
        self.lost = self.lost or status in (502, 504)  # those of a proxy whose server did not respond in time
        return self._again(self.method in REPEATABLE, retry_after(response.headers.get("Retry-After"), now))

    def after_failure(self, error: TransportException, final: bool) -> Optional[float]:
        """Return the seconds to wait after no response; None if *error* is to be raised.

        Args:
            final: another attempt cannot succeed.
        """
        self.lost = self.lost or error.sent
        return self._again(not final and (self.method in REPEATABLE or not error.sent), None)

    def _again(self, allowed: bool, asked: Optional[float]) -> Optional[float]:
        self.failures += 1
        if not allowed or self.failures > self.left:
            return None
        wait = back_off(self.failures, asked)
        return wait if wait is not None and self.budget.spend() else None

    def already_deleted(self, status: int) -> bool:
        """Return whether a response says that the attempt whose response was lost has deleted the record."""
        return self.lost and status == 404 and self.method == "DELETE"
