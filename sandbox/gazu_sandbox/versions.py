"""The versions of Zou that a sandbox runs, and what has to differ for the older ones."""

import re
from typing import Dict, NamedTuple, Tuple

from .errors import SandboxError

NEWEST = "1.0.97"
#: The versions whose pins are part of this package; any other one takes uv.
PINNED = ("0.17.23", "0.18.8", "0.19.69", "0.20.48", "0.20.85", "1.0.0", "1.0.55", NEWEST)
OLDEST = PINNED[0]
PYTHONS = ("3.13", "3.12", "3.11", "3.10")


class Release(NamedTuple):
    """How to run one version of Zou."""

    version: str
    #: The interpreters that its packages have wheels for, best first.
    pythons: Tuple[str, ...]
    #: Settings of Zou that differ.
    settings: Dict[str, str]
    #: Whether it can log in to a Redis that has a password.
    redis_password: bool
    #: Options of gunicorn that its gunicorn has.
    gunicorn: str


def number(version: str) -> Tuple[int, ...]:
    """Return a version in a form that can be compared."""
    return tuple(map(int, version.split(".")))


def find_release(version: str = NEWEST) -> Release:
    """Return how to run a version of Zou."""
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){1,3}", version):
        raise SandboxError(f"zou: {version!r} is not a version, as {NEWEST!r} is")
    wanted = number(version)
    if wanted < number(OLDEST):
        raise SandboxError(f"Zou {version} is older than {OLDEST}, the first version that is supported")
    return Release(
        version,
        pythons=("3.10",) if wanted < (0, 20, 85) else ("3.11", "3.10") if wanted < (1, 0, 70) else PYTHONS,
        # Zou cannot encode UTC as JSON there: each log-in would be a 500.
        settings={"DEFAULT_TIMEZONE": "Europe/Paris"} if wanted < (1, 0, 70) else {},
        redis_password=wanted >= (0, 19),
        gunicorn="--no-control-socket" if wanted >= (1, 0, 55) else "",
    )
