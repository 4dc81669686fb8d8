"""Limitations of the server by function, shown on the page of the live results."""

LIMITS = {
    "project.create_budget": "stores only the name and the currency",
    "project.create_budget_entry": "400 without a department, 500 without dates, salary, position and seniority",
    "project.remove_project": '400 "Only closed projects can be deleted", even with force; 500 for a closed one that is '
    "not empty, without force",
    "project.update_project": "ignores `team`: `add_person_to_team` changes it",
    "project.remove_metadata_descriptor": "ignores `force`",
    "studio.remove_studio": '400 "The change conflicts with records referencing this one.", even with force, while '
    "the studio has people",
    "shot.import_otio": "400 EpisodeNotFoundException for a TV show without an episode",
    "shot.import_edl": "as `import_otio`",
    "casting.get_episodes_casting": "also returns the shots and assets",
    "casting.cast_asset": "the route requires Zou 1.0.97",
    "entity.remove_entity": '400 "Some data are still linked" for a sequence or an episode with tasks, without force; a '
    "scene with shots or asset instances is only marked as canceled",
    "entity.remove_entities": "ignores sequences, episodes and scenes: the response lists only what was removed",
    "entity.guess_from_path": "500 if the project has no file tree",
    "files.new_entity_output_file": "uses the templates of the mode `output` for every mode; 400 without a file "
    "tree, but the record is created",
    "files.new_asset_instance_output_file": "uses the templates of the mode `output` for every mode",
    "files.new_working_file": "uses `sep` only before the file name; 500 without a file tree",
    "files.build_entity_output_file_path": "ignores `nb_elements`",
    "files.build_asset_instance_output_file_path": "ignores `nb_elements`; a revision of 0 is v000, not the next one",
    "files.get_working_file": "`outputs` can be up to four minutes old",
    "files.download_attachment_thumbnail": "creates them only for pictures in chats",
    "files.set_project_file_tree": "no longer has trees by name: the library includes them",
    "task.create_multiple_comments": "accepts no files on the route of the project: use `batch_comments`",
    "task.all_tasks_for_scene": "returns no assignees",
    "task.all_tasks_for_episode": "returns no assignees",
    "task.remove_task_type": "400 while tasks of it exist, even with force",
    "task.task_to_review": "no longer has a route for it: it is a comment",
    "sync.get_last_events": "returns up to a thousand: the library sends a request for each thousand",
    "sync.import_entities": "sets `updated_at` to the time of the import",
    "sync.import_tasks": "sets `updated_at` to the time of the import; 500 for fields that no task has",
    "sync.push_episodes": "creates an episode E01 with each TV show: the one of the source is added to it",
    "sync.push_task_comment": "adds comments if the target has status automations; re-encodes previews",
    "search.search_entities": "500 without an indexer, which the sandbox does not have",
}
