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
#: Lists of one kind of entity, where the server silently ignores the type as a filter.
OF_ONE_TYPE = {"shots", "sequences", "episodes", "scenes", "edits", "concepts"}
#: Computed columns, which the server silently ignores as filters, and what to filter by instead.
COMPUTED = {
    "type": "'entity_type_id' of the list 'entities', or a list such as 'shots'",
    "project_name": "'project_id'",
    "sequence_name": "'parent_id'",
}
