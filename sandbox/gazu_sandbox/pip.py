"""Run pip and make virtual environments; report a failure in one line."""

import os
import pkgutil
import re
import subprocess
import threading
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence, Set

from .errors import SandboxError
from .processes import CommandError

NEEDED_BYTES = 1200 * 1000 * 1000
# pip's settings of index and proxies are the user's; these would send the packages elsewhere.
MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "PIP_DRY_RUN", "VIRTUAL_ENV")
NETWORK = """NewConnectionError|name resolution|Name or service not known|Network is unreachable|Connection refused
ConnectTimeout|ReadTimeout|Max retries exceeded|ProxyError""".replace("\n", "|").split("|")

#: Set in the environment, it has files installed whatever their hashes are.
NO_HASHES = "GAZU_SANDBOX_NO_HASHES"
_RELEASE = re.compile(r"([\w.-]+)==([^\s;\\]+)")


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


def releases_in(requirements: str) -> List[str]:
    """Return the lines of a requirements file that are releases, without their hashes."""
    return [line.rstrip("\\ ") for line in requirements.splitlines() if _RELEASE.match(line)]


def hashes_in(requirements: str) -> Dict[str, Set[str]]:
    """Return the hashes in a requirements file, by release."""
    found: Dict[str, Set[str]] = {}
    release = ""
    for line in requirements.splitlines():
        release = key_of(line) if _RELEASE.match(line) else release
        found.setdefault(release, set()).update(re.findall(r"\b[0-9a-f]{64}\b", line))
    return found


def key_of(line: str) -> str:
    """Return `name==version` of a line, whatever way the name is written."""
    found = _RELEASE.match(line)
    return re.sub("[-_.]+", "-", found.group(1)).lower() + "==" + found.group(2) if found else line


def shipped_hashes() -> Dict[str, Set[str]]:
    """Return the hashes that this package has: those of all that it installs, but of versions of Zou without pins."""
    return hashes_in((pkgutil.get_data(__package__, "hashes.txt") or b"").decode())


def needed(releases: Sequence[str], zou: str, python: str) -> List[str]:
    """Return what a version of Zou needs on a version of Python: its pins but for some, and what has no pin."""
    lines = (pkgutil.get_data(__package__, "needed.txt") or b"").decode().splitlines()
    by_python = {words[1]: words[2:] for words in map(str.split, lines) if words[0] == zou}
    changes = by_python.get(python, next(iter(by_python.values()), []))  # of a newer Python: as the newest in the list
    kept = [release for release in releases if "-" + key_of(release) not in changes]
    return sorted({*kept, *(word[1:] for word in changes if word.startswith("+")), f"zou=={zou}"})


def checked(releases: Sequence[str], folder: Path, hashes: Optional[Dict[str, Set[str]]] = None) -> List[str]:
    """Return the arguments that have pip install releases, and no file that has not one of their hashes.

    Args:
        folder: where to write the requirements file.
        hashes: by release; those that this package has by default.
    """
    if os.environ.get(NO_HASHES):
        return list(releases)
    known = shipped_hashes() if hashes is None else hashes
    lines = [
        " ".join([release, *(f"--hash=sha256:{one}" for one in sorted(known.get(key_of(release), ())))])
        for release in releases
    ]
    file = folder / "requirements.txt"
    file.write_text("\n".join(lines) + "\n")
    return ["--require-hashes", "-r", str(file)]


def explain(error: CommandError, what: str, folder: Path) -> SandboxError:
    """Return the reason why pip failed, in one line."""
    if "No space left on device" in error.output:
        return disk_full(folder)
    if any(sign in error.output for sign in NETWORK):
        return SandboxError(f"no network: pip cannot reach its package index{_index(error.output)} for {what}")
    if "DO NOT MATCH THE HASHES" in error.output or "--require-hashes mode" in error.output:
        return _refused(error.output, what)
    lines = [line for line in error.output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:] or ["pip printed nothing"]
    return SandboxError(f"{what} cannot be installed: {errors[0].strip()[:300]}")


def _refused(output: str, what: str) -> SandboxError:
    """Return the error for a package that has none of the hashes that it should have."""
    named = re.findall(r"^    (\S+?)(?: from \S+.*|:)$|^    (\S+==\S+) --hash", output, re.MULTILINE)
    shown = ", ".join(name or other for name, other in named) or "a package"
    return SandboxError(
        f"{what} cannot be installed: {shown} is not the file that was published on pypi.org. If your package index has"
        f" builds of its own that you trust, set {NO_HASHES}=1"
    )


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
