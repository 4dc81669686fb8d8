"""The client: where the server is, who asks, and the verbs that everything else is made of.

Every function of the library takes `client=`; without it, it uses `default_client`,
which `gazu.set_host` and `gazu.log_in` set up. `gazu.raw` is another name of this module.
"""

import re
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Set, Tuple, Union

from .__version__ import __version__ as __version__
from ._http import protocol
from ._http.base_client import BaseClient as BaseClient
from ._http.base_client import Certificate as Certificate
from ._http.base_client import Timeout as Timeout
from ._http.base_client import Verify as Verify
from ._http.base_client import check_host
from ._http.deadline import new_thread_pool
from ._http.log import debug, get_logger
from ._http.protocol import check_page_number as check_page_number
from ._http.protocol import check_progress as check_progress
from ._http.protocol import require_rows as require_rows
from ._http.request import DEFAULT_TIMEOUT as DEFAULT_TIMEOUT
from ._http.request import DOWNLOAD_ACCEPT_HEADER as DOWNLOAD_ACCEPT_HEADER
from ._http.request import TRANSFER_TIMEOUT as TRANSFER_TIMEOUT
from ._http.request import (
    Fields,
    add_params,
    build_request,
    data_path,
    delete_request,
    download_request,
    join_url,
    json_request,
    list_query,
    page_query,
    record_path,
    timeout_of,
    warn_if_ignored,
)
from ._http.request import Params as Params
from ._http.route import masked_address, public
from ._http.route import route as route
from .deprecation import deprecated, find_imported, older_calls
from .exception import (
    GazuException,
    NotAllowedException,
    NotAuthenticatedException,
    ParameterException,
    ServerErrorException,
)
from .names import NameHint, composed
from .secret import hide, hides_secrets

if TYPE_CHECKING:
    import logging

    from requests import Response, Session

    from ._http.hooks import RequestEvent as RequestEvent
    from ._http.hooks import ResponseEvent as ResponseEvent
    from ._http.multipart import Progress
    from .models import Person, ServerConfig

logger: "logging.Logger"
host = "http://gazu.change.serverhost/api"
#: Seconds that `download` waits for the server to finish a preview file.
DEFAULT_PROCESSING_TIMEOUT = 60
DEFAULT_RETRY_AFTER = protocol.DEFAULT_RETRY_AFTER_SECONDS
#: A request is sent at most so often for want of a token.
MAX_AUTH_RETRIES = protocol.MAX_AUTH_ATTEMPTS
#: Pages of a list that are requested at once.
PAGES_AT_ONCE = 8
#: Pages in a row that may have nothing new, in a list that grows meanwhile.
MAX_REPEATED_PAGES = 10


def __getattr__(name: str) -> Any:
    """Load `logger` when it is needed, as it costs a sixth of `import gazu`; know names of earlier releases."""
    if name == "requests_session":
        return default_client.session
    if name == "tokens":
        return default_client.tokens
    if name in ("RequestEvent", "ResponseEvent"):
        from ._http import hooks

        return getattr(hooks, name)
    return get_logger() if name == "logger" else find_imported(__name__)(name)


def _site(address: str) -> str:
    """Return scheme, host and port of a URL, without a password."""
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


