"""A memory of answers, off until `enable()` is called.

A decorated function remembers, for *expire* seconds, what it answered to whom: the
key holds the host and the token of the client, so that nobody sees another's rows.
A write through the library makes everything remembered of that host forgotten.

Whoever asks the server, the body of an answer that came with an ETag is kept too: the
next request tells the server which one is here, and if it still holds, that is all it says.
"""

import functools
import os
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from typing import Any, Callable, Dict, List, MutableMapping, Optional, Tuple, TypeVar

from ._memory import undisturbed

F = TypeVar("F", bound=Callable[..., Any])

cache_settings: Dict[str, Any] = {"enabled": False}
cached_functions: List[Any] = []

#: How often each host was written to; what was remembered at another count is stale.
_writes: Dict[str, int] = {}
_PLAIN = frozenset((str, int, float, bool, type(None)))
_MISSING = object()
#: Rows: fewer are made before a collection of garbage would start.
MANY = 100
#: Bytes: what is kept of answers with an ETag, all together.
BODIES_SIZE = 256 * 1024 * 1024


def forget(client: Any) -> None:
    """Forget what is remembered of the host of *client*: it has been written to."""
    _writes[client.host] = _writes.get(client.host, 0) + 1


def enable() -> bool:
    """Turn the cache on for all functions."""
    cache_settings["enabled"] = True
    return True


def disable() -> bool:
    """Turn the cache off for all functions."""
    cache_settings["enabled"] = False
    bodies.clear()
    return False


def clear_all() -> None:
    """Forget everything."""
    bodies.clear()
    for function in cached_functions:
        function.clear_cache()


def clear(function: Callable[..., Any]) -> None:
    """Forget what *function* answered."""
    function.clear_cache()  # type: ignore[attr-defined]


class _Store:
    """What one function answered, the least recently used first, and how often that helped."""

    def __init__(self, maxsize: int, expire: float) -> None:
        self.state: Dict[str, Any] = {"enabled": True, "expire": expire, "maxsize": maxsize}
        self.clear_counts()
        self.entries: "OrderedDict[Any, Tuple[float, int, _Kept]]" = OrderedDict()
        self.renew()
        _stores.append(self)

    def renew(self) -> None:
        """Take a lock that no other thread holds: a forked child has none that would give it back."""
        self.lock = threading.Lock()

    def set(self, name: str, value: Any) -> None:
        """Change one of the settings: `enabled`, `expire`, `maxsize`."""
        self.state[name] = value

    def clear_counts(self) -> None:
        self.hits = self.misses = self.expired_hits = 0

    def find(self, key: Any, written: int) -> Optional["_Kept"]:
        """Return what is kept of the answer, or None."""
        with self.lock:
            entry = self.entries.get(key)
            if entry is None:
                self.misses += 1
                return None
            born, writes, value = entry
            expire = self.state["expire"]
            if writes != written or (expire > 0 and time.monotonic() - born > expire):
                del self.entries[key]
                self.expired_hits += 1
                return None
            self.entries.move_to_end(key)
            self.hits += 1
            return value

    def keep(self, key: Any, written: int, value: "_Kept") -> None:
        maxsize = self.state["maxsize"]
        with self.lock:
            self.entries[key] = (time.monotonic(), written, value)
            while maxsize > 0 and len(self.entries) > maxsize:
                self.entries.popitem(last=False)

    def clear(self) -> None:
        with self.lock:
            self.entries.clear()

    def infos(self) -> Dict[str, Any]:
        return {
            **self.state,
            "hits": self.hits,
            "misses": self.misses,
            "expired_hits": self.expired_hits,
            "current_size": len(self.entries),
        }


