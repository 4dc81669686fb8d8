"""Run tests of transfers on NTFS with the rules of Windows: `python -m tests.ntfs`, as root, on Debian.

The volume is a file, mounted by `lowntfs-3g` with the options `windows_names` and `ignore_case`. That comes from Debian's packages,
which are unpacked into a temporary folder, not installed. The tests left out need what such a volume does not have: modes, FIFOs, or
the very names that it refuses.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import List

PACKAGES = ("ntfs-3g", "libntfs-3g89", "libfuse3-3")
TESTS = ["tests/unit/test_atomic_file.py", "tests/wire/test_download.py", "tests/wire/test_upload.py"]
TESTS += ["tests/wire/test_windows.py"]
#: Parts of names of tests. The last one: lowntfs-3g 2022.10 lists names of 255 characters twice.
LEFT_OUT: List[str] = ["test_mode_of_the_old_file_stays", "test_modes", "test_longest_names"]


def main() -> int:
    """Mount the volume, run the tests in it, and return their exit status."""
    if not os.path.exists("/dev/fuse") or os.geteuid() != 0:
        print("NTFS cannot be mounted here: that needs root and /dev/fuse. No test was run.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, check=True)
        for package in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), folder], check=True)
        libraries = sorted({str(path.parent) for path in Path(folder).rglob("lib*.so.*")})
        environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}
        volume, mounted = os.path.join(folder, "volume"), os.path.join(folder, "mounted")
        os.mkdir(mounted)
        with open(volume, "wb") as file:
            file.truncate(1 << 30)
        subprocess.run([f"{folder}/sbin/mkntfs", "-Q", "-F", volume], env=environment, check=True)
        mount = [f"{folder}/bin/lowntfs-3g", volume, mounted, "-o", "windows_names,ignore_case"]
        subprocess.run(mount, env=environment, check=True)
        try:
            left_out = ["-k", " and ".join(f"not {name}" for name in LEFT_OUT)] if LEFT_OUT else []
            command = [sys.executable, "-m", "pytest", "-q", "--basetemp", os.path.join(mounted, "t"), *left_out]
            return subprocess.run([*command, *(sys.argv[1:] or TESTS)], check=False).returncode
        finally:
            subprocess.run(["umount", "--lazy", mounted], check=True)


if __name__ == "__main__":
    sys.exit(main())
