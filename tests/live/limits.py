"""What the server itself does not do of what a function is for: shown on the page of the live results."""

LIMITS = {
    "project.create_budget": "keeps only the name and the currency",
    "project.create_budget_entry": "400 without a department, 500 without dates, salary, position and seniority",
    "project.remove_project": '400 "Only closed projects can be deleted", with force too; 500 for a closed one that is '
    "not empty, without force",
    "project.update_project": "ignores `team`: `add_person_to_team` changes it",
    "project.remove_metadata_descriptor": "has no use for `force`",
    "studio.remove_studio": '400 "The change conflicts with records referencing this one.", with force too, while '
    "people are in it",
    "shot.import_otio": "400 EpisodeNotFoundException for a TV show without an episode",
    "shot.import_edl": "as `import_otio`",
    "casting.get_episodes_casting": "answers with the shots and assets, too",
    "casting.cast_asset": "the route came with Zou 1.0.97",
    "entity.remove_entity": '400 "Some data are still linked" for a sequence or an episode with tasks, without force; a '
    "scene with shots or asset instances is only marked as canceled",
    "entity.remove_entities": "ignores sequences, episodes and scenes: the answer lists only what it handled",
    "entity.guess_from_path": "500 if the project has no file tree",
    "files.new_entity_output_file": "uses the templates of the mode `output`, whatever the mode; 400 without a file "
    "tree, but the row stays",
    "files.new_asset_instance_output_file": "uses the templates of the mode `output`, whatever the mode",
    "files.new_working_file": "uses `sep` before the name of the file only; 500 without a file tree",
    "files.build_entity_output_file_path": "ignores `nb_elements`",
    "files.build_asset_instance_output_file_path": "ignores `nb_elements`; a revision of 0 is v000, not the next one",
    "files.get_working_file": "`outputs` can be four minutes old",
    "files.download_attachment_thumbnail": "makes them only for pictures in chats",
    "files.set_project_file_tree": "has no trees by name any more: the library has them",
    "task.create_multiple_comments": "takes no files on the route of the project: they go by `batch_comments`",
    "task.all_tasks_for_scene": "gives no assignees",
    "task.all_tasks_for_episode": "gives no assignees",
    "task.remove_task_type": "400 while there are tasks of it, with force too",
    "task.task_to_review": "has no route for it any more: it is a comment",
    "sync.get_last_events": "gives a thousand at once: there is a request for each",
    "sync.import_entities": "sets `updated_at` to the time of the import",
    "sync.import_tasks": "sets `updated_at` to the time of the import; 500 for fields that no task has",
    "sync.push_episodes": "makes an episode E01 of its own with each TV show: that of the source comes beside it",
    "sync.push_task_comment": "adds comments of its own where the target has status automations; encodes previews anew",
    "search.search_entities": "500 without an indexer, which the sandbox has not",
}
