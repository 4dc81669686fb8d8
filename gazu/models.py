"""The records that the server returns: plain dicts, typed for editors and type checkers."""

import datetime
import os
import sys
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple, Union
from uuid import UUID

if sys.version_info >= (3, 8):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict

#: A record as an argument: its dict, its id, or the id as a UUID object.
Ref = Union[str, UUID, Mapping[str, Any]]
#: Several records, or a single one.
Several = Union[Ref, Iterable[Ref]]
#: A day, `YYYY-MM-DD`, or a time, `YYYY-MM-DDTHH:MM:SS` in UTC.
Date = Union[str, datetime.date]
#: The path of a file.
StrPath = Union[str, "os.PathLike[str]"]


class _Row(TypedDict):
    """The field that every record has."""

    id: str


class Row(_Row, total=False):
    """The fields that almost every record has; times are `YYYY-MM-DDTHH:MM:SS` in UTC."""

    type: str
    created_at: str
    updated_at: str


class _Named(Row):
    name: str


class _InProject(_Named):
    project_id: str


# -- productions ---------------------------------------------------------------
class _ProjectSettings(_Named, total=False):
    """The settings that projects and project templates share."""

    description: Optional[str]
    file_tree: Optional[Dict[str, Any]]
    data: Optional[Dict[str, Any]]
    fps: str
    ratio: str
    resolution: str
    production_style: str
    max_retakes: int
    is_clients_isolated: bool
    is_client_stats_visible: bool
    is_client_task_list_visible: bool
    is_client_task_panel_visible: bool
    is_preview_download_allowed: bool
    is_set_preview_automated: bool
    homepage: str
    is_publish_default_for_artists: bool
    is_single_preview_per_revision: bool
    is_frame_in_numbering: bool
    revision_padding: int
    hd_bitrate_compression: Optional[int]
    ld_bitrate_compression: Optional[int]
    default_preview_background_file_id: Optional[str]
    asset_types: List[str]
    task_statuses: List[str]
    task_types: List[str]
    status_automations: List[str]
    preview_background_files: List[str]


class _ProjectRequired(_ProjectSettings):
    production_type: str
    project_status_id: str


class Project(_ProjectRequired, total=False):
    """A production; `data` has the values of its metadata columns, `fps` is text."""

    code: Optional[str]
    shotgun_id: Optional[int]
    has_avatar: bool
    start_date: Optional[str]
    end_date: Optional[str]
    man_days: Optional[int]
    nb_episodes: int
    episode_span: int
    is_bot_collaboration_enabled: bool
    from_schedule_version_id: Optional[str]
    team: List[str]
    # of open projects
    project_status_name: str
    first_episode_id: str
    descriptors: List["MetadataDescriptor"]
    task_type_links: Dict[str, Dict[str, Any]]
    task_types_priority: Dict[str, Optional[int]]
    task_statuses_link: Dict[str, Dict[str, Any]]


class ProjectStatus(_Named, total=False):
    """Open or Closed."""

    color: str


class _MetadataDescriptorRequired(_Named):
    field_name: str
    entity_type: str
    data_type: Optional[str]


class MetadataDescriptor(_MetadataDescriptorRequired, total=False):
    """A metadata column: the value of an entity is in its `data[field_name]`."""

    project_id: str
    choices: List[str]
    for_client: bool
    position: Optional[int]
    task_type_id: Optional[str]
    departments: List[str]


class StatusAutomation(Row, total=False):
    """A change of the next task, or of the asset, when a task gets a status."""

    entity_type: str
    in_task_type_id: str
    in_task_status_id: str
    out_field_type: str
    out_task_type_id: Optional[str]
    out_task_status_id: Optional[str]
    import_last_revision: bool
    archived: bool


class PreviewBackgroundFile(_Named, total=False):
    """A background for 3D previews."""

    original_name: Optional[str]
    extension: Optional[str]
    file_size: int
    archived: bool
    is_default: bool


class Milestone(_Named, total=False):
    """A date in the schedule of a project."""

    date: str
    project_id: str
    task_type_id: Optional[str]


