"""What a test needs on a server, made in one call each, and removed again."""

import base64
import contextlib
import pkgutil
import uuid
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional

from gazu import asset as assets
from gazu import client as raw
from gazu import create_session, files, person, project, shot, task
from gazu.client import KitsuClient
from gazu.exception import ParameterException, RouteNotFoundException
from gazu.models import Asset, Episode, Person, PreviewFile, Project, Ref, Shot, ShotSequence, Task

from .errors import SandboxError

ROLES = {"artist": "user"}
#: 64 by 36 pixels, grey from black to white.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAAAkCAAAAAAcZ2NOAAAAYklEQVR42mNgYOHgERCRkFFQ0dAxMLGwcXDx8AkIjYxNTM3MLSytrG1s7eydOH"
    "Xm3IVLV63btG3XvkPHTp27dO3WvUfPXr379O3Xf4ZRA0YNGDVg1IBRA0YNGDVg1IDhZwAA3ad3hfWQNMMAAAAASUVORK5CYII="
)


def unique() -> str:
    """Return a name that nothing else has: 12 hexadecimal digits."""
    return uuid.uuid4().hex[:12]


@contextlib.contextmanager
def production(client: KitsuClient, name: str = "", **settings: Any) -> Iterator[Project]:
    """Make a production with all the types and statuses of the server, and the user of *client* in its team."""
    lists = {
        "team": [raw.get_current_user(client=client)],
        "asset_types": assets.all_asset_types(client=client),
        "task_types": task.all_task_types(client=client),
        "task_statuses": task.all_task_statuses(client=client),
    }
    made = project.new_project(name or f"Test {unique()}", client=client, **{**lists, **settings})
    try:
        yield made
    finally:
        with contextlib.suppress(RouteNotFoundException):  # the test may have removed it
            project.close_project(made["id"], client=client)
            project.remove_project(made["id"], force=True, client=client)


class Make:
    """Makes what a test needs, in its production; what is not said has a default.

    Further arguments are those of the function of the library that does it: `make.shot("SH010", nb_frames=48)`
    calls `gazu.shot.new_shot`, with a sequence that is made for it.
    """

    def __init__(
        self,
        server: Any,
        project: Project,
        client: KitsuClient,
        folder: Path,
        ending: contextlib.ExitStack,
        unique: Callable[[], str] = unique,
    ) -> None:
        """Make things in *project* as *client*, and files in *folder*; *ending* removes the people."""
        self.server: Any = server
        self.project: Project = project
        self.client: KitsuClient = client
        self.folder: Path = folder
        #: Returns a name that nothing else has; when a recorded test is replayed, the same ones.
        self.unique: Callable[[], str] = unique
        self._ending = ending
        self._count = 0

    def _name(self, prefix: str, name: Optional[str]) -> str:
        self._count += 1
        return name or f"{prefix}{self._count * 10:03}"

    def asset(self, name: Optional[str] = None, asset_type: str = "Prop", **more: Any) -> Asset:
        """Make an asset; *asset_type* is the name of its type."""
        kind = assets.new_asset_type(asset_type, client=self.client)
        return assets.new_asset(self.project, kind, self._name("Asset", name), client=self.client, **more)

    def episode(self, name: Optional[str] = None) -> Episode:
        """Make an episode, where the production is a TV show."""
        return shot.new_episode(self.project, self._name("E", name), client=self.client)

    def sequence(self, name: Optional[str] = None, **more: Any) -> ShotSequence:
        """Make a sequence."""
        return shot.new_sequence(self.project, self._name("SQ", name), client=self.client, **more)

    def shot(self, name: Optional[str] = None, sequence: Optional[Ref] = None, **more: Any) -> Shot:
        """Make a shot, in a new sequence by default."""
        place = sequence or self.sequence()
        return shot.new_shot(self.project, place, self._name("SH", name), client=self.client, **more)

    def task(self, entity: Optional[Mapping[str, Any]] = None, task_type: Optional[str] = None, **more: Any) -> Task:
        """Make a task on the row *entity*, a new shot by default.

        Args:
            task_type: the name of its type; by default Modeling for an asset, Animation for all else.

        Raises:
            SandboxError: there is no such type on the server.
        """
        row: Mapping[str, Any] = entity or self.shot()
        name = task_type or ("Modeling" if row["type"] == "Asset" else "Animation")
        kind = task.get_task_type_by_name(name, for_entity=row["type"], client=self.client)
        if kind is None:
            raise SandboxError(f"the server has no task type {name!r} for a row of type {row['type']}")
        return task.new_task(row, kind, client=self.client, **more)

    def preview(self, of: Optional[Ref] = None, path: Optional[str] = None, status: str = "wfa") -> PreviewFile:
        """Publish a preview on the task *of*, wait until the server has processed it, and return its row.

        Args:
            of: a new task by default.
            path: the file; a small picture by default.
            status: the short name of the status that the task gets.
        """
        target, state = of or self.task(), task.get_task_status_by_short_name(status, client=self.client)
        if state is None:
            raise SandboxError(f"the server has no task status {status!r}")
        file = path or self.picture()
        _, made = task.publish_preview(target, state, preview_file_path=file, client=self.client)
        return files.wait_for_preview_file(made, poll_interval=0.1, client=self.client)

    def picture(self, name: str = "picture.png") -> str:
        """Write a small PNG, 64 by 36 pixels, and return its path."""
        path = self.folder / name
        path.write_bytes(PICTURE)
        return str(path)

    def movie(self, name: str = "movie.mp4") -> str:
        """Write an MP4 of half a second, 640 by 360 pixels, and return its path."""
        path = self.folder / name
        path.write_bytes(pkgutil.get_data(__package__, "movie.mp4") or b"")
        return str(path)

    def person(self, role: str = "artist", **more: Any) -> Person:
        """Make a person in the team of the production.

        Args:
            role: `artist` (for the server: `user`), `supervisor`, `manager`, `admin`, `client` or `vendor`.
        """
        unique = self.unique()
        settings = {"first_name": role.title(), "last_name": unique, "email": f"{unique}@example.com", **more}
        made = person.new_person(role=ROLES.get(role, role), client=self.client, **settings)
        self._ending.callback(self._remove_person, made["id"])
        project.add_person_to_team(self.project, made, client=self.client)
        return made

    def _remove_person(self, id: str) -> None:
        try:
            person.remove_person(id, force=True, client=self.client)
        except RouteNotFoundException:
            pass  # the test has removed it
        except ParameterException:  # it has what the server does not remove: days off
            person.update_person({"id": id, "active": False}, client=self.client)

    def client_as(self, role: str = "artist", **more: Any) -> KitsuClient:
        """Make a person as `person` does, and return a client in which that person is logged in."""
        password = uuid.uuid4().hex
        made = self.person(role, password=password, **more)
        session = create_session(self.server.host, str(made["email"]), password)
        session.event_host = self.server.event_host
        return self._ending.enter_context(session)
