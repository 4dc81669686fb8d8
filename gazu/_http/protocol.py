"""What the responses of the server mean and what follows from them: whole conversations, without a socket.

A conversation is a generator. It yields steps, is sent what came of each, or has its error thrown into it, and
returns what the caller gets. `sender` takes the steps on threads, `async_sender` on an event loop; neither decides.
"""

import re
import time
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any, Dict, Generator, Generic, Iterator, List, Mapping, NamedTuple, Optional, Set, Type, TypeVar

from .. import cache
from ..exception import (
    GazuException,
    HostException,
    InvalidTokenException,
    MethodNotAllowedException,
    NotAllowedException,
    NotAuthenticatedException,
    ParameterException,
    PreviewFileProcessingException,
    RequestRefusedException,
    RouteNotFoundException,
    ServerErrorException,
    TooBigFileException,
    TransportException,
    UploadFailedException,
    ValidationException,
)
from ..secret import SecretText, masked_as
from .base_client import BaseClient, bearer_headers
from .log import get_logger
from .memory import note_write
from .messages import Request, Response, is_json
from .request import build_request
from .retries import MAX_ATTEMPTS, RetryState, retry_after
from .route import NO_HTTPS, origin_of, public

T = TypeVar("T")
#: A conversation that ends with a T.
Steps = Generator[Any, Any, T]

#: For want of a valid token, a request is sent at most so often.
MAX_AUTH_ATTEMPTS = 3
#: Redirects of a write (307 and 308) that one request follows at most.
MAX_REDIRECTS = 5
#: Seconds to wait for a preview file when the server does not say, and at least.
DEFAULT_RETRY_AFTER_SECONDS, SHORTEST_WAIT_SECONDS = 5, 0.5
#: Pages of a list that are read at most; so many more than twice as many as the server announced at first.
MAX_PAGES, MAX_NEW_PAGES = 1_000_000, 1000

NO_MESSAGE = "No additional information"
#: A tag of a page, and one whose content is not shown.
_TAG = re.compile(r"(<[^<>]*>)")
_HIDDEN = re.compile(r"<(script|style|title)\b", re.IGNORECASE)

_ERRORS: Dict[int, Type[GazuException]] = {
    400: ParameterException,
    401: NotAuthenticatedException,
    403: NotAllowedException,
    404: RouteNotFoundException,
    405: MethodNotAllowedException,
    413: TooBigFileException,
    422: ValidationException,
}


# -- what responses mean -----------------------------------------------------
def message_of(data: Any, default: str = NO_MESSAGE) -> str:
    """Return the message in the body of an error, whichever of the server's shapes it has."""
    if not isinstance(data, Mapping):
        return default
    texts = (data.get(key) for key in ("message", "error", "msg"))
    message = next((text for text in texts if text and isinstance(text, str)), default)
    details = data.get("data")
    errors = details.get("errors") if isinstance(details, Mapping) else None
    if errors and isinstance(errors, list):
        fields = (e for e in errors if isinstance(e, Mapping))
        message += " (%s)" % ", ".join(f"{e.get('field')}: {e.get('message')}" for e in fields)
    return message


def words_of_page(body: Any) -> str:
    """Return the first words of an error that is a page or plain text, as proxies send it; "" for anything else."""
    if not isinstance(body, str):
        return ""
    if is_json(body):
        return _message_of_text(body)
    first, *others = body.split("<!--")
    pieces = _TAG.split(" ".join([first, *(part.partition("-->")[2] for part in others)]))
    shown, end = [], ""
    for piece in pieces:  # one pattern for all of it would look for each end in the whole rest
        hidden = _HIDDEN.match(piece)
        if end:
            end = "" if piece.lower().startswith(end) else end
        elif hidden:
            end = f"</{hidden.group(1).lower()}"
        elif not _TAG.match(piece):
            shown.append(piece)
    words = " ".join(shown).split() or _TAG.sub(" ", body).split()
    return " ".join(words)[:200]


def _message_of_text(body: str) -> str:
    """Return the message in an error that is JSON within text, and nothing else of it."""
    import json  # loaded when it is needed: `import gazu` has it not

    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return words_of_page(decoded) or message_of(decoded, "")[:200]