class Budget(_InProject, total=False):
    """A budget of a project."""

    currency: str
    revision: int


class _BudgetEntryRequired(Row):
    budget_id: str


class BudgetEntry(_BudgetEntryRequired, total=False):
    """An entry of a budget: the work of a person, or of a person to be found, for some months."""

    department_id: str
    person_id: Optional[str]
    start_date: str
    months_duration: int
    daily_salary: float
    position: str
    seniority: str
    exceptions: Dict[str, Any]


# -- assets --------------------------------------------------------------------
class _Entity(_InProject, total=False):
    """The fields that assets, shots and all other entities share."""

    code: Optional[str]
    description: Optional[str]
    shotgun_id: Optional[int]
    canceled: bool
    nb_frames: Optional[int]
    status: str
    parent_id: Optional[str]
    source_id: Optional[str]
    preview_file_id: Optional[str]
    nb_entities_out: int
    is_casting_standby: bool
    is_shared: bool
    ready_for: Optional[str]
    created_by: Optional[str]
    project_name: str
    entities_in: List[str]
    entities_out: List[str]
    entity_concept_links: List[str]
    instance_casting: List[str]


class _AssetRequired(_Entity):
    entity_type_id: str
    data: Dict[str, Any]


class Asset(_AssetRequired, total=False):
    """An asset: a character, a prop, an environment, ...

    `source_id` (in lists) and `episode_id` (from `get_asset`) are the episode that it
    is made for; an asset of the main pack has none.
    """

    # of one asset
    asset_type_id: str
    asset_type_name: str
    episode_id: Optional[str]
    casting_episode_ids: List[str]
    tasks: List["EntityTask"]


class AssetType(_Named, total=False):
    """A type of assets; `task_types` are the ids of the task types of its assets, empty for all."""

    short_name: Optional[str]
    description: Optional[str]
    archived: bool
    task_types: List[str]


class _AssetInstanceRequired(Row):
    asset_id: str
    name: str
    number: int
    active: bool


class AssetInstance(_AssetInstanceRequired, total=False):
    """An instance of an asset in a shot, in a layout scene or in another asset."""

    description: Optional[str]
    data: Optional[Dict[str, Any]]
    scene_id: Optional[str]
    target_asset_id: Optional[str]
    entity_id: Optional[str]
    entity_type_id: Optional[str]
    shots: List[str]


class _EntityLinkRequired(Row):
    entity_in_id: str
    entity_out_id: str
    nb_occurences: int
    label: str


class EntityLink(_EntityLinkRequired, total=False):
    """The casting of the asset `entity_out_id` in `entity_in_id`: a shot, an episode, another asset."""

    data: Optional[Dict[str, Any]]


# -- shots, sequences, episodes ------------------------------------------------
class _NonAsset(_Entity, total=False):
    """The fields that all entities but assets share; `data` has the values of the metadata columns."""

    entity_type_id: str
    data: Optional[Dict[str, Any]]


class Shot(_NonAsset, total=False):
    """A shot; `parent_id` is its sequence, and `data` has `frame_in` and `frame_out`."""

    fps: Optional[str]
    frame_in: Union[None, int, str]
    frame_out: Union[None, int, str]
    # of one shot
    sequence_id: Optional[str]
    sequence_name: str
    episode_id: Optional[str]
    episode_name: str
    tasks: List["EntityTask"]


class ShotSequence(_NonAsset, total=False):
    """A sequence; `parent_id` is its episode, in a TV show."""

    episode_id: Optional[str]
    episode_name: str


class Episode(_NonAsset, total=False):
    """An episode of a TV show."""


# -- scenes, edits, concepts and entities of any kind ---------------------------
class Scene(_NonAsset, total=False):
    """A layout scene; `parent_id` is its sequence."""

    # of one scene
    sequence_id: str
    sequence_name: str
    episode_id: str
    episode_name: str


