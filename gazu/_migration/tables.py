"""The tables of a production whose rows keep their ids, in the order in which they are copied."""

from .rows import Table

#: What entities refer to, and comes later: the last but one of the tables has it.
_LATER = ("preview_file_id",)


def _entities(kind: str, *later: str, relations: bool = False) -> Table:
    refs = {
        "project_id": "project",
        "entity_type_id": "asset_types",
        "created_by": "people",
        "ready_for": "task_types",
    }
    left_out = ("entities_in", "instance_casting", "shotgun_id", *later)
    instead = {"entities_out": None}  # else the server takes the casting away
    lists = {"entity_concept_links": ""} if relations else {}
    return Table(kind, "entities", refs, lists, left_out, instead, relations)


def _tasks(kind: str) -> Table:
    refs = {
        "project_id": "project",
        "task_type_id": "task_types",
        "task_status_id": "task_statuses",
        "assigner_id": "people",
    }
    return Table(kind, "tasks", refs, {"assignees": "people"}, ("shotgun_id",), relations=True)


_OF_PROJECT = {"project_id": "project", "task_type_id": "task_types"}
#: What others refer to comes first.
FIRST = (
    Table("metadata_descriptors", "metadata-descriptors", _OF_PROJECT, {"departments": "departments"}, relations=True),
    Table("milestones", "milestones", _OF_PROJECT),
    _entities("episodes", *_LATER),
    _entities("sequences", *_LATER),
    _entities("scenes", *_LATER),
    _entities("shots", *_LATER),
    _entities("edits", *_LATER),
    _entities("assets", *_LATER, "parent_id"),  # which is any other asset
    _entities("concepts", *_LATER, relations=True),
    Table("schedule_items", "schedule-items", {**_OF_PROJECT, "object_id": ""}),
    Table(
        "entity_links",
        "entity-links",
        pages="projects/{project_id}/entity-links",
        pair=("entity_in_id", "entity_out_id"),
    ),
    _tasks("tasks"),
)
#: What can come once tasks have their comments and previews.
LAST = (
    Table("playlists", "playlists", {**_OF_PROJECT, "created_by": "people"}, left_out=("build_jobs",)),
    _entities("main_previews"),
    _tasks("last_previews"),  # uploads change what tasks say is their last
)
TABLES = {table.kind: table for table in (*FIRST, *LAST)}
#: Kinds of entities by the name of their type; all other types are those of assets.
KINDS = {
    "Episode": "episodes",
    "Sequence": "sequences",
    "Scene": "scenes",
    "Shot": "shots",
    "Edit": "edits",
    "Concept": "concepts",
    "ConceptFolder": "concepts",
}
