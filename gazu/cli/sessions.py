"""Stored sessions: one file per server, readable by its owner only.

Tokens are stored in the system keyring if the package `keyring` finds one, otherwise in that file.
"""

import contextlib
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Optional
from urllib.parse import urlsplit

import click

from .errors import NOT_LOGGED_IN, Failure

#: `host`, `event_host`, `email` and `tokens`; in the file, `keyring: true` replaces tokens stored in the keyring.
Session = Dict[str, Any]
SERVICE = "gazu"


def __getattr__(name: str) -> Any:
    """Return the paths that release 1.3 has as constants; test suites set others in their place."""
    paths = {"CONFIG_DIR": config_folder, "CONFIG_FILE": _choice_path}
    if name not in paths:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return str(paths[name]())


def config_folder() -> Path:
    """Return the configuration folder."""
    if "CONFIG_DIR" in globals():
        return Path(globals()["CONFIG_DIR"])
    base = os.environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(base):
        return Path(base, "gazu")
    # The XDG specification ignores empty and relative paths; click would use them.
    posix = os.name == "posix" and sys.platform != "darwin"
    return Path("~/.config/gazu").expanduser() if posix else Path(click.get_app_dir("gazu"))


def _choice_path() -> Path:
    """Return the path of the file with the name of the current server."""
    return Path(globals().get("CONFIG_FILE") or config_folder() / "current")


def _path(name: str) -> Path:
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise Failure(f"{name!r} is not a valid server name: use letters, digits, dots and dashes")
    return config_folder() / "servers" / f"{name}.json"


def list_names() -> List[str]:
    """List the names of the stored servers."""
    return sorted(path.stem for path in (config_folder() / "servers").glob("*.json"))


def get_current() -> Optional[str]:
    """Return the name of the current server, or None."""
    name = _read_choice()
    if name is None:
        return _import_earlier_session()
    return name if name in list_names() else None


def _read_choice() -> Optional[str]:
    """Return the name selected last, which may no longer exist, or None."""
    with contextlib.suppress(FileNotFoundError):
        return _choice_path().read_text(encoding="utf-8", errors="replace").strip()
    return None


def _import_earlier_session() -> Optional[str]:
    """Import the session stored by release 1.3, once, and return its name."""
    try:
        old = json.loads(Path("~/.gazu/config.json").expanduser().read_text(encoding="utf-8"))
        write(find_name(old["host"]), {"host": old["host"], "tokens": _pick_tokens(old["tokens"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    set_current(find_name(old["host"]))
    return find_name(old["host"])


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
        with contextlib.suppress(Failure):  # skip sessions that cannot be read
            if _load(name)["host"] == host:
                return name
    return re.sub(r"[^\w.-]", "-", urlsplit(host).netloc).strip("-.") or "server"


def _load(name: str) -> Session:
    try:
        session = json.loads(_path(name).read_text(encoding="utf-8"))
        tokens = {} if session.get("keyring") else {"tokens": dict(session["tokens"])}
        return {"name": name, **session, "host": str(session["host"]), **tokens}
    except FileNotFoundError:
        known = ", ".join(list_names()) or "none yet: gazu-cli login"
        raise Failure(f"no server named {name!r} (known: {known})", NOT_LOGGED_IN) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Failure(f"cannot read {_path(name)}: log in again, or remove it", NOT_LOGGED_IN) from None


def read(name: str) -> Session:
    """Return the stored session *name*, with its tokens."""
    session = _load(name)
    if session.pop("keyring", False):
        try:
            session["tokens"] = json.loads(_find_keyring().get_password(SERVICE, name))
        except Exception:  # the keyring is missing, locked, or has no entry
            raise Failure(
                f"the keyring has no tokens for {name}: run gazu-cli login --name {name}", NOT_LOGGED_IN
            ) from None
    return session


def describe(name: str) -> Session:
    """Return the session *name* without its tokens, for display."""
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


def write(name: str, session: Session) -> None:
    """Store *session* as *name*, replacing an earlier one."""
    kept = {key: session[key] for key in ("host", "event_host", "email") if session.get(key)}
    tokens = _pick_tokens(session["tokens"])
    kept.update({"keyring": True} if _store_in_keyring(name, tokens) else {"tokens": tokens})
    _write_private(_path(name), json.dumps(kept, indent=2))


def forget(name: str) -> None:
    """Remove the session *name* and its tokens."""
    if get_current() == name:
        set_current("")
    with contextlib.suppress(Exception):  # a missing keyring or a damaged file leaves nothing to remove
        if _load(name).get("keyring"):
            _find_keyring().delete_password(SERVICE, name)
    with contextlib.suppress(FileNotFoundError):
        _path(name).unlink()


def _store_in_keyring(name: str, tokens: Dict[str, Any]) -> bool:
    store = _find_keyring()
    try:
        if store:
            store.set_password(SERVICE, name, json.dumps(tokens))
        return store is not None
    except Exception as error:  # each backend raises its own classes
        click.echo(f"the keyring failed ({type(error).__name__}): storing the tokens in a file", err=True)
        return False


def _find_keyring() -> Any:
    """Return the module `keyring` if it is installed and has a usable backend, or None."""
    try:
        import keyring

        return keyring if keyring.get_keyring().priority >= 1 else None
    except Exception:  # treat a backend that fails to load as missing
        return None


def _write_private(path: Path, text: str) -> None:
    """Write a file atomically, readable by its owner only."""
    for folder in (config_folder(), path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")  # created with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
