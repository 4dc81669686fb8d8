"""Names of files that come from elsewhere."""

import os
import re
from typing import Optional

_UNSAFE = re.compile(r"[%()*,/:;<>?@\[\\\]`|\t\n\r\x0b\x0c]")


def safe_filename(name: str) -> str:
    """Return *name* without the characters that file systems or shells dislike."""
    return _UNSAFE.sub("", name).replace("..", "_").strip()


def check_utf8(name: str) -> str:
    """Return the name of a file.

    Raises:
        ValueError: it is not valid UTF-8, as some names of old disks are not.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name!a}: the name of the file is not valid UTF-8: rename it") from None
    return name


def target_path(url: str, file_path: Optional[str], content_type: str) -> str:
    """Build the path to write to; what is missing of it comes from the address and the content type."""
    import mimetypes
    import tempfile
    from urllib.parse import unquote, urlsplit

    if file_path is None:
        file_path = tempfile.mkdtemp(prefix="gazu_")
    if not file_path or os.path.isdir(file_path):
        file_path = os.path.join(file_path, "")
    folder, name = os.path.split(os.path.abspath(file_path) if os.path.basename(file_path) else file_path)
    if not name:
        quoted = os.path.basename(urlsplit(url).path)
        name = safe_filename(re.sub(r"[\x00-\x1f\x7f]", "", unquote(quoted)))
        name = "file" if name in ("", ".") else name
    if not os.path.splitext(name)[1]:
        name += mimetypes.guess_extension(content_type.split(";")[0].strip()) or ""
    return os.path.abspath(os.path.join(folder, name))
