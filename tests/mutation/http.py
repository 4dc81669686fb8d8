"""Mutants of the transport and of the client, as far as tests without a network notice them."""

from . import Mutant

TESTS = [
    f"tests/unit/test_{name}.py"
    for name in ("protocol", "client", "atomic_file", "decoding", "multipart", "route", "many", "exception", "usages")
]
PROTOCOL = "gazu/_http/protocol.py"
RETRIES = "gazu/_http/retries.py"
FILE = "gazu/_http/atomic_file.py"
CLIENT = "gazu/client.py"
BASE = "gazu/_http/base_client.py"
REQUEST = "gazu/_http/request.py"
MULTIPART = "gazu/_http/multipart.py"
DECODING = "gazu/_http/decoding.py"
ROUTE = "gazu/_http/route.py"
FAILURES = "gazu/_http/failures.py"
WORKERS = "gazu/workers.py"
MUTANTS = [
    # What responses mean.
    Mutant(PROTOCOL, "    if status < 400:\n        return None\n    fallback", "    if status <= 400:\n        return None\n    fallback"),
    Mutant(PROTOCOL, "ServerErrorException if status >= 500 else", "ServerErrorException if status > 500 else"),
    Mutant(PROTOCOL, '"msg" in body and "message" not in body', '"msg" in body'),
    Mutant(PROTOCOL, "status in (401, 422) and message_of", "status == 401 and message_of"),
    Mutant(PROTOCOL, "error.status_code, error.method, error.path, error.body = status, method, path, body", "error.status_code = status"),
    # The log-in.
    Mutant(PROTOCOL, "MAX_AUTH_ATTEMPTS = 3", "MAX_AUTH_ATTEMPTS = 4"),
    Mutant(PROTOCOL, "if expired and client.use_refresh_token and client.refresh_token and", "if client.refresh_token and"),
    Mutant(PROTOCOL, "expired and client.use_refresh_token and client", "expired and client"),
    Mutant(PROTOCOL, "and not isinstance(error, InvalidTokenException)", "or isinstance(error, InvalidTokenException)"),
    Mutant(PROTOCOL, 'if k in ("access_token", "refresh_token")})', 'if k in ("access_token",)})'),
    Mutant(PROTOCOL, 'if k in ("access_token", "refresh_token")})', "})"),
    Mutant(PROTOCOL, "bearer_headers(used))", "bearer_headers(client.access_token))"),
    Mutant(PROTOCOL, "if not token or any(", "if any("),
    # Writes, redirects, the log.
    Mutant(PROTOCOL, "    finally:\n        if writes:  # again", "    finally:\n        if False:  # again"),
    Mutant(PROTOCOL, '("GET", "HEAD") and not request.reads', '("GET", "HEAD")'),
    Mutant(PROTOCOL, "if 300 <= response.status < 400 and", "if 300 < response.status < 302 and"),
    Mutant(PROTOCOL, 'request.path.split("?")[0], outcome', "request.path, outcome"),
    # The conversation.
    Mutant(
        PROTOCOL, "        if kind is not None:\n            self._steps.close()\n", "",
        survives="CPython closes a generator that nobody holds; others do it later",
    ),
    Mutant(PROTOCOL, "            self._error = error\n            return True", "            return False"),
    Mutant(PROTOCOL, "            del error  # its", "            pass  # its"),
    # Retries.
    Mutant(RETRIES, "MAX_ATTEMPTS = 5", "MAX_ATTEMPTS = 6"),
    Mutant(RETRIES, "frozenset((429, *GATEWAY_STATUSES))", "frozenset((429, 502, 503))"),
    Mutant(RETRIES, 'frozenset(("GET", "HEAD", "PUT", "DELETE"))', 'frozenset(("GET", "HEAD", "PUT", "DELETE", "POST"))'),
    Mutant(RETRIES, "if asked <= LONGEST_WAIT_SECONDS", "if asked < LONGEST_WAIT_SECONDS"),
    Mutant(RETRIES, "2.0 ** (attempt - 1)", "2.0 ** attempt"),
    Mutant(RETRIES, "        if self.left < 1:", "        if self.left < 0:"),
    Mutant(RETRIES, "self.left + 0.1", "self.left + 1.0"),
    Mutant(RETRIES, "or not error.sent), None)", "or error.sent), None)"),
    Mutant(RETRIES, "if not allowed or self.failures > self.left:", "if not allowed or self.failures >= self.left:"),
    Mutant(RETRIES, "not final and (self", "(self"),
    Mutant(RETRIES, "return self.lost and status == 404", "return status == 404"),
    Mutant(RETRIES, "timestamp() - now)", "timestamp())"),
    # Downloads.
    Mutant(PROTOCOL, "isinstance(error, AnswerUnreadable))", "False)"),
    Mutant(PROTOCOL, 'RetryState("GET", MAX_ATTEMPTS, client', 'RetryState("GET", 1, client'),
    Mutant(PROTOCOL, "max(asked, SHORTEST_WAIT_SECONDS)", "asked"),
    Mutant(PROTOCOL, "yield Sleep(min(left, ", "yield Sleep(max(0, "),
    Mutant(PROTOCOL, '.startswith(("pictures/", "movies/"))', '.startswith(("pictures/",))'),
    Mutant(PROTOCOL, "        target.check_size(request)\n", ""),
    Mutant(PROTOCOL, "    except BaseException:\n        response.response.close()\n        raise", "    except BaseException:\n        raise"),
    Mutant(FILE, 'or mark.startswith("W/") or', "or"),
    Mutant(FILE, "same and whole in (0, self.total)", "same"),
    Mutant(FILE, "        return same and whole", "        return whole"),
    Mutant(FILE, "        if not self.size:\n            packed", "        if True:\n            packed"),
    Mutant(FILE, "if self.size < self.total:", "if self.size > self.total:"),
    Mutant(FILE, "int(part.group(1)) != self.size", "int(part.group(1)) > self.size"),
    Mutant(FILE, "os.chmod(self.temporary, self.mode)", "pass"),
    Mutant(FILE, "if error.status_code != 416:", "if error.status_code == 404:"),
    Mutant(FILE, "            self.file.truncate()\n", ""),
    Mutant(FILE, "min(254, longest", "min(256, longest"),
    Mutant(FILE, "longest - 1 - len", "longest + 1 - len"),
    # Pages and lists.
    Mutant(PROTOCOL, "last = max(last, answer", "last = (answer"),
    Mutant(PROTOCOL, "2 * announced + MAX_NEW_PAGES", "3 * announced + MAX_NEW_PAGES"),
    Mutant(PROTOCOL, "(0 if page == 2 else at_once - 1)", "(at_once - 1)"),
    Mutant(PROTOCOL, "if page > 2 and not all(", "if page > 3 and not all("),
    Mutant(CLIENT, "if not whole or len(seen) < totals[0]:", "if len(seen) < totals[0]:"),
    Mutant(CLIENT, "if not whole or len(seen) < totals[0]:", "if not whole:"),
    Mutant(CLIENT, 'or "%" in name or "\\\\" in name:', 'or "%" in name:'),
    Mutant(CLIENT, '.lower() == composed(name).lower()]', "== name]"),
    # Clients.
    Mutant(BASE, '"refresh_lock", "retry_budget", "outbox", "memory")', '"refresh_lock", "retry_budget")'),
    Mutant(BASE, "return self._event_host or self.host", "return self.host"),
    Mutant(BASE, "token.isascii() and token.isprintable()", "token.isascii()"),
    Mutant(REQUEST, "TRANSFER_TIMEOUT if transfer else DEFAULT_TIMEOUT", "DEFAULT_TIMEOUT"),
    Mutant(REQUEST, '("&" if "?" in path else "?")', '"?"'),
    Mutant(REQUEST, "str(size).isdecimal() and int(size) >= 1", "str(size).isdecimal() and int(size) >= 0"),
    # Bodies.
    Mutant(DECODING, "    finally:\n        gc.enable()", "    finally:\n        pass"),
    Mutant(DECODING, "    if not gc.isenabled():\n        return loads(response)\n", ""),
    Mutant(DECODING, "len(response.content) >= GC_PAUSE_BYTES", "len(response.content) > GC_PAUSE_BYTES"),
    Mutant(MULTIPART, "content.seek(0, os.SEEK_END) - start", "content.seek(0, os.SEEK_END)"),
    Mutant(MULTIPART, 'replace("\\r", "%0D")', 'replace("\\r", "")'),
    Mutant(ROUTE, '{".", ".."}.isdisjoint', '{".."}.isdisjoint'),
    Mutant(ROUTE, 'quote(text, safe="")', "quote(text)"),
    Mutant(FAILURES, "seen = inner if isinstance(inner, (ReadTimeoutError, SSLError)) else error", "seen = error"),
    # Many calls.
    Mutant(WORKERS, "MAX_WORKERS = 64", "MAX_WORKERS = 6400"),
    Mutant(WORKERS, "            future.cancel()\n", "            pass\n"),
    Mutant(WORKERS, "workers - len(running)", "workers"),
]  # fmt: skip