class KitsuClient(BaseClient):
    """A connection to one Kitsu server as one user.

    Safe to share between threads, to pickle, to copy and to use after a fork.

    Args:
        host: the URL of the API: `https://kitsu.example.com/api`.
        ssl_verify: False to trust any certificate, or the path of a CA bundle.
        cert: the path of a client certificate, or (certificate, key).
        use_refresh_token: get a new access token when the old one has expired.
        callback_not_authenticated: called with (client, path) when the server wants
            a log-in; if it returns True, the request is sent again.
        tokens: the tokens of an earlier session.
        access_token: the same, one by one.
        refresh_token: the same.
        timeout: seconds of silence until a call gives up: one number, or (connect,
            read). Default: GAZU_TIMEOUT in the environment, else 10 and 60 (95 for
            transfers of files).
        retries: attempts after the first, 0 to 4, at what is safe to repeat.
            Default: GAZU_RETRIES in the environment, else 4.
        deadline: seconds until a request gives up with all its attempts, however
            busy the server is. Default: GAZU_DEADLINE in the environment, else none.
    """

    @property
    def session(self) -> "Session":
        """The requests.Session of this client, made when it is first needed."""
        if self._session is None:
            from ._http.session import Session

            with self.refresh_lock:
                if self._session is None:
                    session = Session()
                    session.verify, session.cert = self.ssl_verify, self.cert
                    self._session = session
        return self._session

    @session.setter
    def session(self, session: "Session") -> None:
        self._session = session

    def refresh_access_token(self) -> Dict[str, Any]:
        """Get a new access token with the refresh token: `GET auth/refresh-token`.

        Returns:
            The response: `{"access_token": ...}`.

        Raises:
            NotAuthenticatedException: there is no refresh token, or it has expired too.
        """
        from ._http.sender import converse

        return converse(self, protocol.refresh(self))

    def __enter__(self) -> "KitsuClient":
        return self

    def __exit__(self, *error: Any) -> None:
        """Log out, whatever the server says to it, and close the connections; a stored session goes on."""
        try:
            if self.access_token and self.stored_session is None:
                get("auth/logout", client=self)
        except GazuException as failure:
            debug("log-out failed: %s", type(failure).__name__)
        finally:
            self.forget_tokens()
            if self._session is not None:
                self._session.close()


@hides_secrets
def create_client(
    host: str,
    ssl_verify: Verify = True,
    cert: Certificate = None,
    use_refresh_token: bool = True,
    callback_not_authenticated: Optional[Callable[[KitsuClient, str], Any]] = None,
    **kwargs: Any,
) -> KitsuClient:
    """Create a client; its arguments are those of `KitsuClient`."""
    return KitsuClient(host, ssl_verify, cert, use_refresh_token, callback_not_authenticated, **kwargs)


default_client: KitsuClient = create_client(host)


# -- settings ----------------------------------------------------------------
def get_host(client: KitsuClient = default_client) -> str:
    """Return the URL of the API."""
    return client.host


def set_host(new_host: str, client: KitsuClient = default_client) -> str:
    """Set the URL of the API to *new_host*, `https://kitsu.example.com/api`, and return it."""
    client.host = check_host(new_host)
    return client.host


def get_event_host(client: KitsuClient = default_client) -> str:
    """Return the URL of the event stream: that of the API until another is set."""
    return client.event_host


def set_event_host(new_host: str, client: KitsuClient = default_client) -> str:
    """Set the URL of the event stream to *new_host*, `https://kitsu.example.com`, and return it."""
    client.event_host = new_host
    return client.event_host


def get_api_url_from_host(client: KitsuClient = default_client) -> str:
    """Return the URL of the website: that of the API without `/api`."""
    address = client.host.rstrip("/")
    return address[: -len("/api")] if address.endswith("/api") else address


@deprecated("removed in gazu 0.8: use `get_api_url_from_host`")
def get_zou_url_from_host(client: KitsuClient = default_client) -> str:
    """Return the URL of the website: that of the API without `/api`."""
    return get_api_url_from_host(client=client)


def set_tokens(new_tokens: Dict[str, Any], client: KitsuClient = default_client) -> Dict[str, Any]:
    """Use the tokens of an earlier session.

    Args:
        new_tokens: `{"access_token": ..., "refresh_token": ...}`; other keys are kept.

    Returns:
        The tokens of the client.

    Example:
        >>> other = gazu.client.create_client("https://kitsu.example.com/api")
        >>> tokens = gazu.client.set_tokens(gazu.client.default_client.tokens, client=other)
        >>> gazu.client.get_current_user(client=other)["full_name"]
        'Jane Doe'
    """
    client.tokens = new_tokens
    return client.tokens


def make_auth_header(client: KitsuClient = default_client) -> Dict[str, str]:
    """Return the headers that identify the client to the server.

    Example:
        >>> sorted(gazu.client.make_auth_header())
        ['Authorization', 'User-Agent']
    """
    return client.make_auth_header()