class _Bodies:
    """Bodies that came with an ETag, the least recently used first, and the bytes of them all."""

    def __init__(self) -> None:
        self.entries: "OrderedDict[Any, Tuple[str, bytes]]" = OrderedDict()
        self.renew()

    def renew(self) -> None:
        """Start anew in a forked child: the fork may have come while another thread was at work here."""
        self.lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self.lock:
            self.entries.clear()
            self.size = 0

    def find(self, key: Any) -> Optional[Tuple[str, bytes]]:
        """Return the ETag and the body, or None."""
        with self.lock:
            if key in self.entries:
                self.entries.move_to_end(key)
            return self.entries.get(key)

    def keep(self, key: Any, etag: str, body: bytes) -> None:
        """Keep a body unless it alone is too large; those used longest ago make room for it."""
        if len(body) > BODIES_SIZE:
            return
        with self.lock:
            self.size += len(body) - len(self.entries.pop(key, ("", b""))[1])
            self.entries[key] = (etag, body)
            while self.size > BODIES_SIZE:
                self.size -= len(self.entries.popitem(last=False)[1][1])


_stores: List[_Store] = []
bodies = _Bodies()


def _after_fork() -> None:
    bodies.renew()
    for store in _stores:
        store.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def cache(function: F, maxsize: int = 300, expire: float = 120) -> F:
    """Decorate *function* to remember its answers while the cache is enabled.

    The decorated function gets the attributes `clear_cache()`, `enable_cache()`,
    `disable_cache()`, `set_cache_expire(seconds)`, `set_cache_max_size(count)` and
    `get_cache_infos()`.

    Args:
        maxsize: answers to keep; 0 for no limit.
        expire: seconds to keep them; 0 for ever.
    """
    store, signature = _Store(maxsize, expire), _Signature(function)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not (cache_settings["enabled"] and store.state["enabled"]):
            return function(*args, **kwargs)
        client, values = signature.bind(args, kwargs)
        if values is None or not _is_plain(values):
            return function(*args, **kwargs)  # which says what is wrong, if anything is
        identity = () if client is None else (client.host, client.access_token)
        written = 0 if client is None else _writes.get(client.host, 0)
        key = (identity, repr(values))
        kept = store.find(key, written)
        if kept is not None:
            return kept.copy()
        answer = function(*args, **kwargs)
        with suppress(Exception):  # what cannot be copied cannot be remembered
            store.keep(key, written, _Kept(answer))
        return answer

    attributes: Dict[str, Any] = {
        "clear_cache": store.clear,
        "enable_cache": functools.partial(store.set, "enabled", True),
        "disable_cache": functools.partial(store.set, "enabled", False),
        "set_cache_expire": functools.partial(store.set, "expire"),
        "set_cache_max_size": functools.partial(store.set, "maxsize"),
        "get_cache_infos": store.infos,
    }
    wrapper.__dict__.update(attributes)
    cached_functions.append(wrapper)
    return wrapper  # type: ignore[return-value]


class _Signature:
    """The parameters of a function, which say what a call means, by position or by name."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.names, self.defaults = _parameters(function)
        self.client_at = self.names.index("client") if "client" in self.names else -1

    def bind(self, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Tuple[Any, Optional[Tuple[Any, ...]]]:
        """Return the client of a call, if the function takes one, and all other values; None if the call is wrong."""
        if not self.names:
            return None, (args, kwargs)
        rest = self.names[len(args) :]
        values = args + tuple([kwargs.get(name, self.defaults.get(name, _MISSING)) for name in rest])
        if _MISSING in values[len(args) :] or len(values) > len(self.names) or not all(name in rest for name in kwargs):
            return None, None
        if self.client_at < 0:
            return None, values
        return values[self.client_at], values[: self.client_at] + values[self.client_at + 1 :]


class _Kept:
    """A copy of an answer, of which nobody else has a part, and how to make more of it.

    Rows are copied whole, by C, and then those of their fields that hold lists or dicts: which
    these are, and if they hold more of the kind, is looked up once.
    """

    def __init__(self, answer: Any) -> None:
        self.answer = copied(answer)
        self.is_rows = type(answer) is list and all(type(row) is dict for row in answer)
        self.flat_fields: Dict[str, bool] = {}
        for row in answer if self.is_rows else ():
            for field, value in row.items():
                if type(value) not in _PLAIN:
                    self.flat_fields[field] = self.flat_fields.get(field, True) and _is_flat(value)

    def copy(self) -> Any:
        if not self.is_rows:
            return copied(self.answer)
        return undisturbed(self._rows) if len(self.answer) > MANY else self._rows()

    def _rows(self) -> Any:
        rows = [row.copy() for row in self.answer]
        for field, flat in self.flat_fields.items():
            for row in rows:
                value = row.get(field)
                if type(value) not in _PLAIN:
                    row[field] = value.copy() if flat else copied(value)
        return rows


def _is_flat(value: Any) -> bool:
    """Return whether a list or a dict holds none of its kind."""
    inside = value.values() if type(value) is dict else value
    return type(value) in (dict, list) and all(type(item) in _PLAIN for item in inside)


def copied(value: Any) -> Any:
    """Return a copy of an answer, faster than `copy.deepcopy`, as answers are trees."""
    kind = type(value)
    if kind is dict:
        return {key: item if type(item) in _PLAIN else copied(item) for key, item in value.items()}
    if kind is list:
        return [item if type(item) in _PLAIN else copied(item) for item in value]
    if kind in _PLAIN:
        return value
    import copy

    return copy.deepcopy(value)


def _parameters(function: Callable[..., Any]) -> Tuple[Tuple[str, ...], Dict[str, Any]]:
    """Return the names of the parameters and the defaults; no names if they are not all plain (*args)."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_flags & 0x0C:  # CO_VARARGS, CO_VARKEYWORDS
        return (), {}
    positional = code.co_varnames[: code.co_argcount]
    values = function.__defaults__ or ()
    defaults = dict(zip(positional[len(positional) - len(values) :], values))
    defaults.update(function.__kwdefaults__ or {})
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount], defaults


