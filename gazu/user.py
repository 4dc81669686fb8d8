"""Data of the logged-in user: tasks, filters, notifications, chats, time sheet."""

import datetime
import functools
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Union

from . import client as raw
from ._http.protocol import replace_tokens, require_field
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import deprecated, find_imported, list_functions, older_calls
from .exception import NotAuthenticatedException, RouteNotFoundException, ServerErrorException
from .helpers import (
    day_of,
    drop_none,
    id_of,
    id_or_none,
    require_code_challenge,
    require_ids,
    require_name,
    require_row,
)
from .models import (
    Asset,
    AssetType,
    AssignedTask,
    Chat,
    Date,
    DayOff,
    DesktopLoginLog,
    Episode,
    News,
    Notification,
    Project,
    Ref,
    Scene,
    SearchFilter,
    SearchFilterGroup,
    Several,
    Shot,
    ShotSequence,
    Subscription,
    Task,
    TaskType,
    TimeSpent,
    TotpSecret,
    UserContext,
)
from .news import fetch_news, news_query
from .secret import hide, hides_secrets
from .sorting import sort_by_name
from .verification import check_tasks_exist, naming_unknown

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- the account ---------------------------------------------------------------
def is_authenticated(client: KitsuClient = default) -> bool:
    """Return whether the client is logged in and its session has not expired: `GET auth/authenticated`."""
    with suppress(NotAuthenticatedException):
        return bool(raw.get("auth/authenticated", client=client)["authenticated"])
    return False


@cache
def get_context(client: KitsuClient = default) -> UserContext:
    """Return what an application needs at its start, in one request: projects, types, statuses, people, filters, ...

    `GET data/user/context`
    """
    return raw.get("data/user/context", client=client)


def clear_avatar(client: KitsuClient = default) -> str:
    """Delete the avatar of the user: `DELETE actions/user/clear-avatar`."""
    return raw.delete("actions/user/clear-avatar", client=client)


@cache
def all_desktop_login_logs(client: KitsuClient = default) -> List[DesktopLoginLog]:
    """List the desktop log-ins of the user that `log_desktop_session_log_in` recorded.

    `GET data/user/desktop-login-logs`
    """
    return raw.fetch_all("user/desktop-login-logs", client=client)


