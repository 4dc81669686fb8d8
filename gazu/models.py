"""The rows that the server answers with: plain dicts, described for editors and type checkers."""
from typing import Any, Mapping, Union
from uuid import UUID

#: A record where a function takes one: its row, its id, or the id as a UUID object.
Ref = Union[str, UUID, Mapping[str, Any]]
