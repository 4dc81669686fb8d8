"""The records that the server returns: plain dicts, typed for editors and type checkers."""

import datetime
import os
import sys
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Union
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
class _ProjectSettingsRequired(_Named):
    description: Optional[str]
    data: Optional[Dict[str, Any]]
    fps: str
    ratio: str
    resolution: str
    production_style: str


class _ProjectSettings(_ProjectSettingsRequired, total=False):
    """The settings that projects and project templates share."""

    file_tree: Optional[Dict[str, Any]]
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
    code: Optional[str]
    has_avatar: bool
    start_date: Optional[str]
    end_date: Optional[str]


class Project(_ProjectRequired, total=False):
    """A production; `data` has the values of its metadata columns, `fps` is text."""

    shotgun_id: Optional[int]
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


class TaskTypeSoftware(TypedDict):
    """A software that opens the tasks of a type in a project."""

    project_id: str
    task_type_id: str
    software_id: str


class PreviewAccount(_Row):
    """The account for screening rooms of a project: open until `preview_open_until`, in UTC, if that is set."""

    email: str
    full_name: str
    preview_open_until: Optional[str]


class NewPreviewAccount(PreviewAccount):
    """An account for screening rooms, with its new password, which is shown this once."""

    password: str


class ProjectStatus(_Named, total=False):
    """Open or Closed."""

    color: str


class ProjectTaskTypeLink(Row, total=False):
    """A task type in the settings of a production; bitrates are in Mbit/s."""

    project_id: str
    task_type_id: str
    priority: Optional[int]
    hd_bitrate_compression: Optional[int]
    ld_bitrate_compression: Optional[int]
    is_client_visible: bool


class ProjectTaskStatusLink(Row, total=False):
    """A task status in the settings of a production; `is_client_allowed` is None where the studio decides."""

    project_id: str
    task_status_id: str
    priority: Optional[int]
    roles_for_board: List[str]
    is_client_allowed: Optional[bool]


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


class Milestone(_Named):
    """A date in the schedule of a project."""

    date: str
    project_id: str
    task_type_id: Optional[str]


class _ScheduleItemRequired(Row):
    project_id: str
    task_type_id: Optional[str]
    object_id: Optional[str]
    start_date: Optional[str]
    end_date: Optional[str]
    man_days: Optional[int]


class ScheduleItem(_ScheduleItemRequired, total=False):
    """When the tasks of a type are planned, in all or of one entity or asset type; days are `YYYY-MM-DD`."""

    # of `get_schedule` with a task type
    name: str


class ScheduleVersion(_InProject, total=False):
    """A version of the schedule of a project; `locked` once it was applied."""

    production_schedule_from: Optional[str]
    locked: bool
    canceled: bool


class ScheduleVersionTask(Row, total=False):
    """When a task is planned in a version of the schedule; `estimation` is in minutes."""

    production_schedule_version_id: str
    task_id: str
    start_date: Optional[str]
    due_date: Optional[str]
    estimation: Optional[float]
    assignees: List[str]


class ScheduledTasks(TypedDict, total=False):
    """How many tasks were copied to a version of the schedule, or changed by it."""

    success: bool
    task_link_count: int
    task_count: int


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

    shotgun_id: Optional[int]
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


class _EntityRequired(_Entity):
    code: Optional[str]
    description: Optional[str]
    canceled: bool
    status: str
    entity_type_id: str
    parent_id: Optional[str]
    preview_file_id: Optional[str]


class _AssetRequired(_EntityRequired):
    data: Dict[str, Any]


class Asset(_AssetRequired, total=False):
    """An asset: a character, a prop, an environment, ...

    `source_id` (in lists) and `episode_id` (from `get_asset`) are the episode that it
    is made for; an asset of the main pack has none.
    """

    # not of one asset
    nb_frames: Optional[int]
    source_id: Optional[str]
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


class EntityLinkPage(TypedDict):
    """A page of casting links: the links in `data`, and how many there are in all."""

    data: List[EntityLink]
    total: int
    nb_pages: int
    limit: int
    offset: int
    page: int


