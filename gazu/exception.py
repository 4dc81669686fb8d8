"""The errors that a call can raise.

    GazuException                       all errors below; catch this one
    ├── ParameterException              400: the server refused the parameters
    ├── NotAuthenticatedException       401: no token, or one that has expired
    │   └── NoSessionException          there is nothing to connect with (see gazu.connect); no request was sent
    ├── NotAllowedException             403: the account may not do this
    ├── RouteNotFoundException          404: no such route, or no such record
    ├── MethodNotAllowedException       405
    ├── TooBigFileException             413: the server or a proxy limits the size
    ├── ValidationException             422
    │   └── InvalidTokenException       422 for a token that the server cannot read; also a
    │                                   NotAuthenticatedException
    ├── RequestRefusedException         any other 4xx (402, 409, 423, 429, ...)
    ├── ServerErrorException            5xx, and invalid responses
    ├── TransportException              no response: each is also an instance of the matching
    │                                   class of requests.exceptions
    ├── FileInUseException              a file that is open in another program, on Windows; also a
    │                                   PermissionError
    ├── CancelledException              the caller cancelled the call (see gazu.background)
    └── AuthFailedException, HostException, UploadFailedException, ...

The text of an error is `VERB path: what was wrong (hint)`; its `hint` names the probable reason or the cure.
Errors from a response of the server have `status_code`, `method`, `path` and `body`; on the
others these are None. Errors of a publication have what was already created: `comment`,
`preview_file`, or the first `comments` of a batch. Errors of `gazu.shot.import_otio` have the
`created_shots` and `updated_shots` of before; those of an import the records `imported` before; those of a CSV file the
`line_number` of the first wrong row in it, and how many rows were imported, `imported_rows`.

`short_text` is any error in the one or two sentences that a window has room for.

Warnings are GazuWarning: the call succeeded, but the server did something other than what was asked for.
"""

import os
from typing import Any, Dict, List, Optional, Tuple, Type

#: What Flask says of each path that leads nowhere; nobody has typed one.
_ADVICE_OF_FLASK = " If you entered the URL manually please check your spelling and try again."


class GazuException(Exception):
    """Any error of this library."""

    status_code: Optional[int] = None
    method: Optional[str] = None
    path: Optional[str] = None
    body: Any = None
    hint: Optional[str] = None
    comment: Optional[Dict[str, Any]] = None
    preview_file: Optional[Dict[str, Any]] = None
    comments: Optional[List[Dict[str, Any]]] = None
    created_shots: Optional[List[Dict[str, Any]]] = None
    updated_shots: Optional[List[Dict[str, Any]]] = None
    imported: Optional[List[Dict[str, Any]]] = None
    line_number: Optional[int] = None
    imported_rows: Optional[int] = None

    def __str__(self) -> str:
        """Return `VERB path: what was wrong (hint)`; without VERB and path where no response is behind it."""
        said = ": ".join(str(part) for part in self.args).replace(_ADVICE_OF_FLASK, "")
        if self.method and self.path and not said.startswith(f"{self.method} "):
            reason = said[len(self.path) :].lstrip(": ") if said.startswith(self.path) else said
            said = f"{self.method} {self.path}: {reason or self.status_code}"
        return f"{said} ({self.hint})" if self.hint else said

    def add_hint(self, text: str) -> None:
        """Add to the hint; nothing happens for an empty text."""
        self.hint = "; ".join(filter(None, (self.hint, text))) or None


class HostException(GazuException):
    """The host is not a valid URL."""


class AuthFailedException(GazuException):
    """The server refused the log-in: wrong email, password or second factor."""


class NotAuthenticatedException(GazuException):
    """The request needs a valid token (401)."""


class NoSessionException(NotAuthenticatedException):
    """There is no stored session, or it cannot be read, and nothing else to connect with."""


class NotAllowedException(GazuException):
    """The account has no right to do this (403)."""


class RouteNotFoundException(GazuException):
    """The server has no such route, or no such record (404)."""


class MethodNotAllowedException(GazuException):
    """The route exists, but not with this HTTP method (405)."""


class ParameterException(GazuException):
    """The server refused the parameters (400): `args` is (path, message)."""


class ValidationException(GazuException):
    """The server could not validate the data (422): `args` is (path, message)."""


class InvalidTokenException(NotAuthenticatedException, ValidationException):
    """The server cannot read the token, or did not sign it: log in again (422)."""


class TooBigFileException(GazuException):
    """The body is larger than the server or a proxy accepts (413)."""


class RequestRefusedException(GazuException):
    """The server refused the request with a status that has no class of its own."""


class ServerErrorException(GazuException):
    """The server failed (5xx), or sent an invalid response."""


