"""multipart/form-data that is read from disk while it is sent."""

import io
import os
import uuid
from contextlib import contextmanager
from typing import Any, BinaryIO, Callable, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Tuple, Union

from .filenames import utf8_name

Progress = Callable[[int, int], Any]
Files = Union[Mapping[str, Any], Iterable[Tuple[str, Any]]]
#: Up to this size a body is sent as plain bytes, which test suites that mock requests can read.
SMALL = 1024 * 1024
CHUNK = 1024 * 1024


class FilePart(NamedTuple):
    """An open file within the body: its size is fixed when the body is made."""

    file: BinaryIO
    start: int
    size: int
    name: str


Part = Union[bytes, FilePart]


class Multipart:
    """A form as the body of a request: iterable again and again, with a known length.

    Args:
        fields: name and value of the plain fields; a list or tuple gives several.
        files: names of the fields (a mapping, or pairs), and for each an open file, or a
            tuple (file name or None, file or content, content type) as requests takes it.
        progress: called with (bytes of files sent so far, bytes of all files).
    """

    def __init__(self, fields: Mapping[str, Any], files: Files, progress: Optional[Progress] = None) -> None:
        self.boundary = uuid.uuid4().hex
        self.content_type = f"multipart/form-data; boundary={self.boundary}"
        self.progress = progress
        self.error: Optional[BaseException] = None
        self.parts: List[Part] = []
        for name, value in fields.items():
            for item in value if isinstance(value, (list, tuple)) else [value]:
                if item is not None:
                    self._add(name, None, item if isinstance(item, bytes) else str(item).encode(), None)
        for name, source in files.items() if isinstance(files, Mapping) else files:
            self._add(name, *_described(source))
        self.parts.append(f"--{self.boundary}--\r\n".encode())
        self.total = sum(part.size for part in self.parts if isinstance(part, FilePart))
        self.length = self.total + sum(len(part) for part in self.parts if isinstance(part, bytes))

    def _add(self, name: str, filename: Optional[str], content: Part, content_type: Optional[str]) -> None:
        head = f'--{self.boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
        if filename is not None:
            head += f'; filename="{_quoted(utf8_name(filename))}"'
        if content_type:
            head += f"\r\nContent-Type: {content_type}"
        self.parts += [f"{head}\r\n\r\n".encode(), content, b"\r\n"]

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Any]:
        """Yield the body in chunks; the progress is that of the bytes taken up by the receiver."""
        return self.pieces(in_chunks)

    def pieces(self, split: Callable[[FilePart], Iterator[Part]]) -> Iterator[Part]:
        """Yield the body in pieces, those of a file as *split* makes them; see `__iter__`."""
        try:
            for piece, done in self.recorded(self.chunks(split)):
                yield piece
                self.report_progress(done)
        except OSError as error:
            # After a broken pipe, even one of the callback, the HTTP stack would wait for a response.
            raise OSError(str(error)) from error

    def chunks(self, split: Callable[[FilePart], Iterator[Part]]) -> Iterator[Tuple[Any, Optional[int]]]:
        """Yield the body in pieces, those of files as *split* makes them, with the bytes of files up to their end."""
        done = 0
        for part in self.parts:
            if isinstance(part, bytes):
                yield part, None
                continue
            for chunk in split(part):
                done += chunk.size if isinstance(chunk, FilePart) else len(chunk)
                yield chunk, done

    def recorded(self, source: Iterator[Any]) -> Iterator[Any]:
        """Yield what comes from *source*, whose errors are those of the file."""
        while True:
            with self.record_source_error():
                item = next(source, None)
            if item is None:
                return
            yield item

    def report_progress(self, done: Optional[int]) -> None:
        """Call the callback for the progress, if there is one, and any."""
        if self.progress is not None and done is not None:
            with self.record_source_error():
                self.progress(done, self.total)

    @contextmanager
    def record_source_error(self) -> Iterator[None]:
        """Keep what goes wrong here in `error`.

        The HTTP stack takes an OSError of the file, or of the user's callback, for one
        of the connection.
        """
        try:
            yield
        except BaseException as error:
            self.error = error
            raise

    def body(self) -> Union[bytes, "Multipart"]:
        """Return what to hand to the HTTP stack: plain bytes where they are few, else the stream."""
        return (
            b"".join(part if isinstance(part, bytes) else b"".join(in_chunks(part)) for part in self.parts)
            if self.length <= SMALL
            else self
        )


def _described(source: Any) -> Tuple[Optional[str], Part, Optional[str]]:
    """Return (file name, content, content type) of one of the shapes that requests takes."""
    filename, content, content_type = None, source, None
    if isinstance(source, (tuple, list)):
        filename, content = source[:2]
        content_type = source[2] if len(source) > 2 else None
    else:
        name = getattr(source, "name", "")
        filename = os.path.basename(os.fsdecode(name) if isinstance(name, bytes) else str(name)) or "file"
    if not isinstance(content, (str, bytes, bytearray)) and not _can_be_read_again(content):
        content = content.read()
    if isinstance(content, str):
        content = content.encode()
    if isinstance(content, (bytes, bytearray)):
        return filename, bytes(content), content_type
    start = content.tell()
    size = content.seek(0, os.SEEK_END) - start
    return filename, FilePart(content, start, size, filename or "file"), content_type


def _can_be_read_again(file: Any) -> bool:
    """Return whether a file holds bytes and has a known size: no pipe, no text."""
    return file.seekable() and not isinstance(file.read(0), str)


def _quoted(text: str) -> str:
    """Escape a name as browsers do in forms."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def in_chunks(part: FilePart) -> Iterator[bytes]:
    """Yield a file in chunks."""
    part.file.seek(part.start)
    left = part.size
    while left:
        chunk = part.file.read(min(CHUNK, left))
        if not chunk:
            end = part.start + part.size - left
            raise OSError(f"{part.name} became shorter while it was uploaded: its bytes from {end:,} on are missing")
        left -= len(chunk)
        yield chunk


def in_parts(part: FilePart) -> Iterator[Part]:
    """Yield a plain file in parts, which the kernel can send; any other, such as one within an archive, in chunks."""
    source = getattr(part.file, "raw", part.file)
    if type(part.file) not in (io.BufferedReader, io.FileIO) or type(source) is not io.FileIO:
        yield from in_chunks(part)
        return
    end = part.start + part.size
    for start in range(part.start, end, CHUNK):
        yield part._replace(start=start, size=min(CHUNK, end - start))
    part.file.seek(end)  # where reading it would have come