# -- shots, sequences, episodes ------------------------------------------------
class _NonAsset(_EntityRequired):
    """The fields that shots, sequences, episodes, ... share; `data` has the values of the metadata columns."""

    nb_frames: Optional[int]
    source_id: Optional[str]
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


class QuotaShot(Shot):
    """A shot that counts in the quotas of a person in a period, by its share."""

    full_name: str
    weight: float


class ShotSequence(_NonAsset, total=False):
    """A sequence; `parent_id` is its episode, in a TV show."""

    episode_id: Optional[str]
    episode_name: str


class Episode(_NonAsset, total=False):
    """An episode of a TV show."""


class EntityVersion(_Named, total=False):
    """A change of the name or the frame range of a shot or an edit: the name before it, and the `data` after it."""

    data: Optional[Dict[str, Any]]
    entity_id: str
    person_id: Optional[str]


class ShotFrames(TypedDict):
    """The new number of frames of a shot."""

    id: str
    nb_frames: int


# -- scenes, edits, concepts and entities of any kind ---------------------------
class Scene(_NonAsset, total=False):
    """A layout scene; `parent_id` is its sequence."""

    # of one scene
    sequence_id: str
    sequence_name: str
    episode_id: str
    episode_name: str


class Entity(_Entity, total=False):
    """An entity of any kind; `type` is its kind: `Asset`, `Shot`, `Sequence`, `Concept`, ..."""

    code: Optional[str]
    description: Optional[str]
    canceled: bool
    status: str
    entity_type_id: str
    parent_id: Optional[str]
    source_id: Optional[str]
    preview_file_id: Optional[str]
    nb_frames: Optional[int]
    data: Optional[Dict[str, Any]]

    preview_file_status: Optional[str]
    # of linked entities
    fps: Any
    frame_in: Any
    frame_out: Any
    tasks: List["EntityTask"]


class Edit(Entity, total=False):
    """An edit; `parent_id` is its episode, in a TV show."""

    # of one edit
    episode_id: Optional[str]
    episode_name: str


class Concept(Entity, total=False):
    """A concept; `entity_concept_links` are the ids of the entities that it is a concept for."""


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
    previews: List["RevisionFile"]
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
class _TaskTypeRequired(_Named):
    color: str
    for_entity: str


class TaskType(_TaskTypeRequired, total=False):
    """A step of the pipeline: Modeling, Animation, ...; `for_entity` is the kind of entity that it is for."""

    short_name: Optional[str]
    description: Optional[str]
    priority: int
    allow_timelog: bool
    archived: bool
    shotgun_id: Optional[int]
    department_id: Optional[str]


class _TaskStatusRequired(_Named):
    short_name: str
    color: str


class TaskStatus(_TaskStatusRequired, total=False):
    """The status of a task; colors are `#rrggbb`."""

    description: Optional[str]
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
    difficulty: Optional[int]
    completion_rate: int
    sort_order: int
    real_start_date: Optional[str]
    done_date: Optional[str]
    nb_assets_ready: int
    nb_drawings: int
    shotgun_id: Optional[int]
    last_preview_file_id: Optional[str]
    assigner_id: Optional[str]


class _WithTasks(_Named):
    description: Optional[str]
    canceled: bool
    data: Optional[Dict[str, Any]]
    preview_file_id: Optional[str]
    tasks: List["EntityTask"]


class AssetWithTasks(_WithTasks, total=False):
    """An asset of a board; ids that are not set are `""`, and `ready_for` is `"None"`."""

    asset_type_id: str
    asset_type_name: str
    ready_for: str
    episode_id: str
    casting_episode_ids: List[str]
    is_casting_standby: bool
    is_shared: bool


class _BoardRow(_WithTasks, total=False):
    project_id: str
    project_name: str
    entity_type_id: str
    parent_id: Optional[str]
    source_id: Optional[str]
    nb_entities_out: int
    is_casting_standby: bool


class ShotWithTasks(_BoardRow, total=False):
    """A shot of a board."""

    sequence_id: str
    sequence_name: str
    episode_id: Optional[str]
    episode_name: str
    nb_frames: Optional[int]
    frame_in: Union[None, int, str]
    frame_out: Union[None, int, str]
    fps: Union[None, int, float, str]