# -- URLs --------------------------------------------------------------------
def url_path_join(*items: str) -> str:
    """Join *items* with exactly one slash between them."""
    return join_url(*items)


def get_full_url(path: str, client: KitsuClient = default_client) -> str:
    """Return the URL of *path* on the host of the client."""
    return url_path_join(get_host(client), path)


def build_path_with_params(path: str, params: Params) -> str:
    """Return *path* with *params* behind it, encoded; a list gives its name several times.

    A list of ids, for `id` or a name that ends with `_id`, becomes the JSON text that the server reads.
    """
    return add_params(path, params)


# -- sending -----------------------------------------------------------------
def get(
    path: str,
    json_response: bool = True,
    params: Params = None,
    client: KitsuClient = default_client,
    timeout: Timeout = None,
) -> Any:
    """Run a GET request.

    Args:
        path: relative to the host; may have a query string.
        json_response: False to get the text of the response instead of its JSON.
        params: the query; a list of ids is sent as the JSON text that the server reads.
        timeout: seconds, or (connect, read), for this call.

    Returns:
        The JSON of the response, decoded, or its text.

    Example:
        >>> gazu.client.get(f"data/shots/{shot['id']}")["name"]
        'SH010'
    """
    from ._http import sender

    request = build_request(
        client, "GET", add_params(path, params), timeout, url_of=get_full_url, revalidate=json_response
    )
    return sender.request_json(client, request) if json_response else sender.send(client, request).text


@hides_secrets
def post(
    path: str, data: Any, client: KitsuClient = default_client, timeout: Timeout = None, reads: bool = False
) -> Any:
    """Run a POST request with *data* as JSON; dates and UUIDs in it are encoded.

    It is never repeated once it may have reached the server. A value of a new record that the server does not store,
    such as the id of an assignee who does not exist, is a GazuWarning.

    Args:
        path: relative to the host; may have a query string.
        timeout: seconds, or (connect, read), for this call.
        reads: True for a route that changes nothing: what is cached stays so.

    Returns:
        The JSON of the response, decoded.

    Example:
        >>> data = {"task_status_id": wip["id"], "comment": "by hand"}
        >>> gazu.client.post(f"actions/tasks/{task['id']}/comment", data)["text"]
        'by hand'
    """
    from ._http import sender

    request = json_request(client, "POST", path, data, timeout, url_of=get_full_url, reads=reads)
    return warn_if_ignored(sender.request_json(client, request), path, data, is_new=True)


@hides_secrets
def put(path: str, data: Any, client: KitsuClient = default_client, timeout: Timeout = None) -> Any:
    """Run a PUT request with *data* as JSON; the arguments are those of `post`.

    After failures it is repeated. A field of a record that the server ignores is a GazuWarning: it has none of this
    name, or keeps its value, as of `project_id`.

    Returns:
        The JSON of the response, decoded.

    Example:
        >>> gazu.client.put(f"data/entities/{shot['id']}", {"nb_frames": 96})["nb_frames"]
        96
    """
    from ._http import sender

    request = json_request(client, "PUT", path, data, timeout, url_of=get_full_url)
    return warn_if_ignored(sender.request_json(client, request), path, data)


@hides_secrets
def delete(
    path: str,
    params: Params = None,
    client: KitsuClient = default_client,
    timeout: Timeout = None,
    data: Any = None,
    json_response: bool = False,
) -> Any:
    """Run a DELETE request.

    Args:
        path: relative to the host; may have a query string.
        params: the query.
        timeout: seconds, or (connect, read), for this call.
        data: what to send as JSON, such as secrets, which must not stand in a URL.
        json_response: True to get the JSON of the response instead of its text.

    Returns:
        The text of the response, mostly empty, or its JSON, decoded.
    """
    from ._http import sender

    request = delete_request(client, add_params(path, params), data, timeout, url_of=get_full_url)
    return sender.request_json(client, request) if json_response else sender.send(client, request).text


