"""The public API changes only where docs/changes says so."""

import re
from pathlib import Path
from typing import List

from .api import lines

HERE = Path(__file__).parent
CHANGES = HERE.parents[1] / "docs" / "changes"
FROZEN = (HERE / "api.txt").read_text(encoding="utf-8").splitlines()


def unannounced(before: List[str], now: List[str], announced: str) -> List[str]:
    """Return what was added, removed or changed without being named in *announced*, as `shot.get_shot` or in full."""
    named = set(re.findall(r"`(?:gazu\.)?([\w.]+)", announced))
    changed = set(before) ^ set(now)
    return sorted(line for line in changed if re.split(r"[(\[:]", line)[0].replace("gazu.", "", 1) not in named)


def test_no_change_is_unannounced() -> None:
    announced = "\n".join(path.read_text(encoding="utf-8") for path in CHANGES.glob("*.md"))
    found = unannounced(FROZEN, lines(), announced)
    assert not found, "name them in docs/changes, see docs/explanation/stability.md"


def test_each_kind_of_change_is_found() -> None:
    before = ["gazu.shot.get_shot(shot, client=<client>)", "gazu.models.Shot: id, name", "gazu.exception.A[B]"]
    for now in (
        ["gazu.shot.get_shot(shot, relations=False, client=<client>)", *before[1:]],
        before[1:],
        [*before, "gazu.shot.get_take(take)"],
        [before[0], "gazu.models.Shot: id", before[2]],
        [*before[:2], "gazu.exception.A[C]"],
    ):
        assert unannounced(before, now, "") == sorted(set(before) ^ set(now))
    changed = ["gazu.shot.get_shot(id)", *before[1:]]
    assert unannounced(before, changed, "`gazu.shot.get_shot` has other parameters") == []
    assert unannounced(before, changed, "`shot.get_shot(id)`") == []
    assert unannounced(before, changed, "`gazu.shot.get_shots`") != []