class TransportException(GazuException):
    """The request received no response, or an incomplete one.

    `sent` is whether the server may have received it, `final` whether a retry cannot succeed.
    """

    sent: bool = True
    final: bool = False


class CancelledException(GazuException):
    """The call was cancelled by its caller."""


class UploadFailedException(GazuException):
    """The server received the file and reported an error about it."""


class DownloadFileException(GazuException):
    """A file could not be downloaded from a URL outside of the server, or has no place that can be trusted."""


class FileInUseException(GazuException, PermissionError):
    """A file could not be replaced, as another program has it open: `kept_path` is the path of the new file, or None.

    Also a PermissionError, as the system raises it.
    """

    errno: Optional[int] = 13
    kept_path: Optional[str] = None


class PreviewFileProcessingException(GazuException):
    """The server is still processing the requested preview file."""


class SyncFailedException(GazuException):
    """Some records could not be copied, and the others were: `failed` has their ids, each with its error."""

    failed: Optional[Dict[str, Exception]] = None


class SetupFailedException(GazuException):
    """Some rows of a table could not be applied, and the others were: `report` says which (see gazu.bulk)."""

    report: Any = None


class FileDoesntExistException(GazuException):
    """The named file does not exist."""


class ProjectDoesntExistException(GazuException):
    """The named project does not exist."""


class TaskStatusNotFoundException(GazuException):
    """The named task status does not exist."""


class TaskMustBeADictException(GazuException):
    """A task was passed as an id where its record is required."""


class GazuWarning(UserWarning):
    """The call succeeded, but not quite as asked for: the text says what is different."""


class ServerTooOldWarning(GazuWarning):
    """The call succeeded, but the server is too old for one of its arguments, and ignored it."""


#: For windows: what happened ("" for what the error says itself), and what to do. The first class that fits is taken.
_SHORT_TEXTS: Tuple[Tuple[Type[BaseException], str, str], ...] = (
    (CancelledException, "Cancelled.", ""),
    (KeyboardInterrupt, "Cancelled.", ""),
    (NoSessionException, "You are not logged in.", "Log in first."),
    (NotAuthenticatedException, "Your session has ended.", "Log in again."),
    (NotAllowedException, "Your account may not do this.", "Ask a manager of the production."),
    (RouteNotFoundException, "The server does not have this any more, or does not know it.", "Refresh, and try again."),
    (TooBigFileException, "The file is larger than the server accepts.", "Ask the administrator of the server."),
    (ServerErrorException, "The server failed.", "Try again in a minute; if it fails again, tell its administrator."),
    (
        TransportException,
        "The server did not respond, or the connection was lost.",
        "Check the network, and try again.",
    ),
    (SyncFailedException, "Some records could not be copied.", "The log says which."),
    (SetupFailedException, "Some rows could not be set up.", "The log says which."),
)
#: Characters of what an error says itself.
_SHORT_TEXT_CHARACTERS = 160


def short_text(error: BaseException) -> str:
    """Return the text of an error for a window: what happened, what exists of a publication, and what to do.

    `str(error)` is for the log.

    Addresses, paths on the server and ids are left out.

    Args:
        error: of this library, or any other.
    """
    happened, cure = next(((said, cure) for kind, said, cure in _SHORT_TEXTS if isinstance(error, kind)), ("", ""))
    if getattr(error, "final", False):  # wrong settings, rather than the network
        happened, cure = "", ""
    return " ".join(filter(None, (happened or _own_words(error), _created(error), cure)))


def _own_words(error: BaseException) -> str:
    """Return what *error* says, without the request before it; with the hint if there is room, and no call in it."""
    text, hint = str(error), ""
    if isinstance(error, GazuException):
        text, hint = ": ".join(str(part) for part in error.args), error.hint or ""
        for request in (f"{error.path}: ", f"{error.method} "):
            text = text.partition(": ")[2] or text if text.startswith(request) else text
    elif isinstance(error, OSError) and error.filename:
        text = f"{os.path.basename(os.fsdecode(error.filename))}: {error.strerror}"
    text = text.strip().rstrip(".") or type(error).__name__
    if hint and "gazu." not in hint and len(text) + len(hint) < _SHORT_TEXT_CHARACTERS:
        text = f"{text} ({hint})"
    return f"{text}." if len(text) <= _SHORT_TEXT_CHARACTERS else f"{text[:_SHORT_TEXT_CHARACTERS]}..."


def _created(error: BaseException) -> str:
    """Return which part of a publication exists."""
    comment, preview = getattr(error, "comment", None), getattr(error, "preview_file", None)
    if preview and preview.get("revision"):
        return f"The comment and revision {preview['revision']} exist, but its file is missing."
    return "The comment exists, but the preview is missing." if comment else ""
