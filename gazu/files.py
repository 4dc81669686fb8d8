"""Working files and output files with their paths; preview files, attachments and avatars."""

import os
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Union

from . import client as raw
from . import file_trees
from ._http.deadline import shortened
from ._http.protocol import require_field
from ._http.route import route
from .annotations import frame_number_at, warn_of_unchanged
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import deprecated, find_imported, list_functions, older_calls
from .exception import (
    DownloadFileException,
    NotAllowedException,
    ParameterException,
    PreviewFileProcessingException,
    RouteNotFoundException,
)
from .helpers import any_id_of, drop_none, for_update, id_of, id_or_none, require_name, require_row
from .models import (
    AttachmentFile,
    FileStatus,
    Outcome,
    OutputFile,
    OutputType,
    PreviewBackgroundFile,
    PreviewFile,
    PreviewFileSummary,
    Project,
    Ref,
    Software,
    StrPath,
    Thumbnail,
    WorkingFile,
)
from .sorting import sort_by_name

if TYPE_CHECKING:
    from requests import Response

    from ._http.multipart import Progress
    from .transfers import Naming

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- file trees ----------------------------------------------------------------
@deprecated("removed in gazu 1.2: use `update_project_file_tree`")
def set_project_file_tree(project: Ref, file_tree_name: str, client: KitsuClient = default) -> Project:
    """Set a file tree that older servers had by name, and return the project: `PUT data/projects/<project_id>`.

    Args:
        file_tree_name: `simple`, with a folder for each software and with revisions, or `default`;
            `gazu.file_trees` has both.

    Raises:
        ValueError: there is no file tree of this name.
    """
    if file_tree_name not in file_trees.BY_NAME:
        raise ValueError(f"file tree {file_tree_name!r} does not exist: expected {' or '.join(file_trees.BY_NAME)}")
    return update_project_file_tree(project, file_trees.BY_NAME[file_tree_name], client=client)


def update_project_file_tree(project: Ref, file_tree: Mapping[str, Any], client: KitsuClient = default) -> Project:
    """Set the file tree of a project, and return the project: `PUT data/projects/<project_id>`.

    Args:
        file_tree: for each mode (`working`, `output`, ...) the `mountpoint`, the `root` below it, and the
            templates `folder_path` and `file_name` by kind of entity: `{"shot": "<Project>/<Sequence>/<Shot>",
            "asset": ..., "style": "lowercase"}`.
    """
    return raw.update("projects", id_of(project), {"file_tree": file_tree}, client=client)


@cache
def build_working_file_path(
    task: Ref,
    name: str = "main",
    mode: str = "working",
    software: Optional[Ref] = None,
    revision: int = 1,
    sep: str = "/",
    client: KitsuClient = default,
) -> str:
    """Return where a working file of *task* belongs: `POST data/tasks/<task_id>/working-file-path`.

    Args:
        mode: the part of the file tree to use.
        software: by default 3ds Max.
        revision: 0 for the next one.
        sep: the separator between folders; those of the mount point of the file tree stay (Zou 1.0.97).

    Returns:
        The path without an extension; spaces have become underscores.

    Raises:
        ParameterException: the project has no file tree, or none for this mode.

    Example:
        >>> project = gazu.files.update_project_file_tree(project, gazu.file_trees.BY_NAME["simple"])
        >>> gazu.files.build_working_file_path(task)
        '/simple/productions/.../shots/sq01/sh010/animation/3ds_max/..._sq01_sh010_animation_main_v001'
    """
    data = {"mode": mode, "name": name, "revision": revision, "separator": sep}
    # The server reads `sep` here, and `separator` for output files.
    data.update(drop_none(software_id=id_or_none(software), sep=None if sep == "/" else sep))
    path = route("data/tasks/{task_id}/working-file-path", id_of(task))
    response = raw.post(path, data, client=client, reads=True)
    return f"{response['path']}{sep}{response['name']}".replace(" ", "_")


def build_working_file_name(
    task: Ref,
    name: str = "main",
    mode: str = "working",
    software: Optional[Ref] = None,
    revision: int = 1,
    client: KitsuClient = default,
) -> str:
    """Return the name in what `build_working_file_path` returns, without the folders.

    Args:
        mode: the part of the file tree to use: `working`, `output`, ...
        revision: 0 for the next one.
    """
    return build_working_file_path(task, name, mode, software, revision, client=client).rpartition("/")[2]


def build_entity_output_file_name(
    entity: Ref,
    output_type: Ref,
    task_type: Ref,
    name: str = "main",
    mode: str = "output",
    revision: int = 0,
    client: KitsuClient = default,
) -> str:
    """Return the name in what `build_entity_output_file_path` returns, without the folders.

    Args:
        mode: the part of the file tree to use: `working`, `output`, ...
        revision: 0 for the next one.
    """
    what: Any = {"name": name, "mode": mode, "revision": revision, "client": client}
    return build_entity_output_file_path(entity, output_type, task_type, **what).rpartition("/")[2]


@cache
def build_entity_output_file_path(
    entity: Ref,
    output_type: Ref,
    task_type: Ref,
    name: str = "main",
    mode: str = "output",
    representation: str = "",
    revision: int = 0,
    nb_elements: int = 1,
    sep: str = "/",
    client: KitsuClient = default,
) -> str:
    """Return where an output file of an asset, a shot, ... belongs: `POST data/entities/<entity_id>/output-file-path`.

    Args:
        mode: the part of the file tree to use.
        representation: `abc`, `exr`, ...: file trees can have a folder for it.
        revision: 0 for the next one.
        nb_elements: the number of files; Zou 1.0.97 does not put it into the path.
        sep: the separator between folders; those of the mount point of the file tree stay (Zou 1.0.97).

    Returns:
        The path without an extension; spaces have become underscores.

    Raises:
        ParameterException: the project has no file tree, or none for this mode.
    """
    path = route("data/entities/{entity_id}/output-file-path", id_of(entity))
    data = {**_output_fields(output_type, task_type, name), "mode": mode, "representation": representation}
    return _post_for_path(path, {**data, "revision": revision, "nb_elements": nb_elements, "separator": sep}, client)


def _output_fields(output_type: Ref, task_type: Ref, name: str) -> Dict[str, Any]:
    """Return the fields that identify an output file of an entity."""
    return {"output_type_id": id_of(output_type), "task_type_id": id_of(task_type), "name": name}


def _post_for_path(path: str, data: Mapping[str, Any], client: KitsuClient) -> str:
    """Request the path of an output file."""
    response = raw.post(path, data, client=client, reads=True)
    return f"{response['folder_path']}{data['separator']}{response['file_name']}".replace(" ", "_")


@cache
def build_asset_instance_output_file_path(
    asset_instance: Ref,
    temporal_entity: Ref,
    output_type: Ref,
    task_type: Ref,
    name: str = "main",
    representation: str = "",
    mode: str = "output",
    revision: int = 0,
    nb_elements: int = 1,
    sep: str = "/",
    client: KitsuClient = default,
) -> str:
    """Return where an output file of an instance of an asset belongs; see `build_entity_output_file_path`.

    `POST data/asset-instances/<asset_instance_id>/entities/<temporal_entity_id>/output-file-path`

    Args:
        temporal_entity: the shot, or the scene, that the instance is in.
        representation: `abc`, `exr`, ...: file trees can have a folder for it.
        mode: the part of the file tree to use: `working`, `output`, ...
        revision: the number for the path; here 0 is not replaced by the next one.
        nb_elements: the number of files, for a sequence of images.
        sep: the separator between folders; those of the mount point of the file tree stay (Zou 1.0.97).
    """
    place = (id_of(asset_instance), id_of(temporal_entity))
    path = route("data/asset-instances/{asset_instance_id}/entities/{temporal_entity_id}/output-file-path", *place)
    data = {**_output_fields(output_type, task_type, name), "mode": mode, "representation": representation}
    return _post_for_path(path, {**data, "revision": revision, "nb_elements": nb_elements, "separator": sep}, client)


