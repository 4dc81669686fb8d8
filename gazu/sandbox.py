"""A real Kitsu API server on this machine, for demonstrations and tests: the distribution `gazu-sandbox`.

    python -m gazu.sandbox up

Where it is not installed, importing this module raises an ImportError that says how to install it.
"""

import sys
from typing import TYPE_CHECKING, Any, List, Optional

try:
    import gazu_sandbox
except ModuleNotFoundError as error:
    if error.name != "gazu_sandbox":
        raise
    HOW = "pip install 'gazu[sandbox]>=2.0.0.dev0' (in a checkout: pip install ./sandbox)"
    MISSING = f"gazu.sandbox needs gazu-sandbox: {HOW}"
    if __name__ == "__main__":
        sys.exit(f"error: {MISSING}")
    raise ImportError(MISSING) from error

if TYPE_CHECKING:
    from gazu_sandbox import Sandbox as Sandbox
    from gazu_sandbox import SandboxError as SandboxError

__all__ = ["Sandbox", "SandboxError", "main"]


def __getattr__(name: str) -> Any:
    if name.startswith("_"):  # its __path__ would make this a package
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(gazu_sandbox, name)


def main(arguments: Optional[List[str]] = None) -> int:
    """Run a command as `gazu-sandbox` does, and return its exit status."""
    from gazu_sandbox.__main__ import main as run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
