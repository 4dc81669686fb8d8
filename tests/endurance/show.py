"""A production of any size, made by the routes that import many rows; and two productions compared, row by row.

The comparison is this module's own: it shares nothing with what it is to judge.
"""

import hashlib
import json
import os
import random
import struct
import subprocess
import uuid
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

import gazu
from gazu.client import KitsuClient

#: Rows of one import, and the seconds that a busy machine may take for them.
ROWS, PATIENCE = 100, 600
STEPS = ("Modeling", "Animation", "Lighting", "Compositing", "FX")
#: Some that every server has.
STATUSES = ("todo", "ready", "wip", "wfa", "retake")


# -- making --------------------------------------------------------------------
class Show:
    """A TV show with everything in it; the same *seed* makes the same one.

    Args:
        plain: leave out what upstream's sync does not copy: who made entities, scenes that shots come from, and
            assets that belong to others.
    """

    def __init__(self, client: KitsuClient, folder: Path, ffmpeg: str, seed: int = 1, plain: bool = False) -> None:
        self.client, self.folder, self.ffmpeg, self.plain = client, folder, ffmpeg, plain
        self.random = random.Random(seed)
        self.rows: Dict[str, List[Any]] = {}

    def id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def date(self, number: int = 0) -> str:
        return f"2024-{1 + number // 28 % 12:02}-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}:07"

    def send(self, model: str, rows: List[Any]) -> List[Any]:
        """Import rows, some at a time."""
        parts = [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]
        with ThreadPoolExecutor(2) as pool:
            path = f"import/kitsu/{model}?silent=true"
            done = list(
                pool.map(lambda part: gazu.client.post(path, part, client=self.client, timeout=PATIENCE), parts)
            )
        self.rows.setdefault(model, []).extend(rows)
        return [row for part in done for row in part]

    def make(self, assets: int, shots: int, tasks: int, comments: int, files: int, movies: int) -> Any:
        """Make the production, and return it: *files* attachments, half as many pictures, and *movies*."""
        self._studio()
        self._entities(assets, shots)
        self._tasks(tasks)
        self._comments(comments, files, movies)
        self._rest()
        return self.project

    def _studio(self) -> None:
        """Make people and types that the other server does not have, and the project."""
        new, word = {"client": self.client}, f"{self.random.getrandbits(32):08x}"
        self.department = gazu.person.new_department(f"Depot {word}", **new)
        self.types = [gazu.asset.new_asset_type(f"{name} {word}", **new) for name in ("Creature", "Prop")]
        self.steps = [gazu.task.new_task_type(f"{name} {word}", **new) for name in STEPS]
        self.statuses = [gazu.task.get_task_status_by_short_name(name, **new) for name in STATUSES]
        self.statuses.append(gazu.task.new_task_status(f"Odd {word}", word, "#123456", **new))
        people = [(f"Ann{number}", "artist", f"ann{number}.{word}@example.com") for number in range(6)]
        self.people = [gazu.person.new_person(first, last, email, **new) for first, last, email in people]
        self.project = gazu.project.new_project(f"Show {word}", production_type="tvshow", **new)
        self.project = gazu.project.update_project(
            {"id": self.project["id"], "fps": "24", "resolution": "320x180", "data": {"code": word}}, **new
        )
        (self.folder / "poster.png").write_bytes(picture(3))
        gazu.files.upload_project_avatar(self.project, self.folder / "poster.png", **new)
        for person in self.people[:4]:  # the others have left
            gazu.project.add_person_to_team(self.project, person, **new)
        for priority, step in enumerate(self.steps, 1):
            gazu.project.add_task_type(self.project, step, priority, **new)
        for kind in self.types:
            gazu.project.add_asset_type(self.project, kind, **new)
        for priority, status in enumerate(self.statuses, 1):
            board = {"priority": priority, "roles_for_board": ["user", "supervisor"]}
            link = {"project_id": self.project["id"], "task_status_id": status["id"], **board}
            gazu.client.create("task-status-links", link, **new)
        gazu.project.add_metadata_descriptor(self.project, "Supervisor", "Shot", data_type="person", **new)
        gazu.project.add_metadata_descriptor(
            self.project, "Weather", "Shot", choices=["sun", "rain"], departments=[self.department], **new
        )

    def _entities(self, assets: int, shots: int) -> None:
        maker = None if self.plain else self.people[0]["id"]
        project = {"project_id": self.project["id"], "created_by": maker, "entities_out": None}
        kinds = {row["name"]: row["id"] for row in gazu.client.fetch_all("entity-types", client=self.client)}

        def entity(number: int, kind: str, name: str, **more: Any) -> Any:
            row = {"id": self.id(), "name": name, "type": kind, "entity_type_id": kinds.get(kind), **project}
            data = {"number": number, "supervisor": self.people[number % 3]["id"]}
            return {**row, "created_at": self.date(number), "data": data, **more}

        episodes = [entity(n, "Episode", f"E{n:02}") for n in range(2, 4)]
        sequences = [entity(n, "Sequence", f"SQ{n:02}", parent_id=episodes[n % 2]["id"]) for n in range(5)]
        scenes = [entity(n, "Scene", f"SC{n}", parent_id=sequences[0]["id"]) for n in range(2)]
        many = [
            entity(n, "Shot", f"SH{n:04}", parent_id=sequences[n % 5]["id"], nb_frames=n, description="été\n#2")
            for n in range(shots)
        ]
        edits = [entity(0, "Edit", "Cut", parent_id=episodes[0]["id"])]
        things = [
            entity(n, "Asset", f"Thing {n}", entity_type_id=self.types[n % 2]["id"], source_id=episodes[n % 2]["id"])
            for n in range(assets)
        ]
        if not self.plain:
            many[0]["source_id"] = scenes[0]["id"]
            things[1].update(parent_id=things[0]["id"], ready_for=self.steps[0]["id"])
        for rows in (episodes, sequences, scenes, things[:1], [*many, *edits, *things[1:]]):  # parents first
            self.send("entities", rows)
        gazu.concept.new_concept(
            self.project, "Idea", entity_concept_links=[things[0]["id"], things[1]["id"]], client=self.client
        )
        self.shots, self.assets, self.episodes = many, things, episodes
        pairs = {(self.random.choice(many)["id"], self.random.choice(things)["id"]) for _ in range(shots)}
        links = [
            {"id": self.id(), "type": "EntityLink", "entity_in_id": one, "entity_out_id": other, "label": "fixed"}
            for one, other in sorted(pairs)
        ]
        self.send("entity-links", [{**link, "nb_occurences": 1 + n % 3} for n, link in enumerate(links)])

    def _tasks(self, number: int) -> None:
        places = [(step, entity) for step in self.steps for entity in [*self.shots, *self.assets]]
        self.tasks = [
            {
                "id": self.id(),
                "type": "Task",
                "name": "main",
                "project_id": self.project["id"],
                "task_type_id": step["id"],
                "entity_id": entity["id"],
                "task_status_id": self.statuses[n % 6]["id"],
                "assigner_id": self.people[0]["id"],
                "assignees": sorted(person["id"] for person in self.people[n % 3 : n % 3 + 2]),
                "created_at": self.date(n),
                "due_date": self.date(n + 9),
                "estimation": n * 10.0,
                "priority": n % 4,
                "retake_count": n % 3,
                "description": f"do {n}",
            }
            for n, (step, entity) in enumerate(places[:number])
        ]
        self.send("tasks", self.tasks)

    def _comments(self, number: int, files: int, movies: int) -> None:
        rows = [self._comment(n) for n in range(number)]
        pictures = files // 2
        previews = [self._preview(rows[n * number // max(1, pictures)], n, "png") for n in range(pictures)]
        previews += [self._preview(rows[-1 - n], n, "mp4") for n in range(movies)]
        self.send("preview-files", [{k: v for k, v in row.items() if k != "extension"} for row in previews])
        self.send("comments", rows)
        attached = [rows[n * number // max(1, files)] for n in range(files)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self._attach, attached, range(files)))
            list(pool.map(self._upload, previews))
        self.previews, self.comments = previews, rows

    def _comment(self, n: int) -> Any:
        task = self.tasks[n % len(self.tasks)]
        person, other = self.people[n % 6]["id"], self.people[(n + 1) % 6]["id"]
        row: Dict[str, Any] = {
            "id": self.id(),
            "object_id": task["id"],
            "object_type": "Task",
            "text": f"Comment {n}: 100% été #2 @Ann\n<b>",
            "task_status_id": self.statuses[n % 6]["id"],
            "person_id": person,
            "created_at": self.date(n),
            "for_client": n % 7 == 0,
            "pinned": n % 11 == 0,
        }
        if n % 5 == 0:
            row.update(checklist=[{"text": "leaves", "checked": True}], links=["https://example.com/b", "x"])
        if n % 9 == 0:
            row["replies"] = [
                {"id": self.id(), "date": self.date(n), "person_id": other, "text": "Fine", "mentions": [person]}
            ]
        if n % 13 == 0:
            row.update(mentions=[person], acknowledgements=[other])
        return row

    def _preview(self, comment: Any, n: int, extension: str) -> Any:
        preview = {
            "id": self.id(),
            "task_id": comment["object_id"],
            "name": f"shown {extension} {n}",
            "source": "webgui",
            "person_id": comment["person_id"],
            "revision": n + 1,
            "position": 1,
            "created_at": comment["created_at"],
            "annotations": [{"time": 0, "drawing": {"objects": [n]}}] if n % 4 == 0 else None,
            "status": "processing",
            "extension": extension,
        }
        comment.setdefault("previews", []).append(preview["id"])
        return preview

    def _attach(self, comment: Any, n: int) -> None:
        content = random.Random(n).getrandbits(8 * (1 + n % 50) * 100).to_bytes((1 + n % 50) * 100, "big")
        name = ("été (1).txt", "notes #2.txt", "same.bin", "a,b.tar.gz")[n % 4]
        path = f"actions/tasks/{comment['object_id']}/comments/{comment['id']}/add-attachment"
        for _ in range(2 if n % 20 == 2 else 1):  # now and then, two of the same
            gazu.client.upload(path, files={"file": (name, content)}, client=self.client)

    def _upload(self, preview: Any) -> None:
        n = preview["revision"]
        path = self.folder / f"v{n}.take #{n % 3}.{preview['extension']}"
        if not path.exists():
            if preview["extension"] == "png":
                path.write_bytes(picture(n))
            else:
                movie(self.ffmpeg, path, n)
        gazu.client.update("preview-files", preview["id"], {"data": {"shown": n}}, client=self.client)
        gazu.task.upload_preview_file(preview["id"], path, normalize_movie=False, no_job=True, client=self.client)

    def _rest(self) -> None:
        """Make what refers to all of that: playlists, main previews, hours, answers with files."""
        new = {"client": self.client}
        shown = [preview["id"] for preview in self.previews]
        playlist = gazu.playlist.new_playlist(self.project, "Daily", episode=self.episodes[0], **new)
        listed = [{"entity_id": shot["id"], "preview_file_id": one} for shot, one in zip(self.shots, shown)]
        gazu.client.update("playlists", playlist["id"], {"shots": listed}, **new)
        for preview in shown[:7]:
            gazu.client.put(f"actions/preview-files/{preview}/set-main-preview", {}, **new)
        for task, person in zip(self.tasks[:5], self.people):
            spent = {"task_id": task["id"], "person_id": person["id"], "date": "2024-02-03", "duration": 90}
            gazu.client.create("time-spents", spent, **new)
        comment = self.comments[0]
        path = f"data/tasks/{comment['object_id']}/comments/{comment['id']}/reply"
        gazu.client.upload(path, data={"text": "See this"}, files={"file": ("answer.txt", b"forty-two")}, **new)


def picture(number: int) -> bytes:
    """Return a PNG of its own for each number."""
    width, height = 160, 90
    line = b"\0" + bytes((x * number + number) % 256 for x in range(width * 3))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(line * height)) + chunk(b"IEND", b"")
    )


def movie(ffmpeg: str, path: Path, number: int) -> None:
    """Write a short movie of its own for each number."""
    source = ["-f", "lavfi", "-i", f"testsrc=size=320x180:rate=24:duration=0.5,hue=h={number * 7}"]
    part = path.with_name(f"{uuid.uuid4().hex}.mp4")  # so that threads do not meet
    subprocess.run([ffmpeg, "-y", *source, "-pix_fmt", "yuv420p", str(part)], check=True, stderr=subprocess.DEVNULL)
    os.replace(part, path)


# -- comparing -----------------------------------------------------------------
#: What no import keeps, or what each server finds out itself.
OWN = {"updated_at", "path", "shotgun_id"}
#: Tables with ids of their own at each server: what tells rows apart instead.
NAMES = {
    "persons": "email",
    "task-types": "name",
    "task-status": "name",
    "entity-types": "name",
    "departments": "name",
    "project-status": "name",
}


class Side:
    """What one server shows of a production."""

    def __init__(self, client: KitsuClient, project_id: str, ffmpeg: str) -> None:
        self.client, self.project_id, self.ffmpeg = client, project_id, ffmpeg
        self.names = {row["id"]: f"<{row[field]}>" for table, field in NAMES.items() for row in self.get(table)}
        self.names[project_id] = "<the project>"
        self.tables = self._tables()

    def get(self, table: str, **params: Any) -> List[Any]:
        return list(gazu.client.fetch_all(table, params=params, client=self.client, paginated=bool(params), limit=500))

    def _tables(self) -> Dict[str, List[Any]]:
        """Return all rows of the production, by their tables."""
        mine = {"project_id": self.project_id}
        found = {table: self.get(table, **mine) for table in ("entities", "milestones", "schedule-items")}
        for table in ("tasks", "playlists", "metadata-descriptors"):
            found[table] = self.get(table, relations="true", **mine)
        found["entity-links"] = self.get(f"projects/{self.project_id}/entity-links", page_size=0)
        tasks = [row["id"] for row in found["tasks"]]
        for table, field in (
            ("preview-files", "task_id"),
            ("time-spents", "task_id"),
            ("news", "task_id"),
        ):
            found[table] = list(self.of(table, field, tasks))
        found["comments"] = self._comments(tasks)
        comments = [row["id"] for row in found["comments"] if row["attachment_files"]]
        found["attachment-files"] = list(self.of("attachment-files", "comment_id", comments))
        whole = gazu.client.fetch_one("projects", self.project_id, client=self.client)
        found["boards"] = [
            {"id": self.project_id, "types": whole["task_types_priority"], "statuses": whole["task_statuses_link"]}
        ]
        found["projects"] = self.get("projects", relations="true", id=self.project_id)
        return found

    def of(self, table: str, field: str, ids: List[str]) -> Iterator[Any]:
        for start in range(0, len(ids), 40):
            yield from self.get(table, **{field: json.dumps(ids[start : start + 40])})

    def _comments(self, tasks: List[str]) -> List[Any]:
        """Return the comments of the tasks, with what another list says that they refer to."""
        related = {row["id"]: row for row in self.get(f"projects/{self.project_id}/comments", order="any")}
        return [{**related.pop(row["id"]), **row} for row in self.of("comments", "object_id", tasks)]

    def plain(self, value: Any) -> Any:
        """Return a value with names for the ids that differ, and lists of ids in order."""
        if isinstance(value, str):
            return self.names.get(value, value)
        if isinstance(value, Mapping):
            return {self.plain(name): self.plain(one) for name, one in value.items() if name not in OWN}
        if isinstance(value, list):
            items = [self.plain(one) for one in value]
            return sorted(items) if all(isinstance(one, str) for one in items) else items
        return value

    def digests(self, tables: Mapping[str, List[Any]], folder: Path) -> Dict[str, Any]:
        """Return what is in each file: the bytes of attachments, what is to be seen of previews."""
        with ThreadPoolExecutor(4) as pool:
            attached = list(pool.map(lambda row: self._attachment(row, folder), tables["attachment-files"]))
            shown = list(pool.map(lambda row: self._preview(row, folder), tables["preview-files"]))
        return {"attachments": sorted(attached), "previews": dict(shown)}

    def _attachment(self, row: Any, folder: Path) -> Any:
        path = folder / uuid.uuid4().hex
        gazu.client.download(f"data/attachment-files/{row['id']}/file/x", path, client=self.client)
        content = path.read_bytes()
        path.unlink()
        return row["comment_id"], row["name"], hashlib.sha256(content).hexdigest()

    def _preview(self, row: Any, folder: Path) -> Any:
        if row["status"] != "ready":
            return row["id"], row["status"]
        path = folder / uuid.uuid4().hex
        gazu.files.download_preview_file(row, path, client=self.client)
        command = [self.ffmpeg, "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
        seen = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        path.unlink()
        return row["id"], hashlib.sha256(seen).hexdigest()


def differences(source: Side, target: Side, folder: Path) -> List[str]:
    """Return what the two servers show differently of a production."""
    here, there = source.tables, target.tables
    found: List[str] = []
    for table, rows in here.items():
        of_source, of_target = (
            by_key(side, table, listed) for side, listed in ((source, rows), (target, there[table]))
        )
        for key in sorted({*of_source, *of_target}, key=str):
            one, other = of_source.get(key), of_target.get(key)
            if one != other:
                found.append(f"{table} {key}: {unlike(one, other)}")
    if source.digests(here, folder) != target.digests(there, folder):
        found.append("the files are not the same")
    return found


def by_key(side: Side, table: str, rows: List[Any]) -> Dict[Any, Any]:
    """Return plain rows by their ids; attachments, which get new ids, by what they are."""
    found: Dict[Any, Any] = {}
    for row in rows:
        plain = side.plain(row)
        if table == "attachment-files":
            plain.pop("id")
            key: Any = (row["comment_id"], row["name"], row["created_at"])
            found.setdefault(key, []).append(plain)
            continue
        if table == "comments":
            plain["attachment_files"] = len(plain["attachment_files"])
            for reply in plain["replies"] or []:
                for file in reply.get("attachment_files") or []:
                    file.pop("id")
        if table == "preview-files":
            # Each server encodes pictures again: how many bytes they are is its own.
            plain.pop("file_size")
        assert plain["id"] not in found, f"{table}: twice {plain['id']}"
        found[plain["id"]] = plain
    return found


def unlike(one: Optional[Any], other: Optional[Any]) -> str:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return f"{one!r:.300} here, {other!r:.300} there"
    return str({name: (one.get(name), other.get(name)) for name in {*one, *other} if one.get(name) != other.get(name)})[
        :600
    ]


def sizes(side: Side) -> Tuple[int, ...]:
    """Return how many rows there are of what must never be there twice."""
    return tuple(len(side.tables[table]) for table in ("comments", "attachment-files", "preview-files"))
