"""Repeat idempotent requests whose response was lost, also when the client has spent its budget for retries."""

import time
from typing import Any, Callable, Optional, TypeVar

from .._http.deadline import shortened
from .._http.retries import is_in_doubt
from ..exception import GazuException

#: Seconds before each attempt.
PROBE_DELAYS_SECONDS = (0.0, 0.5, 1.0, 2.0, 4.0)

T = TypeVar("T")


def repeated(function: Callable[..., T], *args: Any, **options: Any) -> T:
    """Return what an idempotent *function* returns; it is called again while its response is lost."""
    failure: Optional[GazuException] = None
    for pause in PROBE_DELAYS_SECONDS:
        time.sleep(shortened(pause))
        try:
            return function(*args, **options)
        except GazuException as error:
            if not is_in_doubt(error):
                raise
            failure = error
    assert failure is not None
    raise failure