class Edit(_NonAsset, total=False):
    """An edit; `parent_id` is its episode, in a TV show."""

    # of one edit
    episode_id: Optional[str]
    episode_name: str
    tasks: List["EntityTask"]


class Entity(_NonAsset, total=False):
    """An entity of any kind; `type` is its kind: `Asset`, `Shot`, `Sequence`, `Concept`, ..."""

    # of linked entities
    fps: Any
    frame_in: Any
    frame_out: Any
    tasks: List["EntityTask"]


class Concept(Entity, total=False):
    """A concept; `entity_concept_links` are the ids of the entities that it is a concept for."""

    preview_file_status: Optional[str]


class ConceptFolder(Entity, total=False):
    """A folder of the concepts of a project; the `parent_id` of a concept is that of its folder."""


class EntityType(AssetType):
    """A type of entities: `Shot`, `Sequence`, ... or a type of assets."""


class Annotation(TypedDict, total=False):
    """A drawing on a preview; `time` is in seconds from its start."""

    time: float
    width: float
    height: float
    drawing: Dict[str, Any]


class _Revision(_Row, total=False):
    """A revision, with its other files in `previews`; `original_...` are those of the file as it was uploaded."""

    revision: int
    width: int
    height: int
    duration: float
    status: str
    annotations: Optional[List["Annotation"]]
    previews: List["PreviewFile"]
    created_at: str
    task_id: str
    original_width: Optional[int]
    original_height: Optional[int]
    original_duration: Optional[float]
    original_file_size: Optional[int]


class EntityPreview(_Revision, total=False):
    """A preview revision of a task of an entity; `previews` are the other files of the revision."""

    original_name: Optional[str]
    extension: Optional[str]


# -- tasks ---------------------------------------------------------------------
class TaskType(_Named, total=False):
    """A step of the pipeline: Modeling, Animation, ...; `for_entity` is the kind of entity that it is for."""

    short_name: Optional[str]
    description: Optional[str]
    color: str
    priority: int
    for_entity: str
    allow_timelog: bool
    archived: bool
    shotgun_id: Optional[int]
    department_id: Optional[str]


class _TaskStatusRequired(_Named):
    short_name: str


class TaskStatus(_TaskStatusRequired, total=False):
    """The status of a task; colors are `#rrggbb`."""

    description: Optional[str]
    color: str
    priority: int
    archived: bool
    is_done: bool
    is_artist_allowed: bool
    is_client_allowed: bool
    is_retake: bool
    is_feedback_request: bool
    is_default: bool
    is_wip: bool
    for_concept: bool
    shotgun_id: Optional[int]


class LastComment(TypedDict, total=False):
    """The last comment of a task, in lists; empty if it has none."""

    text: str
    date: str
    person_id: str


class _TaskFields(Row, total=False):
    description: Optional[str]
    priority: int
    difficulty: int
    duration: float
    estimation: float
    completion_rate: int
    retake_count: int
    sort_order: int
    start_date: Optional[str]
    due_date: Optional[str]
    real_start_date: Optional[str]
    end_date: Optional[str]
    done_date: Optional[str]
    last_comment_date: Optional[str]
    nb_assets_ready: int
    nb_drawings: int
    data: Optional[Dict[str, Any]]
    shotgun_id: Optional[int]
    last_preview_file_id: Optional[str]
    assigner_id: Optional[str]
    assignees: List[str]
    is_subscribed: bool


class EntityTask(_TaskFields, total=False):
    """A task in the record of an entity."""

    name: str
    project_id: str
    entity_id: str
    task_type_id: str
    task_status_id: str


class _TaskRequired(_TaskFields):
    name: str
    project_id: str
    entity_id: str
    task_type_id: str
    task_status_id: str