def error_for(status: int, method: str, path: str, body: Any = None) -> Optional[GazuException]:
    """Return the error that a response stands for, or None if it is not an error."""
    if status < 400:
        return None
    fallback = ServerErrorException if status >= 500 else RequestRefusedException
    kind = NotAuthenticatedException if is_expired(status, body) else _ERRORS.get(status, fallback)
    if kind is ValidationException and is_unreadable(body):
        kind = InvalidTokenException
    message = message_of(body)
    said = words_of_page(body) if message is NO_MESSAGE else message
    error: GazuException
    if kind is TooBigFileException:
        reason = f" ({status}: {said})" if said else ""
        error = kind(f"{path}: the data sent is larger than the server, or a proxy before it, accepts{reason}")
    elif status >= 500 and said:
        error = kind(f"{path}: {status}: {said}")
    elif kind in (ParameterException, ValidationException, InvalidTokenException):
        error = kind(path, message)
    elif message is NO_MESSAGE:
        error = kind(path)
    else:
        error = kind(f"{path}: {message}")
    error.status_code, error.method, error.path, error.body = status, method, path, body
    return error


def is_expired(status: int, body: Any) -> bool:
    """Return whether a response means that the access token is too old."""
    return status in (401, 422) and message_of(body, "") == "Signature has expired"


def is_unreadable(body: Any) -> bool:
    """Return whether a 422 is about the token: only the part of the server that checks it says `msg`."""
    return isinstance(body, Mapping) and "msg" in body and "message" not in body


def error_of(response: Response, request: Request) -> Optional[GazuException]:
    """Return the error that a response stands for, or None if it is not an error."""
    if response.status < 400:
        return None
    from .decoding import decode_error  # loads the HTTP stack, which is there by now

    return error_for(response.status, request.method, request.path, decode_error(response))


def unexpected(path: str, answer: Any, expected: str) -> ServerErrorException:
    """Return the error for JSON of another shape than *expected*."""
    error = ServerErrorException(f"GET {path}: the response is not {expected}, but {_kind_of(answer)}")
    error.method, error.path, error.body = "GET", path, answer
    return error


def _kind_of(answer: Any) -> str:
    """Return what the server sent, without its values: one of them may be a token."""
    if isinstance(answer, Mapping):
        return f"an object with {', '.join(map(repr, answer)):.80}" if answer else "an empty object"
    if isinstance(answer, list):
        return f"a list of {len(answer)}"
    return "text" if isinstance(answer, str) else repr(answer)


def require_field(row: Any, name: str, path: str, kind: Any = object) -> Any:
    """Return the field *name* of the record that the server sent for *path*.

    Args:
        kind: the classes that it may have.

    Raises:
        ServerErrorException: it sent something else, or a record without this field.
    """
    value = row.get(name) if isinstance(row, Mapping) else None
    if value is None or not isinstance(value, kind):
        raise unexpected(path, row, f"a record with {name!r}")
    return value


def require_rows(rows: Any, path: str, *names: str) -> List[Any]:
    """Return the list of records that the server sent for *path*; each has text or a number in the fields *names*.

    Raises:
        ServerErrorException: it sent something else.
    """
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise unexpected(path, rows, "a list of records")
    for name in names:
        if not all(isinstance(row.get(name), (str, int)) for row in rows):
            raise unexpected(path, rows, f"a list of records with {name!r}")
    return rows


def first_of(rows: Any, path: str) -> Any:
    """Return the first record of the list that the server sent for *path*, or None if it is empty.

    Raises:
        ServerErrorException: it sent something else.
    """
    if rows and not isinstance(rows, list):
        raise unexpected(path, rows, "a list of records")
    return rows[0] if rows else None


def require_page(answer: Any, path: str) -> Any:
    """Return a page with `data`, `nb_pages` and `total`; or the whole list, of a server or a route without pages.

    Raises:
        ServerErrorException: the server sent something else.
    """
    if isinstance(answer, list):
        return answer
    if not isinstance(answer, Mapping):
        raise unexpected(path, answer, "a page of records")
    counts = {name: answer.get(name) or 0 for name in ("nb_pages", "total")}
    rows = answer.get("data") or []
    if not isinstance(rows, list) or not all(isinstance(count, int) for count in counts.values()):
        raise unexpected(path, answer, "a page of records")
    return {"data": rows, **counts}


def check_upload(answer: Any) -> Any:
    """Return the response to an upload, unless it reports an error."""
    message = message_of(answer, "")
    if message:
        raise UploadFailedException(message)
    return answer


