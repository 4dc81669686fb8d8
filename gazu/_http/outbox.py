"""What a client published lately, and its in-doubt requests: those whose response was lost."""

import time
from collections import deque
from typing import Any, Deque, Dict, Hashable, Iterable, NamedTuple, Optional, Tuple

#: Seconds for which a repeated call is taken for the one in doubt, not for another.
IN_DOUBT_TTL_SECONDS = 900.0


class Span(NamedTuple):
    """When a request began and ended, by the monotonic clock of this machine."""

    began: float
    ended: float


class Outbox:
    """The in-doubt requests and unfinished publications of a client, by their keys, and ids of what it published."""

    def __init__(self) -> None:
        self.pending: Dict[Hashable, Span] = {}
        #: When a publication failed, and its comment without a preview, or its preview without a file.
        self.unfinished: Dict[Hashable, Tuple[float, Dict[str, Any]]] = {}
        self.recent_ids: Deque[str] = deque(maxlen=1000)

    def pending_since(self, key: Hashable) -> Optional[Span]:
        """Return when the in-doubt request with this key was sent; None if no such request is known."""
        span = self.pending.get(key)
        return span if span and time.monotonic() - span.ended < IN_DOUBT_TTL_SECONDS else None

    def settle(self, keys: Iterable[Hashable]) -> None:
        """Forget the in-doubt requests with these keys, and all keys that were sent in the same request."""
        spans = {self.pending.get(key) for key in keys}
        for key, span in list(self.pending.items()):
            if span in spans:
                self.pending.pop(key, None)
