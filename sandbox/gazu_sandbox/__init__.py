"""A real Kitsu API server on this machine, for demonstrations and tests.

    gazu-sandbox up

    from gazu_sandbox import Sandbox

    with Sandbox() as box:
        gazu.set_host(box.host)
        gazu.set_event_host(box.event_host)
        gazu.log_in(box.email, box.password)

The server is Zou, with PostgreSQL, Redis, FFmpeg, its event stream and its job
queue: all from PyPI packages, all in processes of their own. What runs them is
standard library only; nothing of the server is imported here.
"""

from typing import TYPE_CHECKING, Any

from .errors import SandboxError

if TYPE_CHECKING:
    from .box import Sandbox

__all__ = ["Sandbox", "SandboxError"]


def __getattr__(name: str) -> Any:
    """Load the sandbox on first use: it needs modules that Windows does not have."""
    if name != "Sandbox":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .box import Sandbox

    return Sandbox
