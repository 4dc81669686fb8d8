"""A memoizing decorator for functions and a cache of responses by ETag, both off until `enable()` is called.

A decorated function keeps its results for *expire* seconds. The key holds the host and the
token of the client, so that no user sees the rows of another. A write through the library
invalidates all results of that host.

The body of each response that came with an ETag is kept as well. The next request sends that
ETag, and the server responds 304 without a body while nothing has changed.
"""

import functools
import os
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from typing import Any, Callable, Dict, List, MutableMapping, Optional, Tuple, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

cache_settings: Dict[str, Any] = {"enabled": False}
cached_functions: List[Any] = []

#: The number of writes to each host: an entry of another generation is stale.
_generations: Dict[str, int] = {}
_SCALARS = frozenset((str, int, float, bool, type(None)))
_MISSING = object()
#: The size of all bodies in the ETag cache.
ETAG_CACHE_BYTES = 256 * 1024 * 1024


def forget(client: Any) -> None:
    """Invalidate all results of the host of *client*: it has been written to."""
    _generations[client.host] = _generations.get(client.host, 0) + 1


@functools.lru_cache(maxsize=8)
def fingerprint(token: Optional[str]) -> bytes:
    """Return what stands for *token* in keys, which outlive it."""
    import hashlib  # loaded when it is needed: it would be a tenth of `import gazu`

    return hashlib.sha256(token.encode(errors="replace")).digest() if token else b""


def forget_token(token: Optional[str]) -> None:
    """Remove all results and responses that were fetched with *token*, as at a log-out."""
    mark = fingerprint(token)
    fingerprint.cache_clear()  # it holds the token
    etag_cache.remove(lambda key: key[1] == mark)
    for store in _stores:
        store.remove(lambda key: key[0][1:] == (mark,))


# -- on and off ----------------------------------------------------------------
def enable() -> bool:
    """Turn the cache on for all functions.

    Example:
        >>> gazu.cache.enable()
        True
        >>> rows = [gazu.shot.get_shot(shot["id"]) for _ in range(3)]  # one request
        >>> gazu.cache.disable()
        False
    """
    cache_settings["enabled"] = True
    return True


def disable() -> bool:
    """Turn the cache off for all functions.

    Example:
        >>> gazu.cache.disable()
        False
    """
    cache_settings["enabled"] = False
    etag_cache.clear()
    return False


def clear_all() -> None:
    """Remove all results and all responses.

    Example:
        >>> gazu.cache.clear_all()
    """
    etag_cache.clear()
    for function in cached_functions:
        function.clear_cache()


def clear(function: Callable[..., Any]) -> None:
    """Remove all results of *function*."""
    function.clear_cache()  # type: ignore[attr-defined]


class _Store:
    """The results of one function, the least recently used first, with counts of hits and misses."""

    def __init__(self, maxsize: int, expire: float) -> None:
        self.state: Dict[str, Any] = {"enabled": True, "expire": expire, "maxsize": maxsize}
        self.clear_counts()
        self.entries: "OrderedDict[Any, Tuple[float, int, CacheEntry]]" = OrderedDict()
        self.renew()
        _stores.append(self)

    def renew(self) -> None:
        """Replace the lock: in a forked child, the thread that may have held it does not exist."""
        self.lock = threading.Lock()

    def set(self, name: str, value: Any) -> None:
        """Set `enabled`, `expire` or `maxsize`."""
        self.state[name] = value

    def clear_counts(self) -> None:
        self.hits = self.misses = self.expired_hits = 0

    def find(self, key: Any, generation: int) -> Optional["CacheEntry"]:
        """Return the cached entry, or None."""
        with self.lock:
            entry = self.entries.get(key)
            if entry is None:
                self.misses += 1
                return None
            created_at, its_generation, value = entry
            expire = self.state["expire"]
            if its_generation != generation or (expire > 0 and time.monotonic() - created_at > expire):
                del self.entries[key]
                self.expired_hits += 1
                return None
            self.entries.move_to_end(key)
            self.hits += 1
            return value

    def keep(self, key: Any, generation: int, value: "CacheEntry") -> None:
        """Add an entry; those used longest ago make room for it."""
        maxsize = self.state["maxsize"]
        with self.lock:
            self.entries[key] = (time.monotonic(), generation, value)
            while maxsize > 0 and len(self.entries) > maxsize:
                self.entries.popitem(last=False)

    def clear(self) -> None:
        with self.lock:
            self.entries.clear()

    def remove(self, is_old: Callable[[Any], bool]) -> None:
        """Remove the entries whose keys are old."""
        with self.lock:
            for key in [key for key in self.entries if is_old(key)]:
                del self.entries[key]

    def attributes(self) -> Dict[str, Any]:
        """Return what a decorated function gets."""
        return {
            "clear_cache": self.clear,
            "enable_cache": functools.partial(self.set, "enabled", True),
            "disable_cache": functools.partial(self.set, "enabled", False),
            "set_cache_expire": functools.partial(self.set, "expire"),
            "set_cache_max_size": functools.partial(self.set, "maxsize"),
            "get_cache_infos": self.infos,
        }

    def infos(self) -> Dict[str, Any]:
        return {
            **self.state,
            "hits": self.hits,
            "misses": self.misses,
            "expired_hits": self.expired_hits,
            "current_size": len(self.entries),
        }