def _is_plain(value: Any) -> bool:
    """Return whether the text of *value* says all about it."""
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(map(_is_plain, value.values())) and all(map(_is_plain, value))
    return type(value) in _PLAIN or type(value).__module__ in ("uuid", "datetime")


# -- the tools of earlier releases, which scripts call on stores of their own ---
def is_cache_enabled(state: MutableMapping[str, Any]) -> bool:
    """Return whether the cache is on, globally and in the *state* of a function."""
    return bool(cache_settings["enabled"] and state["enabled"])


def get_cache_key(args: Any, kwargs: Any) -> str:
    """Return a text that stands for the arguments of a call."""
    import json

    kwargs = {name: _named(value) for name, value in kwargs.items()}
    if args and kwargs:
        return json.dumps([list(args), kwargs], default=_named)
    return json.dumps(list(args) if args else kwargs, default=_named)


def _named(value: Any) -> Any:
    """Return a value that JSON can hold: for a client, who it is to which host."""
    if hasattr(value, "host") and hasattr(value, "tokens"):
        return [value.host, hash(value.tokens.get("access_token"))]
    return value if isinstance(value, (str, int, float, list, dict, type(None))) else repr(value)


def get_value(cache_store: MutableMapping[str, Any], key: str) -> Any:
    """Return a copy of the value stored under *key*."""
    import copy

    return copy.deepcopy(cache_store[key]["value"])


def insert_value(function: Callable[..., Any], cache_store: MutableMapping[str, Any], args: Any, kwargs: Any) -> Any:
    """Call *function*, keep what it returns in *cache_store*, and return a copy of it."""
    import datetime

    key = get_cache_key(args, kwargs)
    cache_store[key] = {"date_accessed": datetime.datetime.now(), "value": function(*args, **kwargs)}
    return get_value(cache_store, key)


def is_cache_expired(memo: MutableMapping[str, Any], state: MutableMapping[str, Any], key: str) -> bool:
    """Return whether the value under *key* is older than the `expire` of *state*, in seconds; 0 is never."""
    import datetime

    expire = state["expire"]
    age = datetime.datetime.now() - memo[key]["date_accessed"]
    return bool(expire > 0 and age.total_seconds() > expire)


def remove_oldest_entry(memo: MutableMapping[str, Any], maxsize: int) -> Any:
    """Remove the entry stored first if *memo* has more than *maxsize* (0: no limit); return its key."""
    if not (maxsize > 0 and len(memo) > maxsize):
        return None
    oldest = min(memo, key=lambda key: memo[key]["date_accessed"])
    memo.pop(oldest)
    return oldest
