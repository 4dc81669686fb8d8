"""Run the tests of a release of upstream with this library: `python -m tests.upstream.suite 1.3.1`.

It takes the tests out of the source archive on the package index, and runs them in an environment of its own. The archive
lacks the functions that the tests import from `utils`, and a few files; `helpers.py` is in their place. The exit status is
1 if other tests fail than those that docs/explanation/differences.md names.
"""

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path
from typing import Set
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "explanation" / "differences.md"


def unpack_tests(python: str, version: str, folder: Path) -> None:
    """Put the tests of the release into *folder*, with what they need; nothing else of it."""
    download = ["download", "-q", "--no-deps", "--no-binary", "gazu", "-d", str(folder / "archive"), f"gazu=={version}"]
    subprocess.run([python, "-m", "pip", *download], check=True, stdout=sys.stderr)
    [archive] = (folder / "archive").iterdir()
    with tarfile.open(archive) as members:
        for member in members.getmembers():
            path = Path(member.name)
            if member.isfile() and path.parts[1:2] == ("tests",) and path.suffix == ".py":
                target = folder.joinpath(*path.parts[1:])
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(members.extractfile(member).read())  # type: ignore[union-attr]
    shutil.copy(HERE / "helpers.py", folder / "utils.py")
    (folder / "zou_route_gate.py").write_text("")
    (folder / "pytest.ini").write_text("[pytest]\n")
    fixtures = folder / "tests" / "fixtures"
    fixtures.mkdir()
    (fixtures / "test.csv").write_text("Name\nA\n")
    (fixtures / "test.edl").write_text("TITLE: A\nFCM: NON-DROP FRAME\n")
    for name in ("v1.png", "v2.png"):
        (fixtures / name).write_bytes(b"\x89PNG\r\n\x1a\n")


def failed_tests(report: Path) -> Set[str]:
    """Return `file::Class::test` for each test that failed, and print how many passed."""
    failed, total = set(), 0
    for case in ElementTree.parse(report).iter("testcase"):
        if not case.get("classname"):  # a file that cannot be imported: the check of upstream's own source
            continue
        total += 1
        if case.find("failure") is not None or case.find("error") is not None:
            _, file, kind = case.get("classname", "").split(".")
            failed.add(f"{file}.py::{kind}::{case.get('name')}")
    print(f"{total - len(failed)} of {total} tests passed")
    return failed


def main(version: str) -> int:
    agreed = set(re.findall(r"`(test_\w+\.py::\w+::\w+)`", PAGE.read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "venv", with_pip=True)
        python = str(folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python")
        packages = [f"{ROOT}[async,cli]", "pytest", "requests-mock"]
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True, stdout=sys.stderr)
        unpack_tests(python, version, folder)
        command = [python, "-m", "pytest", "-q", "--junitxml=report.xml", "--continue-on-collection-errors", "tests"]
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL)
        failed = failed_tests(folder / "report.xml")
    for test in sorted(failed ^ agreed):
        print(test, "failed" if test in failed else "passed, though the page says that it fails")
    return int(failed != agreed)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
