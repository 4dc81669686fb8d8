"""Files from the server: whole or not at all."""

import mimetypes
import os
import re
import stat
import tempfile
import time
import uuid
from typing import TYPE_CHECKING, Any, BinaryIO, Dict, Iterator, Mapping, Optional
from urllib.parse import urlsplit

from ..exception import (
    DownloadFileException,
    GazuException,
    PreviewFileProcessingException,
    RequestRefusedException,
    ServerErrorException,
    TransportException,
)
from ..helpers import sanitize_filename
from . import protocol
from .failures import AnswerUnreadable, BodyCut, RequestException, translate
from .multipart import Progress
from .route import public
from .sender import Reply, Request, send
from .session import Session

if TYPE_CHECKING:
    from ..client import KitsuClient

#: Bytes read at once: what a processor keeps at hand; a fifth faster than four times as much.
CHUNK = 256 * 1024
#: Seconds to wait for a preview file when the server does not say.
DEFAULT_RETRY_AFTER = 5
#: Seconds to wait at least, whatever it says.
SHORTEST_WAIT = 0.5
#: What an answer with a part of a file says of it: where it begins, and the size of the whole.
_PART = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


def download(
    client: "KitsuClient",
    request: Request,
    file_path: Optional[str],
    progress: Optional[Progress],
    processing_timeout: float,
) -> Any:
    """Fetch what *request* asks for into a file, or into the returned response if *file_path* is None.

    A transfer that is cut goes on where it stopped if the server can do that.

    Raises:
        PreviewFileProcessingException: the server is still at work on the file.
        OSError: the file cannot be written.
    """
    if file_path is None:
        return send_when_ready(client, request._replace(stream=False), processing_timeout).response
    with Target(file_path) as target:
        reply = send_when_ready(client, request, processing_timeout)
        attempts = protocol.Attempts("GET", protocol.MAX_ATTEMPTS, client._budget)
        while True:
            try:
                _save(reply, target, progress, request)
                break
            except TransportException as error:
                wait = attempts.failed(error, isinstance(error, AnswerUnreadable))
                if wait is None:
                    raise
                time.sleep(wait)
                reply = _resume(client, request, target)
        target.keep()
    return reply.response


def send_when_ready(client: "KitsuClient", request: Request, processing_timeout: float) -> Reply:
    """Send *request*, again and again while the server is processing the file (202)."""
    deadline = time.monotonic() + processing_timeout
    while True:
        reply = send(client, request)
        if reply.status != 202:
            return looked_at(reply, request)
        time.sleep(time_to_process(reply, request, deadline - time.monotonic(), processing_timeout))


def time_to_process(reply: Reply, request: Request, left: float, allowed: float) -> float:
    """Return the seconds to wait after an answer that the file is in the works, of those *left*."""
    reply.response.close()
    if left <= 0:
        raise PreviewFileProcessingException(
            f"{request.path}: the server is still processing this file after {allowed:g} s"
        )
    asked = protocol.retry_after(reply.response.headers.get("Retry-After"), time.time())
    return min(left, DEFAULT_RETRY_AFTER if asked is None else max(asked, SHORTEST_WAIT))


def looked_at(reply: Reply, request: Request) -> Reply:
    """Refuse the page of a proxy, or of a Wi-Fi that wants a log-in, for a picture or a movie."""
    kind = reply.response.headers.get("Content-Type", "")
    if kind.startswith("text/html") and request.path.lstrip("/").startswith(("pictures/", "movies/")):
        reply.response.close()
        error = ServerErrorException(f"{request.path}: the answer is a web page, not a picture or a movie")
        error.status_code, error.method, error.path = reply.status, request.method, request.path
        raise error
    return reply