def check_status(request: "Response", path: str, client: Optional[KitsuClient] = None) -> Tuple[int, bool]:
    """Raise the error that a response of the server stands for.

    Args:
        request: the response, as requests returns it.
        path: its path, for the message.
        client: whose token to refresh if it has expired.

    Returns:
        The status, and whether the request shall be sent again because there is a
        new access token.

    Raises:
        GazuException: what the status stands for: see the page on errors.
    """
    status = request.status_code
    body = _body_of(request)
    if client is not None and client.use_refresh_token and client.refresh_token and protocol.is_expired(status, body):
        client.refresh_access_token()
        return status, True
    method = getattr(getattr(request, "request", None), "method", "") or ""
    error = protocol.error_for(status, method, path, body)
    if error is not None:
        raise error
    return status, False


def _body_of(response: Any) -> Any:
    """Return the JSON of a response, or None; one that a test suite made up may have no `json`."""
    try:
        return response.json()
    except (ValueError, AttributeError, TypeError, LookupError):
        return None


def get_message_from_data(message_json: Any, default_message: str = protocol.NO_MESSAGE) -> str:
    """Return the message in the JSON of an error, *message_json*, or *default_message*."""
    return protocol.message_of(message_json, default_message)


def get_message_from_response(response: "Response", default_message: str = protocol.NO_MESSAGE) -> str:
    """Return the message in *response*, an error of the server, or *default_message*."""
    return protocol.message_of(_body_of(response), default_message)


# -- the server --------------------------------------------------------------
def host_is_up(client: KitsuClient = default_client) -> bool:
    """Return whether the host responds at all: `HEAD` of the host.

    Example:
        >>> gazu.client.host_is_up()
        True
    """
    try:
        response = client.session.head(client.host, timeout=timeout_of(client, False), allow_redirects=False)
    except Exception as error:
        debug("%s is not up: %s", _site(client.host), type(error).__name__)
        return False
    return bool(response.status_code == 200)


def is_host_up(client: KitsuClient = default_client) -> bool:
    """Return whether the host responds; alias of `host_is_up`: `HEAD` of the host."""
    return host_is_up(client=client)


def host_is_valid(client: KitsuClient = default_client) -> bool:
    """Return whether there is a Kitsu API at the host: it answers an empty log-in as one does.

    `POST auth/login`

    Example:
        >>> gazu.client.host_is_valid()
        True
    """
    if not host_is_up(client):
        return False
    try:
        post("auth/login", {"email": ""}, client=client)
    except (ParameterException, NotAuthenticatedException):
        return True
    except GazuException:
        return False
    return True


def get_api_version(client: KitsuClient = default_client) -> str:
    """Return the version of the server: `GET` of the host."""
    version: str = protocol.require_field(get("", client=client), "version", "")
    return version


def get_current_user(client: KitsuClient = default_client) -> "Person":
    """Return the person who is logged in: `GET auth/authenticated`.

    Example:
        >>> gazu.client.get_current_user()["full_name"]
        'Jane Doe'
    """
    user: Person = protocol.require_field(get("auth/authenticated", client=client), "user", "auth/authenticated")
    return user


def get_server_config(client: KitsuClient = default_client) -> "ServerConfig":
    """Return what a log-in page needs to know, such as `saml_enabled` and `enforce_2fa`, for anybody: `GET config`."""
    return get("config", client=client)


def get_server_status(client: KitsuClient = default_client) -> Dict[str, Union[str, bool]]:
    """Return whether the services behind the server are up, for anybody: `GET status`.

    Returns:
        `{"name": "Zou", "version": ..., "database-up": True, "job-queue-up": False, ...}`
    """
    return get("status", client=client)


def get_server_resources(client: KitsuClient = default_client) -> Dict[str, Any]:
    """Return the load of the machine, which the server measures for a second, for anybody: `GET status/resources`.

    Returns:
        `{"date": ..., "cpu": {...}, "memory": {...}, "jobs": {"running_jobs": 0}}`; memory is in bytes.
    """
    return get("status/resources", client=client)