def place_to_follow(request: Request, response: Response) -> Optional[str]:
    """Return where the same request is to be sent again: 307 and 308 say so, and only the same origin is trusted."""
    place = response.response.headers.get("Location")
    if response.status not in (307, 308) or not place:
        return None
    from urllib.parse import urljoin  # loaded when it is needed: it would be a tenth of `import gazu`

    address = urljoin(request.url, place)
    return address if origin_of(address).lower() == origin_of(request.url).lower() else None


def redirect_error(request: Request, response: Response) -> HostException:
    """Return the error for a redirect of what must not go elsewhere."""
    place = public(response.response.headers.get("Location", "nowhere"))
    place = "another address" if isinstance(request.url, SecretText) else place  # which may have the same secret
    error = HostException(
        f"{request.method} {request.path}: the host redirects to {place}, which gazu does not follow with what it"
        " sends: set the host to that address"
    )
    error.status_code, error.method, error.path = response.status, request.method, request.path
    return error


def check_not_redirected(request: Request, response: Response) -> None:
    """Raise an error for a response that is neither a result nor a refusal (3xx); 304 means something if asked for."""
    if response.status == 304 and not request.revalidate:
        raise invalid_response(request, response.status, "the response is 304, which has no content")
    if 300 <= response.status < 400 and response.status != 304:
        raise redirect_error(request, response)


def invalid_response(request: Request, status: int, what: str) -> ServerErrorException:
    """Return the error for a response that is not what was asked for."""
    error = ServerErrorException(f"{request.method} {request.path}: {what}")
    error.status_code, error.method, error.path = status, request.method, request.path
    return error


def network_error(cause: Exception, request: Request, translate: Any) -> BaseException:
    """Return our error for a request that got no response, or what reading its body raised."""
    source_error: Optional[BaseException] = getattr(request.data, "error", None)
    if source_error is not None:
        return source_error
    error: GazuException = translate(cause, request.method, request.url)
    error.method, error.path = request.method, request.path
    connect, read = request.timeout if isinstance(request.timeout, tuple) else (None, None)
    if connect != read and request.url.startswith("https") and f"(read timeout={connect})" in str(error):
        error.hint = f"nothing came back within the time to connect: {NO_HTTPS}"
    return error


# -- the steps ---------------------------------------------------------------
class Send(NamedTuple):
    """Send the request once, and return the Response; TransportException if none comes."""

    request: Request
    headers: Mapping[str, str]


class Sleep(NamedTuple):
    """Wait."""

    seconds: float


class Renew(NamedTuple):
    """Get a new access token, once for all that found this one expired; return whether there is one."""

    used: Optional[str]


class CallCallback(NamedTuple):
    """Call the user's callback, and return whether the request shall be sent again."""

    path: str


class Read(NamedTuple):
    """Return the next bytes of the body of a response, or b"" at its end; TransportException if it is cut."""

    response: Response
    request: Request


class Write(NamedTuple):
    """Append bytes to a file."""

    target: Any
    chunk: bytes


class Conversation(Generic[T]):
    """The steps of a conversation, as a driver takes them.

        for step in conversation:
            with conversation:
                conversation.result = do(step)
        return conversation.value

    An error of ours is thrown into the conversation; any other ends it, and what it has open.
    """

    def __init__(self, steps: Steps[T]) -> None:
        self._steps = steps
        self._error: Optional[GazuException] = None
        self.result: Any = None
        self.value: T

    def __iter__(self) -> "Conversation[T]":
        return self

    def __next__(self) -> Any:
        error, result = self._error, self.result
        self._error = self.result = None
        try:
            return self._steps.send(result) if error is None else self._steps.throw(error)
        except StopIteration as end:
            self.value = end.value
            raise
        finally:
            del error  # its traceback holds this frame

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:
        if isinstance(error, GazuException):
            self._error = error
            return True
        if kind is not None:
            self._steps.close()
        return False


# -- one request -------------------------------------------------------------
def exchange(client: BaseClient, request: Request) -> Steps[Response]:
    """Send *request* with the tokens of *client*; what is cached of a host is forgotten with a write.

    Raises:
        GazuException: of the class that `error_for` gives the status, or a
            TransportException if there was no response.
    """
    writes = request.method not in ("GET", "HEAD") and not request.reads
    if writes:
        cache.forget(client)
        note_write(client, request.method, request.path)
    try:
        return (yield from with_login(client, request))
    finally:
        if writes:  # again: somebody else may have read while the server was writing
            cache.forget(client)
            note_write(client, request.method, request.path)


