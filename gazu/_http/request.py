"""Requests as clients send them: address, time-out and body."""

import os
from typing import Any, Callable, Iterable, List, Mapping, Optional, Tuple, Union

from ..exception import GazuWarning
from ..secret import SecretBytes, SecretText, hide_fields, shown
from .base_client import BaseClient, Timeout, check_deadline, check_timeout
from .log import warn_caller
from .messages import Request
from .route import RoutePath, check_type, mapped, public, route, template_of

Params = Union[None, Mapping[str, Any], Iterable[Tuple[str, Any]]]
Fields = Union[None, str, Iterable[str]]

#: Seconds: (connect, read); a transfer of a file may be silent for longer.
DEFAULT_TIMEOUT: Tuple[float, float] = (10.0, 60.0)
TRANSFER_TIMEOUT: Tuple[float, float] = (10.0, 95.0)
#: Without JSON among the accepted types the server answers 404 for a preview file that is still processed.
DOWNLOAD_ACCEPT_HEADER = "application/json, */*;q=0.1"
JSON_HEADERS = {"Content-Type": "application/json"}
#: Servers refuse URLs above 4,000 characters, and each id takes 45 of them.
IDS_PER_REQUEST = 75
#: Characters of a list of values before they are quoted; an id takes 39 of them.
MAX_QUERY_CHARS = 39 * IDS_PER_REQUEST + 1


def join_url(*items: str) -> str:
    """Join *items* with exactly one slash between them."""
    return "/".join([item.strip("/") for item in items])


def add_params(path: str, params: Params) -> str:
    """Return *path* with *params* behind it, encoded.

    A list gives its name several times, but a list of ids is sent as `several_values` has it.
    """
    pairs = () if params is None else _pairs_of(params)
    if not pairs:
        return path
    pairs = [(name, several_values(name, value) if _is_column(name) else value) for name, value in pairs]
    from urllib.parse import urlencode

    try:
        query = urlencode(pairs, doseq=True)
    except UnicodeEncodeError as error:
        raise ValueError(f"the query {pairs!a:.200} is not valid Unicode text") from error
    whole = path + ("&" if "?" in path else "?") + query if query else path
    if any(isinstance(value, SecretText) for value in (path, *(value for _, value in pairs))):
        return SecretText.masked(whole, shown(path))
    return RoutePath.of(whole, template_of(path)) if type(path) is RoutePath else whole


def _pairs_of(params: Params) -> List[Tuple[str, Any]]:
    pairs = list(params.items()) if isinstance(params, Mapping) else list(params or [])
    for name, value in pairs:
        check_type(name, value)
    return pairs


def _is_column(name: Any) -> bool:
    """Return whether a parameter filters records, whatever the route: other parameters may be sent several times."""
    return isinstance(name, str) and (name in ("id", "name") or name.endswith("_id"))


def several_values(name: str, value: Any) -> Any:
    """Return several values of a filter as the server reads them, JSON text; another value as it is.

    Of a name that is sent several times, the server reads the first value only.

    Raises:
        ValueError: the server cannot filter by several values of this column, or they are too many for a URL.
    """
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        return value
    values = [one.get("id", one) if isinstance(one, Mapping) else one for one in value]
    if name == "name":
        raise ValueError(f"filters: the server cannot filter by name={values!r:.200}: it finds one name at a time")
    import json

    text = json.dumps(values, separators=(",", ":"), default=str)
    if len(text) > MAX_QUERY_CHARS:
        raise ValueError(f"filters: {len(values)} values for {name} make the URL too long: pass fewer at a time")
    return text


def data_path(path: str) -> str:
    """Return the path of a list below `data/`, which may be there already."""
    return mapped(_below_data, path)


def _below_data(path: str) -> str:
    path = path.lstrip("/")
    return path if path.startswith("data/") else join_url("data", path)


def record_path(model_name: str, record_id: Any) -> str:
    """Return the path of a record below `data/`; slashes around its id are not part of it."""
    place = route("{id}", record_id.strip("/") if isinstance(record_id, str) else record_id)
    return mapped(lambda path: join_url("data", model_name, path), place)


def full_url(path: str, client: BaseClient) -> str:
    """Return the address of *path* on the host of *client*."""
    return join_url(client.host, path)


