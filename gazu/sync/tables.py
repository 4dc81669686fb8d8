"""The tables of the server that are copied, what their rows refer to, and what all parts of a copy share."""

from contextlib import contextmanager
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from ..client import KitsuClient
from ..exception import GazuException, NotAuthenticatedException
from ..models import SyncCount, SyncFailure


class Report:
    """How many rows of each kind were created, updated and skipped, and which failed, with the reason."""

    def __init__(self) -> None:
        self.counts: Dict[str, SyncCount] = {}
        self.failed: List[SyncFailure] = []
        #: Fields with values that the target is too old for, by kind.
        self.left_out: Dict[str, Set[str]] = {}
        #: Ids of people who would get an account: each worker of a dry run finds them again.
        self.missing_people: Set[str] = set()

    def leave_out(self, kind: str, fields: Iterable[str]) -> None:
        """Record fields of a kind that the target does not have."""
        names = set(fields)
        if names:
            self.left_out.setdefault(kind, set()).update(names)

    def count(self, kind: str, created: int = 0, updated: int = 0, skipped: int = 0) -> None:
        """Add to the counts of a kind."""
        counts = self.counts.setdefault(kind, {"created": 0, "updated": 0, "skipped": 0})
        counts["created"] += created
        counts["updated"] += updated
        counts["skipped"] += skipped

    def record_failure(self, kind: str, id: str, reason: Any) -> None:
        """Record why a row was not copied.

        Raises:
            NotAuthenticatedException: that is the reason; without a valid token no other row can be copied.
        """
        if isinstance(reason, NotAuthenticatedException):
            raise reason
        self.failed.append({"kind": kind, "id": id, "reason": str(reason) or type(reason).__name__})

    @contextmanager
    def recording_failure(self, kind: str, id: str) -> Iterator[None]:
        """Record an error of the server or the disk as the reason why a row was not copied, instead of raising it."""
        try:
            yield
        except (GazuException, OSError) as error:
            self.record_failure(kind, id, error)

    def add(self, other: "Report") -> None:
        """Add the counts and failures of another report."""
        for kind, counts in other.counts.items():
            self.count(kind, **counts)
        self.failed.extend(other.failed)
        for kind, fields in other.left_out.items():
            self.leave_out(kind, fields)
        self.missing_people |= other.missing_people


class MigrationContext(NamedTuple):
    """What each piece of work of a copy needs; it is pickled when pieces run in other processes."""

    source: KitsuClient
    target: KitsuClient
    #: Id of the production at the source.
    project_id: str
    #: Ids at the target by ids at the source, by the kind of record: "people", "task_types", ...
    id_maps: Dict[str, Any]
    report: Report
    normalize_movies: bool = False
    #: The target had no entity of the production, so that its server has none in its cache.
    target_is_empty: bool = False
    #: The version of the target: fields that came later are left out.
    target_version: Optional[str] = None
    #: Leave out references to what the target does not have, instead of raising.
    skip_unknown: bool = False
    #: Write nothing: count what would be written. What the target lacks has its id of the source meanwhile.
    dry_run: bool = False


class TableSpec(NamedTuple):
    """A table of the server, and the fields of its rows that differ between two servers."""

    kind: str
    path: str
    #: Fields with an id, and the kind of record it belongs to; "" where ids are the same on both servers.
    refs: Mapping[str, str] = {}
    #: Fields with a list of ids, and their kind.
    lists: Mapping[str, str] = {}
    #: Fields that are not copied.
    left_out: Sequence[str] = ()
    #: Fields that are copied with another value.
    overrides: Mapping[str, Any] = {}
    #: The server sends the lists of ids only when asked for relations.
    relations: bool = False
    #: Path of the list of one production, where the table has no filter `project_id`.
    list_path: str = ""
    #: Fields that identify a row at the target, whatever its id.
    natural_key: Tuple[str, ...] = ()
    #: In a dry run, the only fields that an earlier pass over the same rows would have left as they are.
    later: Optional[Sequence[str]] = None


#: The first Zou that imports more than productions, entities, their links and tasks.
IMPORTS_ALL = "1.0.55"