def with_login(client: BaseClient, request: Request) -> Steps[Response]:
    """Send *request*, and get it past an expired token: with a new one, or by the user's callback."""
    attempts = count(1)
    for _ in range(MAX_AUTH_ATTEMPTS):
        used = client.access_token
        response = yield from with_revalidation(client, request, client.make_auth_header(), attempts)
        error = error_of(response, request)
        if error is None:
            return response
        expired = is_expired(response.status, error.body)
        if not expired and response.status != 401 and not isinstance(error, InvalidTokenException):
            break
        if expired and client.use_refresh_token and client.refresh_token and (yield Renew(used)):
            continue
        if client.callback_not_authenticated is None or not (yield CallCallback(request.path)):
            break
    assert error is not None
    from .hints import add_hint  # loaded with the first error, as is a table that few need
    from .server_version import explain, may_lack_route

    if may_lack_route(error) and explain(error, (yield from server_version(client))):
        raise error
    raise add_hint(error, request, client)


def server_version(client: BaseClient) -> Steps[Optional[str]]:
    """Return the version of the server, which is asked once; None of one that does not say."""
    if client.server_version is None or client.server_version[0] != client.host:
        version = None
        with suppress(GazuException):
            request = build_request(client, "GET", "", repeat=False)
            response = yield from with_retries(client, request, {})
            if response.status == 200:
                from .decoding import decode_json

                version = require_field(decode_json(response, request), "version", "")
        client.server_version = (client.host, version)
    return client.server_version[1]


def with_revalidation(
    client: BaseClient, request: Request, auth: Mapping[str, str], attempts: Iterator[int]
) -> Steps[Response]:
    """Send *request*, naming the body that is kept of its last response to the same *auth*.

    Only the server decides whether that is still current (304), so that a change by anybody shows at once.
    """
    if not (request.revalidate and cache.cache_settings["enabled"] and "Authorization" in auth):
        return (yield from with_retries(client, request, auth, attempts))
    key = (request.url, cache.fingerprint(client.access_token))
    kept = cache.etag_cache.find(key)
    if kept is None:
        response = yield from with_retries(client, request, auth, attempts)
    else:
        # Proxies that compress make an ETag weak; here both kinds mean the same, and servers know their own.
        etag, body = kept
        etag = etag[2:] if etag.startswith("W/") else etag
        response = yield from with_retries(client, request, {**auth, "If-None-Match": etag}, attempts)
        if response.status == 304:
            return Response(200, body, response.response)
    headers = response.response.headers
    its_own = not response.response.history and "no-store" not in headers.get("Cache-Control", "").lower()
    if response.status == 200 and headers.get("ETag") and response.content and its_own:
        cache.etag_cache.keep(key, headers["ETag"], response.content)
    return response


def with_retries(
    client: BaseClient, request: Request, auth: Mapping[str, str], attempts: Optional[Iterator[int]] = None
) -> Steps[Response]:
    """Send *request* until there is a response, as often as is safe and sensible.

    Args:
        attempts: numbers of the attempts, for hooks.
    """
    attempts = attempts or count(1)
    send = Send(request, {**auth, **request.headers} if request.headers else auth)
    state = RetryState(request.method, client.retries if request.repeat else 0, client.retry_budget)
    redirects = 0
    while True:
        started = time.monotonic()
        try:
            response = (yield send) if client.used_hooks is None else (yield from _watched(client, send, attempts))
        except TransportException as error:
            _log(request, type(error).__name__, started)
            wait = state.after_failure(error, error.final)
            if wait is None:
                raise
        else:
            _log(request, response.status, started)
            place = place_to_follow(request, response) if redirects < MAX_REDIRECTS else None
            if place is not None:
                redirects += 1
                request = request._replace(url=masked_as(request.url, place), params=None)
                send = send._replace(request=request)
                continue
            check_not_redirected(request, response)
            wait = state.after_response(response.status, response.response, time.time())
            if wait is None:
                deleted = state.already_deleted(response.status)
                return Response(204, b"", response.response) if deleted else response
        yield Sleep(wait)