class EntityWithTasks(_WithTasks, total=False):
    """A sequence, an episode or a scene of a board; ids that are not set are `""` or `"None"`."""

    status: str
    episode_id: str
    frame_in: Union[None, int, str]
    frame_out: Union[None, int, str]
    fps: Union[None, int, float, str]


class EditWithTasks(_BoardRow, total=False):
    """An edit of a board."""

    episode_id: Optional[str]
    episode_name: Optional[str]


class ConceptWithTasks(_BoardRow, total=False):
    """A concept of a board."""

    created_by: Optional[str]
    entity_concept_links: List[str]
    preview_file_status: Optional[str]
    nb_frames: Optional[int]
    frame_in: Any
    frame_out: Any
    fps: Any


class _EntityTaskRequired(_TaskFields):
    entity_id: str
    task_type_id: str
    task_status_id: str
    priority: int
    duration: float
    estimation: float
    retake_count: int
    start_date: Optional[str]
    due_date: Optional[str]
    end_date: Optional[str]
    last_comment_date: Optional[str]
    assignees: List[str]


class EntityTask(_EntityTaskRequired, total=False):
    """A task in the record of an entity."""

    name: str
    project_id: str
    data: Optional[Dict[str, Any]]
    is_subscribed: bool


class _TaskRequired(_TaskFields):
    name: str
    project_id: str
    entity_id: str
    task_type_id: str
    task_status_id: str
    priority: int
    duration: float
    estimation: float
    retake_count: int
    start_date: Optional[str]
    due_date: Optional[str]
    end_date: Optional[str]
    last_comment_date: Optional[str]
    data: Optional[Dict[str, Any]]


class Task(_TaskRequired, total=False):
    """The work of one task type on one entity; `estimation` and `duration` are in minutes.

    To an account with the role `client`, the server sends no assignees and no dates, 0 as estimation, duration and
    priority, and None as difficulty, whatever a task has (Zou 1.0.97).
    """

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
    assignees: List[str]
    is_subscribed: bool


class _AssignedTaskRequired(_TaskRequired):
    assignees: List[str]
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
    task_type_name: str
    task_type_color: str
    task_type_for_entity: str
    task_status_name: str
    task_status_short_name: str
    task_status_color: str
    task_start_date: Optional[str]
    task_due_date: Optional[str]
    task_duration: float
    task_estimation: float
    last_comment: LastComment


class AssignedTask(_AssignedTaskRequired, total=False):
    """A task in the list of a person, with the names of what it belongs to."""

    # of assets in TV shows
    episode_ids: List[str]
    episode_names: List[str]


class _FullTaskRequired(_TaskRequired):
    assignees: List[str]
    is_subscribed: bool
    project: Project
    entity: Entity
    entity_type: EntityType
    task_type: TaskType
    task_status: TaskStatus
    persons: List["Person"]


class FullTask(_FullTaskRequired, total=False):
    """A task with the records that it refers to."""

    assigner: "Person"
    sequence: ShotSequence
    episode: Episode


class _CommentRequired(Row):
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
    person_id: str
    editor_id: Optional[str]


class _CommentFields(_CommentRequired, total=False):
    editor: "CommentEditor"
    shotgun_id: Optional[int]
    preview_files: List["RevisionFile"]
    preview_file_id: Optional[str]
    previews: List[Any]
    mentions: List[str]
    department_mentions: List[str]
    acknowledgements: List[str]
    attachment_files: List[Any]


class Comment(_CommentFields, total=False):
    """A comment on the task `object_id`, with the status that it set.

    `previews` and `attachment_files` are records, or ids where a single comment is returned.
    """

    person: "CommentAuthor"
    task_status: TaskStatus


class TaskComment(_CommentFields):
    """A comment in the list of a task, with its author and its status."""

    person: "CommentAuthor"
    task_status: TaskStatus


class SharedComment(_CommentFields, total=False):
    """A comment as a share link shows it: of its author and its status, what a page needs."""

    person: Dict[str, Any]
    task_status: Dict[str, Any]


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


class _NewsRequired(_Row):
    task_id: str
    author_id: Optional[str]
    created_at: str