class Task(_TaskRequired, total=False):
    """The work of one task type on one entity; `estimation` and `duration` are in minutes."""

    # of lists, of which each has some
    project_name: str
    project_has_avatar: bool
    entity_name: str
    entity_description: Optional[str]
    entity_data: Optional[Dict[str, Any]]
    entity_preview_file_id: str
    entity_source_id: str
    entity_canceled: bool
    entity_type_name: str
    sequence_name: Optional[str]
    episode_id: str
    episode_name: Optional[str]
    episode_ids: List[str]
    episode_names: List[str]
    task_type_name: str
    task_type_color: str
    task_type_priority: int
    task_type_for_entity: str
    type_name: str
    type_color: str
    task_status_name: str
    task_status_short_name: str
    task_status_color: str
    status_name: str
    status_short_name: str
    status_color: str
    task_start_date: Optional[str]
    task_due_date: Optional[str]
    task_duration: float
    task_estimation: float
    last_comment: LastComment
    # of one task
    project: Project
    entity: Entity
    entity_type: EntityType
    task_type: TaskType
    task_status: TaskStatus
    assigner: "Person"
    persons: List["Person"]
    sequence: ShotSequence
    episode: Episode


class Comment(Row, total=False):
    """A comment on the task `object_id`, with the status that it set.

    `previews` and `attachment_files` are records, or ids where a single comment is returned.
    """

    object_id: str
    object_type: str
    text: Optional[str]
    data: Optional[Dict[str, Any]]
    replies: List["Reply"]
    checklist: List["ChecklistItem"]
    links: List[str]
    pinned: Optional[bool]
    for_client: bool
    task_status_id: str
    task_status: TaskStatus
    person_id: str
    person: "CommentAuthor"
    editor_id: Optional[str]
    editor: "CommentAuthor"
    shotgun_id: Optional[int]
    preview_files: List["PreviewFile"]
    preview_file_id: Optional[str]
    previews: List[Any]
    mentions: List[str]
    department_mentions: List[str]
    acknowledgements: List[str]
    attachment_files: List[Any]


class ChecklistItem(TypedDict, total=False):
    """A line of the checklist of a comment."""

    text: str
    checked: bool


class _ReplyRequired(_Row):
    text: str


class Reply(_ReplyRequired, total=False):
    """A reply to a comment; `date` is `YYYY-MM-DDTHH:MM:SS` in UTC."""

    date: str
    created_at: str
    person_id: str
    person: "CommentAuthor"
    mentions: List[str]
    department_mentions: List[str]
    attachment_files: List["AttachmentFile"]


class TimeSpent(Row, total=False):
    """The time that a person spent on a task on one day; `duration` is in minutes."""

    duration: float
    date: str
    task_id: str
    person_id: str
    # in time sheets
    project_id: str
    task_type_id: str


class TimeSpentOnTask(TypedDict):
    """The time that a person spent on a task in a week, a month, ...; `duration` is in minutes."""

    duration: float
    task_id: str
    task_type_id: str
    project_id: str
    project_name: str
    entity_name: str
    entity_type_name: str
    sequence_name: Optional[str]
    episode_name: Optional[str]


# -- files ---------------------------------------------------------------------
class PreviewFile(Row, total=False):
    """A file of a preview revision of a task.

    `status` is `processing`, `ready`, `broken` or `missing`; `validation_status` is
    `validated`, `rejected` or `neutral`; the size is in bytes, the duration in seconds.
    """

    name: str
    original_name: Optional[str]
    revision: int
    position: int
    description: Optional[str]
    path: Optional[str]
    source: str
    file_size: int
    status: str
    validation_status: str
    annotations: Optional[List["Annotation"]]
    width: int
    height: int
    duration: float
    extension: str
    shotgun_id: Optional[int]
    is_movie: bool
    url: Optional[str]
    uploaded_movie_url: Optional[str]
    uploaded_movie_name: Optional[str]
    data: Optional[Dict[str, Any]]
    task_id: str
    person_id: Optional[str]
    source_file_id: Optional[str]
    comments: List[str]
    token_in: Optional[str]
    token_out: Optional[str]
    # of those that are not ready
    project_id: str
    task_type_id: str
    full_entity_name: str