# -- what productions share ------------------------------------------------------
#: In this order: rows refer to those before them.
SHARED = (
    TableSpec("project_status", "project-status"),
    TableSpec("departments", "departments"),
    TableSpec("task_types", "task-types", {"department_id": "departments"}),
    TableSpec("task_status", "task-status", left_out=("is_default",)),
    TableSpec("entity_types", "entity-types", lists={"task_types": "task_types"}, relations=True),
)
PROJECTS = TableSpec(
    "projects",
    "projects",
    {"project_status_id": "project_status"},
    {"team": "people", "asset_types": "entity_types", "task_types": "task_types", "task_statuses": "task_status"},
    (
        "status_automations", "preview_background_files", "default_preview_background_file_id", "has_avatar",
        "from_schedule_version_id", "shotgun_id",
    ),
    relations=True,
)  # fmt: skip


# -- the rows of a production ----------------------------------------------------
_PROJECT_REFS = {"project_id": "project", "task_type_id": "task_types"}
_ENTITY_REFS = {
    "project_id": "project",
    "entity_type_id": "entity_types",
    "created_by": "people",
    "ready_for": "task_types",
}
_TASK_REFS = {**_PROJECT_REFS, "task_status_id": "task_status", "assigner_id": "people"}


def _entities(kind: str, *left_out: str, lists: Mapping[str, str] = {}) -> TableSpec:
    left_out = ("entities_in", "instance_casting", "shotgun_id", *left_out)
    overrides = {"entities_out": None}  # otherwise the server deletes the casting
    return TableSpec(kind, "entities", _ENTITY_REFS, lists, left_out, overrides, relations=bool(lists))


def _tasks(kind: str) -> TableSpec:
    return TableSpec(kind, "tasks", _TASK_REFS, {"assignees": "people"}, ("shotgun_id",), relations=True)


TASKS = _tasks("tasks")
#: Copied first, in this order: rows refer to those before them. Main previews are copied in the second pass.
FIRST = (
    TableSpec(
        "metadata_descriptors", "metadata-descriptors", _PROJECT_REFS, {"departments": "departments"}, relations=True
    ),
    TableSpec("milestones", "milestones", _PROJECT_REFS),
    _entities("episodes", "preview_file_id"),
    _entities("sequences", "preview_file_id"),
    _entities("scenes", "preview_file_id"),
    _entities("shots", "preview_file_id"),
    _entities("edits", "preview_file_id"),
    _entities("assets", "preview_file_id", "parent_id"),  # the parent may be any other asset
    _entities("concepts", "preview_file_id", lists={"entity_concept_links": ""}),
    TableSpec("schedule_items", "schedule-items", {**_PROJECT_REFS, "object_id": ""}),
    TableSpec(
        "entity_links",
        "entity-links",
        list_path="projects/{project_id}/entity-links",
        natural_key=("entity_in_id", "entity_out_id"),
    ),
    TASKS,
)
#: Copied last: these rows refer to comments and previews.
LAST = (
    TableSpec("playlists", "playlists", {**_PROJECT_REFS, "created_by": "people"}, left_out=("build_jobs",)),
    _entities("main_previews"),
    _tasks("last_previews"),  # an upload changes the last preview of a task
)
#: Kinds of `LAST` whose rows are copied once already.
SECOND_PASS = ("main_previews", "last_previews")
#: Kinds of entities by the name of their type; all other types are types of assets.
KINDS = {
    "Episode": "episodes",
    "Sequence": "sequences",
    "Scene": "scenes",
    "Shot": "shots",
    "Edit": "edits",
    "Concept": "concepts",
    "ConceptFolder": "concepts",
}

# -- the rows of a task ----------------------------------------------------------
PREVIEWS = TableSpec(
    "preview_files",
    "preview-files",
    {"person_id": "people"},
    left_out=("source_file_id", "shotgun_id", "path", "comments", "is_movie", "url", "uploaded_movie_url"),
)
COMMENTS = TableSpec(
    "comments",
    "comments",
    {"task_status_id": "task_status", "person_id": "people", "editor_id": "people"},
    {"previews": "", "mentions": "people", "acknowledgements": "people", "department_mentions": "departments"},
    ("attachment_files", "shotgun_id"),
    relations=True,
    list_path="projects/{project_id}/comments",
)
#: Replies are part of the row of their comment.
REPLIES = TableSpec(
    "comments", "", {"person_id": "people"}, {"mentions": "people", "department_mentions": "departments"}, ("person",)
)
ATTACHMENTS = TableSpec("attachment_files", "attachment-files")
NEWS = TableSpec("news", "news", {"author_id": "people"})
#: What else belongs to a task.
OF_TASKS = (
    TableSpec("time_spents", "time-spents", {"person_id": "people"}),
    TableSpec("subscriptions", "subscriptions", {"person_id": "people", "task_type_id": "task_types"}),
)