class News(_NewsRequired, total=False):
    """A comment on a task; `change` says whether it set a status, and `preview_files` come with `only_preview`."""

    type: str
    comment_id: Optional[str]
    task_type_id: str
    task_status_id: Optional[str]
    task_entity_id: str
    preview_file_id: Optional[str]
    preview_file_extension: Optional[str]
    preview_file_revision: Optional[int]
    preview_files: List["PreviewFileSummary"]
    project_id: str
    project_name: str
    change: bool
    full_entity_name: str
    episode_id: Optional[str]
    entity_preview_file_id: Optional[str]
    person: Optional[Dict[str, Any]]


class _TimeSpentRequired(Row):
    duration: float
    date: str
    task_id: str
    person_id: str


class TimeSpent(_TimeSpentRequired, total=False):
    """The time that a person spent on a task on one day; `duration` is in minutes."""

    # in time sheets
    project_id: str
    task_type_id: str


class _TaskCounts(TypedDict):
    """Numbers of tasks, and their times in minutes."""

    amount: int
    amount_done: int
    total_duration: float
    total_estimation: float


class TaskTypeStats(_TaskCounts):
    """Numbers of the open tasks of a type that have a status."""

    project_id: str
    task_type_id: str
    task_status_id: str


class OpenTasksStats(_TaskCounts):
    """Numbers of the open tasks of a project, in all and by type and status."""

    task_types: List[TaskTypeStats]


class _TasksDatesRequired(TypedDict):
    person_id: str
    min_date: Optional[str]
    max_date: Optional[str]


class TasksDates(_TasksDatesRequired, total=False):
    """When the first task of a person starts and the last one ends; `busy_periods` are of hidden ones."""

    busy_periods: List[Dict[str, str]]


class _BurndownDay(TypedDict):
    """The tasks that were done on a day; `done_estimation` is the sum of their estimations in minutes."""

    date: str
    done: int
    done_estimation: float


class Burndown(TypedDict):
    """The tasks of the open projects, and those done on each day; `total_estimation` is in minutes."""

    total: int
    total_estimation: float
    start_date: Optional[str]
    end_date: Optional[str]
    done_by_day: List[_BurndownDay]


class _WorkAmount(TypedDict):
    """Tasks, and the frames and drawings of them."""

    count: int
    frames: int
    drawings: int


class TaskStatusStats(_WorkAmount):
    """The tasks that have a status, whose short name and color these are."""

    name: str
    color: str


class _Takes(TypedDict):
    done: _WorkAmount
    retake: _WorkAmount
    other: _WorkAmount


class RetakeStats(_Takes):
    """The tasks by what became of them; `evolution` has the same by the number of the take."""

    max_retake_count: int
    evolution: Dict[str, _Takes]


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
class _PreviewFields(Row, total=False):
    description: Optional[str]
    path: Optional[str]
    source: str
    annotations: Optional[List["Annotation"]]
    shotgun_id: Optional[int]
    is_movie: bool
    url: Optional[str]
    uploaded_movie_url: Optional[str]
    uploaded_movie_name: Optional[str]
    data: Optional[Dict[str, Any]]
    person_id: Optional[str]
    source_file_id: Optional[str]
    comments: List[str]
    token_in: Optional[str]
    token_out: Optional[str]


class _PreviewFileRequired(_PreviewFields):
    name: str
    original_name: Optional[str]
    revision: int
    position: int
    extension: str
    file_size: int
    status: str
    validation_status: str
    width: int
    height: int
    duration: float
    task_id: str


class PreviewFile(_PreviewFileRequired, total=False):
    """A file of a preview revision of a task.

    `status` is `processing`, `ready`, `broken` or `missing`; `validation_status` is
    `validated`, `rejected` or `neutral`; the size is in bytes, the duration in seconds.
    """

    # of those that are not ready
    project_id: str
    task_type_id: str
    full_entity_name: str


class PreviewFileSummary(_Row, total=False):
    """A preview file in the list of an entity; in news, only what says which one it is."""

    name: str
    original_name: Optional[str]
    extension: Optional[str]
    revision: int
    position: int
    file_size: Optional[int]
    status: str
    validation_status: str
    task_id: str
    person_id: Optional[str]
    created_at: str
    token_in: Optional[Any]
    token_out: Optional[Any]