class AttachmentFile(_Named, total=False):
    """A file attached to a comment or to a message in a chat; `size` is bytes."""

    size: int
    extension: str
    mimetype: str
    comment_id: Optional[str]
    comment: Optional[Dict[str, Any]]
    reply_id: Optional[str]
    chat_message_id: Optional[str]
    chat_message: Optional[Dict[str, Any]]


class _SoftwareRequired(_Named):
    short_name: str
    file_extension: str


class Software(_SoftwareRequired, total=False):
    """A program that working files are made with."""

    archived: bool
    version: Optional[str]
    secondary_extensions: Optional[List[str]]
    monthly_cost: Optional[int]
    inventory_amount: Optional[int]


class OutputType(_Named):
    """A type of output files: a cache, a render, ..."""

    short_name: str


class FileStatus(_Named):
    """The status of an output file; colors are `#rrggbb`."""

    color: str


class _WorkingFileRequired(_Named):
    revision: int
    path: Optional[str]
    task_id: str
    entity_id: str


class WorkingFile(_WorkingFileRequired, total=False):
    """A revision of a file that a person works on in a task; `path` has no extension."""

    description: Optional[str]
    comment: Optional[str]
    size: Optional[int]
    checksum: Optional[int]
    data: Optional[Dict[str, Any]]
    validation_status: str
    shotgun_id: Optional[int]
    person_id: Optional[str]
    software_id: Optional[str]
    # of one working file
    outputs: List[str]


class _OutputFileRequired(_Named):
    revision: int
    path: Optional[str]
    entity_id: str
    output_type_id: str
    task_type_id: str
    file_status_id: str


class OutputFile(_OutputFileRequired, total=False):
    """A revision of a file made from a working file; `entity_id` is the asset for a file of an instance."""

    canceled: bool
    size: Optional[int]
    checksum: Optional[str]
    description: Optional[str]
    comment: Optional[str]
    extension: Optional[str]
    representation: Optional[str]
    nb_elements: Optional[int]
    source: Optional[str]
    data: Optional[Dict[str, Any]]
    quality: Optional[str]
    shotgun_id: Optional[int]
    asset_instance_id: Optional[str]
    temporal_entity_id: Optional[str]
    person_id: Optional[str]
    source_file_id: Optional[str]
    source_file: Optional[WorkingFile]
    # of a new one
    folder_path: str
    file_name: str


# -- people --------------------------------------------------------------------
class _PersonFields(Row, total=False):
    phone: Optional[str]
    country: Optional[str]
    contract_type: str
    active: bool
    archived: bool
    last_presence: Optional[str]
    desktop_login: Optional[str]
    totp_enabled: bool
    email_otp_enabled: bool
    fido_enabled: bool
    preferred_two_factor_authentication: Optional[str]
    shotgun_id: Optional[int]
    timezone: str
    locale: str
    use_12_hour_clock: bool
    display_date_format: str
    data: Optional[Dict[str, Any]]
    role: str
    position: str
    seniority: str
    daily_salary: int
    has_avatar: bool
    notifications_enabled: bool
    notifications_slack_enabled: bool
    notifications_slack_userid: str
    notifications_mattermost_enabled: bool
    notifications_mattermost_userid: str
    notifications_discord_enabled: bool
    notifications_discord_userid: str
    is_bot: bool
    is_guest: bool
    expiration_date: Optional[str]
    is_generated_from_ldap: bool
    ldap_uid: Optional[str]
    departments: List[str]
    studio_id: Optional[str]
    preview_project_id: Optional[str]
    preview_opened_at: Optional[str]
    preview_open_until: Optional[str]


class CommentAuthor(_PersonFields, total=False):
    """The person who wrote a comment or a reply; most fields are missing in lists of comments."""

    first_name: str
    last_name: str
    full_name: str
    email: str
    fido_devices: List[str]


class _PersonRequired(_PersonFields):
    first_name: str
    last_name: str
    full_name: str
    email: str


class Person(_PersonRequired, total=False):
    """A person with an account, or a bot; `role` is `user`, `supervisor`, `manager`, `admin`, `client` or `vendor`."""

    # of the user
    fido_devices: List[str]
    # of a bot that is new, or has a new expiration date
    access_token: str
    # in a team
    project_role: Optional[str]


