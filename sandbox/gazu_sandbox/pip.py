"""Run pip and make virtual environments; report a failure in one line."""

import os
import re
import subprocess
import threading
from pathlib import Path
from typing import Callable, Dict, List, Sequence

from .errors import SandboxError
from .processes import CommandError

NEEDED_BYTES = 1200 * 1000 * 1000
# pip's settings of index and proxies are the user's; these would send the packages elsewhere.
MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "PIP_DRY_RUN", "VIRTUAL_ENV")
NETWORK = """NewConnectionError|name resolution|Name or service not known|Network is unreachable|Connection refused
ConnectTimeout|ReadTimeout|Max retries exceeded|ProxyError""".replace("\n", "|").split("|")


def pip_environment(temporary: Path) -> Dict[str, str]:
    """Return the environment for pip: the user's, without what would change Python or the target."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "__PYVENV", "VIRTUALENV_")) and name not in MISLEADING
    }
    temporary.mkdir(exist_ok=True)
    # Inside the draft, so that nothing stays behind when this is interrupted.
    return {**kept, "TMPDIR": str(temporary), "PIP_PROGRESS_BAR": "off", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def explain(error: CommandError, what: str, folder: Path) -> SandboxError:
    """Return the reason why pip failed, in one line."""
    if "No space left on device" in error.output:
        return disk_full(folder)
    if any(sign in error.output for sign in NETWORK):
        return SandboxError(f"no network: pip cannot reach its package index{_index(error.output)} for {what}")
    lines = [line for line in error.output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:] or ["pip printed nothing"]
    return SandboxError(f"{what} cannot be installed: {errors[0].strip()[:300]}")


def _index(output: str) -> str:
    """Name the host of the index, as pip's message has it."""
    found = re.search(r"host='?([\w.-]+)", output) or re.search(r"https?://(?:[^\s/@]*@)?([\w.:-]+)", output)
    return f" at {found.group(1)}" if found else ""


def disk_full(folder: Path) -> SandboxError:
    """Build the error for a full disk."""
    return SandboxError(f"the disk of {folder} is full: the sandbox needs about {NEEDED_BYTES / 1e9:.1f} GB there")


def make_venv(python: str, target: Path) -> None:
    """Make a virtual environment with pip, also where that Python lacks the module venv."""
    import virtualenv

    options = ["--python", python, "--app-data", str(target / "pip"), "--no-periodic-update", str(target)]
    try:
        virtualenv.cli_run(options, setup_logging=False, env=pip_environment(target / "pip"))
    except (RuntimeError, SystemExit) as error:
        raise SandboxError(f"{python} cannot make a virtual environment: {error}") from None


def install(
    python: str, draft: Path, arguments: Sequence[str], what: str, show: Callable[[float], None], total: int = 0
) -> None:
    """Run `pip install` in a draft folder and show how far it is, if the number of packages is known."""
    command = [python, "-m", "pip", "install", *arguments]
    environment = pip_environment(draft / "pip")
    if "-c" in arguments:  # what is built is built with the setuptools of its time
        pins = arguments[arguments.index("-c") + 1]
        environment.update(PIP_CONSTRAINT=pins, PIP_BUILD_CONSTRAINT=pins)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines: List[bytes] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True)
    reader.start()
    try:
        while reader.is_alive():
            reader.join(0.4)
            collected = sum(line.startswith(b"Collecting") for line in list(lines))
            installed = sum(1 for _ in draft.glob("lib/python*/site-packages/*.dist-info"))
            # Half of the work is to collect them, half to install them.
            show((collected + installed) / (2.0 * total) if total else 0.3)
        code = process.wait()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        reader.join()  # it ends with the pipe
        process.stdout.close()
    if code:
        raise explain(CommandError(command, code, b"".join(lines).decode("utf-8", "replace")), what, draft.parent)
