"""The log-ins that are kept: a file for each server, which nobody but its owner can read.

The tokens are in the keyring of the system where the package `keyring` finds one, else in that file.
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

#: `host`, `event_host`, `email` and `tokens`; in the file, `keyring` instead of the tokens that are there.
Session = Dict[str, Any]
SERVICE = "gazu"


def folder() -> Path:
    """Return the folder of the settings."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(base):
        return Path(base, "gazu")
    # An empty or a relative one counts as none, and click would take it as it is.
    posix = os.name == "posix" and sys.platform != "darwin"
    return Path("~/.config/gazu").expanduser() if posix else Path(click.get_app_dir("gazu"))


def _path(name: str) -> Path:
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise Failure(f"{name!r} is no name for a server: letters, digits, dots and dashes only")
    return folder() / "servers" / f"{name}.json"


def names() -> List[str]:
    """List the names of the servers."""
    return sorted(path.stem for path in (folder() / "servers").glob("*.json"))


def current() -> Optional[str]:
    """Return the name of the server that commands mean, if there is one."""
    name = _choice()
    if name is None:
        return _adopt()
    return name if name in names() else None


def _choice() -> Optional[str]:
    """Return the name that was chosen last, whatever it is worth by now."""
    with contextlib.suppress(FileNotFoundError):
        return (folder() / "current").read_text(encoding="utf-8", errors="replace").strip()
    return None


def _adopt() -> Optional[str]:
    """Take over the one session that earlier releases kept, the first time that this one looks."""
    try:
        old = json.loads(Path("~/.gazu/config.json").expanduser().read_text(encoding="utf-8"))
        write(name_for(old["host"]), {"host": old["host"], "tokens": _plain(old["tokens"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    use(name_for(old["host"]))
    return name_for(old["host"])


def _plain(tokens: Dict[str, Any]) -> Dict[str, Any]:
    """Return the tokens alone, without what else the server said when it gave them."""
    return {key: tokens[key] for key in ("access_token", "refresh_token") if tokens.get(key)}


def use(name: str) -> None:
    """Have commands mean the server of this name; `""` is none."""
    _replace(folder() / "current", name)


def name_for(host: str) -> str:
    """Return the name of the server at *host*: that of its session, the current one first, or one made up."""
    choice = _choice()
    for name in sorted(names(), key=lambda name: name != choice):
        with contextlib.suppress(Failure):  # one that cannot be read is no reason against another
            if _load(name)["host"] == host:
                return name
    return re.sub(r"[^\w.-]", "-", urlsplit(host).netloc).strip("-.") or "server"


def _load(name: str) -> Session:
    try:
        session = json.loads(_path(name).read_text(encoding="utf-8"))
        tokens = {} if session.get("keyring") else {"tokens": dict(session["tokens"])}
        return {"name": name, **session, "host": str(session["host"]), **tokens}
    except FileNotFoundError:
        known = ", ".join(names()) or "none yet: gazu-cli login"
        raise Failure(f"no server is named {name!r} (known: {known})", NOT_LOGGED_IN) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Failure(f"{_path(name)} cannot be read: log in again, or remove it", NOT_LOGGED_IN) from None


def read(name: str) -> Session:
    """Return the session of the server of this name, with its tokens."""
    session = _load(name)
    if session.pop("keyring", False):
        try:
            session["tokens"] = json.loads(_keyring().get_password(SERVICE, name))
        except Exception:  # it is gone, locked, or has none
            raise Failure(
                f"the keyring gives no tokens of {name}: gazu-cli login --name {name}", NOT_LOGGED_IN
            ) from None
    return session


def describe(name: str) -> Session:
    """Return what may be shown of the session of this name: no token."""
    session = _load(name)
    place = "keyring" if session.get("keyring") else "file"
    return {
        "name": name,
        "host": session["host"],
        "email": session.get("email"),
        "event_host": session.get("event_host"),
        "tokens_in": place,
        "current": name == current(),
    }


def write(name: str, session: Session) -> None:
    """Keep a session under this name, in the place of an earlier one."""
    kept = {key: session[key] for key in ("host", "event_host", "email") if session.get(key)}
    tokens = _plain(session["tokens"])
    kept.update({"keyring": True} if _in_keyring(name, tokens) else {"tokens": tokens})
    _replace(_path(name), json.dumps(kept, indent=2))


def forget(name: str) -> None:
    """Remove the session of this name, and its tokens."""
    if current() == name:
        use("")
    with contextlib.suppress(Exception):  # a keyring that is gone, or a file that is damaged, holds nothing of use
        if _load(name).get("keyring"):
            _keyring().delete_password(SERVICE, name)
    with contextlib.suppress(FileNotFoundError):
        _path(name).unlink()


def _in_keyring(name: str, tokens: Dict[str, Any]) -> bool:
    store = _keyring()
    try:
        if store:
            store.set_password(SERVICE, name, json.dumps(tokens))
        return store is not None
    except Exception as error:  # backends have errors of their own
        click.echo(f"the keyring refuses ({type(error).__name__}): the tokens go to a file", err=True)
        return False


def _keyring() -> Any:
    """Return the module `keyring` if it is installed and has a place to keep secrets, or None."""
    try:
        import keyring

        return keyring if keyring.get_keyring().priority >= 1 else None
    except Exception:  # a backend that does not load is one that is not there
        return None


def _replace(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")  # its mode is 0600 from the start
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