class _ETagCache:
    """Response bodies with their ETags, the least recently used first; `size` counts the bytes of all bodies."""

    def __init__(self) -> None:
        self.entries: "OrderedDict[Any, Tuple[str, bytes]]" = OrderedDict()
        self.size: int = 0
        self.renew()

    def renew(self) -> None:
        """Start empty in a forked child: at the fork, another thread may have been changing the entries."""
        self.lock: Any = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self.lock:
            self.entries.clear()
            self.size = 0

    def remove(self, is_old: Callable[[Any], bool]) -> None:
        """Remove the bodies whose keys are old."""
        with self.lock:
            for key in [key for key in self.entries if is_old(key)]:
                self.size -= len(self.entries.pop(key)[1])

    def find(self, key: Any) -> Optional[Tuple[str, bytes]]:
        """Return the ETag and the body, or None."""
        with self.lock:
            if key in self.entries:
                self.entries.move_to_end(key)
            return self.entries.get(key)

    def keep(self, key: Any, etag: str, body: bytes) -> None:
        """Keep a body unless it alone is too large; those used longest ago make room for it."""
        if len(body) > ETAG_CACHE_BYTES:
            return
        with self.lock:
            self.size += len(body) - len(self.entries.pop(key, ("", b""))[1])
            self.entries[key] = (etag, body)
            while self.size > ETAG_CACHE_BYTES:
                self.size -= len(self.entries.popitem(last=False)[1][1])


_stores: List[_Store] = []
etag_cache: _ETagCache = _ETagCache()


def _after_fork() -> None:
    etag_cache.renew()
    for store in _stores:
        store.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def cache(function: F, maxsize: int = 300, expire: float = 120) -> F:
    """Decorate *function* to keep its results while the cache is enabled.

    The decorated function gets the attributes `clear_cache()`, `enable_cache()`,
    `disable_cache()`, `set_cache_expire(seconds)`, `set_cache_max_size(count)` and
    `get_cache_infos()`.

    Args:
        maxsize: results to keep; 0 for no limit.
        expire: seconds to keep them; 0 forever.
    """
    store, signature = _Store(maxsize, expire), _Signature(function)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not (cache_settings["enabled"] and store.state["enabled"]):
            return function(*args, **kwargs)
        client, values = signature.bind(args, kwargs)
        if values is None or not is_hashable_by_repr(values):
            return function(*args, **kwargs)  # which raises TypeError if the arguments are wrong
        identity = () if client is None else (client.host, fingerprint(client.access_token))
        generation = 0 if client is None else _generations.get(client.host, 0)
        key = (identity, repr(values))
        entry = store.find(key, generation)
        if entry is not None:
            return entry.copy()
        result = function(*args, **kwargs)
        with suppress(Exception):  # what cannot be copied cannot be kept
            store.keep(key, generation, CacheEntry(result))
        return result

    wrapper.__dict__.update(store.attributes())
    cached_functions.append(wrapper)
    return wrapper  # type: ignore[return-value]


class _Signature:
    """The parameters of a function: equal calls by position and by name get equal values."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.names, self.defaults = _parameters(function)
        self.client_at = self.names.index("client") if "client" in self.names else -1

    def bind(self, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Tuple[Any, Optional[Tuple[Any, ...]]]:
        """Return the client of a call, if the function takes one, and all other values; None if the call is wrong."""
        if not self.names:
            return None, (args, kwargs)
        rest = self.names[len(args) :]
        values = args + tuple([kwargs.get(name, self.defaults.get(name, _MISSING)) for name in rest])
        if _MISSING in values[len(args) :] or not all(name in rest for name in kwargs):
            return None, None
        if self.client_at < 0:
            return None, values
        return values[self.client_at], values[: self.client_at] + values[self.client_at + 1 :]


class CacheEntry:
    """A private copy of a result, and how to copy it fast.

    Rows are copied as a whole, in C, and then those of their fields that hold lists or dicts.
    Which fields these are, and whether their values are nested, is determined once.
    """

    def __init__(self, result: Any) -> None:
        self.result: Any = copied(result)
        self.is_rows: bool = type(result) is list and all(type(row) is dict for row in result)
        #: fields with a list or a dict in any row; False if it is nested in any row
        self.flat_fields: Dict[str, bool] = {}
        for row in result if self.is_rows else ():
            for field, value in row.items():
                if type(value) not in _SCALARS:
                    self.flat_fields[field] = self.flat_fields.get(field, True) and _is_flat(value)

    def copy(self) -> Any:
        if not self.is_rows:
            return copied(self.result)
        return self._rows()

    def _rows(self) -> Any:
        rows = [row.copy() for row in self.result]
        for field, flat in self.flat_fields.items():
            for row in rows:
                value = row.get(field)
                if type(value) not in _SCALARS:
                    row[field] = value.copy() if flat else copied(value)
        return rows


def _is_flat(value: Any) -> bool:
    """Return whether a list or a dict holds scalars only."""
    inside = value.values() if type(value) is dict else value
    return type(value) in (dict, list) and all(type(item) in _SCALARS for item in inside)


def copied(value: Any) -> Any:
    """Return a copy of *value*, faster than `copy.deepcopy`: decoded JSON is a tree."""
    kind = type(value)
    if kind is dict:
        return {key: item if type(item) in _SCALARS else copied(item) for key, item in value.items()}
    if kind is list:
        return [item if type(item) in _SCALARS else copied(item) for item in value]
    if kind in _SCALARS:
        return value
    import copy

    return copy.deepcopy(value)


def _parameters(function: Callable[..., Any]) -> Tuple[Tuple[str, ...], Dict[str, Any]]:
    """Return the names of the parameters and the defaults; no names for `*args` or `**kwargs`."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_flags & 0x0C:  # CO_VARARGS, CO_VARKEYWORDS
        return (), {}
    positional = code.co_varnames[: code.co_argcount]
    values = function.__defaults__ or ()
    defaults = dict(zip(positional[len(positional) - len(values) :], values))
    defaults.update(function.__kwdefaults__ or {})
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount], defaults


