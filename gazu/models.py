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

# -- shots, sequences, episodes ------------------------------------------------

# -- tasks ---------------------------------------------------------------------

# -- files ---------------------------------------------------------------------

# -- people --------------------------------------------------------------------

# -- playlists -----------------------------------------------------------------
