"""A small Kitsu in memory, which answers queries at the session of a real client."""

import io
import json
import re
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter

TO_MANY = {"tasks": ["assignees"], "projects": ["team"]}


def id_of(number):
    return f"{number:08}-aaaa-4aaa-8aaa-aaaaaaaaaaaa"


PROJECT, OTHER_PROJECT, SHOT_TYPE, ANIMATION, JANE, JOE, NOBODY = map(id_of, range(1, 8))


def tables():
    """Return three shots in a sequence, with a task each; the task of the third is in no project that is known."""
    project = {"id": PROJECT, "type": "Project", "name": "Show", "team": [JANE, JOE]}
    sequence = entity(20, "SQ01", None)
    shots = [entity(21 + n, f"SH0{n}", sequence["id"], data={"lens": 35 + n, "cam": {"fps": 25}}) for n in range(3)]
    shots[2]["data"] = {"cam": "unknown"}
    people = [
        {"id": one, "type": "Person", "name": name, "desk": {"x": 1}} for one, name in ((JANE, "Jane"), (JOE, "Joe"))
    ]
    tasks = [
        {"id": id_of(31 + n), "type": "Task", "name": "main", "priority": n, "project_id": PROJECT, "entity_id": shot["id"],
         "task_type_id": ANIMATION, "assignees": [JANE, JOE][: n], "assigner_id": None, "created_by": JOE,
         "checklist": [{"text": "hand", "checked": False}] * n}
        for n, shot in enumerate(shots)
    ]  # fmt: skip
    return {
        "projects": [project],
        "entities": [sequence, *shots],
        "persons": people,
        "tasks": tasks,
        "task-types": [{"id": ANIMATION, "type": "TaskType", "name": "Animation"}],
        "metadata-descriptors": [{"id": id_of(50), "type": "MetadataDescriptor", "entity_type": "Shot"}],
    }


def entity(number, name, parent_id, **more):
    row = {"id": id_of(number), "type": "Shot", "name": name, "parent_id": parent_id, "project_id": PROJECT}
    return {**row, "source_id": NOBODY, "ready_for": ANIMATION, "data": None, **more}


class Kitsu(BaseAdapter):
    """Answers lists as Zou does: filters, `fields`, `relations`, pages."""

    def __init__(self):
        super().__init__()
        self.tables, self.requests, self.errors = tables(), [], {}
        self.without_pages = set()

    def send(self, request, **options):
        parts = urlsplit(request.url)
        path, params = parts.path[len("/api/data/") :], dict(parse_qsl(parts.query, keep_blank_values=True))
        self.requests.append((path, params))
        status, body = self.errors.get(path) or (200, self.list(path, dict(params)))
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, request.url
        response.headers["Content-Type"] = "application/json"
        response.raw = io.BytesIO(json.dumps(body).encode())
        return response

    def list(self, path, params):
        if path not in self.tables:
            return {"id": "1"}
        page, limit = params.pop("page", None), int(params.pop("limit", 100))
        fields, relations = params.pop("fields", None), params.pop("relations", None)
        rows = [row for row in self.tables[path] if all(matches(row, *one) for one in params.items())]
        many = [] if relations == "true" else TO_MANY.get(path, [])
        wanted = {"id", "type", *fields.split(",")} if fields else {*rows[0]} if rows else ()
        rows = [{name: value for name, value in row.items() if name in wanted and name not in many} for row in rows]
        if page is None or path in self.without_pages:
            return rows
        start = (int(page) - 1) * limit
        return {"data": rows[start : start + limit], "total": len(rows), "nb_pages": -(-len(rows) // limit)}

    def close(self):
        pass

    def calls(self):
        """Return the lists that were requested since the last time."""
        calls, self.requests = [path for path, _ in self.requests], []
        return calls


def matches(row, name, text):
    """A filter that is not a column is ignored, and a name is a pattern, as the server does it."""
    if name == "name" and name in row:
        pattern = re.sub(r"\\(.)|(%)|(_)|(.)", in_pattern, text, flags=re.DOTALL)
        return bool(re.fullmatch(pattern, str(row["name"]), re.IGNORECASE | re.DOTALL))
    values = json.loads(text) if text.startswith("[") else [text]
    have = row.get(name, values[0] if values else "")
    have = [
        str(one).lower() if isinstance(one, bool) else str(one) for one in (have if isinstance(have, list) else [have])
    ]
    return any(str(value) in have for value in values)


def in_pattern(found):
    """Return what a part of an SQL LIKE pattern is in a regular expression."""
    escaped, text, sign, other = found.groups()
    return ".*" if text else "." if sign else re.escape(escaped or other)
