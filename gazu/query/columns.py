"""Which column refers to which list, as the database of the server has it."""

from typing import Dict


def _names_to_lists(lists: Dict[str, str]) -> Dict[str, str]:
    return {name: path for path, names in lists.items() for name in names.split()}


#: To-one references and their lists: columns that hold an id, by their names without `_id`.
TO_ONE = _names_to_lists(
    {
        "asset-instances": "asset_instance",
        "comments": "comment",
        "departments": "department",
        "entities": "asset entity entity_in entity_out episode parent scene source target_asset temporal_entity",
        "entity-types": "entity_type",
        "file-status": "file_status",
        "output-files": "source_file",
        "output-types": "output_type",
        "persons": "assigner author editor person user",
        "playlists": "playlist",
        "preview-files": "last_preview_file preview_file",
        "project-status": "project_status",
        "projects": "project",
        "softwares": "software",
        "studios": "studio",
        "task-status": "task_status",
        "task-types": "task_type",
        "tasks": "object task",  # the object of a comment
        "working-files": "working_file",
    }
)
#: To-many references: columns that hold a list of ids, which the server sends only with `relations=true`.
TO_MANY = _names_to_lists(
    {
        "attachment-files": "attachment_files",
        "departments": "department_mentions departments",
        "entities": "entities_out",
        "entity-types": "asset_types",
        "persons": "acknowledgements assignees mentions team",
        "preview-files": "previews",
        "task-status": "task_statuses",
        "task-types": "task_types",
    }
)
#: Irregular columns: they hold an id, but their names do not end with `_id`.
IRREGULAR = {"created_by": "persons", "ready_for": "task-types"}
REFERENCES = {**TO_ONE, **TO_MANY, **IRREGULAR}
#: Columns that hold a text, although a reference has their name.
TEXTS = {
    "comment": {"output-files", "working-files"},
    "entity_type": {
        "custom-actions",
        "metadata-descriptors",
        "search-filter-groups",
        "search-filters",
        "status-automations",
    },
    "source": {"output-files", "preview-files"},
}
#: Computed columns, which the server silently ignores as filters, or fails with.
COMPUTED = {"type", "project_name", "sequence_name", "full_name", "notification_type"}
#: Lists of one kind of entity, where the server silently ignores the type as a filter.
OF_ONE_TYPE = {"shots", "sequences", "episodes", "scenes", "edits", "concepts"}
#: Lists that come whole, whatever page is asked for.
WITHOUT_PAGES = {*OF_ONE_TYPE, "assets"}
#: Lists where the server silently ignores all filters.
WITHOUT_FILTERS = {"salary-scales"}
#: Lists that the server cuts off, here after 1,000 records, unless they are read in pages.
CUT_OFF = {"events"}
#: Columns of days, by their lists; others have times to the microsecond, which no filter of the server meets.
DAYS = {"date": {"day-offs", "milestones", "time-spents"}, "end_date": {"day-offs"}}
#: Lists that may be long: to find which of their records match, the whole list is not read.
LONG = {
    "asset-instances",
    "attachment-files",
    "comments",
    "entities",
    "output-files",
    "playlists",
    "preview-files",
    "tasks",
    "working-files",
}
#: References from a record to another of the same project.
WITHIN_PROJECT = {"entity", "episode", "parent"}


def is_reference(path: str, name: str) -> bool:
    """Return whether a name is a reference of the records of a list."""
    return name in REFERENCES and path not in TEXTS.get(name, ())


def column_of(path: str, name: str) -> str:
    """Return the column of a name, which may be that of a reference: `entity` is `entity_id`."""
    return name + "_id" if name in TO_ONE and is_reference(path, name) else name