def build_request(
    client: BaseClient,
    method: str,
    path: str,
    timeout: Timeout = None,
    url_of: Callable[[str, Any], str] = full_url,
    **rest: Any,
) -> Request:
    """Return the request for *path*, relative to the host of *client*.

    Args:
        url_of: returns the address of *path*: `gazu.client.get_full_url`, which scripts may have replaced.
        rest: what else the request has.
    """
    if not hasattr(client, "host"):
        raise ValueError(f"client: expected a KitsuClient, got {client!r:.200}")
    limits = timeout_of(client, rest.get("stream", False)) if timeout is None else check_timeout("timeout", timeout)
    url = url_of(path, client)
    if isinstance(path, SecretText) or "@" in url:
        url = _masked_url(url, url_of(shown(path), client), client.host)
    return Request(method, shown(path), url, timeout=limits, **rest)


def _masked_url(url: str, where: str, host: str) -> str:
    """Return *url*, for which errors show *where* without the password of the host."""
    where = public(host) + where[len(host) :] if where.startswith(host) else public(where)
    return SecretText.masked(url, where) if where != url else url


def json_request(client: BaseClient, method: str, path: str, data: Any, timeout: Timeout, **rest: Any) -> Request:
    """Return a request whose body is *data* as JSON."""
    from ..encoder import encode

    for name, value in data.items() if isinstance(data, dict) else ():
        check_type(name, value)
    data = hide_fields(data)  # for the traceback of what cannot be encoded
    body = SecretBytes(encode(data).encode())
    return build_request(client, method, path, timeout, data=body, headers=JSON_HEADERS, **rest)


def delete_request(client: BaseClient, path: str, data: Any, timeout: Timeout, **rest: Any) -> Request:
    """Return a DELETE request, with *data* as JSON if there is any."""
    if data is None:
        return build_request(client, "DELETE", path, timeout, **rest)
    return json_request(client, "DELETE", path, data, timeout, **rest)


def download_request(client: BaseClient, path: str, params: Params, timeout: Timeout, **rest: Any) -> Request:
    """Return the request for a file, whose bytes are to come as they are."""
    headers = {"Accept": DOWNLOAD_ACCEPT_HEADER, "Accept-Encoding": "identity"}
    return build_request(client, "GET", add_params(path, params), timeout, headers=headers, stream=True, **rest)


def timeout_of(client: BaseClient, transfer: bool) -> Tuple[float, float]:
    """Return the time-out for a request of *client*: its own, that of the environment, or the default."""
    if client.timeout is not None:
        return check_timeout("timeout", client.timeout)
    words = os.environ.get("GAZU_TIMEOUT")
    if not words:
        return TRANSFER_TIMEOUT if transfer else DEFAULT_TIMEOUT
    try:
        seconds = [float(word) for word in words.replace(",", " ").split()]
    except ValueError:
        return check_timeout("GAZU_TIMEOUT", words)  # which says what is wrong
    return check_timeout("GAZU_TIMEOUT", seconds if len(seconds) != 1 else seconds[0])


def deadline_of(client: BaseClient) -> Optional[float]:
    """Return the seconds that a call of *client* may take as a whole: its own, those of the environment, or None."""
    if client.deadline is not None:
        return check_deadline("deadline", client.deadline)
    words = os.environ.get("GAZU_DEADLINE")
    if not words:
        return None
    try:
        return check_deadline("GAZU_DEADLINE", float(words))
    except ValueError:
        return check_deadline("GAZU_DEADLINE", words)  # which says what is wrong


def list_query(params: Params, fields: Fields) -> List[Tuple[str, Any]]:
    """Return the query of a list, as pairs; each of *params* is a filter."""
    query = [(name, several_values(name, value)) for name, value in _pairs_of(params)]
    if fields is not None:
        query.append(("fields", fields if isinstance(fields, str) else ",".join(fields)))
    return query


def page_query(size: Optional[int], name: str = "limit") -> List[Tuple[str, int]]:
    """Return the query for pages of this size; None is the server's own size."""
    if size is None:
        return []
    if str(size).isdecimal() and int(size) >= 1:
        return [("limit", int(size))]
    raise ValueError(f"{name}: a page holds at least one record, not {size!r:.200}")


def warn_if_ignored(answer: Any, path: str, row: Any, is_new: bool = False) -> Any:
    """Return the response to an update, or to a new record; warn of fields that the server ignored, or keeps."""
    if isinstance(row, dict) and isinstance(answer, dict) and any(answer.get(name, row) != row[name] for name in row):
        from .fields import ignored_fields  # loaded when it may be needed, as it loads the types of all records

        text = ignored_fields(path, row, answer, is_new)
        if text:
            warn_caller(text, GazuWarning)
    return answer