# -- software ------------------------------------------------------------------
@cache
def all_softwares(client: KitsuClient = default) -> List[Software]:
    """List the software that the studio uses: `GET data/softwares`."""
    return raw.fetch_all("softwares", client=client)


@cache
def get_software(software_id: Ref, client: KitsuClient = default) -> Software:
    """Return a software: `GET data/softwares/<software_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("softwares", any_id_of(software_id), client=client)


@cache
def get_software_by_name(software_name: str, client: KitsuClient = default) -> Optional[Software]:
    """Return the software of this name, or None: `GET data/softwares?name=<software_name>`."""
    return raw.fetch_named("softwares", {"name": software_name}, client=client)


@older_calls("1.0")
def new_software(
    name: str,
    short_name: str,
    file_extension: str,
    secondary_extensions: Optional[Iterable[str]] = None,
    client: KitsuClient = default,
) -> Software:
    """Create a software, or return the existing one with this name: `POST data/softwares`.

    Args:
        file_extension: the extension of the files that it saves: `.ma`, `.blend`.
        secondary_extensions: the extensions of other files that it reads and writes.
    """
    others = None if secondary_extensions is None else list(secondary_extensions)
    data = drop_none(name=name, short_name=short_name, file_extension=file_extension, secondary_extensions=others)
    return raw.fetch_named("softwares", {"name": require_name(name)}, client=client) or raw.create(
        "softwares", data, client=client
    )


def update_software(software: Mapping[str, Any], client: KitsuClient = default) -> Software:
    """Change a software, and return it. What `get_software` returned can be passed back.

    `PUT data/softwares/<software_id>`

    Args:
        software: its `id` and the fields to change.
    """
    return raw.update("softwares", id_of(software), require_row(software), client=client)


def remove_software(software: Ref, client: KitsuClient = default) -> str:
    """Delete a software, also from the task types that it opens: `DELETE data/softwares/<software_id>`. Admins only.

    Raises:
        ParameterException: working files or departments have it; `update_software` can set `archived`.
    """
    return raw.delete(route("data/softwares/{software_id}", id_of(software)), client=client)


# -- output types and file statuses --------------------------------------------
@cache
def all_output_types(client: KitsuClient = default) -> List[OutputType]:
    """List the types of output files: `GET data/output-types`."""
    return raw.fetch_all("output-types", client=client)


@cache
def all_output_types_for_entity(entity: Ref, client: KitsuClient = default) -> List[OutputType]:
    """List the types of the output files of an asset, a shot, ...: `GET data/entities/<entity_id>/output-types`."""
    return raw.fetch_all(route("entities/{entity_id}/output-types", id_of(entity)), client=client)


@cache
def all_output_types_for_asset_instance(
    asset_instance: Ref, temporal_entity: Ref, client: KitsuClient = default
) -> List[OutputType]:
    """List the types of the output files of an instance of an asset in a shot or a scene.

    `GET data/asset-instances/<asset_instance_id>/entities/<temporal_entity_id>/output-types`
    """
    place = (id_of(asset_instance), id_of(temporal_entity))
    path = route("asset-instances/{asset_instance_id}/entities/{temporal_entity_id}/output-types", *place)
    return raw.fetch_all(path, client=client)


@cache
def get_output_type(output_type_id: Ref, client: KitsuClient = default) -> OutputType:
    """Return a type of output files: `GET data/output-types/<output_type_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("output-types", any_id_of(output_type_id), client=client)


@cache
def get_output_type_by_name(output_type_name: str, client: KitsuClient = default) -> Optional[OutputType]:
    """Return the type of output files of this name, or None: `GET data/output-types?name=<output_type_name>`."""
    return raw.fetch_named("output-types", {"name": output_type_name}, client=client)


def new_output_type(name: str, short_name: str, client: KitsuClient = default) -> OutputType:
    """Create a type of output files, or return the existing one with this name: `POST data/output-types`."""
    found = raw.fetch_named("output-types", {"name": require_name(name)}, client=client)
    return found or raw.create("output-types", {"name": name, "short_name": short_name}, client=client)


def update_output_type(output_type: Mapping[str, Any], client: KitsuClient = default) -> OutputType:
    """Change fields of *output_type*, a dict with its `id`, and return it. Admins only.

    `PUT data/output-types/<output_type_id>`
    """
    return raw.update("output-types", id_of(output_type), for_update(output_type), client=client)


def remove_output_type(output_type: Ref, client: KitsuClient = default) -> str:
    """Delete a type of output files: `DELETE data/output-types/<output_type_id>`. Admins only.

    Raises:
        ParameterException: it is in use.
    """
    return raw.delete(route("data/output-types/{output_type_id}", id_of(output_type)), client=client)


@cache
def all_file_statuses(client: KitsuClient = default) -> List[FileStatus]:
    """List the statuses of output files, sorted by name: `GET data/file-status`."""
    return sort_by_name(raw.fetch_all("file-status", client=client))


@cache
def get_file_status(status_id: Ref, client: KitsuClient = default) -> FileStatus:
    """Return a file status: `GET data/file-status/<status_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("file-status", any_id_of(status_id), client=client)


@cache
def get_file_status_by_name(name: str, client: KitsuClient = default) -> Optional[FileStatus]:
    """Return the file status of this name, or None: `GET data/file-status?name=<name>`."""
    return raw.fetch_named("file-status", {"name": name}, client=client)


def new_file_status(name: str, color: str, client: KitsuClient = default) -> FileStatus:
    """Create a file status, or return the existing one with this name: `POST data/file-status`.

    Args:
        color: `#rrggbb`.
    """
    found = raw.fetch_named("file-status", {"name": require_name(name)}, client=client)
    return found or raw.create("file-status", {"name": name, "color": color}, client=client)


def update_file_status(file_status: Mapping[str, Any], client: KitsuClient = default) -> FileStatus:
    """Change fields of *file_status*, a dict with its `id`, and return it. Admins only.

    `PUT data/file-status/<file_status_id>`
    """
    return raw.update("file-status", id_of(file_status), for_update(file_status), client=client)


def remove_file_status(file_status: Ref, client: KitsuClient = default) -> str:
    """Delete a file status: `DELETE data/file-status/<file_status_id>`. Admins only.

    Raises:
        ParameterException: it is in use.
    """
    return raw.delete(route("data/file-status/{file_status_id}", id_of(file_status)), client=client)


# -- working files -------------------------------------------------------------
@cache
def get_working_files_for_task(task: Ref, client: KitsuClient = default) -> List[WorkingFile]:
    """List the working files of *task*, the highest revision first: `GET data/tasks/<task_id>/working-files`."""
    return raw.fetch_all(route("tasks/{task_id}/working-files", id_of(task)), client=client)


@cache
def get_all_working_files_for_entity(
    entity: Ref, task: Optional[Ref] = None, name: Optional[str] = None, client: KitsuClient = default
) -> List[WorkingFile]:
    """List the working files of an asset, a shot, ..., the highest revision first.

    `GET data/entities/<entity_id>/working-files`

    Args:
        task: only those of this task.
        name: only those of this name.
    """
    params = drop_none(task_id=id_or_none(task), name=name)
    return raw.fetch_all(route("entities/{entity_id}/working-files", id_of(entity)), params=params, client=client)


@cache
def get_last_working_files(task: Ref, client: KitsuClient = default) -> Dict[str, WorkingFile]:
    """Return the last revision of each working file of *task*, by name.

    `GET data/tasks/<task_id>/working-files/last-revisions`
    """
    return raw.fetch_all(route("tasks/{task_id}/working-files/last-revisions", id_of(task)), client=client)


