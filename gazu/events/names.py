"""Written by `python -m tests.servers.events`: the events that Zou sends, and the fields of their data.

Which event has which field is in docs/reference/events.md. No field is always there: imports leave most of them out.
"""

import sys
from typing import Any, Dict, FrozenSet, List, Optional

if sys.version_info >= (3, 8):
    from typing import Literal, TypedDict, get_args
else:
    from typing_extensions import Literal, TypedDict, get_args

#: The names of all events that a known version of Zou sends.
EventName = Literal[
    "asset-instance:delete",
    "asset-instance:new",
    "asset-instance:update",
    "asset-type:delete",
    "asset-type:new",
    "asset-type:update",
    "asset:casting-update",
    "asset:delete",
    "asset:new",
    "asset:new-link",
    "asset:remove-link",
    "asset:update",
    "asset_instance:add-to-shot",
    "asset_instance:new",
    "asset_instance:remove-from-shot",
    "attachment-file:delete",
    "attachment-file:new",
    "attachment-file:update",
    "budget-entry:create",
    "budget-entry:delete",
    "budget-entry:new",
    "budget-entry:update",
    "budget:create",
    "budget:delete",
    "budget:new",
    "budget:update",
    "build-job:delete",
    "build-job:new",
    "build-job:update",
    "chat-message:delete",
    "chat-message:new",
    "chat-message:update",
    "chat:delete",
    "chat:deleted-message",
    "chat:joined",
    "chat:left",
    "chat:new",
    "chat:new-message",
    "chat:update",
    "comment:acknowledge",
    "comment:delete",
    "comment:delete-reply",
    "comment:new",
    "comment:reply",
    "comment:unacknowledge",
    "comment:update",
    "concept-folder:delete",
    "concept-folder:new",
    "concept-folder:update",
    "concept:delete",
    "concept:new",
    "concept:update",
    "conceptfolder:new",
    "conceptfolder:update",
    "custom-action:delete",
    "custom-action:new",
    "custom-action:update",
    "day-off:delete",
    "day-off:new",
    "day-off:update",
    "department:delete",
    "department:new",
    "department:update",
    "edit:delete",
    "edit:new",
    "edit:update",
    "entity-link:delete",
    "entity-link:new",
    "entity-link:update",
    "episode:casting-update",
    "episode:delete",
    "episode:new",
    "episode:update",
    "file-status:delete",
    "file-status:new",
    "file-status:update",
    "hardware-item:delete",
    "hardware-item:new",
    "hardware-item:update",
    "main:test",
    "metadata-descriptor:delete",
    "metadata-descriptor:new",
    "metadata-descriptor:update",
    "milestone:delete",
    "milestone:new",
    "milestone:update",
    "news:delete",
    "news:new",
    "news:update",
    "notification:all-read",
    "notification:delete",
    "notification:new",
    "notification:read",
    "notification:unread",
    "notification:update",
    "organisation:delete",
    "organisation:new",
    "organisation:set-thumbnail",
    "organisation:update",
    "output-file:delete",
    "output-file:new",
    "output-file:update",
    "output-type:delete",
    "output-type:new",
    "output-type:update",
    "output_type:new",
    "person:delete",
    "person:new",
    "person:set-thumbnail",
    "person:update",
    "playlist:add_entity",
    "playlist:delete",
    "playlist:new",
    "playlist:update",
    "preview-background-file:add-file",
    "preview-background-file:delete",
    "preview-background-file:new",
    "preview-background-file:update",
    "preview-background:set-thumbnail",
    "preview-file:add-file",
    "preview-file:annotation-update",
    "preview-file:delete",
    "preview-file:new",
    "preview-file:set-main",
    "preview-file:update",
    "production-schedule-version-task-link:delete",
    "production-schedule-version-task-link:new",
    "production-schedule-version-task-link:update",
    "production-schedule-version:delete",
    "production-schedule-version:new",
    "production-schedule-version:update",
    "production_schedule_version:update",
    "project-status:delete",
    "project-status:new",
    "project-status:update",
    "project-template:delete",
    "project-template:new",
    "project-template:update",
    "project:delete",
    "project:new",
    "project:set-thumbnail",
    "project:update",
    "salary-scale:delete",
    "salary-scale:new",
    "salary-scale:update",
    "scene:delete",
    "scene:new",
    "scene:update",
    "schedule-item:delete",
    "schedule-item:new",
    "schedule-item:update",
    "search-filter-group:delete",
    "search-filter-group:new",
    "search-filter-group:update",
    "search-filter:delete",
    "search-filter:new",
    "search-filter:update",
    "sequence:delete",
    "sequence:new",
    "sequence:update",
    "shot:add-to-scene",
    "shot:casting-update",
    "shot:delete",
    "shot:new",
    "shot:remove-from-scene",
    "shot:update",
    "software:delete",
    "software:new",
    "software:update",
    "status-automation:delete",
    "status-automation:new",
    "status-automation:update",
    "studio:delete",
    "studio:new",
    "studio:update",
    "subscription:delete",
    "subscription:new",
    "subscription:update",
    "task-status:delete",
    "task-status:new",
    "task-status:update",
    "task-type:delete",
    "task-type:new",
    "task-type:update",
    "task:assign",
    "task:delete",
    "task:new",
    "task:status-changed",
    "task:to-review",
    "task:unassign",
    "task:update",
    "task:update-casting-stats",
    "time-spent:delete",
    "time-spent:new",
    "time-spent:update",
    "working-file:delete",
    "working-file:new",
    "working-file:update",
]
EVENT_NAMES: FrozenSet[str] = frozenset(get_args(EventName))
#: Events that are not logged, or not always, so that only the stream has them.
STREAM_ONLY_EVENTS: FrozenSet[str] = frozenset(
    (
        "chat:deleted-message",
        "chat:joined",
        "chat:left",
        "chat:new-message",
        "comment:acknowledge",
        "comment:delete-reply",
        "comment:unacknowledge",
        "main:test",
        "notification:new",
        "task:update-casting-stats",
    )
)


