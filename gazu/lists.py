"""Lists that come in parts: records by their ids, and boards row by row."""

import json
import os
from typing import Any, Dict, Iterator, List, Optional

from . import client as raw
from ._http.request import IDS_PER_REQUEST as IDS_PER_REQUEST
from .client import KitsuClient
from .helpers import id_of, temporary_folder
from .models import Ref
from .sorting import sort_by_name


def fetch_by_ids(
    path: str,
    ids: List[str],
    client: KitsuClient,
    field: str = "id",
    relations: bool = True,
    fields: Optional[str] = None,
) -> Iterator[Any]:
    """Yield the records of a list below `data/` whose *field* is one of *ids*; the account may not see all of them.

    They come in parts, as a URL has a limit.
    """
    more = {"relations": "true"} if relations else {}
    for start in range(0, len(ids), IDS_PER_REQUEST):
        params = {field: ids[start : start + IDS_PER_REQUEST], **more}
        yield from raw.fetch_all(path, params=params, client=client, fields=fields)


def fetch_board(path: str, project: Ref, client: KitsuClient) -> List[Any]:
    """Return the entities of a board, sorted by name; for a project that does not exist, the server has none."""
    rows = raw.fetch_all(path, {"project_id": id_of(project)}, client=client)
    if not rows:
        raw.fetch_one("projects", id_of(project), client=client)
    return sort_by_name(rows)


def stream_board(path: str, project: Ref, client: KitsuClient) -> Iterator[Any]:
    """Yield the entities of a board one by one, in the order of the server.

    The whole board goes to a temporary file first, so that what is interrupted goes on, and nothing of it is in memory
    but one row. It is requested with the first row. A server that does not stream sends a list, which is in memory.
    """
    return _stream(path, {"project_id": id_of(project), "stream": "true"}, client)


def _stream(path: str, params: Dict[str, str], client: KitsuClient) -> Iterator[Any]:
    with temporary_folder() as folder:
        file_path = os.path.join(folder, "board")
        raw.download(path, file_path, params, client=client)
        with open(file_path, "rb") as file:
            head = json.loads(file.readline())
            rows = iter(head) if isinstance(head, list) else map(json.loads, file)
            first = next(rows, None)
            if first is None:
                raw.fetch_one("projects", str(params["project_id"]), client=client)
            else:
                yield first
            yield from rows