def get_server_stats(client: KitsuClient = default_client) -> Dict[str, int]:
    """Return the number of comments and of previews by kind (administrators): `GET stats`.

    Returns:
        `{"number_of_comments": 12, "number_of_video_previews": 3, ...}`
    """
    return get("stats", client=client)


# -- records -----------------------------------------------------------------
def fetch_all(
    path: str,
    params: Params = None,
    client: KitsuClient = default_client,
    paginated: bool = False,
    limit: Optional[int] = None,
    fields: Fields = None,
) -> Any:
    """Return the records of a list below `data/`.

    Args:
        path: the list: `assets`, `shots/<id>/tasks`.
        params: filters: columns and their values; a list matches any of its values. The server ignores what is
            no column, and the type in lists of one kind (`entity_type_id` of `shots`): `query.find` refuses it.
        paginated: get the list in pages, several at a time. It comes whole or
            not at all.
        limit: records on a page.
        fields: names of the fields to get; `id` and `type` always come.

    Returns:
        A list of dicts; with `page` in *params*, a dict of that page: `{"data": [...], "nb_pages": ..., ...}`.

    Example:
        >>> sorted(shot["name"] for shot in gazu.client.fetch_all("shots", {"project_id": project["id"]}))
        ['SH010', 'SH020']
    """
    fetch = _fetch_of(path, params, client, page_query(limit) if paginated else [], fields)
    return _rows_of_pages(fetch) if paginated else fetch(None)


def fetch_each(
    path: str,
    params: Params = None,
    client: KitsuClient = default_client,
    page_size: Optional[int] = None,
    fields: Fields = None,
) -> Iterator[Any]:
    """Yield the records of a list below `data/` that comes in pages; each page is requested when it is needed.

    No record comes twice, and none that exists all the time is missing: when records change meanwhile,
    and so move from page to page, the whole list is requested at the end.

    Args:
        path: the list: `assets`, `projects/<id>/comments`.
        params: filters, as in `fetch_all`.
        page_size: records on a page; the server's own is 100.
        fields: names of the fields to get; `id` and `type` always come.

    Returns:
        An iterator of dicts.
    """
    return _each(_fetch_of(path, params, client, page_query(page_size, "page_size"), fields), path)


def fetch_page(
    path: str,
    params: Params = None,
    page: int = 1,
    client: KitsuClient = default_client,
    page_size: Optional[int] = None,
    fields: Fields = None,
) -> Any:
    """Return one page of a list below `data/`: `{"data": records, "total": ..., "nb_pages": ...}`.

    A list without pages, such as `shots`, is returned whole, as a list of records.

    Args:
        path: the list: `tasks`, `projects/<id>/comments`.
        params: filters, as in `fetch_all`.
        page: its number, from 1.
        page_size: records on a page; the server's own is 100.
        fields: names of the fields to get; `id` and `type` always come.

    Returns:
        That dict, or the list of records.
    """
    return _fetch_of(path, params, client, page_query(page_size, "page_size"), fields)(page)


def _fetch_of(
    path: str,
    params: Params,
    client: KitsuClient,
    page_size: List[Tuple[str, int]],
    fields: Fields,
) -> Callable[[Optional[int]], Any]:
    """Return the function that gets a page of a list, or for None the whole list."""
    query = list_query(params, fields)
    path = data_path(path)

    def fetch(page: Optional[int]) -> Any:
        if page is None:
            return _get_list(path, query, [], client)
        return protocol.require_page(_get_list(path, query, [("page", page), *page_size], client), path)

    return fetch


def _get_list(path: str, query: Any, page: List[Tuple[str, int]], client: KitsuClient) -> Any:
    """Return a list, or a page of it; the whole list where Zou 0.18 and older take `page` and `fields` for columns."""
    try:
        return get(path, params=[*query, *page] if page else query, client=client)
    except ServerErrorException as error:
        filters = [(name, value) for name, value in query or () if name != "fields"]
        if "has no property" not in str(error) or not (page or len(filters) < len(query)):
            raise
        fields = [value.split(",") for name, value in query if name == "fields"]
    rows = require_rows(get(path, params=filters, client=client), path)
    return [{name: row[name] for name in ("id", "type", *fields[0]) if name in row} for row in rows] if fields else rows