@cache
def get_last_working_file_revision(
    task: Ref, name: str = "main", client: KitsuClient = default
) -> Optional[WorkingFile]:
    """Return the last revision of a working file of *task*, or None.

    `GET data/tasks/<task_id>/working-files/last-revisions`
    """
    return get_last_working_files(task, client=client).get(name)


@cache
def get_working_file(working_file_id: Ref, client: KitsuClient = default) -> WorkingFile:
    """Return a working file: `GET data/working-files/<working_file_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("working-files", any_id_of(working_file_id), client=client)


def new_working_file(
    task: Ref,
    name: str = "main",
    mode: str = "working",
    software: Optional[Ref] = None,
    comment: str = "",
    person: Optional[Ref] = None,
    revision: int = 0,
    sep: str = "/",
    client: KitsuClient = default,
) -> WorkingFile:
    """Create a revision of a working file, and return it with its `path`; this assigns the user to *task*.

    `POST data/tasks/<task_id>/working-files/new`

    Args:
        mode: the part of the file tree to use for the path.
        software: by default Blender.
        comment: what is new in this revision.
        person: who made it, by default the user.
        revision: 0 for the next one.
        sep: the separator before the file name; Zou 1.0.97 puts slashes between folders.

    Raises:
        ParameterException: this revision already exists.
        ServerErrorException: the project has no file tree, or none for this mode.
    """
    data = {"name": require_name(name), "comment": comment, "task_id": id_of(task), "revision": revision, "mode": mode}
    data.update(
        drop_none(person_id=id_or_none(person), software_id=id_or_none(software), sep=None if sep == "/" else sep)
    )
    return raw.post(route("data/tasks/{task_id}/working-files/new", id_of(task)), data, client=client)


def update_working_file(working_file: Mapping[str, Any], client: KitsuClient = default) -> WorkingFile:
    """Change a working file, and return it. What `get_working_file` returned can be passed back.

    Those who may comment on the task.

    `PUT data/working-files/<working_file_id>`

    Args:
        working_file: its `id` and the fields to change.
    """
    fields = {name: value for name, value in for_update(working_file).items() if name != "outputs"}
    return raw.update("working-files", id_of(working_file), fields, client=client)


def remove_working_file(working_file: Ref, client: KitsuClient = default) -> str:
    """Delete the record of a working file: `DELETE data/working-files/<working_file_id>`. Admins only.

    Output files made from it stay, without a `source_file_id`.
    """
    return raw.delete(route("data/working-files/{working_file_id}", id_of(working_file)), client=client)


def update_comment(working_file: Ref, comment: str, client: KitsuClient = default) -> WorkingFile:
    """Change the comment of a working file, and return it: `PUT actions/working-files/<working_file_id>/comment`.

    Args:
        comment: not empty.
    """
    path = route("actions/working-files/{working_file_id}/comment", id_of(working_file))
    return raw.put(path, {"comment": comment}, client=client)


def update_modification_date(working_file: Ref, client: KitsuClient = default) -> WorkingFile:
    """Set `updated_at` of a working file to the current time, and return it.

    `PUT actions/working-files/<working_file_id>/modified`
    """
    return raw.put(route("actions/working-files/{working_file_id}/modified", id_of(working_file)), {}, client=client)


def upload_working_file(
    working_file: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> WorkingFile:
    """Store the content of a working file on the server (see `client.upload`), and return its record.

    `POST data/working-files/<working_file_id>/file`

    Args:
        file_path: the file; it is read while it is sent.
        progress_callback: called with (bytes sent, total bytes).

    Raises:
        FileNotFoundError: the file does not exist; nothing is sent.

    Example:
        >>> gazu.files.update_project_file_tree(project, gazu.file_trees.BY_NAME["simple"])["name"]
        'Caminandes'
        >>> working_file = gazu.files.new_working_file(task)
        >>> gazu.files.upload_working_file(working_file, "v1.png")["revision"]
        1
    """
    path = route("data/working-files/{working_file_id}/file", id_of(working_file))
    return raw.upload(path, file_path, client=client, progress_callback=progress_callback)


def download_working_file(
    working_file: Ref,
    file_path: Optional[StrPath] = None,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Download the content of a working file (see `client.download`).

    `GET data/working-files/<working_file_id>/file`

    Args:
        file_path: the file to write; by default its own `path`, whose folder must exist. Everybody in the production
            can change that path: it is taken only if the file tree has the same, mode `working`, which managers can
            change; or if it is a name without folders, of a file that does not exist yet in the current folder.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        DownloadFileException: there is no *file_path*, and the path of the working file is another one.
        RouteNotFoundException: no content was uploaded.
    """
    place = file_path or _own_path(raw.fetch_one("working-files", id_of(working_file), client=client), client)
    path = route("data/working-files/{working_file_id}/file", id_of(working_file))
    return raw.download(path, place, client=client, progress_callback=progress_callback)


def _own_path(row: WorkingFile, client: KitsuClient) -> str:
    """Return the path of a working file if the file tree has it, or if it cannot replace anything."""
    own = row["path"] or ""
    is_new_name = re.fullmatch(r"\w[^/\\:]*", own) and not os.path.lexists(own)
    if not is_new_name and (not own or ".." in re.split(r"[/\\]", own) or not _is_of_tree(own, row, client)):
        problem = f"the working file {row['id']} has the path {own!r:.200}, not that of the file tree"
        raise DownloadFileException(f"{problem}: give file_path")
    return own


def _is_of_tree(path: str, row: WorkingFile, client: KitsuClient) -> bool:
    """Return whether the file tree, which only managers can change, has this path for a working file."""
    software, revision = row.get("software_id"), row.get("revision") or 1
    with suppress(ParameterException, NotAllowedException, RouteNotFoundException):
        tree = build_working_file_path(row["task_id"], row["name"], "working", software, revision, client=client)
        return path.replace("\\", "/").replace(" ", "_") == tree.replace("\\", "/").replace(" ", "_")
    return False