def _watched(client: BaseClient, send: Send, attempts: Iterator[int]) -> Steps[Response]:
    """Take the step, and call the hooks of the client before and after it."""
    from .hooks import Watch

    watch = Watch(client.hooks, send.request, next(attempts))
    try:
        response = yield send  # Python 3.7 reads no yield behind a type
    except BaseException as error:
        watch.end(None, error)
        raise
    watch.end(response.status)
    return response


def _log(request: Request, outcome: Any, started: float) -> None:
    logger = get_logger()
    if logger.isEnabledFor(10):  # DEBUG
        spent = (time.monotonic() - started) * 1000
        logger.debug("%s %s: %s in %.0f ms", request.method, request.path.split("?")[0], outcome, spent)


# -- tokens ------------------------------------------------------------------
def refresh(client: BaseClient) -> Steps[Dict[str, Any]]:
    """Get a new access token with the refresh token, keep it in the client, and return the response."""
    used = client.refresh_token
    if not used:
        raise _not_renewed("this client has no refresh token")
    request = build_request(client, "GET", "auth/refresh-token")
    response = yield from with_retries(client, request, bearer_headers(used))
    error = error_of(response, request)
    if error is not None:
        raise error
    from .decoding import decode_json

    answer: Dict[str, Any] = decode_json(response, request)
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if not token or any(isinstance(answer.get(name), (dict, list)) for name in ("access_token", "refresh_token")):
        raise _not_renewed("the server gave no access token")
    replace_tokens(client, answer, used)
    return answer


def replace_tokens(client: BaseClient, answer: Mapping[str, Any], used: Optional[str]) -> None:
    """Go on with the tokens of a response; a stored session, whose refresh token was *used*, gets them too."""
    cache.forget_token(client.access_token)
    client.tokens.update({k: v for k, v in answer.items() if k in ("access_token", "refresh_token")})
    if client.stored_session is not None:
        client.stored_session.store(client, used)


def _not_renewed(reason: str) -> NotAuthenticatedException:
    """Return the error for a session that ends here."""
    error = NotAuthenticatedException(f"auth/refresh-token: {reason}")
    error.method, error.path, error.hint = "GET", "auth/refresh-token", "log in again with gazu.log_in"
    return error


def already_refreshed(client: BaseClient, used: Optional[str]) -> bool:
    """Return whether somebody else has got a new access token since *used*; to be called one at a time."""
    if client.access_token == used and client.rejected_refresh_token == client.refresh_token:
        raise _not_renewed("the session has expired")
    return client.access_token != used


@contextmanager
def remember_rejected_refresh_token(client: BaseClient) -> Iterator[None]:
    """Remember a refresh token that the server refuses; no error if the user's callback can be called then."""
    try:
        yield
    except (NotAuthenticatedException, ValidationException):
        client.rejected_refresh_token = client.refresh_token
        if client.callback_not_authenticated is None:
            raise


# -- files -------------------------------------------------------------------
def download(
    client: BaseClient, request: Request, target: Any, progress: Any, processing_timeout: float
) -> Steps[Response]:
    """Get what *request* asks for into *target*, an entered `AtomicFile`; what is cut goes on where it stopped.

    Raises:
        PreviewFileProcessingException: the server is still processing the file.
        OSError: the file cannot be written.
    """
    from .failures import AnswerUnreadable

    response = yield from when_processed(client, request, processing_timeout)
    state = RetryState("GET", MAX_ATTEMPTS, client.retry_budget)
    while True:
        try:
            yield from _save(response, target, progress, request)
            break
        except TransportException as error:
            wait = state.after_failure(error, error.final or isinstance(error, AnswerUnreadable))
            if wait is None:
                raise
        yield Sleep(wait)
        response = yield from _resume(client, request, target)
    for seconds in target.commit_in_steps():
        yield Sleep(seconds)
    return response


def when_processed(client: BaseClient, request: Request, processing_timeout: float) -> Steps[Response]:
    """Send *request*, again and again while the server is processing the file (202)."""
    deadline = time.monotonic() + processing_timeout
    while True:
        response = yield from exchange(client, request)
        if response.status != 202:
            return reject_html(response, request)
        response.response.close()
        left = deadline - time.monotonic()
        if left <= 0:
            raise PreviewFileProcessingException(
                f"{request.path}: the server is still processing this file after {processing_timeout:g} s"
            )
        asked = retry_after(response.response.headers.get("Retry-After"), time.time())
        yield Sleep(min(left, DEFAULT_RETRY_AFTER_SECONDS if asked is None else max(asked, SHORTEST_WAIT_SECONDS)))