def _each(fetch: Callable[[Optional[int]], Any], path: str) -> Iterator[Any]:
    """Yield the rows of all pages one by one, each once; and in the end those that a change moved past us."""
    seen: Set[str] = set()
    totals: List[int] = []
    page, last, announced, whole, repeated = 0, 1, 1, True, 0
    while page < last:
        page += 1
        check_page_number(page, announced)
        answer = fetch(page)
        if isinstance(answer, list):  # a server, or a route, that knows no pages
            yield from answer
            return
        rows = require_rows(answer["data"], path, "id")
        fresh = [row for row in rows if row["id"] not in seen]
        # What is new moves all others on by one, so that one comes again. What else makes one come again,
        # or makes the list shorter, may have moved another to where we have been.
        totals.append(answer["total"])
        grown = totals[-1] - totals[-2:][0]
        whole = whole and grown == len(rows) - len(fresh)
        # Many new ones move a whole page on; a list whose pages bring nothing new again and again has no end.
        repeated = 0 if fresh else repeated + 1
        has_end = bool(fresh or not rows) or (grown > 0 and repeated <= MAX_REPEATED_PAGES)
        last = answer["nb_pages"] if rows and has_end else 0
        announced = answer["nb_pages"] if page == 1 else announced
        whole = whole and has_end
        seen.update(row["id"] for row in fresh)
        yield from fresh
    if not whole or len(seen) < totals[0]:
        yield from (row for row in require_rows(fetch(None), path, "id") if row["id"] not in seen)


def _rows_of_pages(fetch: Callable[[int], Any]) -> List[Any]:
    """Return the rows of all pages that *fetch* gets by their numbers."""
    from ._http.sender import run

    def fetch_pages(numbers: List[int]) -> List[Any]:
        return [fetch(number) for number in numbers] if len(numbers) == 1 else _at_once(fetch, numbers)

    return run(protocol.pages(PAGES_AT_ONCE), fetch_pages)


def _at_once(fetch: Callable[[int], Any], numbers: Iterable[int]) -> List[Any]:
    with new_thread_pool(PAGES_AT_ONCE) as pool:
        return list(pool.map(fetch, numbers))


def fetch_first(path: str, params: Params = None, client: KitsuClient = default_client) -> Any:
    """Return the first record of a list below `data/`, or None if it is empty.

    Args:
        path: the list: `assets`, `shots/<id>/tasks`.
        params: filters, as in `fetch_all`.

    Returns:
        The record, as a dict, or None.
    """
    path = data_path(path)
    return protocol.first_of(get(path, params=list_query(params, None), client=client), path)


def fetch_named(path: str, params: Mapping[str, Any], client: KitsuClient = default_client) -> Any:
    """Return the record of a list below `data/` that has the `name` in *params*, or None.

    A record whose name differs in case only will do if no other has the very name. A name of a file on macOS, whose
    accents stand apart from their letters, is that of a record whose name has them together.

    Args:
        path: the list: `assets`, `shots/all`.

    Returns:
        The record, as a dict, or None.
    """
    name: Any = params.get("name")
    if not isinstance(name, str):
        from .helpers import require_name  # loads the types of all rows, which not every script needs

        name = require_name(name)  # or it says what is wrong
    forms = dict.fromkeys((name, composed(name)))
    rows: List[Any] = next(filter(None, (_rows_named(path, {**params, "name": form}, client) for form in forms)), [{}])
    return next((row for row in rows if composed(str(row.get("name"))) == composed(name)), rows[0] or None)


def _rows_named(path: str, params: Mapping[str, Any], client: KitsuClient) -> List[Any]:
    """Return the records of a list whose name is that of *params*, but for its case."""
    # The server takes a name for a pattern: `_` stands for a character, `%` for any text,
    # and a backslash takes that meaning away. So `tree_a` brings `tree-a` too: it is left out here.
    name = params["name"]
    rows = fetch_all(path, params={**params, "name": name.replace("\\", "\\\\")}, client=client)
    rows = require_rows(rows or [], data_path(path))
    if "_" in name or "%" in name or "\\" in name:
        # What has no name is what the server, or a double of it, returned for this one.
        rows = [row for row in rows if composed(str(row.get("name") or name)).lower() == composed(name).lower()]
    return rows