class RevisionFile(_PreviewFields, total=False):
    """A preview file in the record of its revision or of its comment, with some of its fields."""

    name: str
    original_name: Optional[str]
    revision: int
    position: int
    extension: str
    file_size: int
    status: str
    validation_status: str
    width: int
    height: int
    duration: float
    task_id: str
    # of playlists
    task_type_id: str
    original_width: Optional[int]
    original_height: Optional[int]
    original_duration: Optional[float]
    original_file_size: Optional[int]


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
    comment: Optional[str]
    path: Optional[str]
    task_id: str
    entity_id: str


class WorkingFile(_WorkingFileRequired, total=False):
    """A revision of a file that a person works on in a task; `path` has no extension."""

    description: Optional[str]
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


class Thumbnail(TypedDict):
    """The path of a picture on the server, without its host."""

    thumbnail_path: str


# -- people --------------------------------------------------------------------
class _PersonFields(Row, total=False):
    phone: Optional[str]
    country: Optional[str]
    contract_type: str
    archived: bool
    last_presence: Optional[str]
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
    position: str
    seniority: str
    daily_salary: int
    notifications_enabled: bool
    notifications_slack_enabled: bool
    notifications_slack_userid: str
    notifications_mattermost_enabled: bool
    notifications_mattermost_userid: str
    notifications_discord_enabled: bool
    notifications_discord_userid: str
    is_guest: bool
    expiration_date: Optional[str]
    is_generated_from_ldap: bool
    ldap_uid: Optional[str]
    departments: List[str]
    studio_id: Optional[str]
    preview_project_id: Optional[str]
    preview_opened_at: Optional[str]
    preview_open_until: Optional[str]


class CommentEditor(_PersonFields, total=False):
    """The person who changed a comment; most fields are missing in lists of comments."""

    first_name: str
    last_name: str
    full_name: str
    email: str
    role: str
    active: bool
    has_avatar: bool
    is_bot: bool
    desktop_login: Optional[str]


class _CommentAuthorRequired(_PersonFields):
    first_name: str
    last_name: str
    full_name: str


class CommentAuthor(_CommentAuthorRequired, total=False):
    """The person who wrote a comment or a reply; most fields are missing in lists of comments."""

    email: str
    has_avatar: bool
    role: str
    active: bool
    is_bot: bool
    desktop_login: Optional[str]
    fido_devices: List[str]


class _PersonRequired(_PersonFields):
    first_name: str
    last_name: str
    full_name: str
    email: str
    role: str
    active: bool
    has_avatar: bool
    is_bot: bool
    desktop_login: Optional[str]


class Person(_PersonRequired, total=False):
    """A person with an account, or a bot; `role` is `user`, `supervisor`, `manager`, `admin`, `client` or `vendor`."""

    # of the user
    fido_devices: List[str]
    # of a bot that has a new expiration date
    access_token: str
    # in a team
    project_role: Optional[str]


class NewBot(_PersonRequired):
    """A bot that is new, with its token, which is shown this once."""

    access_token: str


class Invitation(TypedDict):
    """What became of an invitation."""

    success: bool
    message: str


class Department(_Named, total=False):
    """A department of the studio; colors are `#rrggbb`."""

    color: str
    archived: bool


class DepartmentHardware(Row, total=False):
    """A kind of hardware that a department works with."""

    department_id: str
    hardware_item_id: str


class DepartmentSoftware(Row, total=False):
    """A software that a department works with."""

    department_id: str
    software_id: str


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


class _DayOffRequired(Row):
    date: str
    end_date: str
    person_id: str


class DayOff(_DayOffRequired, total=False):
    """Days off, from `date` to `end_date`: `YYYY-MM-DD`."""

    # for whom it concerns, and administrators
    description: Optional[str]


# -- casting -------------------------------------------------------------------
class _CastAssetRequired(TypedDict):
    asset_id: str
    asset_name: str
    asset_type_name: str
    nb_occurences: int
    label: Optional[str]
    preview_file_id: Optional[str]


