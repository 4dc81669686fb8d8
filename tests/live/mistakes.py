"""The mistakes that people make with this library, and what it says to each: `python -m tests.live.mistakes`.

Each is made on a real server: that of GAZU_SANDBOX_HOST, or one that is started. What it says is graded: *what* was
wrong, *where*, and the *cure*. `test_mistakes.py` makes them too.
"""

import os
import re
import sys
import tempfile
import threading
import uuid
import warnings
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Iterator, List, NamedTuple

import gazu
from gazu.client import KitsuClient
from gazu.exception import GazuException, GazuWarning

#: An id that no record has.
NOBODY = "00000000-0000-4000-8000-000000000000"
ROLES = ("user", "vendor", "client", "supervisor")
#: Words that begin a cure.
CURES = re.compile(
    r"expected |did you mean |\b(call|use|pass|try|set|send|give|check|make|ask|must|should|needs) |"
    r"log in|save or export|Zou 1.0 stores |gazu\.\w+\.\w+|\?|gazu\.(set_host|log_in|set_token)|only these: ",
    re.IGNORECASE,
)


class Mistake(NamedTuple):
    """A mistake; *says* is a part of the text that it gets, *where* the parameter or the file that the text names."""

    kind: str
    title: str
    make: Callable[[Any], Any]
    says: str
    where: str = ""


class Grade(NamedTuple):
    """Whether a text says these."""

    what: bool
    where: bool
    cure: bool


def grade(text: str, mistake: Mistake) -> Grade:
    """Grade a text: a request or the place is named; the expected words are there; something can be done."""
    request = re.match(r"(GET|POST|PUT|DELETE) \S+: .", text)
    named = mistake.where and re.search(rf"\b{re.escape(mistake.where)}\b", text)
    return Grade(mistake.says in text, bool(request or named), bool(CURES.search(text)))