def log_desktop_session_log_in(client: KitsuClient = default) -> DesktopLoginLog:
    """Record a desktop log-in of the user, now: `POST data/user/desktop-login-logs`."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    return raw.post("data/user/desktop-login-logs", {"date": now}, client=client)


def new_app_login_code(code_challenge: str, client: KitsuClient = default) -> str:
    """Return a code with which another program logs in as the user, once and within a minute: `gazu.log_in_with_code`.

    Needs a person's log-in, not a bot's, and Zou 1.0.94 or later.

    `POST auth/app-login/code`

        verifier = secrets.token_urlsafe(48)
        code = gazu.user.new_app_login_code(gazu.helpers.code_challenge_of(verifier))

    Args:
        code_challenge: what `gazu.helpers.code_challenge_of` returns for the secret text that the other program has,
            or gets.

    Raises:
        NotAllowedException: the client is logged in as a bot.
    """
    answer = raw.post("auth/app-login/code", {"code_challenge": require_code_challenge(code_challenge)}, client=client)
    return hide(require_field(answer, "code", "auth/app-login/code", str))


# -- password and second factors -----------------------------------------------
@hides_secrets
def change_password(old_password: str, password: str, client: KitsuClient = default) -> Dict[str, bool]:
    """Change the password of the user, who is notified by email; for people, not bots: `POST auth/change-password`.

    All tokens stay valid. After five wrong passwords, the server refuses the log-in, too, for a minute.

    Args:
        old_password: the password until now.

    Returns:
        `{"success": True}`

    Raises:
        ParameterException: the old password is wrong, or the new one is too short.
    """
    data = {"old_password": old_password, "password": password, "password_2": password}
    return raw.post("auth/change-password", data, client=client)


@hides_secrets
def reset_password(email: str, token: str, password: str, client: KitsuClient = default) -> Dict[str, bool]:
    """Set a new password with the token of a reset link; nobody needs to be logged in: `PUT auth/reset-password`.

    Args:
        token: the one in the link of `person.send_password_reset` or `person.new_password_reset_link`; the server
            takes it once, within two hours.

    Returns:
        `{"success": True}`

    Raises:
        ParameterException: the token is wrong, used or expired, or the password is too short.
    """
    data = {"email": email, "token": token, "password": password, "password2": password}
    return raw.put("auth/reset-password", data, client=client)


def start_totp(client: KitsuClient = default) -> TotpSecret:
    """Return a secret for an authenticator application of the user; `enable_totp` completes this: `PUT auth/totp`.

    The `repr` hides both texts. For people, not bots, as all functions of second factors.

    Raises:
        ParameterException: the user has an application already.
    """
    return hide(raw.put("auth/totp", {}, client=client))


@hides_secrets
def enable_totp(totp: str, client: KitsuClient = default) -> List[str]:
    """Enable the authenticator application of `start_totp`, and return the recovery codes: `POST auth/totp`.

    The client goes on with new tokens: where the studio enforces a second factor, the old ones open nothing.

    Args:
        totp: the code that the application shows.

    Returns:
        16 codes for `log_in(recovery_code=...)`, each good for one time. The server shows them only now, and has none
        for who has a second factor already: `[]`. The `repr` hides them; print each to see it.

    Raises:
        ParameterException: the code is wrong, or the user has an application already.
    """
    return _enable(raw.post("auth/totp", {"totp": totp}, client=client), client)


def _enable(answer: Any, client: KitsuClient) -> List[str]:
    """Keep the new tokens, and return the recovery codes."""
    replace_tokens(client, answer, client.refresh_token)
    return hide(answer.get("otp_recovery_codes") or [])


@hides_secrets
def disable_totp(
    totp: Optional[str] = None,
    email_otp: Optional[str] = None,
    fido_authentication_response: Optional[Dict[str, Any]] = None,
    recovery_code: Optional[str] = None,
    client: KitsuClient = default,
) -> Dict[str, bool]:
    """Remove the authenticator application of the user, with one of these as proof: `DELETE auth/totp`.

    Args:
        totp, email_otp, fido_authentication_response, recovery_code: a second factor, as in `gazu.log_in`.

    Returns:
        `{"success": True}`

    Raises:
        ValueError: no second factor is given; nothing was sent.
        ParameterException: it is wrong, or there is nothing to remove.
    """
    proof = _proof(totp, email_otp, fido_authentication_response, recovery_code)
    return raw.delete("auth/totp", client=client, data=proof, json_response=True)


def _proof(totp: Any, email_otp: Any, fido: Any, code: Any) -> Dict[str, Any]:
    """Return the second factors that were given: they go into the body, as servers log addresses."""
    given = drop_none(totp=totp, email_otp=email_otp, fido_authentication_response=fido, recovery_code=code)
    if not given:
        raise ValueError("a second factor is needed: totp, email_otp, fido_authentication_response or recovery_code")
    return given


def start_email_otp(client: KitsuClient = default) -> Dict[str, bool]:
    """Have the server send the user a code by email, for `enable_email_otp`: `PUT auth/email-otp`.

    Returns:
        `{"success": True}`

    Raises:
        ParameterException: the user gets codes by email already.
    """
    return raw.put("auth/email-otp", {}, client=client)


@hides_secrets
def enable_email_otp(email_otp: str, client: KitsuClient = default) -> List[str]:
    """Enable codes by email as second factor, and return the recovery codes: `POST auth/email-otp`.

    Args:
        email_otp: the code that `start_email_otp` had sent, within five minutes.

    Returns:
        What `enable_totp` returns; the client gets new tokens as there.

    Raises:
        ParameterException: the code is wrong or expired, or they are enabled already.
    """
    return _enable(raw.post("auth/email-otp", {"email_otp": email_otp}, client=client), client)


@hides_secrets
def disable_email_otp(
    totp: Optional[str] = None,
    email_otp: Optional[str] = None,
    fido_authentication_response: Optional[Dict[str, Any]] = None,
    recovery_code: Optional[str] = None,
    client: KitsuClient = default,
) -> Dict[str, bool]:
    """Disable codes by email: `DELETE auth/email-otp`.

    Arguments, result and errors are those of `disable_totp`.
    """
    proof = _proof(totp, email_otp, fido_authentication_response, recovery_code)
    return raw.delete("auth/email-otp", client=client, data=proof, json_response=True)


def start_fido(client: KitsuClient = default) -> Dict[str, Any]:
    """Return the options to register a security key with; `register_fido` completes this: `PUT auth/fido`.

    A key signs for the domain of the server only, as browsers ask it to; `gazu.log_in_with_browser` uses registered
    ones. The server knows the challenge by a cookie: both calls need the same client.

    Returns:
        The `PublicKeyCredentialCreationOptions` of WebAuthn, with bytes as base64url.
    """
    return raw.put("auth/fido", {}, client=client)


def register_fido(
    registration_response: Mapping[str, Any], device_name: str, client: KitsuClient = default
) -> List[str]:
    """Register a security key of the user, and return the recovery codes: `POST auth/fido`.

    Args:
        registration_response: what the key answers to the options of `start_fido`.
        device_name: a name, for `unregister_fido`.

    Returns:
        What `enable_totp` returns; the client gets new tokens as there.

    Raises:
        ParameterException: the response is not one to the last `start_fido` of this client.
    """
    data = {"registration_response": registration_response, "device_name": require_name(device_name)}
    return _enable(raw.post("auth/fido", data, client=client), client)


@hides_secrets
def unregister_fido(
    device_name: str,
    totp: Optional[str] = None,
    email_otp: Optional[str] = None,
    fido_authentication_response: Optional[Dict[str, Any]] = None,
    recovery_code: Optional[str] = None,
    client: KitsuClient = default,
) -> Dict[str, bool]:
    """Remove a security key of the user: `DELETE auth/fido`.

    Other arguments, result and errors are those of `disable_totp`; they are a second factor.

    Args:
        device_name: the name of the key, one of the `fido_devices` of `client.get_current_user`; Zou 1.0.97 takes
            another for a success, which is a ValueError here.
    """
    proof = _proof(totp, email_otp, fido_authentication_response, recovery_code)
    devices = raw.get_current_user(client=client).get("fido_devices") or [device_name]
    if device_name not in devices:
        raise ValueError(f"device_name: expected one of {', '.join(devices)}, got {device_name!r:.200}")
    return raw.delete("auth/fido", client=client, data={**proof, "device_name": device_name}, json_response=True)


@hides_secrets
def new_recovery_codes(
    totp: Optional[str] = None,
    email_otp: Optional[str] = None,
    fido_authentication_response: Optional[Dict[str, Any]] = None,
    recovery_code: Optional[str] = None,
    client: KitsuClient = default,
) -> List[str]:
    """Replace the recovery codes of the user, and return them as `enable_totp` does: `PUT auth/recovery-codes`.

    Arguments and errors are those of `disable_totp`.
    """
    proof = _proof(totp, email_otp, fido_authentication_response, recovery_code)
    return hide(raw.put("auth/recovery-codes", proof, client=client)["otp_recovery_codes"])


# -- projects and entities -----------------------------------------------------
@cache
def all_open_projects(client: KitsuClient = default) -> List[Project]:
    """List the open projects whose team the user is in (all of them for an administrator), sorted by name.

    `GET data/user/projects/open`

    Example:
        >>> "Caminandes" in [project["name"] for project in gazu.user.all_open_projects()]
        True
    """
    return sort_by_name(raw.fetch_all("user/projects/open", client=client))


@cache
def all_asset_types_for_project(project: Ref, client: KitsuClient = default) -> List[AssetType]:
    """List the types of the assets in *project* that the user has tasks on, sorted by name.

    `GET data/user/projects/<project_id>/asset-types`
    """
    return sort_by_name(raw.fetch_all(route("user/projects/{project_id}/asset-types", id_of(project)), client=client))


@cache
def all_assets_for_asset_type_and_project(project: Ref, asset_type: Ref, client: KitsuClient = default) -> List[Asset]:
    """List the assets of *asset_type* in *project* that the user has tasks on, sorted by name.

    `GET data/user/projects/<project_id>/asset-types/<asset_type_id>/assets`
    """
    path = route("user/projects/{project_id}/asset-types/{asset_type_id}/assets", id_of(project), id_of(asset_type))
    return sort_by_name(raw.fetch_all(path, client=client))


def all_assets_for_asset_type_project(project: Ref, asset_type: Ref, client: KitsuClient = default) -> List[Asset]:
    """List the assets of *asset_type* in *project*; alias of `all_assets_for_asset_type_and_project`.

    `GET data/user/projects/<project_id>/asset-types/<asset_type_id>/assets`
    """
    return all_assets_for_asset_type_and_project(project, asset_type, client=client)


def all_project_assets(project: Ref, client: KitsuClient = default) -> List[Asset]:
    """List the assets in *project* that the user has tasks on, sorted by name; one request for each of their types.

    `GET data/user/projects/<project_id>/asset-types/<asset_type_id>/assets`
    """
    types = all_asset_types_for_project(project, client=client)
    found = [all_assets_for_asset_type_and_project(project, row, client=client) for row in types]
    return sort_by_name(asset for assets in found for asset in assets)


@deprecated("removed in gazu 1.2: use `user.all_project_assets`")
def all_assets_for_project(project: Ref, client: KitsuClient = default) -> List[Asset]:
    """List the assets in *project* that the user has tasks on, sorted by name: see `all_project_assets`."""
    return all_project_assets(project, client=client)


@cache
def all_episodes_for_project(project: Ref, client: KitsuClient = default) -> List[Episode]:
    """List the episodes of *project* in which the user has tasks on shots, sorted by name.

    `GET data/user/projects/<project_id>/episodes`
    """
    return sort_by_name(raw.fetch_all(route("user/projects/{project_id}/episodes", id_of(project)), client=client))


@cache
def all_sequences_for_project(project: Ref, client: KitsuClient = default) -> List[ShotSequence]:
    """List the sequences of *project* in which the user has tasks on shots, sorted by name.

    `GET data/user/projects/<project_id>/sequences`

    Example:
        >>> [sequence["name"] for sequence in gazu.user.all_sequences_for_project(project)]
        ['SQ01']
    """
    return sort_by_name(raw.fetch_all(route("user/projects/{project_id}/sequences", id_of(project)), client=client))


@deprecated("removed in gazu 1.2: use `context.all_sequences_for_episode(episode, user_context=True)`")
def all_sequences_for_episode(episode: Ref, client: KitsuClient = default) -> List[ShotSequence]:
    """List the sequences of *episode* in which the user has tasks on shots, sorted by name.

    `GET data/episodes/<episode_id>`, `GET data/user/projects/<project_id>/sequences`
    """
    known = isinstance(episode, Mapping) and "project_id" in episode
    row: Any = episode if known else raw.fetch_one("episodes", id_of(episode), client=client)
    rows = all_sequences_for_project(row["project_id"], client=client)
    return [sequence for sequence in rows if sequence["parent_id"] == row["id"]]


@cache
def all_shots_for_sequence(sequence: Ref, client: KitsuClient = default) -> List[Shot]:
    """List the shots of *sequence* that the user has tasks on, sorted by name.

    `GET data/user/sequences/<sequence_id>/shots`

    Example:
        >>> [shot["name"] for shot in gazu.user.all_shots_for_sequence(sequence)]  # she has no task on SH020
        ['SH010']
    """
    return sort_by_name(raw.fetch_all(route("user/sequences/{sequence_id}/shots", id_of(sequence)), client=client))


@deprecated("removed in gazu 0.7: use `user.all_shots_for_sequence`")
def all_shots_for_project(project: Ref, client: KitsuClient = default) -> List[Shot]:
    """List the shots of *project* that the user has tasks on, sorted by name; one request for each sequence.

    `GET data/user/sequences/<sequence_id>/shots`
    """
    sequences = all_sequences_for_project(project, client=client)
    found = [all_shots_for_sequence(sequence, client=client) for sequence in sequences]
    return sort_by_name(shot for shots in found for shot in shots)


@cache
def all_scenes_for_sequence(sequence: Ref, client: KitsuClient = default) -> List[Scene]:
    """List the layout scenes of *sequence* that the user has tasks on, sorted by name.

    `GET data/user/sequences/<sequence_id>/scenes`
    """
    return sort_by_name(raw.fetch_all(route("user/sequences/{sequence_id}/scenes", id_of(sequence)), client=client))


@deprecated("removed in gazu 1.2: use `context.all_scenes_for_project(project, user_context=True)`")
def all_scenes_for_project(project: Ref, client: KitsuClient = default) -> List[Scene]:
    """List the layout scenes of *project* that the user has tasks on, sorted by name; one request for each sequence.

    `GET data/projects/<project_id>/sequences`, `GET data/user/sequences/<sequence_id>/scenes`
    """
    sequences = raw.fetch_all(route("projects/{project_id}/sequences", id_of(project)), client=client)
    found = [all_scenes_for_sequence(sequence, client=client) for sequence in sequences]
    return sort_by_name(scene for scenes in found for scene in scenes)


# -- tasks ---------------------------------------------------------------------
@cache
def all_tasks_to_do(client: KitsuClient = default) -> List[AssignedTask]:
    """List the tasks assigned to the user that are not done: `GET data/user/tasks`.

    Example:
        >>> [(task["entity_name"], task["task_type_name"]) for task in gazu.user.all_tasks_to_do()]
        [('SH010', 'Animation')]
    """
    return raw.fetch_all("user/tasks", client=client)


@cache
def all_done_tasks(client: KitsuClient = default) -> List[AssignedTask]:
    """List the done tasks assigned to the user: `GET data/user/done-tasks`."""
    return raw.fetch_all("user/done-tasks", client=client)


@cache
def all_tasks_requiring_feedback(client: KitsuClient = default) -> List[Task]:
    """List the tasks whose status requests feedback from the user.

    `GET data/user/tasks-to-check`
    """
    return raw.fetch_all("user/tasks-to-check", client=client)


@cache
def all_tasks_for_asset(asset: Ref, client: KitsuClient = default) -> List[Task]:
    """List the tasks of the user on *asset*, sorted by name: `GET data/user/assets/<asset_id>/tasks`."""
    return sort_by_name(raw.fetch_all(route("user/assets/{asset_id}/tasks", id_of(asset)), client=client))


@cache
def all_tasks_for_shot(shot: Ref, client: KitsuClient = default) -> List[Task]:
    """List the tasks of the user on *shot*, sorted by name: `GET data/user/shots/<shot_id>/tasks`."""
    return sort_by_name(raw.fetch_all(route("user/shots/{shot_id}/tasks", id_of(shot)), client=client))


@cache
def all_tasks_for_scene(scene: Ref, client: KitsuClient = default) -> List[Task]:
    """List the tasks of the user on *scene*, sorted by name: `GET data/user/scenes/<scene_id>/tasks`."""
    return sort_by_name(raw.fetch_all(route("user/scenes/{scene_id}/tasks", id_of(scene)), client=client))


@cache
def all_tasks_for_sequence(sequence: Ref, client: KitsuClient = default) -> List[Task]:
    """List the user's tasks on *sequence* itself, sorted by name: `GET data/user/sequences/<sequence_id>/tasks`."""
    return sort_by_name(raw.fetch_all(route("user/sequences/{sequence_id}/tasks", id_of(sequence)), client=client))