@cache
def get_file(file: Ref, client: KitsuClient = default) -> Union[WorkingFile, OutputFile]:
    """Return the working file or the output file that has this id: `GET data/files/<file_id>`.

    Everybody in the team.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.get(route("data/files/{file_id}", id_of(file)), client=client)


# -- output files --------------------------------------------------------------
def all_output_files_for_project(
    project: Ref,
    output_type: Optional[Ref] = None,
    task_type: Optional[Ref] = None,
    name: Optional[str] = None,
    representation: Optional[str] = None,
    file_status: Optional[Ref] = None,
    client: KitsuClient = default,
) -> List[OutputFile]:
    """List the output files of the entities of *project*, the newest first, filtered by the given arguments.

    `GET data/projects/<project_id>/output-files`

    Args:
        representation: only those of this representation: `abc`, `exr`, ...
    """
    params = _output_filters(output_type, task_type, name, representation, file_status)
    return raw.fetch_all(route("projects/{project_id}/output-files", id_of(project)), params=params, client=client)


def _output_filters(
    output_type: Optional[Ref],
    task_type: Optional[Ref],
    name: Optional[str],
    representation: Optional[str],
    file_status: Optional[Ref],
) -> Dict[str, str]:
    """Return the query parameters of a list of output files, without those that are empty."""
    models = {"output_type_id": output_type, "task_type_id": task_type, "file_status_id": file_status}
    ids = {field: id_or_none(model) for field, model in models.items()}
    return drop_none(**ids, name=name or None, representation=representation or None)


def all_output_files_for_entity(
    entity: Ref,
    output_type: Optional[Ref] = None,
    task_type: Optional[Ref] = None,
    name: Optional[str] = None,
    representation: Optional[str] = None,
    file_status: Optional[Ref] = None,
    client: KitsuClient = default,
) -> List[OutputFile]:
    """List the output files of an asset, a shot, ..., the highest revision first, filtered by the given arguments.

    `GET data/entities/<entity_id>/output-files`

    Args:
        representation: only those of this representation: `abc`, `exr`, ...
    """
    params = _output_filters(output_type, task_type, name, representation, file_status)
    return raw.fetch_all(route("entities/{entity_id}/output-files", id_of(entity)), params=params, client=client)


@cache
def all_output_files_for_asset_instance(
    asset_instance: Ref,
    temporal_entity: Optional[Ref] = None,
    task_type: Optional[Ref] = None,
    output_type: Optional[Ref] = None,
    name: Optional[str] = None,
    representation: Optional[str] = None,
    file_status: Optional[Ref] = None,
    client: KitsuClient = default,
) -> List[OutputFile]:
    """List the output files of an instance of an asset, the highest revision first, filtered by the given arguments.

    `GET data/asset-instances/<asset_instance_id>/output-files`

    Args:
        temporal_entity: a shot, or a scene, that the instance is in.
        representation: only those of this representation: `abc`, `exr`, ...
    """
    params = _output_filters(output_type, task_type, name, representation, file_status)
    params.update(drop_none(temporal_entity_id=id_or_none(temporal_entity)))
    path = route("asset-instances/{asset_instance_id}/output-files", id_of(asset_instance))
    return raw.fetch_all(path, params=params, client=client)


@cache
def get_last_output_files_for_entity(
    entity: Ref,
    output_type: Optional[Ref] = None,
    task_type: Optional[Ref] = None,
    name: Optional[str] = None,
    representation: Optional[str] = None,
    file_status: Optional[Ref] = None,
    client: KitsuClient = default,
) -> List[OutputFile]:
    """List the last revision of each output file of an asset, a shot, ..., filtered by the given arguments.

    `GET data/entities/<entity_id>/output-files/last-revisions`

    Args:
        representation: only those of this representation: `abc`, `exr`, ...
    """
    path = route("entities/{entity_id}/output-files/last-revisions", id_of(entity))
    params = _output_filters(output_type, task_type, name, representation, file_status)
    return raw.fetch_all(path, params=params, client=client)


@cache
def get_last_output_files_for_asset_instance(
    asset_instance: Ref,
    temporal_entity: Ref,
    task_type: Optional[Ref] = None,
    output_type: Optional[Ref] = None,
    name: Optional[str] = None,
    representation: Optional[str] = None,
    file_status: Optional[Ref] = None,
    client: KitsuClient = default,
) -> List[OutputFile]:
    """List the last revision of each output file of an instance of an asset, filtered by the given arguments.

    `GET data/asset-instances/<asset_instance_id>/entities/<temporal_entity_id>/output-files/last-revisions`

    Args:
        temporal_entity: the shot, or the scene, that the instance is in.
        representation: only those of this representation: `abc`, `exr`, ...
    """
    place = (id_of(asset_instance), id_of(temporal_entity))
    path = route("asset-instances/{asset_instance_id}/entities/{entity_id}/output-files/last-revisions", *place)
    params = _output_filters(output_type, task_type, name, representation, file_status)
    return raw.fetch_all(path, params=params, client=client)


def get_next_entity_output_revision(
    entity: Ref, output_type: Ref, task_type: Ref, name: str = "main", client: KitsuClient = default
) -> int:
    """Return the number that the next revision of an output file of an asset, a shot, ... will have.

    `POST data/entities/<entity_id>/output-files/next-revision`
    """
    path = route("data/entities/{entity_id}/output-files/next-revision", id_of(entity))
    return int(raw.post(path, _output_fields(output_type, task_type, name), client=client, reads=True)["next_revision"])


def get_last_entity_output_revision(
    entity: Ref, output_type: Ref, task_type: Ref, name: str = "main", client: KitsuClient = default
) -> int:
    """Return the number of the last revision of an output file of an asset, a shot, ..., or 0.

    `POST data/entities/<entity_id>/output-files/next-revision`

    Args:
        name: `main` is the default name of `new_entity_output_file`.
    """
    return get_next_entity_output_revision(entity, output_type, task_type, name, client=client) - 1


def get_next_entity_ouput_revision(
    entity: Ref, output_type: Ref, task_type: Ref, name: str = "main", client: KitsuClient = default
) -> int:
    """Return what `get_next_entity_output_revision` does: an alias, as pages of upstream spell it."""
    return get_next_entity_output_revision(entity, output_type, task_type, name, client=client)


def get_next_asset_instance_ouput_revision(
    asset_instance: Ref,
    temporal_entity: Ref,
    output_type: Ref,
    task_type: Ref,
    name: str = "master",
    client: KitsuClient = default,
) -> int:
    """Return what `get_next_asset_instance_output_revision` does: an alias, as pages of upstream spell it."""
    ids = (asset_instance, temporal_entity, output_type, task_type)
    return get_next_asset_instance_output_revision(*ids, name, client=client)


def get_last_entity_ouput_revision(
    entity: Ref, output_type: Ref, task_type: Ref, name: str = "main", client: KitsuClient = default
) -> int:
    """Return what `get_last_entity_output_revision` does: an alias, as pages of upstream spell it."""
    return get_last_entity_output_revision(entity, output_type, task_type, name, client=client)


def get_last_asset_instance_ouput_revision(
    asset_instance: Ref,
    temporal_entity: Ref,
    output_type: Ref,
    task_type: Ref,
    name: str = "master",
    client: KitsuClient = default,
) -> int:
    """Return what `get_last_asset_instance_output_revision` does: an alias, as pages of upstream spell it."""
    ids = (asset_instance, temporal_entity, output_type, task_type)
    return get_last_asset_instance_output_revision(*ids, name, client=client)


def get_next_asset_instance_output_revision(
    asset_instance: Ref,
    temporal_entity: Ref,
    output_type: Ref,
    task_type: Ref,
    name: str = "master",
    client: KitsuClient = default,
) -> int:
    """Return the number that the next revision of an output file of an instance of an asset will have.

    `POST data/asset-instances/<asset_instance_id>/entities/<temporal_entity_id>/output-files/next-revision`
    """
    place = (id_of(asset_instance), id_of(temporal_entity))
    path = route("data/asset-instances/{asset_instance_id}/entities/{entity_id}/output-files/next-revision", *place)
    return int(raw.post(path, _output_fields(output_type, task_type, name), client=client, reads=True)["next_revision"])


def get_last_asset_instance_output_revision(
    asset_instance: Ref,
    temporal_entity: Ref,
    output_type: Ref,
    task_type: Ref,
    name: str = "master",
    client: KitsuClient = default,
) -> int:
    """Return the number of the last revision of an output file of an instance of an asset, or 0.

    `POST data/asset-instances/<asset_instance_id>/entities/<temporal_entity_id>/output-files/next-revision`
    """
    next_revision = get_next_asset_instance_output_revision
    return next_revision(asset_instance, temporal_entity, output_type, task_type, name, client=client) - 1


@cache
def get_output_file(output_file_id: Ref, client: KitsuClient = default) -> OutputFile:
    """Return an output file: `GET data/output-files/<output_file_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("output-files", any_id_of(output_file_id), client=client)


@cache
def get_output_file_by_path(path: StrPath, client: KitsuClient = default) -> Optional[OutputFile]:
    """Return the output file that has exactly this path, or None: `GET data/output-files?path=<path>`.

    Args:
        path: as `new_entity_output_file` returned it.
    """
    return raw.fetch_first("output-files", params={"path": os.fspath(path)}, client=client)


def new_entity_output_file(
    entity: Ref,
    output_type: Ref,
    task_type: Ref,
    comment: str,
    working_file: Optional[Ref] = None,
    person: Optional[Ref] = None,
    name: str = "main",
    mode: str = "output",
    revision: int = 0,
    nb_elements: int = 1,
    representation: str = "",
    sep: str = "/",
    file_status_id: Optional[Ref] = None,
    client: KitsuClient = default,
) -> OutputFile:
    """Create a revision of an output file of an asset, a shot, ..., and return it with its `path`.

    `POST data/entities/<entity_id>/output-files/new`

    Args:
        comment: what is new in this revision.
        working_file: the file that it was made from.
        person: who made it, by default the user.
        mode: the part of the file tree to use for the path; Zou 1.0.97 always uses `output`.
        revision: 0 for the next one.
        nb_elements: the number of files, for a sequence of images.
        representation: `abc`, `exr`, ...: file trees can have a folder for it.
        sep: the separator between folders; those of the mount point of the file tree stay (Zou 1.0.97).

    Raises:
        ParameterException: this revision already exists; or the project has no file tree: the file is
            then created without a path.
    """
    path = route("data/entities/{entity_id}/output-files/new", id_of(entity))
    data = {**_output_fields(output_type, task_type, name), "comment": comment, "revision": revision, "sep": sep}
    data.update(nb_elements=nb_elements, representation=representation)
    return _new_output_file(path, data, mode, working_file, person, file_status_id, client)


def _new_output_file(
    path: str,
    data: Mapping[str, Any],
    mode: str,
    working_file: Optional[Ref],
    person: Optional[Ref],
    file_status: Optional[Ref],
    client: KitsuClient,
) -> OutputFile:
    """Create an output file; the server chooses what is None."""
    status_id = file_status if file_status is None else any_id_of(file_status)
    options = drop_none(
        working_file_id=id_or_none(working_file), person_id=id_or_none(person), file_status_id=status_id
    )
    return raw.post(path, {**data, **options, **({} if mode == "output" else {"mode": mode})}, client=client)


def new_asset_instance_output_file(
    asset_instance: Ref,
    temporal_entity: Ref,
    output_type: Ref,
    task_type: Ref,
    comment: str,
    name: str = "master",
    mode: str = "output",
    working_file: Optional[Ref] = None,
    person: Optional[Ref] = None,
    revision: int = 0,
    nb_elements: int = 1,
    representation: str = "",
    sep: str = "/",
    file_status_id: Optional[Ref] = None,
    client: KitsuClient = default,
) -> OutputFile:
    """Create a revision of an output file of an instance of an asset; see `new_entity_output_file`.

    `POST data/asset-instances/<asset_instance_id>/entities/<temporal_entity_id>/output-files/new`

    Args:
        temporal_entity: the shot, or the scene, that the instance is in.
        comment: what is new in this revision.
        mode: the part of the file tree to use for the path.
        revision: 0 for the next one.
        nb_elements: the number of files, for a sequence of images.
        representation: `abc`, `exr`, ...: file trees can have a folder for it.
        sep: the separator between folders; those of the mount point of the file tree stay (Zou 1.0.97).
    """
    place = (id_of(asset_instance), id_of(temporal_entity))
    path = route("data/asset-instances/{asset_instance_id}/entities/{temporal_entity_id}/output-files/new", *place)
    data = {**_output_fields(output_type, task_type, name), "comment": comment, "revision": revision, "sep": sep}
    data.update(nb_elements=nb_elements, representation=representation)
    return _new_output_file(path, data, mode, working_file, person, file_status_id, client)


def update_output_file(output_file: Ref, data: Mapping[str, Any], client: KitsuClient = default) -> OutputFile:
    """Change fields of an output file, and return it: `PUT data/output-files/<output_file_id>`.

    Args:
        data: the fields to change; what `get_output_file` returned is accepted.
    """
    added = ("source_file", "folder_path", "file_name")  # not fields of an output file
    fields = {name: value for name, value in require_row(data).items() if name not in added}
    return raw.update("output-files", id_of(output_file), fields, client=client)


def remove_output_file(output_file: Ref, client: KitsuClient = default) -> str:
    """Delete the record of an output file: `DELETE data/output-files/<output_file_id>`. Admins only."""
    return raw.delete(route("data/output-files/{output_file_id}", id_of(output_file)), client=client)


# -- preview files -------------------------------------------------------------
@cache
def get_all_preview_files_for_task(task: Ref, client: KitsuClient = default) -> List[PreviewFile]:
    """List the preview files of *task*: `GET data/preview-files?task_id=<task_id>`.

    Example:
        >>> [preview["original_name"] for preview in gazu.files.get_all_preview_files_for_task(task)]
        ['v1']
    """
    return raw.fetch_all("preview-files", params={"task_id": id_of(task)}, client=client)


@cache
def all_preview_files_for_entity(entity: Ref, client: KitsuClient = default) -> List[PreviewFileSummary]:
    """List the preview files of all tasks of a shot, an asset, ..., by task type, the highest revision first.

    `GET data/entities/<entity_id>/preview-files`
    """
    return raw.fetch_all(route("entities/{entity_id}/preview-files", id_of(entity)), client=client)


@cache
def get_preview_file(preview_file_id: Ref, client: KitsuClient = default) -> PreviewFile:
    """Return a preview file; its `status` is the state of its processing: `GET data/preview-files/<preview_file_id>`.

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> preview = gazu.files.get_preview_file(preview["id"])
        >>> preview["revision"], preview["extension"], preview["width"]
        (1, 'png', 32)
    """
    return raw.fetch_one("preview-files", any_id_of(preview_file_id), client=client)


@cache
def get_running_preview_files(client: KitsuClient = default) -> List[PreviewFile]:
    """List the preview files that are not ready, of open projects: `GET data/playlists/preview-files/running`."""
    return raw.get("data/playlists/preview-files/running", client=client)


def wait_for_preview_file(
    preview_file: Ref, timeout: float = 60, poll_interval: float = 5, client: KitsuClient = default
) -> PreviewFile:
    """Wait until the server has processed a preview file, and return it: `ready`, `broken` or `missing`.

    `GET data/preview-files/<preview_file_id>`

    Args:
        timeout: the maximum wait in seconds.
        poll_interval: seconds between two requests.

    Raises:
        PreviewFileProcessingException: it is still being processed after *timeout*.

    Example:
        >>> gazu.files.wait_for_preview_file(preview, timeout=120)["status"]
        'ready'
    """
    deadline = time.monotonic() + timeout
    while True:
        row: PreviewFile = raw.fetch_one("preview-files", id_of(preview_file), client=client)
        if row.get("status") != "processing":
            return row
        left = deadline - time.monotonic()
        if left <= 0:
            raise PreviewFileProcessingException(id_of(preview_file))
        time.sleep(shortened(min(poll_interval, left)))


def get_preview_file_url(preview_file: Ref, client: KitsuClient = default) -> str:
    """Return the path, below the API, of the original of a preview: a movie or an image.

    `GET data/preview-files/<preview_file_id>`
    """
    row = raw.fetch_one("preview-files", id_of(preview_file), client=client)
    extension = require_field(row, "extension", "data/preview-files")
    file = f"{require_field(row, 'id', 'data/preview-files')}.{extension}"
    return route("{kind}/originals/preview-files/{file}", "movies" if extension == "mp4" else "pictures", file)


def get_preview_movie_url(preview_file: Ref, lowdef: bool = False, client: KitsuClient = default) -> str:
    """Return the path, below the API, of the movie of a preview: `GET data/preview-files/<preview_file_id>`.

    The path is that of `GET movies/originals/preview-files/<preview_file_id>.mp4`, or of
    `GET movies/low/preview-files/<preview_file_id>.mp4`.

    Args:
        lowdef: the low-definition version.
    """
    row = raw.fetch_one("preview-files", id_of(preview_file), client=client)
    file = f"{require_field(row, 'id', 'data/preview-files')}.mp4"
    if lowdef:
        return route("movies/low/preview-files/{file}", file)
    return route("movies/originals/preview-files/{file}", file)


def get_preview_lowdef_movie_url(preview_file: Ref, client: KitsuClient = default) -> str:
    """Return the path, below the API, of the low-definition movie of a preview.

    `GET data/preview-files/<preview_file_id>`
    """
    return get_preview_movie_url(preview_file, lowdef=True, client=client)


def download_preview_file(
    preview_file: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the original of a preview: a movie or an image (see `client.download`).

    It is not the file that was published, unless that was a movie with `normalize_movie=False`, or neither a picture
    nor a movie: pictures become PNG of 8 bits, movies are encoded. No checksum of the published file holds.

    `GET movies/originals/preview-files/<preview_file_id>.mp4`,
    `GET pictures/originals/preview-files/<preview_file_id>.<extension>`

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: there is no such preview file.
        PreviewFileProcessingException: the server is still processing it after 60 seconds.

    Example:
        >>> gazu.files.download_preview_file(preview, "original.png")
        <Response [200]>
    """
    path = get_preview_file_url(preview_file, client=client)
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_movie(
    preview_file: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the movie of a preview (see `client.download`).

    `GET movies/originals/preview-files/<preview_file_id>.mp4`

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: the preview is not a movie.
        PreviewFileProcessingException: the server is still processing it after 60 seconds.
    """
    path = get_preview_movie_url(preview_file, client=client)
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_lowdef_movie(
    preview_file: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the low-definition movie of a preview (see `client.download`).

    `GET movies/low/preview-files/<preview_file_id>.mp4`

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: the preview is not a movie.
        PreviewFileProcessingException: the server is still processing it after 60 seconds.
    """
    path = get_preview_lowdef_movie_url(preview_file, client=client)
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_file_cover(
    preview_file: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the cover of a preview, its image in full size, as PNG (see `client.download`).

    Files that are neither PNG, JPEG nor movies have none, and no thumbnail.

    `GET pictures/originals/preview-files/<preview_file_id>.png`

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: it has no cover.
        PreviewFileProcessingException: the server is still processing it after 60 seconds.
    """
    path = route("pictures/originals/preview-files/{file}", f"{id_of(preview_file)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_file_thumbnail(
    preview_file: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the thumbnail of a preview as PNG (see `client.download`).

    `GET pictures/thumbnails/preview-files/<preview_file_id>.png`

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: it has no thumbnail.
        PreviewFileProcessingException: the server is still processing it after 60 seconds.

    Example:
        >>> gazu.files.download_preview_file_thumbnail(preview, "thumbnail.png")
        <Response [200]>
    """
    path = route("pictures/thumbnails/preview-files/{file}", f"{id_of(preview_file)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_picture(
    preview_file: Ref,
    file_path: StrPath,
    size: str = "previews",
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Download the picture of a preview in one of the sizes of the website, as PNG (see `client.download`).

    `GET pictures/previews/preview-files/<preview_file_id>.png`,
    `GET pictures/thumbnails-square/preview-files/<preview_file_id>.png`

    Args:
        size: `previews`, 1200 pixels wide, or `thumbnails-square`, 100 pixels.
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: it has no picture.
    """
    if size not in ("previews", "thumbnails-square"):
        raise ValueError(f"size: expected previews or thumbnails-square, got {size!r:.200}")
    path = route("pictures/{size}/preview-files/{file}", size, f"{id_of(preview_file)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_tile(
    preview_file: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the frames of the movie of a preview that the server has side by side, as PNG (see `client.download`).

    `GET movies/tiles/preview-files/<preview_file_id>.png`

    Arguments are those of `download_preview_file`.

    Raises:
        RouteNotFoundException: the preview has no tile. For an old movie the server makes one now: ask again later, or
            have `extract_tile_from_preview` make it.
    """
    path = route("movies/tiles/preview-files/{file}", f"{id_of(preview_file)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_original(
    preview_file: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download what `download_preview_file` does, in one request; the response names the file as the website does.

    The name is in its header `Content-Disposition`: `<production>_<sequence>_<shot>_<task type>_v1.mp4`.

    `GET pictures/originals/preview-files/<preview_file_id>/download`

    Arguments are those of `download_preview_file`.

    Raises:
        RouteNotFoundException: there is no such preview file.
    """
    path = route("pictures/originals/preview-files/{preview_file_id}/download", id_of(preview_file))
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_source_movie(
    preview_file: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the movie of a preview as it was uploaded, where the server keeps these (see `client.download`).

    `GET movies/source/preview-files/<preview_file_id>.mp4`

    Arguments are those of `download_preview_file`.

    Raises:
        RouteNotFoundException: the server does not keep them, as it does not by default, or it is not a movie.
    """
    path = route("movies/source/preview-files/{file}", f"{id_of(preview_file)}.mp4")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def all_annotated_frame_numbers(preview_file: Ref, client: KitsuClient = default) -> List[int]:
    """List the frames of a movie that have annotations, from 1, as `download_annotated_frame` takes them.

    Frames are counted as the server does, at the frame rate of the shot or else of the project: an annotation at
    0.04 s is on frame 2 at 25 fps.

    `GET data/preview-files/<preview_file_id>`, `GET data/tasks/<task_id>`, `GET data/entities/<entity_id>`,
    `GET data/projects/<project_id>`

    Returns:
        Numbers in ascending order, each once.
    """
    row = raw.fetch_one("preview-files", id_of(preview_file), client=client)
    task = raw.fetch_one("tasks", row["task_id"], client=client)
    entity = raw.fetch_one("entities", task["entity_id"], client=client)
    fps = (entity.get("data") or {}).get("fps") or raw.fetch_one("projects", task["project_id"], client=client)["fps"]
    times = [note.get("time") for note in row.get("annotations") or []]
    return sorted({frame_number_at(time, fps) for time in times if time is not None})


def download_annotated_frame(
    preview_file: Ref,
    frame_number: Optional[int] = None,
    file_path: Optional[StrPath] = None,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Download a frame of a preview with its annotations drawn on it, as PNG (managers; see `client.download`).

    `GET actions/preview-files/<preview_file_id>/extract-annotated-frame`

    Args:
        frame_number: of a movie, one of `all_annotated_frame_numbers`; of a picture, None.
        file_path: the file to write; None to get the content in the returned response.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        ParameterException: there is no annotation on this frame, or a movie needs a frame number.
        RouteNotFoundException: there is no such preview file, or its file is gone.
    """
    path = route("actions/preview-files/{preview_file_id}/extract-annotated-frame", id_of(preview_file))
    params = drop_none(frame_number=frame_number)
    return raw.download(path, file_path, params=params, client=client, progress_callback=progress_callback)


def download_annotated_frames(
    preview_file: Ref,
    file_path: StrPath,
    as_pdf: bool = False,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Download all frames of a preview with annotations, drawn on them (managers; see `client.download`).

    `GET actions/preview-files/<preview_file_id>/extract-annotated-frames`,
    `GET actions/preview-files/<preview_file_id>/extract-annotated-frames-pdf`

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        as_pdf: a PDF with a page for each, instead of a ZIP file with a PNG for each.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        ParameterException: it has no annotations.
        RouteNotFoundException: there is no such preview file, or its file is gone.
    """
    path = route("actions/preview-files/{preview_file_id}/extract-annotated-frames", id_of(preview_file))
    if as_pdf:
        path = route("actions/preview-files/{preview_file_id}/extract-annotated-frames-pdf", id_of(preview_file))
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def extract_frame_from_preview(
    preview_file: Ref,
    frame_number: int,
    file_path: Optional[StrPath] = None,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Download one frame of the movie of a preview as a PNG image (see `client.download`).

    `GET actions/preview-files/<preview_file_id>/extract-frame?frame_number=<frame_number>`

    Args:
        frame_number: starts at 1, at the frame rate of the shot or else of the project, also in a movie that was kept
            with another rate.
        file_path: the file to write; None to get the content in the returned response.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        ServerErrorException: the movie has no such frame.
        RouteNotFoundException: the preview is not a movie.
    """
    path = route("actions/preview-files/{preview_file_id}/extract-frame", id_of(preview_file))
    params = {"frame_number": frame_number}
    return raw.download(path, file_path, params=params, client=client, progress_callback=progress_callback)


def extract_tile_from_preview(
    preview_file: Ref,
    file_path: Optional[StrPath] = None,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Download frames of the movie of a preview side by side in one PNG image (see `client.download`).

    `GET actions/preview-files/<preview_file_id>/extract-tile`

    Args:
        file_path: the file to write; None to get the content in the returned response.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        ParameterException: the preview is not a movie.
    """
    path = route("actions/preview-files/{preview_file_id}/extract-tile", id_of(preview_file))
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def update_preview(preview_file: Ref, data: Mapping[str, Any], client: KitsuClient = default) -> PreviewFile:
    """Change fields of a preview file, and return it: `PUT data/preview-files/<preview_file_id>`.

    Args:
        data: the fields to change: `description`, `validation_status`, ...
    """
    return raw.update("preview-files", id_of(preview_file), data, client=client)


def update_preview_annotations(
    preview_file: Ref,
    additions: Optional[Iterable[Mapping[str, Any]]] = None,
    updates: Optional[Iterable[Mapping[str, Any]]] = None,
    deletions: Optional[Iterable[Mapping[str, Any]]] = None,
    client: KitsuClient = default,
) -> PreviewFile:
    """Change the annotations of a preview, and return the preview file.

    `PUT actions/preview-files/<preview_file_id>/update-annotations`

    Args:
        additions: `[{"time": 1.5, "drawing": {"objects": [...]}}, ...]`, with times in seconds. An object whose `id`
            is already there is not changed.
        updates: the same for existing drawings: an object replaces the one of its `id` as a whole.
        deletions: `[{"time": 1.5, "objects": [<id of the object>, ...]}, ...]`

    What matches nothing is not done: a time has to be the very number that the preview file has. Then a GazuWarning
    names the objects.

    Example:
        >>> drawing = {"objects": [{"id": "1", "type": "path"}]}
        >>> preview = gazu.files.update_preview_annotations(preview, additions=[{"time": 0, "drawing": drawing}])
        >>> preview["annotations"][0]["drawing"] == drawing
        True
    """
    path = route("actions/preview-files/{preview_file_id}/update-annotations", id_of(preview_file))
    changes = drop_none(additions=additions, updates=updates, deletions=deletions)
    lists = {name: list(notes) for name, notes in changes.items()}
    row = raw.put(path, lists, client=client)
    warn_of_unchanged(lists, row)
    return row


def update_preview_position(preview_file: Ref, position: int, client: KitsuClient = default) -> List[PreviewFile]:
    """Move a preview among those of the same revision, and return them in their order.

    `PUT actions/preview-files/<preview_file_id>/update-position`

    Args:
        position: starts at 1.
    """
    path = route("actions/preview-files/{preview_file_id}/update-position", id_of(preview_file))
    return raw.put(path, {"position": position}, client=client)


def remove_preview_file(preview_file: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a preview file: `DELETE data/preview-files/<preview_file_id>`.

    Args:
        force: delete its files from the disk at once; the server may otherwise defer that.
    """
    path = route("data/preview-files/{preview_file_id}", id_of(preview_file))
    return raw.delete(path, {"force": True} if force else {}, client=client)


# -- attachments ---------------------------------------------------------------
def get_attachment_file(attachment_file_id: Ref, client: KitsuClient = default) -> AttachmentFile:
    """Return the record of a file attached to a comment: `GET data/attachment-files/<attachment_file_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("attachment-files", any_id_of(attachment_file_id), client=client)


