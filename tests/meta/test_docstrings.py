"""The docstring of each public function says where it asks, what it takes and returns, and what goes wrong."""

import ast
import re
from typing import Dict, Iterator, List, Set, Tuple

import pytest

from .code import DOMAINS, IMPORTS, TREES, Function, public_functions, routes_of

PUBLIC = public_functions(*DOMAINS, "aio", "background", "cache", "client", "notebook", "parallel", "__init__")
NAMES = {function.name: function for function in PUBLIC}
#: A record, or its id: the name of the parameter says all.
RECORDS = {"Ref", "Optional[Ref]", "Several", "Optional[Several]"}
CLIENTS = {"KitsuClient", "AsyncKitsuClient", "Optional[KitsuClient]", "Optional[AsyncKitsuClient]"}
#: Parameters that are plain everywhere, by their name and type; and all that end with `_name`.
PLAIN = {"name", "email", "password", "first_name", "last_name", "phone", "description", "text"}
#: Types that do not say the shape, or not what is counted.
VAGUE = re.compile(r"\b(Any|Tuple|int|float)\b")
#: Parameters for files that are read or written.
FILES = re.compile(r"\w*file_path|attachments")
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
#: Files whose functions send.
TRANSPORT = {"_http/sender", "_http/async_sender", "_http/session", "_http/async_session"}
#: A path or an address is what they are given.
OF_ANY_PATH = {"path", "url", "model_name", "model", "function", "request", "response"}
SECTION = re.compile(r"^(Args|Returns|Raises|Example):$", re.M)
IN_BACKTICKS = re.compile(r"`(?:gazu\.)?([\w.]+)(?:\(\))?`")
DELEGATED = re.compile(r"[Aa]rguments(?: and errors|, result and errors)?\s+are\s+those\s+of\s+([^.;]*`[^`]*`)")


def sections(function: Function) -> Dict[str, str]:
    """Return the sections of a docstring by their names; "" is what comes before."""
    parts = SECTION.split(function.doc)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2]))}


def stands_on(function: Function, text: str) -> List[Function]:
    """Return the public functions that a text names: `get_shot`, `shot.get_shot` or `gazu.shot.get_shot`."""
    module = function.name.split(".")[0]
    full = [(f"{module}.{name}", f"__init__.{name}", name) for name in IN_BACKTICKS.findall(text)]
    return [NAMES[name] for names in full for name in names if name in NAMES and NAMES[name] != function]


# -- routes --------------------------------------------------------------------
EVERY = {
    (file, node.name): Function(file, node)
    for file, tree in TREES.items()
    for node in tree.body
    if isinstance(node, DEFINITIONS)
}
#: Within a file, what its names stand for: a module, or a function of another file.
MEANING = {(one.file, one.as_name): (one.target, one.name) for one in IMPORTS if one.is_ours}


def sends(function: Function, seen: Set[Tuple[str, str]]) -> bool:
    """Return whether a function sends a request, itself or by another one."""
    for node in ast.walk(function.node):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found = (MEANING.get((function.file, node.value.id), ("", ""))[0], node.attr)
        elif isinstance(node, ast.Name):
            found = MEANING.get((function.file, node.id), (function.file, node.id))
        else:
            continue
        if found[0] in TRANSPORT:
            return True
        if found in EVERY and found not in seen:
            seen.add(found)
            if sends(EVERY[found], seen):
                return True
    return False


@pytest.mark.parametrize("function", PUBLIC, ids=NAMES)
def test_a_function_that_sends_names_its_route(function: Function) -> None:
    names = {one.arg for one in parameters(function)}
    said = routes_of(function.doc) or re.search(r"`(GET|HEAD|POST|PUT|DELETE)` of the host", function.doc)
    assert said or stands_on(function, function.doc) or names & OF_ANY_PATH or not sends(function, set())


# -- what is passed ------------------------------------------------------------
def parameters(function: Function) -> Iterator[ast.arg]:
    arguments = function.node.args
    yield from (*arguments.args, *arguments.kwonlyargs)
    yield from (one for one in (arguments.vararg, arguments.kwarg) if one)


def explained(function: Function) -> Set[str]:
    """Return the parameters that a docstring explains, or leaves to the functions whose arguments they are."""
    listed = re.findall(r"^    (\w+(?:, \w+)*):", sections(function).get("Args", ""), re.M)
    names = {name for line in listed for name in line.split(", ")} | {*re.findall(r"\*(\w+)\*", function.doc)}
    for others in DELEGATED.findall(function.doc):
        if "KitsuClient`" in others:  # a class, whose docstring explains its settings
            names |= {"host", *CLIENT_SETTINGS}
        for other in stands_on(function, others):
            names |= explained(other)
    return names


CLIENT_SETTINGS = {"ssl_verify", "cert", "use_refresh_token", "callback_not_authenticated", "kwargs"}