def reject_html(response: Response, request: Request) -> Response:
    """Refuse the page of a proxy, or of a Wi-Fi that wants a log-in, for a picture or a movie."""
    kind = response.response.headers.get("Content-Type", "")
    if kind.startswith("text/html") and request.path.lstrip("/").startswith(("pictures/", "movies/")):
        response.response.close()
        error = ServerErrorException(f"{request.path}: the response is a web page, not a picture or a movie")
        error.status_code, error.method, error.path = response.status, request.method, request.path
        raise error
    return response


def _save(response: Response, target: Any, progress: Any, request: Request) -> Steps[None]:
    """Write the body of a response behind what *target* has already."""
    from .decoding import check_size

    total = target.begin(response.response.headers)
    packed = "Content-Encoding" in response.response.headers
    try:
        while True:
            chunk = yield Read(response, request)
            if not chunk:
                break
            if packed:  # though it was to come as it is: it may unfold without an end
                check_size(target.size + len(chunk), response.status, request)
            yield Write(target, chunk)
            if progress is not None:
                progress(target.size, total)
        target.check_size(request)
    except BaseException:
        response.response.close()
        raise


def _resume(client: BaseClient, request: Request, target: Any) -> Steps[Response]:
    """Ask for the rest of a file whose transfer was cut, or for all of it again."""
    try:
        response = yield from exchange(client, target.resume_request(request))
        if target.accepts_resume(reject_html(response, request)):
            return response
    except RequestRefusedException as error:
        target.handle_416(error)
    return reject_html((yield from exchange(client, request)), request)


# -- lists -------------------------------------------------------------------
def id_or_text(row: Any) -> Any:
    """Return what tells a row from the others of its list."""
    found = row.get("id") if isinstance(row, Mapping) else None
    return found if isinstance(found, (str, int)) else repr(row)


def check_progress(rows: Any, known: Set[Any]) -> None:
    """Refuse a page of which all rows are *known*, as a list of such pages has no end; add the others to *known*.

    Raises:
        ServerErrorException: it is such a page.
    """
    before = len(known)
    known.update(map(id_or_text, rows))
    if rows and len(known) == before:
        raise ServerErrorException(
            "data: a page of the list repeats what has come before: the list changes while it is read, or has no end"
            " (get it again, or in larger pages)"
        )


def check_page_number(page: int, announced: Optional[int] = None) -> None:
    """Refuse to read a page far behind the last of the *announced* ones, though each had new records.

    Raises:
        ServerErrorException: it is such a page.
    """
    most = MAX_PAGES if announced is None else min(2 * announced + MAX_NEW_PAGES, MAX_PAGES)
    if page > most:
        raise ServerErrorException(f"data: the list does not end: there are more than {most} pages")


def pages(at_once: int) -> Generator[List[int], List[Any], List[Any]]:
    """Collect the rows of all pages, to the last or to an empty one; the count may grow on the way.

    A generator that yields the numbers of the pages to get, *at_once* at most, is sent
    what `require_page` returns for each, and returns the rows.

    Raises:
        ServerErrorException: a page has nothing that the pages before it do not have, or they do not end.
    """
    (first,) = yield [1]
    if isinstance(first, list):  # a server, or a route, that knows no pages
        return first
    rows: List[Any] = list(first["data"])
    known = {id_or_text(row) for row in rows}
    last, page = first["nb_pages"], 2
    while page <= last:
        # The second page comes alone: what is wrong with one is mostly wrong with all.
        numbers = list(range(page, min(last, page + (0 if page == 2 else at_once - 1)) + 1))
        check_page_number(numbers[-1], first["nb_pages"])
        answers = yield numbers
        for answer in answers:
            if isinstance(answer, list):
                raise unexpected("data", answer, "a page of records")
            check_progress(answer["data"], known)
            rows += answer["data"]
            last = max(last, answer["nb_pages"])
        if page > 2 and not all(answer["data"] for answer in answers):
            break
        page = numbers[-1] + 1
    return rows
