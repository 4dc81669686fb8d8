"""Names of files that come from elsewhere, as all systems take them."""

import os
import re
from typing import Optional

#: What file systems or shells dislike.
_UNSAFE = re.compile(r"[%()*,/:;<>?@\[\\\]`|\"\x00-\x1f\x7f]")
#: What Windows takes in no name.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
#: Names of devices of Windows, whatever follows the first dot.
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\..*)?", re.IGNORECASE | re.DOTALL
)
#: Asked before the registry of Windows and the tables of other systems, which differ.
_EXTENSIONS = {
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "image/aces": ".exr",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/tiff": ".tiff",
    "image/webp": ".webp",
    "image/x-exr": ".exr",
    "model/gltf-binary": ".glb",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi",
}


def portable_name(name: str, replacement: str = "_") -> str:
    """Return a name as Windows, macOS and Linux take it; "" if nothing is left.

    Args:
        replacement: of each character that Windows forbids.
    """
    name = _FORBIDDEN.sub(replacement, name)
    end = len(name)
    while end and (name[end - 1] == "." or name[end - 1].isspace()):
        end -= 1
    name = name[:end]
    return f"_{name}" if _DEVICE.fullmatch(name) else name


def safe_filename(name: str) -> str:
    """Return *name* without what file systems or shells dislike."""
    return portable_name(_UNSAFE.sub("", name).replace("..", "_").strip(), "")


def check_windows_name(name: str) -> None:
    """Refuse a name that Windows does not take, on Windows: there it would fail at the end of a transfer.

    Raises:
        ValueError: it is one.
    """
    if os.name == "nt" and portable_name(name) != name and name.lower() != os.devnull:
        raise ValueError(f"file_path: Windows takes no file of the name {name!r}, but {portable_name(name)!r}")


def guess_extension(content_type: str) -> str:
    """Return the extension of files of a content type, the same on each system; "" if it is not known."""
    import mimetypes

    kind = content_type.split(";")[0].strip().lower()
    return _EXTENSIONS.get(kind) or mimetypes.guess_extension(kind) or ""


def utf8_name(name: str) -> str:
    """Return the name of a file as text, also where Python takes the names of the system for ASCII (`LC_ALL=C`).

    Raises:
        ValueError: it is not valid UTF-8, as some names of old disks are not.
    """
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise ValueError(f"{name!a}: the name of the file is not valid UTF-8: rename it") from None


def target_path(url: str, file_path: Optional[str], content_type: str) -> str:
    """Build the path to write to; what is missing of it comes from the address and the content type."""
    import tempfile
    from urllib.parse import unquote, urlsplit

    if file_path is None:
        file_path = tempfile.mkdtemp(prefix="gazu_")
    if not file_path or os.path.isdir(file_path):
        file_path = os.path.join(file_path, "")
    folder, name = os.path.split(os.path.abspath(file_path) if os.path.basename(file_path) else file_path)
    if not name:
        quoted = os.path.basename(urlsplit(url).path)
        name = safe_filename(unquote(quoted)) or "file"
    if not os.path.splitext(name)[1]:
        name += guess_extension(content_type)
    return os.path.abspath(os.path.join(folder, name))
