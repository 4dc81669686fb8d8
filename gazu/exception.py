"""The errors that a call can raise.

    GazuException                       all errors below; catch this one
    ├── ParameterException              400: the server refused the parameters
    ├── NotAuthenticatedException       401: no token, or one that has expired
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

Errors from a response of the server have `status_code`, `method`, `path` and `body`; on the
others these are None. Errors of a publication have what was already created: `comment`,
`preview_file`, or the first `comments` of a batch. Errors of `gazu.shot.import_otio` have the
`created_shots` and `updated_shots` of before.

Warnings are GazuWarning: the call succeeded, but the server did something other than what was asked for.
"""

from typing import Any, Dict, List, Optional


class GazuException(Exception):
    """Any error of this library."""

    status_code: Optional[int] = None
    method: Optional[str] = None
    path: Optional[str] = None
    body: Any = None
    comment: Optional[Dict[str, Any]] = None
    preview_file: Optional[Dict[str, Any]] = None
    comments: Optional[List[Dict[str, Any]]] = None
    created_shots: Optional[List[Dict[str, Any]]] = None
    updated_shots: Optional[List[Dict[str, Any]]] = None


class HostException(GazuException):
    """The host is not a valid URL."""


class AuthFailedException(GazuException):
    """The server refused the log-in: wrong email, password or second factor."""


class NotAuthenticatedException(GazuException):
    """The request needs a valid token (401)."""


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
