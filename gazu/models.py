"""The rows that the server answers with: plain dicts, described for editors and type checkers."""

import sys
from typing import Any, Dict, List, Mapping, Optional, Union
from uuid import UUID

if sys.version_info >= (3, 8):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict

#: A record where a function takes one: its row, its id, or the id as a UUID object.
Ref = Union[str, UUID, Mapping[str, Any]]


class _Row(TypedDict):
    """What every row has."""

    id: str


class Row(_Row, total=False):
    """What almost every row has; times are `YYYY-MM-DDTHH:MM:SS` in UTC."""

    type: str
    created_at: str
    updated_at: str


# -- productions ---------------------------------------------------------------


# -- assets --------------------------------------------------------------------
class _AssetRequired(Row):
    name: str
    project_id: str
    entity_type_id: str
    data: Dict[str, Any]


class Asset(_AssetRequired, total=False):
    """
    An asset: a character, a prop, an environment, ...

    `source_id` (in lists) and `episode_id` (from `get_asset`) are the episode that it
    is made for; an asset of the main pack has none.
    """

    code: Optional[str]
    description: Optional[str]
    shotgun_id: Optional[int]
    canceled: bool
    nb_frames: Optional[int]
    nb_entities_out: int
    is_casting_standby: bool
    is_shared: bool
    status: str
    parent_id: Optional[str]
    source_id: Optional[str]
    preview_file_id: Optional[str]
    ready_for: Optional[str]
    created_by: Optional[str]
    # of one asset
    project_name: str
    asset_type_id: str
    asset_type_name: str
    episode_id: Optional[str]
    casting_episode_ids: List[str]
    entities_in: List[str]
    entities_out: List[str]
    entity_concept_links: List[str]
    instance_casting: List[str]
    tasks: List[Dict[str, Any]]


class _AssetTypeRequired(Row):
    name: str


class AssetType(_AssetTypeRequired, total=False):
    """A type of assets; `task_types` are the ids of the task types that its assets get, none for all."""

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
    """One of the occurrences of an asset in a shot, in a layout scene or in another asset."""

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

# -- tasks ---------------------------------------------------------------------

# -- files ---------------------------------------------------------------------

# -- people --------------------------------------------------------------------

# -- playlists -----------------------------------------------------------------
