"""What a function makes or adds, another one of the same module changes, removes or takes away again."""

from typing import Dict, List

import pytest

from .code import DOMAINS, FLOWS, public_functions

NAMES: Dict[str, List[str]] = {}
for function in public_functions(*(name for name in DOMAINS if name not in FLOWS)):
    module, name = function.name.split(".")
    NAMES.setdefault(module, []).append(name)
#: The functions whose opposites have another name, and those: none where the server has none.
OTHERS: Dict[str, List[str]] = {
    "asset.new_asset_asset_instance": ["asset.disable_asset_instance", "asset.remove_asset_instance"],
    "entity.new_chat_message": ["entity.remove_chat_message"],  # messages do not change
    "files.new_asset_instance_output_file": ["files.update_output_file", "files.remove_output_file"],
    "files.new_entity_output_file": ["files.update_output_file", "files.remove_output_file"],
    "person.new_password_reset_link": [],  # using it ends it
    "playlist.add_entities_to_playlist": ["playlist.remove_entity_from_playlist"],
    "playlist.new_playlist": ["playlist.update_playlist", "playlist.delete_playlist"],
    "playlist.new_share_link": ["playlist.remove_share_link"],  # links do not change
    "project.new_preview_account": ["project.set_preview_account_open", "project.remove_preview_account"],
    "project_template.new_project_template_from_project": [
        "project_template.update_project_template",
        "project_template.remove_project_template",
    ],
    "scene.new_scene_asset_instance": ["scene.update_asset_instance_name", "asset.remove_asset_instance"],
    "task.add_attachment_files_to_comment": ["task.delete_comment_attachment"],
    "task.add_extra_preview": ["files.remove_preview_file"],
    "task.add_preview": ["files.remove_preview_file"],
    "task.add_tasks_batch_comments": ["task.remove_comment"],
    "user.new_app_login_code": [],  # using it ends it
    "user.new_recovery_codes": [],  # new ones replace them
}
CASES = [(module, name) for module, names in NAMES.items() for name in names if name.split("_")[0] in ("new", "add")]


def opposites(name: str) -> List[str]:
    verb, rest = name.split("_", 1)
    return [f"update_{rest}", f"remove_{rest}"] if verb == "new" else [f"remove_{rest.replace('_to_', '_from_')}"]


@pytest.mark.parametrize(("module", "name"), CASES)
def test_what_is_made_can_be_changed_and_removed(module: str, name: str) -> None:
    missing = [one for one in opposites(name) if one not in NAMES[module]]
    assert bool(missing) == (f"{module}.{name}" in OTHERS), missing


def test_the_others_exist() -> None:
    every = {f"{module}.{name}" for module, names in NAMES.items() for name in names}
    assert {one for name, others in OTHERS.items() for one in (name, *others)} <= every
