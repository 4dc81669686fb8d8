"""Stored sessions, as `gazu-cli login` makes them: one file for each, readable by its owner only.

Tokens are stored in that file, or in the system keyring if the package `keyring` is installed and finds one.
"""

import contextlib
import json
import os
import re
import sys
import tempfile
import unicodedata
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional
from urllib.parse import urlsplit

from ._http.log import warn_caller
from ._http.route import public
from .exception import GazuWarning, NoSessionException
from .helpers import composed, portable_name, replace
from .secret import hide_tokens

#: `host`, `event_host`, `email` and `tokens`; in the file, `keyring: true` replaces tokens stored in the keyring.
Session = Dict[str, Any]
SERVICE = "gazu"
NO_HOME = "this account has no home folder: set XDG_CONFIG_HOME, or use GAZU_HOST and GAZU_TOKEN"


class StoredSession:
    """The place of the tokens of a client: new ones that it gets are stored there.

    It can be pickled: a client in another process stores its tokens, too.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def store(self, client: Any, used: str) -> None:
        """Store the tokens that the refresh token *used* brought; a failure is a warning.

        A session that was removed since, or replaced by another log-in, stays so.
        """
        try:
            stored = read(self.name)
            if (stored["host"], stored["tokens"].get("refresh_token")) == (client.host, used):
                write(self.name, {**stored, "tokens": client.tokens})
        except NoSessionException:
            return
        except OSError as error:
            warn_caller(f"the renewed tokens of {self.name} cannot be stored: {error}", GazuWarning)

    def remove(self) -> None:
        """Remove the session: its tokens are revoked."""
        with contextlib.suppress(OSError):
            forget(self.name)


def __getattr__(name: str) -> Any:
    """Return the paths that release 1.3 has as constants; test suites set others in their place."""
    paths = {"CONFIG_DIR": config_folder, "CONFIG_FILE": _choice_path}
    if name not in paths:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return str(paths[name]())


def config_folder() -> Path:
    """Return the configuration folder; on Windows one that stays on the machine, as nobody else is to get tokens.

    Raises:
        FileNotFoundError: the account has no home folder, such as those of services.
    """
    if "CONFIG_DIR" in globals():
        return Path(globals()["CONFIG_DIR"])
    base = os.environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(base):
        return Path(base, "gazu")
    folder = _folder_of_system("LOCALAPPDATA")
    if folder.startswith("~"):
        raise FileNotFoundError(NO_HOME)
    return Path(folder)


def _folder_of_system(variable: str) -> str:
    """Return our folder where the system has it; *variable* says where on Windows."""
    if sys.platform == "win32":
        return os.path.join(os.environ.get(variable) or os.path.expanduser("~"), "gazu")
    return os.path.expanduser("~/Library/Application Support/gazu" if sys.platform == "darwin" else "~/.config/gazu")


def _folders() -> List[Path]:
    """Return the folders that are read, if any: that of sessions and, on Windows, that of roaming profiles."""
    with contextlib.suppress(FileNotFoundError):
        folder = config_folder()
        roaming = Path(_folder_of_system("APPDATA"))
        is_own = str(folder) == _folder_of_system("LOCALAPPDATA")
        return [folder, roaming] if is_own and roaming != folder else [folder]
    return []


def _choice_path() -> Path:
    """Return the path of the file with the name of the current server."""
    return Path(globals().get("CONFIG_FILE") or config_folder() / "current")


def _paths() -> List[Path]:
    """Return the paths of all stored sessions."""
    return [path for folder in _folders() for path in sorted((folder / "servers").glob("*.json"))]


def _stored_name(name: str) -> str:
    """Return *name* as it is stored, or as it is: to Windows and macOS, names that differ in case only are one.

    Raises:
        ValueError: it is not a valid name.
    """
    if not re.fullmatch(r"\w[\w.-]*", "".join(one for one in name if unicodedata.category(one)[0] != "M")):
        raise ValueError(f"{name!r} is not a valid server name: use letters, digits, dots and dashes")
    if portable_name(f"{name}.json") != f"{name}.json":
        raise ValueError(f"{name!r} is the name of a device of Windows: use another one")
    alike = [one for one in list_names() if composed(one).casefold() == composed(name).casefold()]
    return name if name in alike or not alike else alike[0]


def _path(name: str) -> Path:
    """Return the path of a session, where it is or where it is to be."""
    name = _stored_name(name)
    stored = [path for path in _paths() if path.stem == name]
    return stored[0] if stored else config_folder() / "servers" / f"{name}.json"


def list_names() -> List[str]:
    """List the names of the stored servers."""
    return sorted({path.stem for path in _paths()})


def get_current() -> Optional[str]:
    """Return the name of the current server, or None."""
    name = _read_choice()
    if name is None:
        return _import_earlier_session()
    with contextlib.suppress(ValueError):
        return _stored_name(name) if _stored_name(name) in list_names() else None
    return None


def _read_choice() -> Optional[str]:
    """Return the name selected last, which may no longer exist, or None."""
    paths = [_choice_path()] if "CONFIG_FILE" in globals() else [folder / "current" for folder in _folders()]
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            return path.read_text(encoding="utf-8", errors="replace").strip()
    return None


def _import_earlier_session() -> Optional[str]:
    """Import the session stored by release 1.3, once, and return its name."""
    try:
        old = json.loads(_earlier_path().read_text(encoding="utf-8"))
        if not _pick_tokens(old["tokens"]):  # after a log-out
            return None
        write(find_name(old["host"]), {"host": old["host"], "tokens": _pick_tokens(old["tokens"])})
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError):  # RuntimeError: no home folder
        return None
    set_current(find_name(old["host"]))
    return find_name(old["host"])


def _earlier_path() -> Path:
    """Return the path of the file in which release 1.3 stores its session."""
    return Path("~/.gazu/config.json").expanduser()


def _forget_earlier_session(host: str) -> None:
    """Remove the tokens for *host* from the file of release 1.3, which may have the same ones."""
    try:
        old = json.loads(_earlier_path().read_text(encoding="utf-8"))
        if old["host"].rstrip("/") == host.rstrip("/") and old["tokens"]:
            _replace_private(_earlier_path(), json.dumps({**old, "tokens": {}}))
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):  # no session there
        return
    except OSError as error:
        warn_caller(f"{_earlier_path()} still has tokens, and cannot be changed: {error}", GazuWarning)


def _pick_tokens(tokens: Dict[str, Any]) -> Dict[str, Any]:
    """Return only the tokens of a log-in response."""
    return {key: tokens[key] for key in ("access_token", "refresh_token") if tokens.get(key)}


def set_current(name: str) -> None:
    """Make *name* the current server; `""` selects none."""
    _write_private(_choice_path(), name)


def find_name(host: str) -> str:
    """Return the name of the stored session for *host*, preferring the current one, or make one from the host."""
    choice = _read_choice()
    for name in sorted(list_names(), key=lambda name: name != choice):
        with contextlib.suppress(NoSessionException):  # skip sessions that cannot be read
            if _load(name)["host"] == host:
                return name
    return portable_name(re.sub(r"[^\w.-]", "-", urlsplit(host).netloc).strip("-.")) or "server"


def find_stored(host: str) -> Optional[str]:
    """Return the name of the stored session for *host*, preferring the current one, or None."""
    name = find_name(host)
    return name if name in list_names() and _load(name)["host"] == host else None


def find_profile(profile: str) -> str:
    """Return the name of the stored session that *profile* names: by its name, or by its host.

    Raises:
        NoSessionException: no session is stored.
    """
    if "/" in profile or profile not in list_names():
        for name in list_names():
            with contextlib.suppress(NoSessionException):  # skip sessions that cannot be read
                place = _load(name)["host"]
                if profile.rstrip("/") in (place, place[: -len("/api")], urlsplit(place).netloc):
                    return name
        if "/" in profile:
            raise NoSessionException(f"no session for {public(profile)}: run gazu-cli login --host {public(profile)}")
    return profile


def _load(name: str) -> Session:
    try:
        session = json.loads(_path(name).read_text(encoding="utf-8"))
        tokens = {} if session.get("keyring") else {"tokens": dict(session["tokens"])}
        return {"name": name, **session, "host": str(session["host"]), **tokens}
    except FileNotFoundError:
        known = ", ".join(list_names()) or "none yet: gazu-cli login"
        raise NoSessionException(f"no server named {name!r} (known: {known})") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NoSessionException(f"cannot read {_path(name)}: log in again, or remove it") from None


def read(name: str) -> Session:
    """Return the stored session *name*, with its tokens.

    Raises:
        NoSessionException: no session is stored, or it cannot be read.
    """
    name = _stored_name(name)
    session = _load(name)
    if session.get("keyring"):
        keyring = _find_keyring()
        cure = f"run gazu-cli login --profile {name}"
        if keyring is None:
            cure += " --no-keyring, or pip install keyring"
            raise NoSessionException(f"the tokens of {name} are in a keyring that this Python lacks: {cure}")
        try:
            session["tokens"] = json.loads(keyring.get_password(SERVICE, name))
        except Exception:  # the keyring is locked, or has no entry
            raise NoSessionException(f"the keyring has no tokens for {name}: {cure}") from None
    return {**session, "tokens": hide_tokens(session["tokens"])}


def describe(name: str) -> Session:
    """Return the session *name* without its tokens, for display."""
    name = _stored_name(name)
    session = _load(name)
    place = "keyring" if session.get("keyring") else "file"
    return {
        "name": name,
        "host": session["host"],
        "email": session.get("email"),
        "event_host": session.get("event_host"),
        "tokens_in": place,
        "current": name == get_current(),
    }


def write(name: str, session: Session, keyring: Optional[bool] = None) -> None:
    """Store *session* as *name*, replacing an earlier one.

    Args:
        keyring: where the tokens go: True for the keyring, False for the file, None for where they are;
            those of a new session go to the keyring if there is one.

    Raises:
        NoSessionException: there is no keyring, and *keyring* is True.
    """
    name = _stored_name(name)
    kept = {key: session[key] for key in ("host", "event_host", "email") if session.get(key)}
    tokens = _pick_tokens(session["tokens"])
    if keyring and _find_keyring() is None:
        raise NoSessionException("this Python has no keyring: pip install keyring, or leave --keyring out")
    earlier = _is_in_keyring(name)
    wanted = earlier if keyring is None else keyring
    in_keyring = wanted is not False and _store_in_keyring(name, tokens)
    kept.update({"keyring": True} if in_keyring else {"tokens": tokens})
    path = config_folder() / "servers" / f"{name}.json"
    _write_private(path, json.dumps(kept, indent=2))
    _remove(other for other in _paths() if other.stem == name and other != path)
    if earlier and not in_keyring:
        with contextlib.suppress(Exception):  # each backend raises its own classes
            _find_keyring().delete_password(SERVICE, name)


def _is_in_keyring(name: str) -> Optional[bool]:
    """Return whether the tokens of a session are in the keyring; None if there is no such session."""
    with contextlib.suppress(NoSessionException):
        return bool(_load(name).get("keyring"))
    return None


def _remove(paths: Iterable[Path]) -> None:
    for path in list(paths):
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def forget(name: str) -> None:
    """Remove the session *name* and its tokens."""
    name = _stored_name(name)
    if get_current() == name:
        set_current("")
    with contextlib.suppress(Exception):  # a missing keyring or a damaged file leaves nothing to remove
        session = _load(name)
        _forget_earlier_session(session["host"])
        if session.get("keyring"):
            _find_keyring().delete_password(SERVICE, name)
    _remove(path for path in _paths() if path.stem == name)


def _store_in_keyring(name: str, tokens: Dict[str, Any]) -> bool:
    store = _find_keyring()
    try:
        if store:
            store.set_password(SERVICE, name, json.dumps(tokens))
        return store is not None
    except Exception as error:  # each backend raises its own classes
        warn_caller(f"the keyring failed ({type(error).__name__}): storing the tokens in a file", GazuWarning)
        return False


def _find_keyring() -> Any:
    """Return the module `keyring` if it is installed and has a usable backend, or None."""
    try:
        import keyring

        return keyring if keyring.get_keyring().priority >= 1 else None
    except Exception:  # treat a backend that fails to load as missing
        return None


def _write_private(path: Path, text: str) -> None:
    """Write a file of ours atomically, readable by its owner only."""
    for folder in (config_folder(), path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace_private(path, text)


def _replace_private(path: Path, text: str) -> None:
    """Write a file atomically in a folder that exists, readable by its owner only."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")  # created with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        replace(temporary, str(path))
    except BaseException:
        with contextlib.suppress(OSError):  # which would hide the error
            os.unlink(temporary)
        raise
