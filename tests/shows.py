"""A small show as a table for gazu.bulk, what a project has of it, and a proxy that loses responses."""

import threading
from typing import Any, Callable, Dict, List, Optional, Tuple

import gazu

from .proxy import Proxy


class Lossy(Proxy):
    """Lose the response to the first of two attempts of each request, if asked to; keep what was sent."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.losing = False
        #: It hands on so many calls, and does not respond then.
        self.last = 10**9
        self.calls: List[str] = []
        #: The bytes of their bodies.
        self.sizes: List[int] = []
        #: What is called before and after a call is handed on.
        self.before: Optional[Callable[[List[str]], None]] = None
        self.after: Optional[Callable[[List[str]], None]] = None
        self._lock = threading.Lock()
        self._times: Dict[Any, int] = {}

    def answer(self, call: List[str], head: List[bytes], body: bytes) -> bytes:
        if len(self.calls) >= self.last:
            raise ConnectionError("down")
        if self.before is not None:
            self.before(call)
        answer = super().answer(call, head, body)
        if self.after is not None:
            self.after(call)
        with self._lock:  # of each request, as several threads send them: no request loses all its attempts
            self.calls.append(" ".join(call))
            self.sizes.append(len(body))
            times = self._times[(*call, body)] = self._times.get((*call, body), 0) + 1
        if self.losing and times % 2:
            raise ConnectionError("lost on the way back")
        return answer

    def writes(self) -> List[str]:
        return [call for call in self.calls if not call.startswith("GET")]


def fill(setup: Any, sequences: int = 1, shots: int = 2, people: Tuple[Any, ...] = ()) -> Any:
    """Add a small show, and return the set-up."""
    hero = setup.asset("Character", "Hero", description="of the story")
    tree = setup.asset("prop", "Tree", data={"height": 3, "leafy": True})
    setup.task(hero, "Modeling")
    for number in range(sequences):
        sequence = setup.sequence(f"SQ{number:02}")
        for place in range(shots):
            shot = setup.shot(sequence, f"SH{place:02}", nb_frames=10 + place, frame_in=1, data={"lens": 35})
            setup.task(shot, "Animation", assignees=people, estimation=960, due_date="2030-01-02")
            setup.cast(shot, {hero: 1, tree: 3})
    return setup


def show(project: Any) -> Dict[Any, Any]:
    """Return all of a project by names, without what two projects never share; a list where there are several."""
    rows = gazu.raw.fetch_all("entities", {"project_id": project["id"]})
    names = {row["id"]: row["name"] for row in rows}
    paths = {row["id"]: f"{names.get(row['parent_id'], '')}/{row['name']}" for row in rows}

    def plain(row: Any) -> Any:
        own = ("id", "created_at", "updated_at", "project_id")
        return {k: paths.get(v, v) if isinstance(v, str) else v for k, v in row.items() if k not in own}

    found: Dict[Any, Any] = {}
    for row in rows:
        found.setdefault((row["type"], paths[row["id"]]), []).append(plain(row))
    for row in gazu.raw.fetch_all("tasks", {"project_id": project["id"], "relations": True}):
        found.setdefault(("Task", paths[row["entity_id"]], row["task_type_id"]), []).append(plain(row))
    for row in gazu.raw.fetch_all(f"projects/{project['id']}/entity-links"):
        found.setdefault(("Link", paths[row["entity_in_id"]], paths[row["entity_out_id"]]), []).append(plain(row))
    return found