class _Event(TypedDict, total=False):
    event_id: str
    project_id: str


class AssetEvent(_Event, total=False):
    """Data of the events of `asset`."""

    added_asset_ids: List[str]
    asset_id: str
    asset_in: str
    asset_out: str
    asset_type: str
    data: Dict[str, Any]
    episode_id: str
    nb_entities_out: int
    removed_asset_ids: List[str]


class AssetInstanceEvent(_Event, total=False):
    """Data of the events of `asset-instance`."""

    asset_id: str
    asset_instance_id: str
    asset_instantiated: str
    scene_id: str
    shot_id: str


class AssetTypeEvent(_Event, total=False):
    """Data of the events of `asset-type`."""

    asset_type_id: str
    id: str
    name: str


class AttachmentFileEvent(_Event, total=False):
    """Data of the events of `attachment-file`."""

    attachment_file_id: str


class BudgetEntryEvent(_Event, total=False):
    """Data of the events of `budget-entry`."""

    budget_entry_id: str
    budget_id: str


class BudgetEvent(_Event, total=False):
    """Data of the events of `budget`."""

    budget_id: str


class BuildJobEvent(_Event, total=False):
    """Data of the events of `build-job`."""

    build_job_id: str
    created_at: str
    message: Optional[str]
    playlist_id: str
    status: str


class ChatEvent(_Event, total=False):
    """Data of the events of `chat`."""

    chat_id: str
    chat_message_id: str
    last_message: str
    person_id: str


class ChatMessageEvent(_Event, total=False):
    """Data of the events of `chat-message`."""

    chat_message_id: str


class CommentEvent(_Event, total=False):
    """Data of the events of `comment`."""

    comment_id: str
    for_client: bool
    person_id: str
    reply_id: str
    task_id: str
    task_status_id: str


class ConceptEvent(_Event, total=False):
    """Data of the events of `concept`."""

    concept_id: str


class ConceptFolderEvent(_Event, total=False):
    """Data of the events of `concept-folder`."""

    concept_folder_id: str


class ConceptfolderEvent(_Event, total=False):
    """Data of the events of `conceptfolder`."""

    conceptfolder_id: str


class CustomActionEvent(_Event, total=False):
    """Data of the events of `custom-action`."""

    custom_action_id: str


class DayOffEvent(_Event, total=False):
    """Data of the events of `day-off`."""

    day_off_id: str


class DepartmentEvent(_Event, total=False):
    """Data of the events of `department`."""

    department_id: str


class EditEvent(_Event, total=False):
    """Data of the events of `edit`."""

    edit_id: str
    episode_id: str
    parent_id: str


class EntityLinkEvent(_Event, total=False):
    """Data of the events of `entity-link`."""

    entity_in_id: str
    entity_link_id: str
    entity_out_id: str
    nb_occurences: int


class EpisodeEvent(_Event, total=False):
    """Data of the events of `episode`."""

    added_asset_ids: List[str]
    episode_id: str
    nb_entities_out: int
    removed_asset_ids: List[str]


class FileStatusEvent(_Event, total=False):
    """Data of the events of `file-status`."""

    file_status_id: str


class HardwareItemEvent(_Event, total=False):
    """Data of the events of `hardware-item`."""

    hardware_item_id: str


