"""Whether there is a newer Zou or a newer gazu than those that are tested, and what changes with it.

    python -m tests.servers.newest

Runs the live tests on a newer Zou, and compares names and signatures with a newer gazu.
"""

import os
import subprocess
import sys
from typing import List

from gazu_sandbox import Sandbox
from gazu_sandbox.uv import releases
from gazu_sandbox.versions import NEWEST, number

#: The release of the library that scripts are written for.
UPSTREAM = "1.3.1"


def newer(project: str, than: str) -> List[str]:
    """Return the versions of a project that are newer, and say whether there are any."""
    found = sorted((version for version in releases(project) if number(version) > number(than)), key=number)
    print(f"{project}: {', '.join(found) or 'none'} newer than {than}", flush=True)
    return found


def main() -> int:
    """Return 0 if there is nothing newer, or if all tests pass with it."""
    failed = 0
    for version in newer("zou", NEWEST)[-1:]:
        with Sandbox(zou=version) as box:
            hosts = {"GAZU_SANDBOX_HOST": box.host, "GAZU_SANDBOX_EVENT_HOST": box.event_host}
            environment = {**os.environ, **hosts, "GAZU_SANDBOX_FFMPEG": box.ffmpeg}
            failed |= subprocess.run(
                [sys.executable, "-m", "pytest", "tests/live"], env=environment, check=False
            ).returncode
    for version in newer("gazu", UPSTREAM)[-1:]:
        failed |= subprocess.run([sys.executable, "-m", "tests.upstream.compare", version], check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