class Department(_Named, total=False):
    """A department of the studio; colors are `#rrggbb`."""

    color: str
    archived: bool


class Organisation(_Named, total=False):
    """The organisation that runs the server, and its settings."""

    hours_by_day: float
    has_avatar: bool
    use_original_file_name: bool
    timesheets_locked: bool
    format_duration_in_hours: bool
    hd_by_default: bool
    chat_token_slack: str
    chat_webhook_mattermost: str
    chat_token_discord: str
    dark_theme_by_default: bool


class DayOff(Row, total=False):
    """Days off, from `date` to `end_date`: `YYYY-MM-DD`."""

    date: str
    end_date: str
    description: Optional[str]
    person_id: str


# -- casting -------------------------------------------------------------------
class _CastAssetRequired(TypedDict):
    asset_id: str


class CastAsset(_CastAssetRequired, total=False):
    """An asset in a casting; `project_id` is that of the asset, which differs if it is shared."""

    name: str
    asset_name: str
    asset_type_name: str
    sequence_name: str
    nb_occurences: int
    label: Optional[str]
    preview_file_id: Optional[str]
    episode_id: Optional[str]
    ready_for: Optional[str]
    is_shared: bool
    project_id: str


class CastIn(TypedDict, total=False):
    """A shot, or an asset, that an asset is cast in."""

    shot_id: str
    shot_name: str
    sequence_name: str
    episode_id: Optional[str]
    episode_name: Optional[str]
    asset_id: str
    asset_name: str
    asset_type_name: str
    preview_file_id: Optional[str]
    nb_occurences: int


# -- playlists -----------------------------------------------------------------
class Playlist(_InProject, total=False):
    """Shots or other entities to review together; `shots` are its entries of any kind, or None for none.

    The lists of a project and of an episode have `first_preview_file_id` instead of the entries.
    """

    shots: Optional[List["PlaylistEntry"]]
    episode_id: Optional[str]
    task_type_id: Optional[str]
    for_client: bool
    for_entity: str
    is_for_all: bool
    created_by: Optional[str]
    first_preview_file_id: str
    build_jobs: List[str]


class _PlaylistEntryRequired(TypedDict):
    entity_id: str


class PlaylistEntry(_PlaylistEntryRequired, total=False):
    """An entity in a playlist, and its preview that is shown."""

    preview_file_id: Optional[str]


class PlaylistPreview(_Revision, total=False):
    """A preview file of an entity in a playlist, with the others of its revision in `previews`."""

    original_name: str
    extension: str
    task_type_id: str
    position: int


class PlaylistedEntity(_Row, total=False):
    """An entity in a playlist with its preview files by the id of their task type, or [] if it has none."""

    entity_id: str
    name: str
    parent_name: str
    episode_id: str
    episode_name: str
    sequence_id: str
    sequence_name: str
    asset_type_id: str
    asset_type_name: str
    preview_files: Union[Dict[str, List[PlaylistPreview]], List[PlaylistPreview]]
    # the one that is shown
    preview_file_id: str
    preview_file_extension: str
    preview_file_revision: int
    preview_file_width: int
    preview_file_height: int
    preview_file_duration: float
    preview_file_status: str
    preview_file_task_id: str
    preview_file_annotations: Optional[List["Annotation"]]
    preview_file_previews: List["PreviewFile"]


class _BuildJobRequired(Row):
    status: str
    playlist_id: str


class BuildJob(_BuildJobRequired, total=False):
    """A job that builds a movie of a playlist; `status` is `running`, `succeeded` or `failed`, `message` the reason."""

    job_type: str
    ended_at: Optional[str]
    message: Optional[str]


class _ShareLinkRequired(Row):
    token: str
    playlist_id: str


class ShareLink(_ShareLinkRequired, total=False):
    """A link with which people without an account can watch a playlist."""

    created_by: str
    expiration_date: Optional[str]
    is_active: bool
    can_comment: bool
    has_password: bool