@cache
def get_all_attachment_files_for_task(task: Ref, client: KitsuClient = default) -> List[AttachmentFile]:
    """List the files attached to the comments of *task*: `GET data/tasks/<task_id>/attachment-files`."""
    return raw.fetch_all(route("tasks/{task_id}/attachment-files", id_of(task)), client=client)


def get_all_attachment_files_for_project(project: Ref, client: KitsuClient = default) -> List[AttachmentFile]:
    """List the files attached to the comments of *project*: `GET data/projects/<project_id>/attachment-files`."""
    return raw.fetch_all(route("projects/{project_id}/attachment-files", id_of(project)), client=client)


def download_attachment_file(
    attachment_file: Ref,
    file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Download a file attached to a comment (see `client.download`).

    `GET data/attachment-files/<attachment_file_id>/file/<name>`

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> [attachment] = gazu.task.add_attachment_files_to_comment(task, comment, "v1.png")
        >>> gazu.files.download_attachment_file(attachment, "attachment.png")
        <Response [200]>
    """
    file_id = id_of(attachment_file)
    row = raw.fetch_one("attachment-files", file_id, client=client)
    name = str(require_field(row, "name", "data/attachment-files", (str, int)))
    name = name.replace("/", "_") or "file"  # the server uses the id only, and has no route for a slash or no name
    path = route("data/attachment-files/{attachment_file_id}/file/{name}", file_id, name)
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def get_attachment_thumbnail_url(attachment_file: Ref, client: KitsuClient = default) -> str:
    """Return the path, below the API, of the thumbnail of an image in a chat.

    `GET pictures/thumbnails/attachment-files/<attachment_file_id>.png`
    """
    return route("pictures/thumbnails/attachment-files/{file}", f"{id_of(attachment_file)}.png")


def download_attachment_thumbnail(
    attachment_file: Ref,
    file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Download the thumbnail of an image in a chat as PNG (see `client.download`).

    `GET pictures/thumbnails/attachment-files/<attachment_file_id>.png`

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: it does not exist; the server makes none for attachments of comments.
    """
    path = get_attachment_thumbnail_url(attachment_file, client=client)
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


# -- avatars -------------------------------------------------------------------
def upload_organisation_avatar(
    organisation: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> Thumbnail:
    """Upload the avatar of the organisation (see `client.upload`).

    `POST pictures/thumbnails/organisations/<organisation_id>`

    Args:
        file_path: a picture.
        progress_callback: called with (bytes sent, total bytes).

    Returns:
        `{"thumbnail_path": ...}`, relative to the URL of the API.

    Raises:
        ParameterException: the file is not a picture.
    """
    path = route("pictures/thumbnails/organisations/{organisation_id}", id_of(organisation))
    return raw.upload(path, file_path, client=client, progress_callback=progress_callback)


def download_organisation_avatar(
    organisation: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the avatar of the organisation (see `client.download`).

    `GET pictures/thumbnails/organisations/<organisation_id>.png`

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: nobody has uploaded an avatar.
    """
    path = route("pictures/thumbnails/organisations/{file}", f"{id_of(organisation)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def upload_person_avatar(
    person: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> Thumbnail:
    """Upload the avatar of a person (see `client.upload`): `POST pictures/thumbnails/persons/<person_id>`.

    Args:
        file_path: a picture.
        progress_callback: called with (bytes sent, total bytes).

    Returns:
        `{"thumbnail_path": ...}`, relative to the URL of the API.

    Raises:
        ParameterException: the file is not a picture.
    """
    path = route("pictures/thumbnails/persons/{person_id}", id_of(person))
    return raw.upload(path, file_path, client=client, progress_callback=progress_callback)


def download_person_avatar(
    person: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the avatar of a person (see `client.download`): `GET pictures/thumbnails/persons/<person_id>.png`.

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: nobody has uploaded an avatar.
    """
    path = route("pictures/thumbnails/persons/{file}", f"{id_of(person)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def upload_project_avatar(
    project: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> Thumbnail:
    """Upload the avatar of a project (see `client.upload`): `POST pictures/thumbnails/projects/<project_id>`.

    Args:
        file_path: a picture.
        progress_callback: called with (bytes sent, total bytes).

    Returns:
        `{"thumbnail_path": ...}`, relative to the URL of the API.

    Raises:
        ParameterException: the file is not a picture.
    """
    path = route("pictures/thumbnails/projects/{project_id}", id_of(project))
    return raw.upload(path, file_path, client=client, progress_callback=progress_callback)


def download_project_avatar(
    project: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the avatar of a project (see `client.download`).

    `GET pictures/thumbnails/projects/<project_id>.png`

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: nobody has uploaded an avatar.
    """
    path = route("pictures/thumbnails/projects/{file}", f"{id_of(project)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


# -- backgrounds of 3D previews ------------------------------------------------
@cache
def all_preview_background_files(client: KitsuClient = default) -> List[PreviewBackgroundFile]:
    """List the backgrounds for 3D previews of the studio, sorted by name: `GET data/preview-background-files`.

    `project.get_preview_background_files` lists those of a project.
    """
    return sort_by_name(raw.fetch_all("preview-background-files", client=client))


@cache
def get_preview_background_file(background_file_id: Ref, client: KitsuClient = default) -> PreviewBackgroundFile:
    """Return a background for 3D previews: `GET data/preview-background-files/<background_file_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("preview-background-files", id_of(background_file_id), client=client)


def new_preview_background_file(
    name: str, is_default: bool = False, client: KitsuClient = default
) -> PreviewBackgroundFile:
    """Create a background for 3D previews, or return the existing one with this name. Admins only.

    `POST data/preview-background-files`; `upload_preview_background_file` gives it its file.

    Args:
        is_default: make it the only default of the studio.
    """
    found = raw.fetch_named("preview-background-files", {"name": require_name(name)}, client=client)
    return found or raw.create("preview-background-files", {"name": name, "is_default": is_default}, client=client)


def update_preview_background_file(
    preview_background_file: Mapping[str, Any], client: KitsuClient = default
) -> PreviewBackgroundFile:
    """Change fields of *preview_background_file*, a dict with its `id`, and return it. Admins only.

    `PUT data/preview-background-files/<background_file_id>`
    """
    row = preview_background_file
    return raw.update("preview-background-files", id_of(row), for_update(row), client=client)


def remove_preview_background_file(preview_background_file: Ref, client: KitsuClient = default) -> str:
    """Delete a background for 3D previews: `DELETE data/preview-background-files/<background_file_id>`.

    Admins only.
    """
    path = route("data/preview-background-files/{background_file_id}", id_of(preview_background_file))
    return raw.delete(path, client=client)


def upload_preview_background_file(
    preview_background_file: Ref,
    file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> PreviewBackgroundFile:
    """Upload the file of a background for 3D previews (see `client.upload`), and return its record. Admins only.

    What is not an HDR picture is refused before it is sent: the server deletes the record if it cannot read the file.

    `POST pictures/preview-background-files/<background_file_id>`

    Args:
        file_path: an HDR picture of Radiance, with a name that ends in `.hdr`.
        progress_callback: called with (bytes sent, total bytes).

    Raises:
        FileNotFoundError: the file does not exist.
        ValueError: it is not an HDR picture.
    """
    path = route("pictures/preview-background-files/{background_file_id}", id_of(preview_background_file))
    _require_hdr(file_path)
    return raw.upload(path, file_path, client=client, progress_callback=progress_callback)


def _require_hdr(file_path: StrPath) -> None:
    with open(file_path, "rb") as file:
        if not os.fsdecode(file_path).lower().endswith(".hdr") or file.read(2) != b"#?":
            raise ValueError(f"file_path: {os.fspath(file_path)!r} is not an HDR picture of Radiance, named .hdr")


def download_preview_background_file(
    preview_background_file: Ref,
    file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Download the file of a background for 3D previews, an HDR picture (see `client.download`).

    Arguments are those of `download_preview_file_thumbnail`.

    `GET pictures/preview-background-files/<background_file_id>.<extension>`

    Raises:
        RouteNotFoundException: it has no file.
    """
    path = route("pictures/preview-background-files/{file}", f"{id_of(preview_background_file)}.hdr")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_background_thumbnail(
    preview_background_file: Ref,
    file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Download the thumbnail of a background for 3D previews as PNG (see `client.download`).

    Arguments are those of `download_preview_file_thumbnail`.

    `GET pictures/thumbnails/preview-background-files/<background_file_id>.png`

    Raises:
        RouteNotFoundException: it has no file.
    """
    path = route("pictures/thumbnails/preview-background-files/{file}", f"{id_of(preview_background_file)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


# -- many files ----------------------------------------------------------------
def download_many(
    rows: Iterable[Ref],
    folder: StrPath,
    name: "Naming" = None,
    progress_callback: Optional["Progress"] = None,
    workers: int = 8,
    client: KitsuClient = default,
) -> List[Outcome]:
    """Download the files of previews and attachments into a folder, several at a time, with one progress of all bytes.

    Each file is either as it was or the whole new one. What goes wrong with one stops no other: it is the `error` of
    its outcome. When *progress_callback* raises, or Ctrl-C comes, running downloads end at once, and their files stay
    as they were.

    The routes are those of `download_preview_file` and `download_attachment_file`.

    Args:
        rows: preview files and attachment files, also as comments have them, or ids of preview files.
        folder: the folder to write to; it is created if it does not exist.
        name: the name of each file: a format string with fields of the row, such as
            `"{original_name}_v{revision:03}.{extension}"`, or a function that gets the row and returns the name;
            by default the id. What other systems take in no name, such as a slash, becomes `_`.
        progress_callback: called in this thread with (bytes done, bytes of all files). Both only grow; the second one
            does as responses tell sizes that the rows do not have. A file that failed counts in full in the end.
        workers: downloads at the same time, 64 at most.

    Returns:
        The outcomes, in the order of the rows: `item` is the row as it was given, `result` the `Path` of its file.

    Raises:
        ValueError: two files would have the same name, or a row has none of the fields named, or is neither a preview
            file nor an attachment file; no file is downloaded.
    """
    from .transfers import download_all

    functions = {"PreviewFile": download_preview_file, "AttachmentFile": download_attachment_file}
    return download_all(rows, folder, name, functions, get_preview_file, progress_callback, workers, client)


def upload_many(
    items: Iterable[Any],
    progress_callback: Optional["Progress"] = None,
    workers: int = 8,
    client: KitsuClient = default,
) -> List[Outcome]:
    """Publish many previews, several at a time, with one progress of all bytes.

    Previews of one task are published one after the other, in the order of the items. What goes wrong with one stops no
    other: it is the `error` of its outcome. When *progress_callback* raises, or Ctrl-C comes, running uploads end at
    once; as with the single functions, nothing is published twice if the same is published again with the same client.

    The routes are those of `task.publish_preview`, `task.add_preview` and `task.upload_preview_file`.

    Args:
        items: `(task, path)` publishes a file with a comment that has no text and keeps the status of the task,
            `(comment, path)` adds a preview to a comment, `(preview_file, path)` uploads the file of a preview that
            `task.create_preview` has made. A dict has arguments of `task.publish_preview`: `{"task": task,
            "task_status": status, "comment": "v2", "preview_file_path": path}`. Records are whole, not ids.
        progress_callback: called in this thread with (bytes sent, bytes of all files), which only grow. A file that
            failed counts in full in the end.
        workers: uploads at the same time, 64 at most.

    Returns:
        The outcomes, in the order of the items: `result` is the preview file.

    Raises:
        TypeError: an item is something else; nothing is sent.
    """
    from .transfers import upload_all

    return upload_all(items, progress_callback, workers, client)