class MainEvent(_Event, total=False):
    """Data of the events of `main`."""


class MetadataDescriptorEvent(_Event, total=False):
    """Data of the events of `metadata-descriptor`."""

    metadata_descriptor_id: str


class MilestoneEvent(_Event, total=False):
    """Data of the events of `milestone`."""

    milestone_id: str


class NewsEvent(_Event, total=False):
    """Data of the events of `news`."""

    news_id: str
    task_status_id: str
    task_type_id: str


class NotificationEvent(_Event, total=False):
    """Data of the events of `notification`."""

    notification_id: str
    person_id: str


class OrganisationEvent(_Event, total=False):
    """Data of the events of `organisation`."""

    organisation_id: str


class OutputFileEvent(_Event, total=False):
    """Data of the events of `output-file`."""

    output_file_id: str


class OutputTypeEvent(_Event, total=False):
    """Data of the events of `output-type`."""

    output_type_id: str


class PersonEvent(_Event, total=False):
    """Data of the events of `person`."""

    person_id: str


class PlaylistEvent(_Event, total=False):
    """Data of the events of `playlist`."""

    entity_id: str
    playlist_id: str
    preview_file_id: str


class PreviewBackgroundEvent(_Event, total=False):
    """Data of the events of `preview-background`."""

    preview_background_id: str


class PreviewBackgroundFileEvent(_Event, total=False):
    """Data of the events of `preview-background-file`."""

    extension: str
    preview_background_file_id: str


class PreviewFileEvent(_Event, total=False):
    """Data of the events of `preview-file`."""

    comment_id: str
    entity_id: str
    extension: str
    person_id: str
    preview_file_id: str
    preview_file_status: str
    revision: int
    status: str
    task_id: str
    updated_at: str


class ProductionScheduleVersionEvent(_Event, total=False):
    """Data of the events of `production-schedule-version`."""

    production_schedule_version_id: str


class ProductionScheduleVersionTaskLinkEvent(_Event, total=False):
    """Data of the events of `production-schedule-version-task-link`."""

    production_schedule_version_task_link_id: str


class ProjectEvent(_Event, total=False):
    """Data of the events of `project`."""


class ProjectStatusEvent(_Event, total=False):
    """Data of the events of `project-status`."""

    project_status_id: str


class ProjectTemplateEvent(_Event, total=False):
    """Data of the events of `project-template`."""

    project_template_id: str


class SalaryScaleEvent(_Event, total=False):
    """Data of the events of `salary-scale`."""

    salary_scale_id: str


class SceneEvent(_Event, total=False):
    """Data of the events of `scene`."""

    scene_id: str


class ScheduleItemEvent(_Event, total=False):
    """Data of the events of `schedule-item`."""

    schedule_item_id: str


class SearchFilterEvent(_Event, total=False):
    """Data of the events of `search-filter`."""

    search_filter_id: str


class SearchFilterGroupEvent(_Event, total=False):
    """Data of the events of `search-filter-group`."""

    search_filter_group_id: str


class SequenceEvent(_Event, total=False):
    """Data of the events of `sequence`."""

    sequence_id: str


class ShotEvent(_Event, total=False):
    """Data of the events of `shot`."""

    added_asset_ids: List[str]
    episode_id: str
    nb_entities_out: int
    removed_asset_ids: List[str]
    scene_id: str
    shot_id: str


class SoftwareEvent(_Event, total=False):
    """Data of the events of `software`."""

    software_id: str


class StatusAutomationEvent(_Event, total=False):
    """Data of the events of `status-automation`."""

    status_automation_id: str


class StudioEvent(_Event, total=False):
    """Data of the events of `studio`."""

    studio_id: str


class SubscriptionEvent(_Event, total=False):
    """Data of the events of `subscription`."""

    subscription_id: str


class TaskEvent(_Event, total=False):
    """Data of the events of `task`."""

    change_status: bool
    comment: Any
    comment_id: str
    entity_id: str
    entity_shotgun_id: str
    entity_type_name: str
    nb_assets_ready: int
    new_task_status_id: str
    person_id: str
    person_shotgun_id: str
    preview_path: Any
    previous_task_status_id: str
    project_shotgun_id: str
    task_id: str
    task_shotgun_id: str
    task_type_id: str


class TaskStatusEvent(_Event, total=False):
    """Data of the events of `task-status`."""

    task_status_id: str


class TaskTypeEvent(_Event, total=False):
    """Data of the events of `task-type`."""

    task_type_id: str


class TimeSpentEvent(_Event, total=False):
    """Data of the events of `time-spent`."""

    time_spent_id: str


class WorkingFileEvent(_Event, total=False):
    """Data of the events of `working-file`."""

    working_file_id: str
