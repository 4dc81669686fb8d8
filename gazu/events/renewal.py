"""Renewing the access token of a client before it expires, for programs that run for months."""

import logging
import math
import time
from typing import Optional, Tuple

from .._http import sender
from ..client import KitsuClient
from ..helpers import claims_of
from .schedule import BACKOFF_REFUSED_SECONDS

#: The share of its lifetime that a token has left when it is renewed.
LEFT_AT_RENEWAL = 1 / 5
#: The share of its lifetime for which a new token is kept, whatever the clock says.
KEPT_AT_LEAST = 1 / 10

logger: logging.Logger = logging.getLogger("gazu")


class TokenRenewal:
    """Renews the access token of a client in time.

    Attributes:
        token: the access token at the last check.
        renew_at: when it is renewed, by `time.monotonic()`.
    """

    def __init__(self, client: KitsuClient) -> None:
        self.token: Optional[str] = None
        self.renew_at: float = math.inf
        self._client = client

    def check(self) -> bool:
        """Renew the token if it is time; return whether the client has a new one since the last check."""
        client, now, is_new = self._client, time.monotonic(), False
        if client.access_token != self.token:
            is_first, self.token, is_new = self.token is None, client.access_token, client.access_token is not None
            lifetime, left = token_times(self.token)
            # A wrong clock makes new tokens look old: without a minimum, they would be renewed at each check.
            self.renew_at = now + max(left - lifetime * LEFT_AT_RENEWAL, 0.0 if is_first else lifetime * KEPT_AT_LEAST)
        if now >= self.renew_at and client.use_refresh_token and client.refresh_token:
            self.renew_at = now + BACKOFF_REFUSED_SECONDS
            try:
                sender.renew(client, self.token)
            except Exception as error:
                logger.warning("the access token cannot be renewed: %s", error)
        return is_new


def token_times(token: Optional[str]) -> Tuple[float, float]:
    """Return the lifetime of a JWT and what is left of it, in seconds; 0 and infinity if it does not say so."""
    claims = claims_of(token)
    try:
        return float(claims["exp"] - claims["iat"]), claims["exp"] - time.time()
    except (KeyError, TypeError):
        return 0.0, math.inf