def text_of(mistake: Mistake, world: Any) -> str:
    """Make a mistake, and return the text of the error or of the warning that it brings."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", GazuWarning)
        try:
            mistake.make(world)
        except (GazuException, ValueError, TypeError, AttributeError, OSError) as error:
            return str(error)
    return next((str(one.message) for one in seen if issubclass(one.category, GazuWarning)), "")


# -- the world that they are made in -----------------------------------------------
@contextmanager
def world() -> Iterator[Any]:
    """Make a production with what the mistakes need; the default client is logged in as an administrator."""
    with ExitStack() as stack:
        mark = uuid.uuid4().hex[:8]
        w = SimpleNamespace(host=gazu.get_host(), mark=mark, folder=stack.enter_context(_folder()))
        w.me = gazu.client.get_current_user()
        w.project, w.other = (gazu.project.new_project(f"{name} {mark}") for name in ("Mistakes", "Elsewhere"))
        gazu.project.add_person_to_team(w.project, w.me)
        w.sequence = gazu.shot.new_sequence(w.project, "SQ01")
        w.shot, w.gone = (gazu.shot.new_shot(w.project, w.sequence, name) for name in ("SH010", "SH020"))
        w.asset_type = gazu.asset.new_asset_type(f"Prop {mark}")
        w.asset = gazu.asset.new_asset(w.project, w.asset_type, "Rabbit")
        w.episode = gazu.shot.new_episode(gazu.project.new_project(f"Show {mark}", "tvshow"), "E99")
        w.task_type = gazu.task.new_task_type(f"Animation {mark}", for_entity="Shot")
        w.task, w.gone_task = (gazu.task.new_task(shot, w.task_type) for shot in (w.shot, w.gone))
        w.status = gazu.task.get_default_task_status()
        w.playlist = gazu.playlist.new_playlist(w.project, "Dailies")
        gazu.task.remove_task(w.gone_task)
        gazu.shot.remove_shot(w.gone, force=True)
        w.clients = {role: stack.enter_context(_account(role, w)) for role in ROLES}
        w.picture, w.empty, w.sheet = w.folder / "a.png", w.folder / "empty.png", w.folder / "shots.csv"
        w.picture.write_bytes(_PNG)
        w.empty.write_bytes(b"")
        w.sheet.write_bytes(_PNG)
        w.another = stack.enter_context(_another_service())
        yield w


_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100"
    "c9fe92ef0000000049454e44ae426082"
)


class _Nothing(BaseHTTPRequestHandler):
    """A service that has nothing at any address."""

    def do_GET(self) -> None:
        self.send_error(404)

    do_POST = do_GET

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def _another_service() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Nothing) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "folder of mistakes"
        folder.mkdir()
        yield folder


@contextmanager
def _account(role: str, w: Any) -> Iterator[KitsuClient]:
    """Log somebody in who is in the team of no production."""
    email = f"{role}.{w.mark}@example.com"
    person = gazu.person.new_person("Ann", role, email, role=role, password="not a secret")
    with gazu.create_session(w.host, email, "not a secret") as client:
        yield client
    gazu.person.update_person({"id": person["id"], "active": False})


def client_of(host: Any, **more: Any) -> KitsuClient:
    return KitsuClient(host, retries=0, **more)


def with_token(w: Any, token: str) -> KitsuClient:
    return client_of(w.host, access_token=token)


def logged_out(w: Any) -> KitsuClient:
    """Return a client whose session another one has ended."""
    client = client_of(w.host)
    gazu.log_in(f"user.{w.mark}@example.com", "not a secret", client=client)
    twin = client_of(w.host, access_token=str(client.access_token))
    gazu.log_out(client=client)
    return twin


def log_in(w: Any, host: Any) -> Any:
    return gazu.log_in("jane@example.com", "password", client=client_of(host, timeout=(1.0, 5.0)))


def ask(host: Any, **more: Any) -> Any:
    return gazu.project.all_projects(client=client_of(host, timeout=(1.0, 5.0), **more))


M = Mistake
CONNECTING: List[Mistake] = [
    M("connecting", "no set_host", lambda w: ask("http://gazu.change.serverhost/api"), "call gazu.set_host"),
    M("connecting", "no set_host, log-in", lambda w: log_in(w, "http://gazu.change.serverhost/api"), "call gazu.set_host"),
    M("connecting", "wrong name", lambda w: log_in(w, "http://kitsu.invalid/api"), "is the name of the host right?"),
    M("connecting", "wrong port", lambda w: log_in(w, "http://127.0.0.1:9/api"), "is the port right?"),
    M("connecting", "https to an http server that waits", lambda w: log_in(w, w.host.replace("http:", "https:")), "does the server speak https?"),
    M("connecting", "https to an http server that closes", lambda w: log_in(w, w.another.replace("http:", "https:")), "does the server speak https?"),
    M("connecting", "no /api", lambda w: log_in(w, w.host[: -len("/api")]), "try http://"),
    M("connecting", "no /api, with a token", lambda w: ask(w.host[: -len("/api")], access_token="a.b.c"), "try http://"),
    M("connecting", "more than /api", lambda w: log_in(w, w.host + "/v1"), "the address of a Kitsu API?"),
    M("connecting", "more than /api, with a token", lambda w: ask(w.host + "/v1"), "the address of a Kitsu API?"),
    M("connecting", "another service", lambda w: log_in(w, w.another + "/api"), "the address of a Kitsu API?"),
    M("connecting", "another service, with a token", lambda w: ask(w.another + "/api"), "the address of a Kitsu API?"),
    M("connecting", "no scheme", lambda w: log_in(w, "kitsu.example.com/api"), "the host must begin with https://"),
    M("connecting", "another scheme", lambda w: log_in(w, "ftp://kitsu.example.com/api"), "the host must begin with https://"),
    M("connecting", "empty host", lambda w: log_in(w, ""), "the host must begin with https://"),
    M("connecting", "None as a host", lambda w: gazu.client.create_client(None), "expected a URL such as", "host"),
    M("connecting", "a number as a host", lambda w: gazu.set_host(8080), "expected a URL such as", "host"),
    M("connecting", "text as a time-out", lambda w: client_of(w.host, timeout="soon"), "expected seconds", "timeout"),
    M("connecting", "negative retries", lambda w: KitsuClient(w.host, retries=-1), "expected a number", "retries"),
    M("connecting", "no time at all", lambda w: client_of(w.host, deadline=0), "expected seconds", "deadline"),
    M("connecting", "text as a client", lambda w: gazu.project.all_projects(client="me"), "expected a KitsuClient", "client"),
    M("connecting", "the module as a client", lambda w: gazu.shot.get_shot(NOBODY, client=gazu), "expected a KitsuClient", "client"),
]  # fmt: skip
LOGGING_IN: List[Mistake] = [
    M("logging in", "wrong password", lambda w: gazu.log_in(w.me["email"], "wrong", client=client_of(w.host)), "Wrong email or password"),
    M("logging in", "unknown address", lambda w: gazu.log_in("nobody@example.com", "x", client=client_of(w.host)), "log-in of nobody@example.com"),
    M("logging in", "wrong password of create_session", lambda w: gazu.create_session(w.host, w.me["email"], "wrong"), "Wrong email or password"),
    M("logging in", "no log_in", lambda w: ask(w.host), "call gazu.log_in"),
    M("logging in", "no log_in, writing", lambda w: gazu.shot.new_sequence(w.project, "SQ02", client=client_of(w.host)), "call gazu.log_in"),
    M("logging in", "no log_in, current user", lambda w: gazu.client.get_current_user(client=client_of(w.host)), "call gazu.log_in"),
    M("logging in", "garbage as a token", lambda w: gazu.project.all_projects(client=with_token(w, "garbage")), "gazu.set_token with another"),
    M("logging in", "a token with Bearer", lambda w: gazu.project.all_projects(client=with_token(w, "Bearer x")), "gazu.set_token with another"),
    M("logging in", "a token of another server", lambda w: gazu.project.all_projects(client=with_token(w, _FOREIGN)), "gazu.set_token with another"),
    M("logging in", "a token with a line end", lambda w: gazu.project.all_projects(client=with_token(w, "x\n")), "takes the token alone", "token"),
    M("logging in", "logged out elsewhere", lambda w: gazu.project.all_projects(client=logged_out(w)), "log in again"),
    M("logging in", "renewal without a refresh token", lambda w: with_token(w, "x").refresh_access_token(), "log in"),
]  # fmt: skip
_FOREIGN = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIiwianRpIjoiMSIsInR5cGUiOiJhY2Nlc3MifQ."
    "c2lnbmF0dXJlIG9mIGFub3RoZXIgc2VydmVyISEhISE"
)
RECORDS: List[Mistake] = [
    M("records", "None as a project", lambda w: gazu.shot.all_shots_for_project(None), "gazu.project.get_project_by_name returns None", "project"),
    M("records", "None as a shot", lambda w: gazu.task.all_tasks_for_shot(None), "gazu.shot.get_shot_by_name returns None", "shot"),
    M("records", "None as a task", lambda w: gazu.task.add_comment(None, w.status), "returns None then", "task"),
    M("records", "None as a status", lambda w: gazu.task.add_comment(w.task, None), "get_task_status_by_name returns None", "task_status"),
    M("records", "None as a person", lambda w: gazu.task.assign_task(w.task, None), "get_person_by_full_name returns None", "person"),
    M("records", "name of a project", lambda w: gazu.shot.all_shots_for_project("Mistakes"), "gazu.project.get_project_by_name('Mistakes')", "project"),
    M("records", "name of a shot", lambda w: gazu.task.all_tasks_for_shot("SH010"), "gazu.shot.get_shot_by_name(sequence, 'SH010')", "shot"),
    M("records", "name of an asset", lambda w: gazu.task.all_tasks_for_asset("Rabbit"), "gazu.asset.get_asset_by_name", "asset"),
    M("records", "name of a task type", lambda w: gazu.task.new_task(w.shot, "Animation"), "gazu.task.get_task_type_by_name('Animation')", "task_type"),
    M("records", "name of a status", lambda w: gazu.task.add_comment(w.task, "wip"), "gazu.task.get_task_status_by_name('wip')", "task_status"),
    M("records", "name of a sequence", lambda w: gazu.shot.new_shot(w.project, "SQ01", "SH1"), "gazu.shot.get_sequence_by_name", "sequence"),
    M("records", "name of a person", lambda w: gazu.task.assign_task(w.task, "Jane Doe"), "gazu.person.get_person_by_full_name('Jane Doe')", "person"),
    M("records", "address of a person", lambda w: gazu.task.assign_task(w.task, "jane@example.com"), "gazu.person.get_person_by_email", "person"),
    M("records", "name in get_shot", lambda w: gazu.shot.get_shot("SH010"), "gazu.shot.get_shot_by_name(sequence, 'SH010')"),
    M("records", "name in get_project", lambda w: gazu.project.get_project("Mistakes"), "gazu.project.get_project_by_name('Mistakes')"),
    M("records", "a number", lambda w: gazu.task.all_tasks_for_shot(10), "expected a record", "shot"),
    M("records", "a list of records", lambda w: gazu.shot.all_shots_for_project([w.project]), "expected a record", "project"),
    M("records", "a record without an id", lambda w: gazu.shot.all_shots_for_project({"name": "Mistakes"}), "expected a record", "project"),
    M("records", "a number in the place of a list", lambda w: gazu.task.assign_tasks_to_person(5, w.me), "expected a list of records", "tasks"),
    M("records", "asset as shot", lambda w: gazu.task.all_tasks_for_shot(w.asset), "shot: got a record of type Asset", "shot"),
    M("records", "shot as asset", lambda w: gazu.task.all_tasks_for_asset(w.shot), "asset: got a record of type Shot", "asset"),
    M("records", "shot as sequence", lambda w: gazu.shot.all_shots_for_sequence(w.shot), "sequence: got a record of type Shot", "sequence"),
    M("records", "sequence as episode", lambda w: gazu.shot.all_sequences_for_episode(w.sequence), "episode: got a record of type Sequence", "episode"),
    M("records", "shot as task", lambda w: gazu.task.add_comment(w.shot, w.status), "task: got a record of type Shot", "task"),
    M("records", "type as status", lambda w: gazu.task.add_comment(w.task, w.task_type), "task_status: got a record of type TaskType", "task_status"),
    M("records", "status as type", lambda w: gazu.task.new_task(w.shot, w.status), "task_type: got a record of type TaskStatus", "task_type"),
    M("records", "person as project", lambda w: gazu.shot.all_shots_for_project(w.me), "project: got a record of type Person", "project"),
    M("records", "arguments in the wrong order", lambda w: gazu.shot.new_shot(w.sequence, w.project, "SH1"), "project: got a record of type Sequence", "project"),
    M("records", "team and person swapped", lambda w: gazu.project.add_person_to_team(w.me, w.project), "project: got a record of type Person", "project"),
    M("records", "task and person swapped", lambda w: gazu.task.assign_task(w.me, w.task), "person: got a record of type Task", "person"),
    M("records", "sequence of another production", lambda w: gazu.shot.new_shot(w.other, w.sequence, "SH1"), "does this"),
]  # fmt: skip
RIGHTS: List[Mistake] = [
    M("rights", f"{role}: {title}", lambda w, role=role, make=make: make(w, w.clients[role]), f"role {role}")
    for role in ROLES
    for title, make in [
        ("production of others", lambda w, client: gazu.project.get_project(w.project, client=client)),
        ("shots of others", lambda w, client: gazu.shot.all_shots_for_project(w.project, client=client)),
        ("new production", lambda w, client: gazu.project.new_project("Mine", client=client)),
        ("comment on a task of others", lambda w, client: gazu.task.add_comment(w.task, w.status, client=client)),
        ("new shot", lambda w, client: gazu.shot.new_shot(w.project, w.sequence, "SH1", client=client)),
        ("new person", lambda w, client: gazu.person.new_person("A", "B", "c@example.com", client=client)),
    ]
]  # fmt: skip
DELETED: List[Mistake] = [
    M("deleted", "shot", lambda w: gazu.shot.get_shot(w.gone["id"]), "does this shot exist?"),
    M("deleted", "tasks of a shot", lambda w: gazu.task.all_tasks_for_shot(w.gone), "does this shot exist?"),
    M("deleted", "update of a shot", lambda w: gazu.shot.update_shot({"id": NOBODY, "nb_frames": 5}), "exist?"),
    M("deleted", "task", lambda w: gazu.task.get_task(w.gone_task["id"]), "does this task exist?"),
    M("deleted", "comment on a task", lambda w: gazu.task.add_comment(w.gone_task, w.status), "does this task exist?"),
    M("deleted", "update of a task", lambda w: gazu.task.update_task({"id": w.gone_task["id"], "priority": 1}), "does this task exist?"),
    M("deleted", "production", lambda w: gazu.project.get_project(NOBODY), "does this project exist?"),
    M("deleted", "shots of a production", lambda w: gazu.shot.all_shots_for_project(NOBODY), "does this project exist?"),
    M("deleted", "asset", lambda w: gazu.asset.get_asset(NOBODY), "does this asset exist?"),
    M("deleted", "preview file", lambda w: gazu.files.get_preview_file(NOBODY), "does this preview-file exist?"),
    M("deleted", "picture", lambda w: gazu.files.download_preview_file(NOBODY, w.folder / "b.png"), "preview"),
    M("deleted", "playlist", lambda w: gazu.playlist.get_playlist(NOBODY), "does this playlist exist?"),
]  # fmt: skip
FIELDS: List[Mistake] = [
    M("fields", "shot", lambda w: gazu.shot.update_shot({"id": w.shot["id"], "nb_framez": 3}), "did you mean 'nb_frames'?"),
    M("fields", "asset", lambda w: gazu.asset.update_asset({"id": w.asset["id"], "descripton": "x"}), "did you mean 'description'?"),
    M("fields", "sequence", lambda w: gazu.shot.update_sequence({"id": w.sequence["id"], "nam": "x"}), "did you mean 'name'?"),
    M("fields", "task", lambda w: gazu.task.update_task({"id": w.task["id"], "duedate": "2026-01-01"}), "did you mean 'due_date'?"),
    M("fields", "production", lambda w: gazu.project.update_project({"id": w.project["id"], "resolutoin": "1x1"}), "did you mean 'resolution'?"),
    M("fields", "task type", lambda w: gazu.task.update_task_type({"id": w.task_type["id"], "colour": "#fff"}), "did you mean 'color'?"),
    M("fields", "task status", lambda w: gazu.task.update_task_status({"id": w.status["id"], "shortname": "x"}), "did you mean 'short_name'?"),
    M("fields", "playlist", lambda w: gazu.playlist.update_playlist({"id": w.playlist["id"], "for_entities": "shot"}), "did you mean 'for_entity'?"),
    M("fields", "new record", lambda w: gazu.client.create("task-types", {"name": f"x{w.mark}", "colour": "#ffffff"}), "did you mean 'color'?"),
    M("fields", "function", lambda w: gazu.task.all_shot_for_project, "did you mean 'gazu.shot.all_shots_for_project'?", "gazu.task"),
    M("fields", "module", lambda w: gazu.shots, "did you mean 'shot'?", "gazu"),
    M("fields", "keyword", lambda w: gazu.shot.new_shot(w.project, w.sequence, "SH1", frames=5), "unexpected keyword", "frames"),
]  # fmt: skip
VALUES: List[Mistake] = [
    M("values", "text as frames", lambda w: gazu.shot.update_shot({"id": w.shot["id"], "nb_frames": "many"}), "nb_frames: expected a whole number"),
    M("values", "text as a priority", lambda w: gazu.task.update_task({"id": w.task["id"], "priority": "high"}), "priority: expected a whole number"),
    M("values", "text as an estimation", lambda w: gazu.task.update_task({"id": w.task["id"], "estimation": "2h"}), "estimation: expected a number"),
    M("values", "name as a type", lambda w: gazu.task.update_task({"id": w.task["id"], "task_type_id": "Animation"}), "task_type_id: expected an id"),
    M("values", "a dict as frames", lambda w: gazu.shot.update_shot({"id": w.shot["id"], "nb_frames": {"in": 1}}), "nb_frames: expected a whole number"),
    M("values", "date as text", lambda w: gazu.task.update_task({"id": w.task["id"], "due_date": "02/01/2026"}), "due_date"),
    M("values", "name of 300 letters", lambda w: gazu.shot.new_sequence(w.project, "x" * 300), "name has 300 characters"),
    M("values", "a number that is too large", lambda w: gazu.task.update_task({"id": w.task["id"], "priority": 2**40}), "priority is"),
    M("values", "frames per second with a comma", lambda w: gazu.project.update_project({"id": w.project["id"], "fps": "23,976"}), "use a dot", "fps"),
    M("values", "NaN", lambda w: gazu.shot.update_shot_data(w.shot, {"a": float("nan")}), "pass None", "data.a"),
    M("values", "a set", lambda w: gazu.shot.update_shot_data(w.shot, {"a": {1}}), "pass text", "data.a"),
    M("values", "a path", lambda w: gazu.shot.update_shot_data(w.shot, {"a": w.folder}), "pass text", "data.a"),
    M("values", "empty name", lambda w: gazu.shot.new_sequence(w.project, ""), "expected a name", "name"),
    M("values", "None as a name", lambda w: gazu.project.get_project_by_name(None), "expected a name", "name"),
    M("values", "an unknown color", lambda w: gazu.task.new_task_status(f"x{w.mark}", color="reddish"), "expected #rrggbb", "color"),
    M("values", "an id alone in an update", lambda w: gazu.shot.update_shot(w.shot["id"]), "expected a dict", "shot"),
    M("values", "an unknown role", lambda w: gazu.person.new_person("A", "B", f"b.{w.mark}@example.com", role="boss"), "role"),
    M("values", "asset type that does not exist", lambda w: gazu.asset.new_asset(w.project, NOBODY, "x"), "exist?"),
    M("values", "an unknown count mode", lambda w: gazu.project.get_project_quotas(w.project, w.task_type, count_mode="all"), "expected weighted", "count_mode"),
]  # fmt: skip
FILES: List[Mistake] = [
    M("files", "no such file", lambda w: gazu.task.publish_preview(w.task, w.status, preview_file_path=w.folder / "no.png"), "No such file", "no.png"),
    M("files", "a folder", lambda w: gazu.task.publish_preview(w.task, w.status, preview_file_path=w.folder), "Is a directory", "folder of mistakes"),
    M("files", "an empty file", lambda w: gazu.task.publish_preview(w.task, w.status, preview_file_path=w.empty), "the file is empty", "empty.png"),
    M("files", "an unknown kind", lambda w: gazu.task.publish_preview(w.task, w.status, preview_file_path=w.sheet.rename(w.folder / "a.xyz")), "only these:", "a.xyz"),
    M("files", "no file", lambda w: gazu.task.publish_preview(w.task, w.status), "pass preview_file_path", "preview_file_path"),
    M("files", "a number as attachments", lambda w: gazu.task.add_comment(w.task, w.status, attachments=[5]), "expected the paths", "attachments"),
    M("files", "no such attachment", lambda w: gazu.task.add_comment(w.task, w.status, attachments=["no.pdf"]), "No such file", "no.pdf"),
    M("files", "no such folder to write to", lambda w: gazu.files.download_project_avatar(w.project, w.folder / "no" / "a.png"), "No such folder", "no"),
    M("files", "no such sheet", lambda w: gazu.shot.import_shots_with_csv(w.project, w.folder / "no.csv"), "No such file", "no.csv"),
    M("files", "a picture as a sheet", lambda w: gazu.shot.import_shots_with_csv(w.project, w.picture), "save or export it as CSV", "csv_file_path"),
    M("files", "a half number as a revision", lambda w: gazu.task.publish_preview(w.task, w.status, preview_file_path=w.picture, revision=1.5), "expected a whole number", "revision"),
    M("files", "no file at all", lambda w: gazu.client.upload("pictures/x", None), "needs a file_path", "file_path"),
]  # fmt: skip
DATES: List[Mistake] = [
    M("dates", "day first", lambda w: gazu.task.set_time_spent(w.task, w.me, "02/01/2026", 60), "expected YYYY-MM-DD", "date"),
    M("dates", "no such day", lambda w: gazu.task.set_time_spent(w.task, w.me, "2026-02-30", 60), "expected YYYY-MM-DD", "date"),
    M("dates", "a number", lambda w: gazu.task.set_time_spent(w.task, w.me, 20260102, 60), "expected YYYY-MM-DD", "date"),
    M("dates", "None", lambda w: gazu.task.set_time_spent(w.task, w.me, None, 60), "expected YYYY-MM-DD", "date"),
    M("dates", "a duration", lambda w: gazu.task.set_time_spent(w.task, w.me, timedelta(1), 60), "expected YYYY-MM-DD", "date"),
    M("dates", "a day off", lambda w: gazu.person.new_day_off(w.me, "tomorrow", "2026-01-01"), "expected YYYY-MM-DD", "date"),
    M("dates", "a negative time", lambda w: gazu.task.set_time_spent(w.task, w.me, "2026-01-02", -60), "duration"),
]  # fmt: skip
QUERIES: List[Mistake] = [
    M("queries", "an unknown list", lambda w: gazu.query.find("shotz", {}), "did you mean 'shots'?"),
    M("queries", "an unknown list of raw", lambda w: gazu.client.fetch_all("taskz"), "did you mean 'tasks'?"),
    M("queries", "an unknown field", lambda w: gazu.query.find("tasks", {"project_id": w.project["id"]}, ["nme"]), "nme", "tasks"),
    M("queries", "an unknown column", lambda w: gazu.query.find("tasks", {"projct_id": w.project["id"]}), "projct_id", "tasks"),
    M("queries", "a number as a list", lambda w: gazu.query.find(5, {}), "expected the name of a list", "model"),
    M("queries", "no indexer", lambda w: gazu.search.search_entities("rab"), "Meilisearch"),
    M("queries", "an event without its kind", lambda w: gazu.events.Listener().on("task")(print), "expected <what>:<happened>", "event_name"),
]  # fmt: skip
MISTAKES = [*CONNECTING, *LOGGING_IN, *RECORDS, *RIGHTS, *DELETED, *FIELDS, *VALUES, *FILES, *DATES, *QUERIES]


# -- the command -----------------------------------------------------------------
def main() -> None:
    """Make all mistakes, and print what is said to each, with its grade."""
    from gazu_sandbox import Sandbox

    with ExitStack() as stack:
        host, email, password = os.environ.get("GAZU_SANDBOX_HOST"), "admin@example.com", "mysecretpassword"
        events = os.environ.get("GAZU_SANDBOX_EVENT_HOST")
        if not host:
            box = stack.enter_context(Sandbox())
            host, events, email, password = box.host, box.event_host, box.email, box.password
        gazu.set_host(host)
        gazu.set_event_host(str(events))
        gazu.log_in(email, password)
        full = 0
        made = stack.enter_context(world())
        for mistake in MISTAKES:
            text = text_of(mistake, made)
            result = grade(text, mistake)
            full += all(result)
            letters = "".join(letter if good else "-" for letter, good in zip("WHC", result))
            print(f"{letters}  {mistake.kind}, {mistake.title}: {text}")
    print(f"{full} of {len(MISTAKES)} say what was wrong (W), where (H) and what to do (C)")
    sys.exit(full < 0.87 * len(MISTAKES))


if __name__ == "__main__":
    main()