def _save(reply: Reply, target: "Target", progress: Optional[Progress], request: Request) -> None:
    """Write the body of an answer behind what *target* has already."""
    response = reply.response
    total = target.expect(response.headers)
    try:
        for chunk in _chunks(response, request):
            target.write(chunk)
            if progress is not None:
                progress(target.size, total)
        target.check(request)
    except BaseException:
        response.close()
        raise


def _chunks(response: Any, request: Request) -> Iterator[bytes]:
    """Yield the body in pieces, its failures translated; what the caller raises passes as it is."""
    stream = iter(response.iter_content(CHUNK))
    while True:
        try:
            chunk = next(stream, None)
        except Exception as cause:
            raise translate(cause, request.method, request.path) from cause
        if chunk is None:
            return
        yield chunk


def _resume(client: "KitsuClient", request: Request, target: "Target") -> Reply:
    """Ask for the rest of a file whose transfer was cut, or for all of it again."""
    try:
        reply = looked_at(send(client, target.rest_of(request)), request)
        if target.takes(reply):
            return reply
    except RequestRefusedException as error:
        target.has_no_rest(error)
    return looked_at(send(client, request), request)


class Target:
    """The file to be written: until `keep`, everything goes to a temporary file beside it.

    What is no regular file (a FIFO, /dev/null) is written directly.
    """

    def __init__(self, file_path: Any) -> None:
        self.named = os.fspath(file_path)
        self.path = os.path.realpath(os.fsdecode(self.named))
        self.size = 0
        #: Bytes of the whole file, 0 if nobody knows; and what tells it from a later one at the same address.
        self.whole = 0
        self.marks: Dict[str, str] = {}
        try:
            mode: Optional[int] = os.stat(self.path).st_mode
        except FileNotFoundError:
            mode = None
        if mode is not None and stat.S_ISDIR(mode):
            raise IsADirectoryError(21, "Is a directory: a file path is needed", self.named)
        self.direct = mode is not None and not stat.S_ISREG(mode)
        self.mode = None if mode is None else stat.S_IMODE(mode)
        folder, name = os.path.split(self.path)
        if mode is not None and not os.access(self.path, os.W_OK):
            raise PermissionError(13, "Permission denied", self.named)
        if not self.direct and not os.path.isdir(folder):
            raise FileNotFoundError(2, "No such folder to write to", folder)
        mark = f".{uuid.uuid4().hex[:12]}.part"
        kept = name.encode("utf-8", "surrogateescape")[: 254 - len(mark)].decode("utf-8", "ignore")
        self.temporary = self.path if self.direct else os.path.join(folder, "." + kept + mark)
        self.file: Optional[BinaryIO] = None

    def __enter__(self) -> "Target":
        return self

    def write(self, chunk: bytes) -> None:
        """Append *chunk*."""
        try:
            if self.file is None:
                self.file = self._open()
            left = memoryview(chunk)
            while left:  # a disk that is nearly full takes a part
                left = left[self.file.write(left) :]
        except OSError as error:
            raise OSError(error.errno, f"{error.strerror}, while writing", self.named) from error
        self.size += len(chunk)

    def _open(self) -> BinaryIO:
        if self.direct:
            return open(self.temporary, "wb", buffering=0)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        return os.fdopen(os.open(self.temporary, flags, 0o666), "wb", buffering=0)

    def expect(self, headers: Mapping[str, str]) -> int:
        """Note what an answer says of the file, unless it is the rest of it; return its size, 0 if nobody knows."""
        if not self.size:
            length, packed = headers.get("Content-Length", ""), "Content-Encoding" in headers
            self.whole = int(length) if length.isdigit() and not packed else 0
            self.marks = {} if packed else _marks(headers)
        return self.whole

    def check(self, request: Request) -> None:
        """Refuse a body that ended too early, though its own length was right."""
        if self.size < self.whole:
            error = BodyCut(f"GET {request.path}: {self.size} of {self.whole} bytes came")
            error.method, error.path, error.sent = "GET", request.path, True
            raise error

    def rest_of(self, request: Request) -> Request:
        """Return the request for what is missing, or for all of it if the server could send that of another file."""
        mark = self.marks.get("ETag") or self.marks.get("Last-Modified")
        if not mark or mark.startswith("W/") or not self.size:
            return request
        ranged = {"Range": f"bytes={self.size}-", "If-Range": mark}
        return request._replace(headers={**request.headers, **ranged})

    def takes(self, reply: Reply) -> bool:
        """Make ready for the body of an answer to `rest_of`; False if it is another piece than the one asked for."""
        if reply.status == 206 and self._goes_on_with(reply.response.headers):
            return True
        self.restart()
        if reply.status == 206:
            reply.response.close()
        return reply.status != 206

    def _goes_on_with(self, headers: Mapping[str, str]) -> bool:
        """Return whether an answer with a part of a file has the rest of this one."""
        part = _PART.fullmatch(headers.get("Content-Range", ""))
        if part is None or int(part.group(1)) != self.size:
            return False
        whole = int(part.group(2).replace("*", "0"))
        self.whole = self.whole or whole
        same = all(self.marks.get(name, mark) == mark for name, mark in _marks(headers).items())
        return same and whole in (0, self.whole)

    def has_no_rest(self, error: RequestRefusedException) -> None:
        """Forget what was written if the server has nothing behind it (416), else raise *error*."""
        if error.status_code != 416:
            raise error
        self.restart()

    def restart(self) -> None:
        """Forget what was written."""
        if self.file is not None and not self.direct:
            self.file.seek(0)
            self.file.truncate()
        self.size = 0

    def keep(self) -> None:
        """Put the finished file in the place of the old one."""
        self.write(b"")  # an empty file is a file too
        assert self.file is not None
        self.file.close()
        if not self.direct:
            if self.mode is not None:
                os.chmod(self.temporary, self.mode)
            os.replace(self.temporary, self.path)

    def __exit__(self, *error: Any) -> None:
        if self.file is None:
            return
        try:
            self.file.close()
        finally:  # a second Ctrl-C may come here
            if not self.direct and os.path.exists(self.temporary):
                os.unlink(self.temporary)