@older_calls("0.9")
def fetch_one(model_name: str, id: Any, params: Params = None, client: KitsuClient = default_client) -> Any:
    """Return one record: `GET data/<model_name>/<id>`.

    Args:
        params: the query.

    Returns:
        The record, as a dict.

    Raises:
        RouteNotFoundException: it does not exist.
        ValueError: *id* is nothing that can stand in a path.

    Example:
        >>> gazu.client.fetch_one("shots", shot["id"])["name"]
        'SH010'
    """
    with NameHint(model_name, id):
        return get(record_path(model_name, id), params=params, client=client)


@hides_secrets
def create(model_name: str, data: Any, client: KitsuClient = default_client) -> Any:
    """Create a record, and return it: `POST data/<model_name>`.

    A field without a value that the server does not know, as it is older, is left out.

    Args:
        data: its fields.

    Returns:
        The record, as a dict.
    """
    return _create(url_path_join("data", model_name), data, client)


def _create(path: str, data: Any, client: KitsuClient) -> Any:
    try:
        return post(path, data, client=client)
    except ParameterException as error:
        unknown = re.search(r"'(\w+)' is an invalid keyword argument", str(error))
        if not unknown or not isinstance(data, dict) or data.get(unknown.group(1), True):
            raise
    return _create(path, {name: value for name, value in data.items() if name != unknown.group(1)}, client)


@hides_secrets
def update(model_name: str, model_id: Any, data: Any, client: KitsuClient = default_client) -> Any:
    """Change fields of a record, and return it: `PUT data/<model_name>/<id>`.

    Args:
        model_id: the id of the record.
        data: the fields to change.

    Returns:
        The record, as a dict.
    """
    with NameHint(model_name, model_id):
        return put(record_path(model_name, model_id), data, client=client)


def import_data(
    model_name: str, data: Any, client: KitsuClient = default_client, silent: bool = False, timeout: Timeout = None
) -> Any:
    """Import records with their ids (administrators): `POST import/kitsu/<model_name>`.

    Args:
        data: the rows, as the server returns them.
        silent: have the server send no events.
        timeout: seconds, or (connect, read), for this call.

    Returns:
        The rows that were created or changed, as dicts.

    Raises:
        NotAllowedException: the server left out records, as it does without an error where the account is not an
            administrator; `error.imported` has the records that it returned.
    """
    query = "?silent=true" if silent else ""
    imported = post(f"/import/kitsu/{model_name}{query}", data, client=client, timeout=timeout)
    return _all_imported(model_name, data, imported)


def _all_imported(model_name: str, sent: Any, imported: Any) -> Any:
    """Return *imported*, or raise NotAllowedException if these are fewer records than were sent."""
    if isinstance(imported, list) and isinstance(sent, list) and len(imported) < len(sent):
        counts = f"the server imported {len(imported)} of {len(sent)} records, and left out the others without an error"
        error = NotAllowedException(f"import/kitsu/{model_name}", counts)
        error.method, error.path = "POST", f"import/kitsu/{model_name}"
        error.imported, error.hint = imported, "an import takes the rights of an administrator"
        raise error
    return imported