class CastAsset(_CastAssetRequired, total=False):
    """An asset in a casting; `project_id` is that of the asset, which differs if it is shared."""

    name: str
    sequence_name: str
    episode_id: Optional[str]
    ready_for: Optional[str]
    is_shared: bool
    project_id: str


class _CastingEntryRequired(TypedDict):
    asset_id: str


class CastingEntry(_CastingEntryRequired, total=False):
    """An asset in a casting that is set: the server returns the rows that it got."""

    nb_occurences: int
    label: Optional[str]
    name: str
    asset_name: str
    asset_type_name: str
    sequence_name: str
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
class _PlaylistFields(_InProject):
    episode_id: Optional[str]
    task_type_id: Optional[str]
    for_client: bool
    for_entity: str
    is_for_all: bool
    created_by: Optional[str]


class _PlaylistRequired(_PlaylistFields):
    shots: Optional[List["PlaylistEntry"]]


class Playlist(_PlaylistRequired, total=False):
    """Shots or other entities to review together; `shots` are its entries of any kind, or None."""

    build_jobs: List[str]


class PlaylistSummary(_PlaylistFields, total=False):
    """A playlist in the list of a project or of an episode, without its entries."""

    first_preview_file_id: str


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
    preview_file_previews: List["RevisionFile"]


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


class _GuestPlaylistRequired(_PlaylistFields):
    shots: List["GuestPlaylistEntry"]


class GuestPlaylist(_GuestPlaylistRequired, total=False):
    """A playlist as a share link shows it: `shots` are its entries of any kind, with the previews that are shown."""

    build_jobs: List[str]
    project_name: str
    project_fps: str


class GuestPlaylistEntry(PlaylistedEntity, total=False):
    """An entity in a playlist as a share link shows it, with the names and colors that its page needs."""

    preview_file_task_type: Dict[str, Any]
    preview_file_task_type_name: str
    task_status_color: str


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


class HardwareItem(_Named, total=False):
    """A kind of hardware: its `monthly_cost` for one, and how many there are."""

    short_name: str
    archived: bool
    monthly_cost: Optional[int]
    inventory_amount: Optional[int]


class SalaryScale(Row):
    """What a day costs of people of a department, a position and a seniority."""

    department_id: str
    position: str
    seniority: str
    salary: int


class Plugin(_Named, total=False):
    """A plugin of the server."""

    plugin_id: str
    description: Optional[str]
    version: str
    maintainer_name: str
    maintainer_email: Optional[str]
    website: Optional[str]
    license: str
    revision: Optional[str]
    frontend_project_enabled: bool
    frontend_studio_enabled: bool
    icon: Optional[str]


# -- the server ----------------------------------------------------------------
class ServerConfig(TypedDict, total=False):
    """What a log-in page needs to know of the server; bitrates are in Mbit/s, and empty text means not set."""

    is_self_hosted: bool
    crisp_token: str
    dark_theme_by_default: bool
    indexer_configured: bool
    saml_enabled: bool
    saml_idp_name: str
    oidc_enabled: bool
    oidc_idp_name: str
    default_locale: str
    default_timezone: str
    enforce_2fa: bool
    movie_highdef_bitrate: int
    movie_lowdef_bitrate: int
    preview_accounts_enabled: bool
    sentry: Dict[str, Any]


# -- user ----------------------------------------------------------------------
class TotpSecret(TypedDict):
    """The secret of an authenticator application, and the address that it takes as a QR code, spelled as by Zou."""

    otp_secret: str
    totp_provisionning_uri: str


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
    participants: List[str]
    messages: List["ChatMessage"]
    # in lists
    entity_name: str
    project_id: str
    preview_file_id: Optional[str]


class _ChatMessageRequired(Row):
    chat_id: str
    person_id: str
    text: Optional[str]


class ChatMessage(_ChatMessageRequired, total=False):
    """A message of a person in a chat."""

    attachment_files: List[Dict[str, Any]]


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


# -- many calls at once --------------------------------------------------------
class Outcome(NamedTuple):
    """The outcome of one of many calls: `error` is None if it succeeded, otherwise `result` is None."""

    item: Any
    result: Any
    error: Optional[Exception]

    def value(self) -> Any:
        """Return the result, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.result


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