def _marks(headers: Mapping[str, str]) -> Dict[str, str]:
    return {name: headers[name] for name in ("ETag", "Last-Modified") if name in headers}


def fetch(url: str, file_path: Optional[str], headers: Optional[Mapping[str, str]]) -> str:
    """Download *url*, an address of another server, with a session of its own; see `helpers.download_file`."""
    shown = public(url)
    request = Request("GET", shown, url)
    with Session() as session:
        try:
            with session.get(url, headers=dict(headers or {}), stream=True, timeout=(10, 60)) as response:
                if response.status_code != 200:
                    raise DownloadFileException(f"{shown} answers with status {response.status_code}")
                path = _place(url, file_path, response.headers.get("Content-Type", ""))
                with Target(path) as target:
                    for chunk in _chunks(response, request):
                        target.write(chunk)
                    target.keep()
                return path
        except GazuException as error:
            if isinstance(error, DownloadFileException):
                raise
            raise DownloadFileException(str(error)) from error
        except RequestException as error:
            raise DownloadFileException(str(translate(error, "GET", shown))) from error


def _place(url: str, file_path: Optional[str], content_type: str) -> str:
    """Return the path to write to; what is missing of it comes from the address and the content type."""
    if file_path is None:
        file_path = tempfile.mkdtemp()
    if not file_path or os.path.isdir(file_path):
        file_path = os.path.join(file_path, "")
    folder, name = os.path.split(os.path.abspath(file_path) if os.path.basename(file_path) else file_path)
    if not name:
        name = sanitize_filename(os.path.basename(urlsplit(url).path)) or "file"
    if not os.path.splitext(name)[1]:
        name += mimetypes.guess_extension(content_type.split(";")[0].strip()) or ""
    return os.path.abspath(os.path.join(folder, name))