# -- files -------------------------------------------------------------------
@hides_secrets
@older_calls("1.0")
def upload(
    path: str,
    file_path: Any = None,
    data: Optional[Mapping[str, Any]] = None,
    extra_files: Optional[Iterable[Any]] = None,
    files: Optional[Mapping[str, Any]] = None,
    client: KitsuClient = default_client,
    progress_callback: Optional["Progress"] = None,
    timeout: Timeout = None,
    file_name: Optional[str] = None,
) -> Any:
    """Upload files with a POST request; they are read from disk while they are sent.

    Args:
        path: relative to the host; may have a query string.
        file_path: the file, sent as the field `file`.
        data: plain fields of the form.
        extra_files: paths of more files, sent as `file-1`, `file-2`, ...
        files: instead of paths, what requests takes for its `files`.
        progress_callback: called in this thread with (bytes sent so far, bytes of
            all files); what it raises ends the upload.
        timeout: seconds of silence, or (connect, read), for this call.
        file_name: the name that the server gets, instead of that of *file_path*.

    Returns:
        The JSON of the response, decoded.

    Raises:
        UploadFailedException: the server took the files and reports an error.
        FileNotFoundError: a file is not there; nothing was sent.

    Example:
        >>> gazu.client.upload(f"pictures/thumbnails/projects/{project['id']}", "v1.png")["thumbnail_path"]
        'pictures/thumbnails/projects/....png'
    """
    from ._http.multipart import Multipart
    from ._http.sender import request_json

    opened: Dict[str, Any] = {}
    try:
        if files is None:
            if file_path is None:
                raise TypeError("upload() needs a file_path or files, not NoneType")
            for number, name in enumerate([file_path, *(extra_files or [])]):
                opened[f"file-{number}" if number else "file"] = open(name, "rb")
            files = {**opened, "file": (file_name, opened["file"])} if file_name else opened
        form = Multipart(data or {}, files, progress_callback)
        body = hide(form.body())
        headers = {"Content-Type": form.content_type}
        limits = timeout_of(client, True) if timeout is None else timeout
        request = build_request(client, "POST", path, limits, url_of=get_full_url, data=body, headers=headers)
        answer = request_json(client, request)
        if progress_callback is not None and isinstance(body, bytes) and form.total:
            progress_callback(form.total, form.total)
    finally:
        for file in opened.values():
            file.close()
    return protocol.check_upload(answer)


def download(
    path: str,
    file_path: Any,
    params: Params = None,
    client: KitsuClient = default_client,
    progress_callback: Optional["Progress"] = None,
    processing_timeout: float = DEFAULT_PROCESSING_TIMEOUT,
    timeout: Timeout = None,
) -> "Response":
    """Download a file; *file_path* is either as it was or the whole new file, never between.

    Args:
        path: relative to the host; may have a query string.
        file_path: where to write; None to get the content in the returned response.
        params: the query.
        progress_callback: called in this thread with (bytes so far, bytes in all, or
            0 if the server does not say); what it raises ends the download.
        processing_timeout: seconds to wait for the server to finish a preview file.
        timeout: seconds of silence, or (connect, read), for this call.

    Raises:
        PreviewFileProcessingException: the server is still at work on the file.
        OSError: the file cannot be written.

    Example:
        >>> gazu.client.download(f"pictures/originals/preview-files/{preview['id']}.png", "original.png")
        <Response [200]>
    """
    from ._http.atomic_file import AtomicFile
    from ._http.sender import converse

    request = download_request(client, path, params, timeout, url_of=get_full_url)
    response: "Response"
    if file_path is None:
        request = request._replace(stream=False)
        response = converse(client, protocol.when_processed(client, request, processing_timeout)).response
    else:
        with AtomicFile(file_path) as target:
            steps = protocol.download(client, request, target, progress_callback, processing_timeout)
            response = converse(client, steps).response
    return response


def get_file_data_from_url(url: str, full: bool = False, client: KitsuClient = default_client) -> bytes:
    """Return the content of a file.

    Args:
        url: a path on the host or, if *full*, a whole address. The token goes to the
            host of the client only.

    Raises:
        RouteNotFoundException: there is no such file.
    """
    from ._http import sender
    from ._http.messages import Request

    url = masked_address(url)
    address = sender.checked_url(url if full else get_full_url(url, client))
    request = Request("GET", public(address), address, timeout=timeout_of(client, True))
    if _site(address) == _site(client.host):
        return sender.send(client, request).content or b""
    stranger = {"User-Agent": make_auth_header(client)["User-Agent"]}
    response = sender.converse(client, protocol.with_retries(client, request, stranger))
    error = protocol.error_of(response, request)
    if error is not None:
        raise error
    return response.content or b""
