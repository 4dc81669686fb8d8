"""The errors that a call can end in.

    GazuException                       everything below; catch this one
    ├── ParameterException              400: the server refuses what was sent
    ├── NotAuthenticatedException       401: no token, or one that is no longer good
    ├── NotAllowedException             403: the account may not do this
    ├── RouteNotFoundException          404: no such route, or no such record
    ├── MethodNotAllowedException       405
    ├── TooBigFileException             413: the server or a proxy limits the size
    ├── ValidationException             422
    │   └── InvalidTokenException       422 for a token that the server cannot read; also a
    │                                   NotAuthenticatedException
    ├── RequestRefusedException         any other 4xx (402, 409, 423, 429, ...)
    ├── ServerErrorException            5xx, and answers that make no sense
    ├── TransportException              no answer at all: each is also the class of
    │                                   requests.exceptions that says what happened
    ├── CancelledException              the caller wanted no more of it (see gazu.background)
    └── AuthFailedException, HostException, UploadFailedException, ...

Those that come from an answer of the server carry `status_code`, `method`,
`path` and `body`; on the others these are None. Those of a publication carry what is
there already: `comment`, `preview_file`, or the first `comments` of a batch.
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


class HostException(GazuException):
    """The host is not an address that can be used."""


class AuthFailedException(GazuException):
    """The server refused the log-in: wrong e-mail, password or second factor."""


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
    """The body is larger than the server, or a proxy before it, accepts (413)."""


class RequestRefusedException(GazuException):
    """The server refused the request with a status that has no class of its own."""


class ServerErrorException(GazuException):
    """The server failed (5xx), or answered what no client can use."""


class TransportException(GazuException):
    """The request got no response, or half of one.

    `sent` says whether it may have arrived, `final` whether another attempt could not succeed.
    """

    sent: bool = True
    final: bool = False


class CancelledException(GazuException):
    """The call was cancelled by the one who had begun it."""


class UploadFailedException(GazuException):
    """The server took the file and reported an error about it."""


class DownloadFileException(GazuException):
    """A file could not be fetched from a foreign address."""


class PreviewFileProcessingException(GazuException):
    """The server is still processing the preview file that was asked for."""


class SyncFailedException(GazuException):
    """Some of many could not be copied; the others are: `failed` has the ids, with the error of each."""

    failed: Optional[Dict[str, Exception]] = None


class FileDoesntExistException(GazuException):
    """A file that was named does not exist."""


class ProjectDoesntExistException(GazuException):
    """A project that was named does not exist."""


class TaskStatusNotFoundException(GazuException):
    """A task status that was named does not exist."""


class TaskMustBeADictException(GazuException):
    """A task was given as an id where the whole record is needed."""
