"""What was done, row by row: counted where it is done, and added up where the report is made."""

from typing import Dict, List

from ..models import SyncCount, SyncFailure


class Tally:
    """Counts for each kind of rows, and what failed, with the reason."""

    def __init__(self) -> None:
        self.counts: Dict[str, SyncCount] = {}
        self.failed: List[SyncFailure] = []

    def count(self, kind: str, created: int = 0, updated: int = 0, skipped: int = 0) -> None:
        """Add to the counts of a kind."""
        now = self.counts.setdefault(kind, {"created": 0, "updated": 0, "skipped": 0})
        now["created"] += created
        now["updated"] += updated
        now["skipped"] += skipped

    def fail(self, kind: str, id: str, reason: object) -> None:
        """Note that a row could not be copied."""
        self.failed.append({"kind": kind, "id": id, "reason": str(reason) or type(reason).__name__})

    def add(self, other: "Tally") -> None:
        """Add what another one counted."""
        for kind, count in other.counts.items():
            self.count(kind, count["created"], count["updated"], count["skipped"])
        self.failed.extend(other.failed)
