"""Written by `python -m tests.servers.table`: fields of rows, and the first Zou that has them."""

from typing import Dict

SINCE: Dict[str, Dict[str, str]] = {
    "attachment-files": {"chat_message": "0.19.69", "chat_message_id": "0.19.69", "reply_id": "0.20.85"},
    "comments": {"editor_id": "0.20.48", "for_client": "1.0.55", "links": "0.19.69"},
    "departments": {"archived": "0.18.8"},
    "entities": {"created_by": "0.18.8", "entity_concept_links": "0.18.8", "is_shared": "0.19.69"},
    "entity-types": {"archived": "0.18.8", "description": "0.19.69", "short_name": "0.19.69"},
    "metadata-descriptors": {"position": "0.20.85", "task_type_id": "1.0.97"},
    "playlists": {"created_by": "1.0.55"},
    "preview-files": {
        "data": "1.0.55",
        "duration": "0.18.8",
        "height": "0.18.8",
        "token_in": "1.0.55",
        "token_out": "1.0.55",
        "width": "0.18.8",
    },
    "projects": {
        "default_preview_background_file_id": "0.18.8",
        "from_schedule_version_id": "0.20.85",
        "hd_bitrate_compression": "0.19.69",
        "homepage": "0.18.8",
        "is_bot_collaboration_enabled": "1.0.55",
        "is_client_stats_visible": "1.0.97",
        "is_client_task_list_visible": "1.0.97",
        "is_client_task_panel_visible": "1.0.97",
        "is_frame_in_numbering": "1.0.97",
        "is_publish_default_for_artists": "0.19.69",
        "is_set_preview_automated": "0.18.8",
        "is_single_preview_per_revision": "1.0.55",
        "ld_bitrate_compression": "0.19.69",
        "preview_background_files": "0.18.8",
        "revision_padding": "1.0.55",
    },
    "task-status": {"description": "0.19.69", "for_concept": "0.18.8", "is_wip": "0.20.85", "priority": "0.18.8"},
    "task-types": {"description": "0.19.69"},
    "tasks": {
        "difficulty": "0.19.69",
        "done_date": "0.19.69",
        "last_preview_file_id": "0.18.8",
        "nb_drawings": "0.20.48",
    },
}