def is_hashable_by_repr(value: Any) -> bool:
    """Return whether values equal to *value*, and only these, have the same `repr`."""
    if isinstance(value, (list, tuple)):
        return all(map(is_hashable_by_repr, value))
    if type(value) is dict:
        return all(map(is_hashable_by_repr, value.values())) and all(map(is_hashable_by_repr, value))
    return type(value) in _SCALARS or type(value).__module__ in ("uuid", "datetime")


# -- functions of earlier releases ------------------------------------------------
def is_cache_enabled(state: MutableMapping[str, Any]) -> bool:
    """Return whether the cache is enabled, globally and in the *state* of a function."""
    return bool(cache_settings["enabled"] and state["enabled"])


def get_cache_key(*args: Any, **kwargs: Any) -> str:
    """Return a key for the arguments of a call.

    Args:
        args: with *kwargs*, the arguments; or the two parameters `args` and `kwargs`.
    """
    import json

    args, kwargs = _arguments(args, kwargs)
    if not args and not kwargs:
        return ""
    kwargs = {name: _named(value) for name, value in kwargs.items()}
    if args and kwargs:
        return json.dumps([list(args), kwargs], default=_named)
    return json.dumps(list(args) if args else kwargs, default=_named)


def _arguments(args: Any, kwargs: Any) -> Any:
    """Return the arguments of a call, which are spread out, or the two parameters `args` and `kwargs`."""
    given = {**dict(zip(("args", "kwargs"), args)), **kwargs}
    packed = len(args) <= 2 and set(given) == {"args", "kwargs"} and isinstance(given["kwargs"], dict)
    if packed and isinstance(given["args"], (tuple, list)):
        return given["args"], given["kwargs"]
    return args, kwargs


def _named(value: Any) -> Any:
    """Return a value that JSON can hold: for a client, its host and a hash of its token."""
    if hasattr(value, "host") and hasattr(value, "tokens"):
        return [value.host, hash(value.tokens.get("access_token"))]
    return value if isinstance(value, (str, int, float, list, dict, type(None))) else repr(value)


def get_value(cache_store: MutableMapping[str, Any], key: str) -> Any:
    """Return a copy of the value stored under *key* in *cache_store*."""
    import copy

    return copy.deepcopy(cache_store[key]["value"])


def insert_value(function: Callable[..., Any], cache_store: MutableMapping[str, Any], *args: Any, **kwargs: Any) -> Any:
    """Call *function*, keep its result in *cache_store*, and return a copy of it.

    The arguments are those of `get_cache_key`.

    Returns:
        The copy.
    """
    import datetime

    args, kwargs = _arguments(args, kwargs)
    key = get_cache_key(args, kwargs)
    cache_store[key] = {"date_accessed": datetime.datetime.now(), "value": function(*args, **kwargs)}
    return get_value(cache_store, key)


def is_cache_expired(memo: MutableMapping[str, Any], state: MutableMapping[str, Any], key: str) -> bool:
    """Return whether the value under *key* in *memo* is older than `expire` of *state*, in seconds; 0 means never."""
    import datetime

    expire = state["expire"]
    age = datetime.datetime.now() - memo[key]["date_accessed"]
    return bool(expire > 0 and age.total_seconds() > expire)


def remove_oldest_entry(memo: MutableMapping[str, Any], maxsize: int) -> Any:
    """Remove the entry stored first if *memo* has more than *maxsize* (0: no limit); return its key.

    Returns:
        The key, or None if there was room.
    """
    if not (maxsize > 0 and len(memo) > maxsize):
        return None
    oldest = min(memo, key=lambda key: memo[key]["date_accessed"])
    memo.pop(oldest)
    return oldest