# -- events --------------------------------------------------------------------
class LoginLog(_Row):
    """A log-in: `origin` is `web` or `script`."""

    created_at: str
    ip_address: Optional[str]
    person_id: str
    origin: str


# -- sync ----------------------------------------------------------------------
class _EventRequired(_Row):
    name: str


class Event(_EventRequired, total=False):
    """An event, named `<record>:<change>` as in `asset:new`, by the user `user_id`."""

    created_at: str
    user_id: Optional[str]
    project_id: Optional[str]
    data: Optional[Dict[str, Any]]


class PushedEntities(TypedDict):
    """The records copied from a project."""

    assets: List[Asset]
    episodes: List[Episode]
    sequences: List[ShotSequence]
    shots: List[Shot]
    entity_links: List[EntityLink]


class SyncCount(TypedDict):
    """The number of records of a kind that were copied, and of those already at the target."""

    created: int
    updated: int
    skipped: int


class SyncFailure(TypedDict):
    """A record that was not copied, and the reason."""

    kind: str
    id: str
    reason: str


class SyncReport(TypedDict):
    """The result of copying a production."""

    project_id: str
    counts: Dict[str, SyncCount]
    failed: List[SyncFailure]
    #: Fields with values, by kind, that the target is too old for.
    left_out: Dict[str, List[str]]


# -- project_template ----------------------------------------------------------
class ProjectTemplate(_ProjectSettings, total=False):
    """Settings for new productions; `fps` is text. The lists of ids come with `get_project_template`."""

    production_type: str
    metadata_descriptors: List["TemplateDescriptor"]


class TemplateDescriptor(TypedDict):
    """A metadata column of new productions."""

    name: str
    field_name: str
    entity_type: str
    data_type: Optional[str]
    choices: List[str]
    for_client: bool
    departments: List[str]
    position: Optional[int]
    task_type_id: Optional[str]


class TemplateTaskType(TaskType, total=False):
    """A task type in a template; bitrates are in Mbit/s."""

    hd_bitrate_compression: Optional[int]
    ld_bitrate_compression: Optional[int]
    is_client_visible: bool


class TemplateTaskTypeLink(Row, total=False):
    """The link of a task type to a template; bitrates are in Mbit/s."""

    project_template_id: str
    task_type_id: str
    priority: Optional[int]
    hd_bitrate_compression: Optional[int]
    ld_bitrate_compression: Optional[int]
    is_client_visible: bool


class TemplateTaskStatus(TaskStatus, total=False):
    """A task status in a template."""

    roles_for_board: List[str]
    link_is_client_allowed: Optional[bool]


class TemplateTaskStatusLink(Row, total=False):
    """The link of a task status to a template, with the roles that see it on boards."""

    project_template_id: str
    task_status_id: str
    priority: Optional[int]
    roles_for_board: List[str]
    is_client_allowed: Optional[bool]


# -- studio --------------------------------------------------------------------
class Studio(_Named, total=False):
    """A site that people work at; colors are `#rrggbb`."""

    color: str
    archived: bool


# -- user ----------------------------------------------------------------------
class _SearchFilterRequired(_Named):
    list_type: str


class _SearchFilter(_SearchFilterRequired, total=False):
    entity_type: Optional[str]
    is_shared: bool
    person_id: Optional[str]
    project_id: Optional[str]
    department_id: Optional[str]


class SearchFilterGroup(_SearchFilter, total=False):
    """A group of search filters; `list_type` is the page that it is for: `asset`, `shot`, `todo`, ..."""

    color: str


class SearchFilter(_SearchFilter, total=False):
    """A saved search; `list_type` is the page that it is for: `asset`, `shot`, `todo`, ..."""

    search_query: str
    search_filter_group_id: Optional[str]


class _NotificationRequired(Row):
    notification_type: str
    author_id: str
    read: bool
    change: bool