@pytest.mark.parametrize("function", PUBLIC, ids=NAMES)
def test_parameters_are_explained(function: Function) -> None:
    """Those whose name and type are not plain: files, progress, flags, dates, units, data, formats."""
    known = PLAIN | explained(function)
    unknown = [
        one.arg
        for one in parameters(function)
        if one.arg not in known
        and not one.arg.endswith("_name")
        and ast.unparse(one.annotation or ast.Constant("")) not in RECORDS | CLIENTS
    ]
    assert unknown == []


# -- what comes back -----------------------------------------------------------
@pytest.mark.parametrize("function", PUBLIC, ids=NAMES)
def test_what_is_returned(function: Function) -> None:
    """Where the type does not say the shape or the unit, the docstring does, or the function that it names."""
    found = sections(function)
    type_ = ast.unparse(function.node.returns) if function.node.returns else ""
    if VAGUE.search(type_) and "Returns" not in found:
        alias = re.match(r"(Return|Yield|Do) what ", found[""]) and stands_on(function, found[""])
        number = type_ in ("int", "float") and re.match(r"Return (the number|how many) ", found[""])
        copy = re.match(r"Return a copy ", found[""])
        assert alias or number or copy or "result and errors are those of" in found[""]


# -- what goes wrong -----------------------------------------------------------
@pytest.mark.parametrize("function", PUBLIC, ids=NAMES)
def test_errors_are_listed(function: Function) -> None:
    """Its own, refusals that it speaks of, those of files, and that of a record that does not exist."""
    first = next((one.arg for one in parameters(function)), "")
    takes_id = function.node.name.startswith("get_") and first.endswith("_id")
    own = any(isinstance(node, ast.Raise) and node.exc is not None for node in ast.walk(function.node))
    files = any(FILES.fullmatch(one.arg) for one in parameters(function))
    refused = re.search(r"\brefuse", function.doc.replace("`query.find` refuses", ""))
    listed = "Raises" in sections(function) or "and errors are those of" in function.doc
    assert listed or not (own or refused or takes_id or files)


# -- examples ------------------------------------------------------------------
#: Those that programs call most, and their neighbours.
CALLED_MOST = {
    "__init__": "get_host set_host set_event_host log_in log_out create_session supports",
    "asset": """
        all_assets_for_project get_asset get_asset_by_name new_asset update_asset remove_asset
        all_asset_types all_asset_types_for_project get_asset_type
    """,
    "cache": "enable disable clear_all",
    "casting": "get_shot_casting update_shot_casting cast_asset get_asset_cast_in",
    "client": """
        set_tokens make_auth_header get post put host_is_up host_is_valid get_current_user fetch_all
        fetch_one upload download
    """,
    "entity": "get_entity",
    "events": "init add_listener run_client",
    "files": """
        build_working_file_path upload_working_file get_all_preview_files_for_task
        get_preview_file wait_for_preview_file download_preview_file download_preview_file_thumbnail
        update_preview_annotations download_attachment_file
    """,
    "person": "all_persons get_person get_person_by_email new_person update_person",
    "playlist": """
        all_playlists_for_project get_playlist get_playlist_by_name new_playlist update_playlist delete_playlist
        add_entity_to_playlist
    """,
    "project": """
        all_projects all_open_projects get_project get_project_by_name new_project update_project close_project
        remove_project get_team add_person_to_team
    """,
    "query": "find count",
    "shot": """
        all_shots_for_project all_shots_for_sequence get_shot get_shot_by_name new_shot update_shot
        remove_shot all_sequences_for_project get_sequence get_sequence_by_name new_sequence
        update_sequence remove_sequence all_episodes_for_project get_episode get_episode_by_name new_episode
        update_episode remove_episode
    """,
    "sync": "get_last_events push_project",
    "task": """
        all_tasks_for_project all_tasks_for_asset all_tasks_for_shot all_tasks_for_person get_task
        get_task_by_entity new_task update_task remove_task assign_task clear_assignations all_task_types
        all_task_types_for_project get_task_type get_task_type_by_name new_task_type all_task_statuses
        get_task_status get_task_status_by_name get_task_status_by_short_name all_comments_for_task
        get_last_comment_for_task add_comment add_attachment_files_to_comment update_comment
        remove_comment batch_comments all_previews_for_task publish_preview add_preview
        upload_preview_file set_main_preview get_time_spent
    """,
    "user": "all_open_projects all_sequences_for_project all_shots_for_sequence all_tasks_to_do",
}


def test_those_that_are_called_most_have_an_example() -> None:
    """With its answer: tests/live/extended/test_docstrings.py runs it."""
    names = [f"{module}.{name}" for module, listed in CALLED_MOST.items() for name in listed.split()]
    assert len(names) >= 120
    assert [name for name in names if ">>> " not in sections(NAMES[name]).get("Example", "")] == []


def test_examples_are_short() -> None:
    examples = {one.name: sections(one)["Example"].strip().split("\n") for one in PUBLIC if "Example" in sections(one)}
    assert {name: len(lines) for name, lines in examples.items() if len(lines) > 10} == {}
