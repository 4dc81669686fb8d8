"""A file that is written whole or not at all, where the file system allows it."""

import errno
import os
import re
import stat
import time
import uuid
from contextlib import suppress
from typing import Any, BinaryIO, Dict, Iterator, Mapping, Optional

from ..exception import RequestRefusedException
from .filenames import check_windows_name
from .filesystem import LONGEST_PATH, long_path, overwrite, real_path, remove, replace_in_steps
from .messages import Request, Response, content_length

#: What a response with a part of a file says of it: where it begins, and the size of the whole.
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)")
#: Why a folder takes no temporary file, or lets none take the place of the target, though the target can be written:
#: a mount point, a read-only or sticky folder, a name that has no room for a longer one.
_IN_PLACE = (errno.EBUSY, errno.EPERM, errno.EACCES, errno.EROFS, errno.EXDEV, errno.ENAMETOOLONG)
#: Paths of open files and devices, which are not places in a folder.
_HANDLES = ("/dev/std", "/dev/fd/", "/proc/", "\\\\.\\")


class AtomicFile:
    """The file to be written: until `commit`, everything goes to a temporary file beside it.

    What is not a regular file (a FIFO, /dev/stdout, the number of an open file) is written directly, and so is an
    existing file whose folder takes no other. What cannot be replaced, such as a mount point, or a file that another
    program has open on Windows, is written at the end; if that is refused too, the temporary file is kept.

    Args:
        file_path: where to write.
        keep: whether the temporary file is worth keeping.
    """

    def __init__(self, file_path: Any, keep: bool = True) -> None:
        self.named: Any = file_path if isinstance(file_path, int) else os.fspath(file_path)
        self.keep = keep
        self.size = 0
        #: Bytes of the whole file, 0 if the server does not say.
        self.total = 0
        #: What distinguishes it from a later one at the same address.
        self.validators: Dict[str, str] = {}
        self.file: Optional[BinaryIO] = None
        self.kept = False
        path = "" if isinstance(file_path, int) else os.fsdecode(file_path)
        check_windows_name(os.path.basename(path))
        try:
            mode: Optional[int] = os.stat(long_path(path) if path else self.named).st_mode
        except FileNotFoundError:
            mode = None
        if mode is not None and stat.S_ISDIR(mode):
            raise IsADirectoryError(21, "Is a directory: a file path is needed", self.named)
        self.mode = None if mode is None else stat.S_IMODE(mode)
        self.direct = isinstance(file_path, int) or path.startswith(_HANDLES)
        self.direct = self.direct or (mode is not None and not stat.S_ISREG(mode))
        self.path: Any = self.named
        if not self.direct:
            _check_links(self.named)
            self.path = real_path(path)
        self.temporary: Any = self.path if self.direct else self._temporary_path()

    def _temporary_path(self) -> str:
        """Return the path of the temporary file, if the target can be written."""
        folder, name = os.path.split(self.path)
        if self.mode is not None and not os.access(self.path, os.W_OK):
            raise PermissionError(13, "Permission denied", self.named)
        if not os.path.isdir(folder):
            raise FileNotFoundError(2, "No such folder to write to", folder)
        mark = f".{uuid.uuid4().hex[:12]}.part"
        longest = LONGEST_PATH if len(self.path) <= LONGEST_PATH else len(self.path) + len(mark) + 1
        room = min(254, longest - 1 - len(os.path.join(folder, ""))) - len(mark)
        kept = name.encode("utf-8", "surrogateescape")[: max(room, 0)].decode("utf-8", "ignore")
        if room < 0 and len(name) < len(mark):  # programs of Windows may take no longer path than that of the target
            return os.path.join(folder, uuid.uuid4().hex[: len(name)])
        return os.path.join(folder, "." + kept + mark if room > 0 else mark)

    def __enter__(self) -> "AtomicFile":
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
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        if self.temporary != self.path:
            try:
                # Not open to more people than the old file, not even now.
                mode = 0o666 if self.mode is None else self.mode & 0o666 | 0o600
                return os.fdopen(os.open(self.temporary, flags, mode), "wb", buffering=0)
            except OSError as error:
                if not self._may_be_in_place(error):
                    raise
            self.temporary = self.path
        in_place: BinaryIO = open(self.path, "wb", buffering=0)
        return in_place

    def _may_be_in_place(self, error: OSError) -> bool:
        """Return whether the target may be written itself, as there can be no file beside it, or none in its place."""
        return error.errno in _IN_PLACE and (self.mode is not None or error.errno == errno.ENAMETOOLONG)

    def begin(self, headers: Mapping[str, str]) -> int:
        """Record length and validators, unless resuming; return the size of the file, 0 if the server does not say."""
        if not self.size:
            packed = "Content-Encoding" in headers
            self.total = 0 if packed else content_length(headers) or 0
            self.validators = {} if packed else _validators(headers)
        return self.total

    def check_size(self, request: Request) -> None:
        """Refuse a body that ended too early, though its own length was right."""
        if self.size < self.total:
            from .failures import BodyCut  # loads requests, which not all who write files need

            error = BodyCut(f"GET {request.path}: {self.size} of {self.total} bytes came")
            error.method, error.path, error.sent = "GET", request.path, True
            raise error

    def resume_request(self, request: Request) -> Request:
        """Return the request for what is missing, or for all of it if the server could send that of another file."""
        mark = self.validators.get("ETag") or self.validators.get("Last-Modified")
        if not mark or mark.startswith("W/") or not self.size:
            return request
        ranged = {"Range": f"bytes={self.size}-", "If-Range": mark}
        return request._replace(headers={**request.headers, **ranged})

    def accepts_resume(self, response: Response) -> bool:
        """Prepare for the body of the response to `resume_request`; False if it is not the part asked for."""
        if response.status == 206 and self._continues(response.response.headers):
            return True
        self.restart()
        if response.status == 206:
            response.response.close()
        return response.status != 206

    def _continues(self, headers: Mapping[str, str]) -> bool:
        """Return whether a response with a part of a file has the rest of this one."""
        part = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", ""))
        if part is None or int(part.group(1)) != self.size:
            return False
        whole = int(part.group(2).replace("*", "0"))
        self.total = self.total or whole
        same = all(self.validators.get(name, mark) == mark for name, mark in _validators(headers).items())
        return same and whole in (0, self.total)

    def handle_416(self, error: RequestRefusedException) -> None:
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

    def commit(self) -> None:
        """Replace the old file by the finished one; see `commit_in_steps`."""
        for seconds in self.commit_in_steps():
            time.sleep(seconds)

    def commit_in_steps(self) -> Iterator[float]:
        """Replace the old file by the finished one; yield seconds to wait while another program has it open.

        Raises:
            FileInUseException: it can be neither replaced nor written.
        """
        self.write(b"")  # an empty file is a file too
        assert self.file is not None
        self.file.close()
        if self.temporary == self.path:
            return
        if self.mode is not None:
            with suppress(PermissionError):  # of a file system without modes
                os.chmod(self.temporary, self.mode)
        try:
            yield from replace_in_steps(self.temporary, self.path)
        except OSError as error:
            if not isinstance(error, PermissionError) and not self._may_be_in_place(error):
                raise
            self.kept = self.keep
            overwrite(self.temporary, self.path, os.fsdecode(self.named), self.keep)
            self.kept = False

    def __exit__(self, *error: Any) -> None:
        if self.file is None:
            return
        try:
            with suppress(OSError):  # which would hide the error that ends this
                self.file.close()
        finally:  # a second Ctrl-C may come here
            if self.temporary != self.path and not self.kept:
                remove(self.temporary)


def _check_links(path: Any) -> None:
    """Refuse a link that somebody else has put into a folder where all may write, such as /tmp; Linux mostly does, too.

    Raises:
        PermissionError: its owner is neither the user nor the owner of the folder.
    """
    sticky = stat.S_ISVTX | stat.S_IWOTH
    place, hops = os.path.abspath(path), 0
    while hasattr(os, "geteuid") and os.path.islink(place) and hops < 40:
        folder = os.stat(os.path.dirname(place))
        if folder.st_mode & sticky == sticky and os.lstat(place).st_uid not in (os.geteuid(), folder.st_uid):
            raise PermissionError(errno.EACCES, "Permission denied: somebody else's link in a folder open to all", path)
        place, hops = os.path.join(os.path.dirname(place), os.readlink(place)), hops + 1


def _validators(headers: Mapping[str, str]) -> Dict[str, str]:
    return {name: headers[name] for name in ("ETag", "Last-Modified") if name in headers}