class Notification(_NotificationRequired, total=False):
    """A notification of the user; `notification_type` is `comment`, `mention`, `assignation`, `reply`, ..."""

    comment_id: Optional[str]
    task_id: Optional[str]
    playlist_id: Optional[str]
    # not in the response to a change
    task_type_id: Optional[str]
    task_status_id: Optional[str]
    mentions: List[str]
    department_mentions: List[str]
    reply_mentions: List[str]
    reply_department_mentions: List[str]
    preview_file_id: Optional[str]
    project_id: Optional[str]
    project_name: Optional[str]
    comment_text: Optional[str]
    reply_text: str
    full_entity_name: str
    episode_id: Optional[str]
    entity_preview_file_id: Optional[str]
    subscription_id: Optional[str]
    playlist_name: str
    playlist_for_entity: str
    playlist_is_for_all: bool
    # in the response to a change
    person_id: str
    reply_id: Optional[str]


class Subscription(Row, total=False):
    """A subscription of a person to a task, or to all tasks of a type in the sequence `entity_id`."""

    person_id: str
    task_id: Optional[str]
    entity_id: Optional[str]
    task_type_id: Optional[str]


class DesktopLoginLog(Row, total=False):
    """A log-in of a person to a computer; `date` is `YYYY-MM-DDTHH:MM:SS` in UTC."""

    person_id: str
    date: str


class _ChatRequired(Row):
    object_id: str
    last_message: Optional[str]


class Chat(_ChatRequired, total=False):
    """The chat about an asset, a shot, ... with the id `object_id`; `last_message` is a time."""

    object_type: str
    # in lists
    entity_name: str
    project_id: str
    preview_file_id: Optional[str]


class _PersonSummaryRequired(Row):
    first_name: str
    last_name: str
    full_name: str


class PersonSummary(_PersonSummaryRequired, total=False):
    """The fields of a person that users who are not managers can see."""

    has_avatar: bool
    active: bool
    departments: List[str]
    studio_id: Optional[str]
    role: str
    desktop_login: Optional[str]
    is_bot: bool


class CustomAction(_Named, total=False):
    """An entry in menus of the website that calls a URL."""

    url: Optional[str]
    entity_type: Optional[str]
    is_ajax: Optional[bool]


class _UserContextRequired(TypedDict):
    projects: List[Project]
    project_roles: Dict[str, str]
    project_status: List[ProjectStatus]
    asset_types: List[AssetType]
    task_types: List[TaskType]
    task_status: List[TaskStatus]
    status_automations: List[StatusAutomation]
    preview_background_files: List[PreviewBackgroundFile]
    custom_actions: List[CustomAction]
    persons: List[Union[Person, PersonSummary]]
    departments: List[Department]
    studios: List[Studio]
    plugins: List[Dict[str, Any]]
    search_filters: Dict[str, Dict[str, List[SearchFilter]]]
    search_filter_groups: Dict[str, Dict[str, List[SearchFilterGroup]]]
    notification_count: int


class UserContext(_UserContextRequired, total=False):
    """The data that an application needs at its start; `project_roles` has the user's roles on single projects."""

    user_limit: int


# -- many transfers at once ----------------------------------------------------
class Outcome(NamedTuple):
    """The outcome of one of many transfers: `error` is None if it succeeded, otherwise `result` is None."""

    item: Tuple[Any, ...]
    result: Any
    error: Optional[Exception]


# -- events as they happen -----------------------------------------------------
class ListenerStatus(NamedTuple):
    """Status of a `gazu.events.Listener`: *queues* has how many seconds each queue may be behind, *lag* the most.

    `last_event` is the date of the last event that was handled, in UTC; `replayed` counts
    events that the stream may not have announced, `failed` calls of handlers that raised, and
    `dropped` events of the stream only that came faster than their handler. An event that is not
    logged and occurs while the stream is not connected is in no number: nobody can know of it.
    """

    running: bool
    connected: bool
    lag: float
    last_event: Optional[str]
    handled: int
    replayed: int
    failed: int
    dropped: int
    problem: Optional[str]
    queues: Dict[str, float]
