"""Mutants of the cache."""

from . import Mutant

TESTS = ["tests/unit/test_cache.py", "tests/wire/test_revalidation.py", "tests/property/test_cache.py"]
FILE = "gazu/cache.py"
MUTANTS = [
    # Results of functions: when they are stale, and which one has to go.
    Mutant(FILE, "_generations.get(client.host, 0) + 1", "_generations.get(client.host, 0)"),
    Mutant(FILE, "its_generation != generation or", "its_generation < generation - 1 or"),
    Mutant(FILE, "expire > 0 and time.monotonic() - created_at > expire", "time.monotonic() - created_at > expire"),
    Mutant(FILE, "            self.entries.move_to_end(key)\n            self.hits", "            self.hits"),
    Mutant(FILE, "while maxsize > 0 and len(self.entries) > maxsize:", "while len(self.entries) > maxsize:"),
    Mutant(FILE, "while maxsize > 0 and len(self.entries) > maxsize:", "while 0 < maxsize <= len(self.entries):"),
    # Who is asked for what.
    Mutant(FILE, "(client.host, fingerprint(client.access_token))", "(client.host,)"),
    Mutant(FILE, "(client.host, fingerprint(client.access_token))", "(fingerprint(client.access_token),)"),
    Mutant(FILE, " and all(map(is_hashable_by_repr, value))\n", "\n"),
    Mutant(FILE, "all(map(is_hashable_by_repr, value.values())) and ", ""),
    Mutant(FILE, 'in ("uuid", "datetime")', 'in ("uuid",)'),
    Mutant(FILE, "code.co_flags & 0x0C", "code.co_flags & 0x04"),
    Mutant(FILE, "defaults.update(function.__kwdefaults__ or {})", "defaults.update({})"),
    # Copies.
    Mutant(FILE, "self.flat_fields.get(field, True) and _is_flat(value)", "_is_flat(value)"),
    Mutant(FILE, "value.copy() if flat else copied(value)", "value.copy()"),
    Mutant(FILE, "self.result: Any = copied(result)", "self.result: Any = result"),
    Mutant(FILE, "all(type(row) is dict for row in result)", "any(type(row) is dict for row in result)"),
    # Responses.
    Mutant(FILE, "        if len(body) > ETAG_CACHE_BYTES:\n            return\n", ""),
    Mutant(FILE, 'len(body) - len(self.entries.pop(key, ("", b""))[1])', "len(body)"),
    Mutant(FILE, "while self.size > ETAG_CACHE_BYTES:", "while self.size >= ETAG_CACHE_BYTES:"),
    Mutant(FILE, "            if key in self.entries:\n                self.entries.move_to_end(key)\n", ""),
    Mutant(FILE, 'cache_settings["enabled"] = False\n    etag_cache.clear()', 'cache_settings["enabled"] = False'),
    Mutant(FILE, "            self.entries.clear()\n            self.size = 0", "            self.entries.clear()"),
    # Forked processes.
    Mutant(FILE, "    etag_cache.renew()\n    for", "    for"),
    Mutant(FILE, "    for store in _stores:\n        store.renew()\n", ""),
    # Functions of earlier releases.
    Mutant(FILE, "expire > 0 and age.total_seconds() > expire", "age.total_seconds() > expire"),
    Mutant(
        FILE, '[value.host, hash(value.tokens.get("access_token"))]', '[value.host, value.tokens.get("access_token")]'
    ),
]