@cache
def all_task_types_for_asset(asset: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the user's tasks on *asset*, sorted by name: `GET data/user/assets/<asset_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("user/assets/{asset_id}/task-types", id_of(asset)), client=client))


@cache
def all_task_types_for_shot(shot: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the user's tasks on *shot*, sorted by name: `GET data/user/shots/<shot_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("user/shots/{shot_id}/task-types", id_of(shot)), client=client))


@cache
def all_task_types_for_scene(scene: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the user's tasks on *scene*, sorted by name: `GET data/user/scenes/<scene_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("user/scenes/{scene_id}/task-types", id_of(scene)), client=client))


@cache
def all_task_types_for_sequence(sequence: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the user's tasks on *sequence* itself, sorted by name.

    `GET data/user/sequences/<sequence_id>/task-types`
    """
    path = route("user/sequences/{sequence_id}/task-types", id_of(sequence))
    return sort_by_name(raw.fetch_all(path, client=client))


# -- filters -------------------------------------------------------------------
@cache
def all_filters(client: KitsuClient = default) -> Dict[str, Dict[str, List[SearchFilter]]]:
    """Return the search filters of the user, and the shared ones, by list type and by the id of their project.

    Filters for all projects are under "all".

    `GET data/user/filters`
    """
    return raw.fetch_all("user/filters", client=client)


def new_filter(
    name: str,
    query: str,
    list_type: str,
    project: Optional[Ref] = None,
    entity_type: Optional[str] = None,
    client: KitsuClient = default,
) -> SearchFilter:
    """Save a search of the user: `POST data/user/filters`.

    Args:
        query: the text of the search field of a page.
        list_type: the page that it is for: `asset`, `shot`, `edit`, `todo`, ...
        project: the project that it is for; None for all projects.
        entity_type: `Asset`, `Shot`, `Edit`, ...
    """
    data = {"name": require_name(name), "query": query, "list_type": list_type, "project_id": id_or_none(project)}
    return raw.post("data/user/filters", {**data, "entity_type": entity_type}, client=client)


def update_filter(filter: Mapping[str, Any], client: KitsuClient = default) -> SearchFilter:
    """Change a search filter, and return it: `PUT data/user/filters/<filter_id>`.

    Args:
        filter: its `id` and the fields to change: `name`, `search_query`,
            `search_filter_group_id`, `is_shared`, `project_id`, `department_id`.
    """
    return raw.put(route("data/user/filters/{filter_id}", id_of(filter)), require_row(filter), client=client)


def remove_filter(filter: Ref, client: KitsuClient = default) -> str:
    """Delete a search filter: `DELETE data/user/filters/<filter_id>`."""
    return raw.delete(route("data/user/filters/{filter_id}", id_of(filter)), client=client)


@cache
def all_filter_groups(client: KitsuClient = default) -> Dict[str, Dict[str, List[SearchFilterGroup]]]:
    """Return the groups of search filters of the user, and the shared ones, in the structure of `all_filters`.

    `GET data/user/filter-groups`
    """
    return raw.fetch_all("user/filter-groups", client=client)


@cache
def get_filter_group(filter_group: Ref, client: KitsuClient = default) -> SearchFilterGroup:
    """Return a group of search filters: `GET data/user/filter-groups/<filter_group_id>`.

    Raises:
        RouteNotFoundException: the user has none with this id.
    """
    return raw.fetch_one("user/filter-groups", id_of(filter_group), client=client)


def new_filter_group(
    name: str,
    project: Optional[Ref] = None,
    client: KitsuClient = default,
    list_type: Optional[str] = None,
    entity_type: Optional[str] = None,
) -> SearchFilterGroup:
    """Create a group of search filters: `POST data/user/filter-groups`.

    Args:
        project: the project that it is for; None for all projects.
        list_type: the page that it is for, as in `new_filter`; by default `todo`.
        entity_type: `Asset`, `Shot`, `Edit`, ...
    """
    data = {
        "name": require_name(name),
        "project_id": id_or_none(project),
        **drop_none(list_type=list_type, entity_type=entity_type),
    }
    return raw.post("data/user/filter-groups", data, client=client)


def update_filter_group(filter_group: Mapping[str, Any], client: KitsuClient = default) -> SearchFilterGroup:
    """Change a group of search filters, and return it: `PUT data/user/filter-groups/<filter_group_id>`.

    Args:
        filter_group: its `id` and the fields to change: `name`, `color` (`#rrggbb`),
            `is_shared`, `project_id`, `department_id`.
    """
    path = route("data/user/filter-groups/{filter_group_id}", id_of(filter_group))
    return raw.put(path, require_row(filter_group), client=client)


def remove_filter_group(filter_group: Ref, client: KitsuClient = default) -> str:
    """Delete a group of search filters with its filters: `DELETE data/user/filter-groups/<filter_group_id>`."""
    return raw.delete(route("data/user/filter-groups/{filter_group_id}", id_of(filter_group)), client=client)


# -- notifications and subscriptions -------------------------------------------
@cache
def all_notifications(client: KitsuClient = default) -> List[Notification]:
    """List the last hundred notifications of the user, the newest first: `GET data/user/notifications`."""
    return raw.fetch_all("user/notifications", client=client)


@cache
def get_notification(notification: Ref, client: KitsuClient = default) -> Notification:
    """Return a notification of the user: `GET data/user/notifications/<notification_id>`.

    Raises:
        RouteNotFoundException: the user has none with this id.
    """
    return raw.fetch_one("user/notifications", id_of(notification), client=client)


def update_notification(notification: Mapping[str, Any], client: KitsuClient = default) -> Notification:
    """Mark a notification as read or unread, and return it: `PUT data/user/notifications/<notification_id>`.

    Args:
        notification: its `id` and `read`, True or False; nothing else can be changed.
    """
    path = route("data/user/notifications/{notification_id}", id_of(notification))
    return raw.put(path, require_row(notification), client=client)


def mark_all_notifications_as_read(client: KitsuClient = default) -> Dict[str, bool]:
    """Mark all notifications of the user as read: `POST actions/user/notifications/mark-all-as-read`.

    Returns:
        `{"success": True}`
    """
    return raw.post("actions/user/notifications/mark-all-as-read", {}, client=client)


@cache
def check_task_subscription(task: Ref, client: KitsuClient = default) -> bool:
    """Return whether the user is subscribed to *task*: `GET data/user/tasks/<task_id>/subscribed`."""
    return raw.get(route("data/user/tasks/{task_id}/subscribed", id_of(task)), client=client)


def subscribe_to_task(task: Ref, client: KitsuClient = default) -> Subscription:
    """Subscribe the user to notifications about *task*: `POST actions/user/tasks/<task_id>/subscribe`."""
    return raw.post(route("actions/user/tasks/{task_id}/subscribe", id_of(task)), {}, client=client)


def unsubscribe_from_task(task: Ref, client: KitsuClient = default) -> str:
    """Unsubscribe the user from notifications about *task*: `DELETE actions/user/tasks/<task_id>/unsubscribe`."""
    return raw.delete(route("actions/user/tasks/{task_id}/unsubscribe", id_of(task)), client=client)


def subscribe_to_tasks(tasks: Several, client: KitsuClient = default) -> List[Subscription]:
    """Subscribe the user to notifications about several tasks: `POST actions/user/tasks/subscribe` (Zou 1.0.55).

    Everybody in the team; those who are subscribed stay so.

    Raises:
        RouteNotFoundException: one of the tasks does not exist; nothing was done.
    """
    ids = require_ids(tasks)
    send = functools.partial(raw.post, "actions/user/tasks/subscribe", {"task_ids": ids}, client=client)
    return naming_unknown("tasks", ids, client, send) if ids else []


def unsubscribe_from_tasks(tasks: Several, client: KitsuClient = default) -> List[str]:
    """Unsubscribe the user from notifications about several tasks, and return their ids.

    Everybody. The server does not tell which ids are unknown: they are looked up, and a GazuWarning names them.

    `POST actions/user/tasks/unsubscribe` (Zou 1.0.55), `GET data/tasks?id=<ids>`
    """
    ids = require_ids(tasks)
    rows = raw.post("actions/user/tasks/unsubscribe", {"task_ids": ids}, client=client) if ids else []
    return check_tasks_exist(ids, rows, client)


def is_subscribed_to_sequence(sequence: Ref, task_type: Ref, client: KitsuClient = default) -> bool:
    """Return whether the user is subscribed to the tasks of this type of the shots in *sequence*.

    `GET data/user/entities/<sequence_id>/task-types/<task_type_id>/subscribed`
    """
    template = "data/user/entities/{sequence_id}/task-types/{task_type_id}/subscribed"
    return raw.get(route(template, id_of(sequence), id_of(task_type)), client=client)


def subscribe_to_sequence(sequence: Ref, task_type: Ref, client: KitsuClient = default) -> Subscription:
    """Subscribe the user to notifications about the tasks of this type of the shots in *sequence*.

    Everybody in the team.

    `POST actions/user/sequences/<sequence_id>/task-types/<task_type_id>/subscribe`
    """
    template = "actions/user/sequences/{sequence_id}/task-types/{task_type_id}/subscribe"
    return raw.post(route(template, id_of(sequence), id_of(task_type)), {}, client=client)


def unsubscribe_from_sequence(sequence: Ref, task_type: Ref, client: KitsuClient = default) -> str:
    """Unsubscribe the user from the tasks of this type of the shots in *sequence*; nothing happens without one.

    `DELETE actions/user/sequences/<sequence_id>/task-types/<task_type_id>/unsubscribe`
    """
    template = "actions/user/sequences/{sequence_id}/task-types/{task_type_id}/unsubscribe"
    return raw.delete(route(template, id_of(sequence), id_of(task_type)), client=client)


# -- news ----------------------------------------------------------------------
@cache
def all_news(
    only_preview: bool = False,
    task_type: Optional[Ref] = None,
    task_status: Optional[Ref] = None,
    person: Optional[Ref] = None,
    after: Optional[Date] = None,
    before: Optional[Date] = None,
    page: Optional[int] = None,
    limit: Optional[int] = None,
    client: KitsuClient = default,
) -> List[News]:
    """List what happened to the tasks of the open projects of the user, the newest first: `GET data/projects/news`.

    Arguments are those of `project.all_news_for_project`, as is the list.
    """
    query = news_query(only_preview, task_type, task_status, person, after, before)
    return fetch_news("projects/news", query, page, limit, client)


# -- chats ---------------------------------------------------------------------
@cache
def all_chats(client: KitsuClient = default) -> List[Chat]:
    """List the chats that the user has joined: `GET data/user/chats`."""
    return raw.fetch_all("user/chats", client=client)


def join_chat(chat: Ref, client: KitsuClient = default) -> Chat:
    """Join the chat about an asset, a shot, ..., and return the chat: `POST actions/user/chats/<entity_id>/join`.

    The server takes messages of those who have joined only.

    Args:
        chat: the chat, or the entity, whose chat is created if it has none yet.
    """
    return _send_to_chat(chat, lambda path: raw.post(path, {}, client=client), client)


def leave_chat(chat: Ref, client: KitsuClient = default) -> str:
    """Leave the chat about an asset, a shot, ...: `DELETE actions/user/chats/<entity_id>/join`.

    Args:
        chat: the chat, or the entity that it is about.
    """
    return _send_to_chat(chat, lambda path: raw.delete(path, client=client), client)


def _send_to_chat(chat: Ref, send: Callable[[str], Any], client: KitsuClient) -> Any:
    """Send to the path of a chat, which has the id of its entity: an id is tried as that of an entity first."""
    template = "actions/user/chats/{entity_id}/join"
    known = chat.get("object_id") if isinstance(chat, Mapping) else None
    with suppress(RouteNotFoundException):
        return send(route(template, known or id_of(chat)))
    mine: Any = next((row for row in all_chats(client=client) if row["id"] == id_of(chat)), None)
    return send(route(template, (mine or raw.fetch_one("chats", id_of(chat), client=client))["object_id"]))


# -- time spent and days off ---------------------------------------------------
@cache
def get_timespents_range(start_date: Date, end_date: Date, client: KitsuClient = default) -> List[TimeSpent]:
    """List the time that the user spent from one day to another, inclusive: `GET data/user/time-spents`.

    Args:
        start_date: `YYYY-MM-DD`, as is *end_date*.
    """
    days = {"start_date": day_of(start_date), "end_date": day_of(end_date)}
    return raw.fetch_all("user/time-spents", params=days, client=client)


@cache
def get_time_spents_by_date(date: Date, client: KitsuClient = default) -> List[TimeSpent]:
    """List the time that the user spent on one day: `GET data/user/time-spents/<date>`.

    Args:
        date: `YYYY-MM-DD`
    """
    return raw.fetch_all(route("user/time-spents/{date}", day_of(date)), client=client)


@older_calls("1.1")
@cache
def get_task_time_spent(task: Ref, date: Optional[Date] = None, client: KitsuClient = default) -> Optional[TimeSpent]:
    """Return the time that the user spent on *task* on one day, or None if there is no entry.

    `task.get_time_spent` returns the time that all people spent on a task.

    `GET data/user/tasks/<task_id>/time-spents/<date>`

    Args:
        date: `YYYY-MM-DD`, by default today.
    """
    day = day_of(date or datetime.date.today())
    with suppress(ServerErrorException):  # Zou 1.0 returns this if there is no entry
        return raw.get(route("data/user/tasks/{task_id}/time-spents/{date}", id_of(task), day), client=client)
    rows = get_time_spents_by_date(day, client=client)
    return next((row for row in rows if row["task_id"] == id_of(task)), None)


@older_calls("1.1")
@cache
def get_day_off(date: Optional[Date] = None, client: KitsuClient = default) -> Union[DayOff, Dict[str, Any]]:
    """Return the period of days off of the user that includes a day, or an empty dict: `GET data/user/day-offs/<date>`.

    Args:
        date: `YYYY-MM-DD`, by default today.

    Returns:
        A dict with `date`, `end_date`, ..., or `{}`.
    """
    day = day_of(date or datetime.date.today())
    return raw.get(route("data/user/day-offs/{date}", day), client=client)
