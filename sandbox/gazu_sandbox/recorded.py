"""What a test exchanges with the server: recorded once, and replayed without one, on any system."""

import base64
import contextlib
import difflib
import hashlib
import http.client
import json
import os
import random
import re
import threading
import time
import uuid
from email.message import Message
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple
from unittest import mock
from urllib.parse import unquote, urlsplit

import requests

from .errors import SandboxError

try:
    from vcr.cassette import Cassette
    from vcr.filters import decode_response
    from vcr.persisters.filesystem import CassetteNotFoundError
    from vcr.record_mode import RecordMode
    from vcr.request import Request
except ImportError as error:
    raise SandboxError(f"gazu_recorded needs vcrpy ({error}): pip install 'gazu-sandbox[recorded]'") from None

#: What stands in recordings for the hosts of the server. No network has such a name (RFC 2606).
HOST = "gazu-recorded.invalid"
EVENT_HOST = "events." + HOST
#: Headers of responses that say something to a client, and nothing of the server or its users.
HEADERS = (
    "Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Range", "Content-Type", "Date", "ETag",
    "Last-Modified", "Location", "Retry-After",
)  # fmt: skip
TOKEN_KEY = re.compile("token", re.I)
SECRET_KEY = re.compile("password|secret|otp|recovery|api_?key|fido|verifier", re.I)
SECRET_IN_URL = re.compile(r"([?&][^=&]*(?:token|password|secret|otp)[^=&]*=)[^&]*", re.I)
TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
ALIAS = re.compile("token-[0-9a-f]{8}")
EMAIL = re.compile(r"[\w.+'-]+@(?!example\.(?:com|net|org)\b)[\w-]+(?:\.[\w-]+)+")


class NotRecordedError(SandboxError):
    """A test that is replayed asked the server for something else than when it was recorded."""


def digest(content: bytes) -> str:
    """Return eight hexadecimal digits that stand for *content*."""
    return hashlib.sha256(content).hexdigest()[:8]


class Scrubber:
    """Replaces what nobody is to find in a repository, always by the same: also in what is compared with it."""

    def __init__(self, hosts: Dict[str, str]) -> None:
        """Replace *hosts*, each by another."""
        self.hosts = {f"://{urlsplit(host).netloc}": "://" + name for host, name in hosts.items()}

    def text(self, text: str) -> str:
        """Replace hosts, tokens and email addresses; those of example.com stay."""
        for host, name in self.hosts.items():
            text = text.replace(host, name)
        text = TOKEN.sub(lambda found: self.token(found.group()), text)
        return EMAIL.sub(lambda found: f"person-{digest(found.group().lower().encode())}@example.com", text)

    def token(self, token: str) -> str:
        """Return what stands for a token: another one for each."""
        return token if ALIAS.fullmatch(token) else f"token-{digest(token.encode())}"

    def value(self, value: Any, key: str = "") -> Any:
        """Replace the same, and secrets, in a value of JSON that stands under *key*."""
        if isinstance(value, dict):
            return {name: self.value(item, str(name)) for name, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, key) for item in value]
        if value in (None, "") or isinstance(value, bool):
            return value
        if SECRET_KEY.search(key):
            return "scrubbed"
        if not isinstance(value, str):
            return value
        return self.token(value) if TOKEN_KEY.search(key) else self.text(value)

    def request(self, request: Any) -> Any:
        """Return what is kept of a request, and compared."""
        parts = urlsplit(request.uri)
        address = parts.path + ("?" + parts.query if parts.query else "")
        headers = {name.lower(): "".join(value) for name, value in request.headers.items()}
        address = SECRET_IN_URL.sub(r"\1scrubbed", self.text(unquote(address)))
        sent = {"request": f"{request.method} {address}"}
        if headers.get("authorization"):
            sent["as"] = self.token(headers["authorization"].split(" ")[-1])
        content = _content(request.body)
        if content:
            sent["body"] = self._body(content, headers.get("content-type", ""))
        return sent

    def _body(self, content: bytes, kind: str) -> Any:
        head = Message()
        head["Content-Type"] = kind
        boundary = head.get_param("boundary")
        if boundary:
            return [self._part(*part) for part in _parts(content, str(boundary).encode())]
        try:
            return self.value(json.loads(content.decode("utf-8")))
        except ValueError:
            return _summary(content)

    def _part(self, name: str, filename: str, content: bytes) -> Dict[str, Any]:
        if filename:
            return {"name": name, "filename": filename, **_summary(content)}
        return {"name": name, "value": self.value(content.decode("utf-8", "replace"), name)}

    def response(self, response: Any) -> Dict[str, Any]:
        """Return what is kept of a response."""
        body = response["body"].get("string") or b""
        response = decode_response(response) if body else response
        body = response["body"].get("string") or b""
        names = {name.lower(): "".join(map(str, value)) for name, value in response["headers"].items()}
        headers = {name: self.text(names[name.lower()]) for name in HEADERS if name.lower() in names}
        kept = {"status": response["status"]["code"], "headers": headers}
        try:
            text = body.decode("utf-8")
            kept["json"] = self.value(json.loads(text))
        except UnicodeDecodeError:
            kept["base64"] = base64.b64encode(body).decode()
        except ValueError:
            kept["text"] = self.text(text)
        return kept


def _content(body: Any) -> bytes:
    """Return the body of a request as bytes."""
    body = getattr(body, "data", body)  # of gazu.aio
    if body is None or isinstance(body, bytes):
        return body or b""
    return body.encode() if isinstance(body, str) else b"".join(body)


def _parts(content: bytes, boundary: bytes) -> Iterator[Tuple[str, str, bytes]]:
    """Yield name, file name and content of the parts of a form."""
    for part in content.split(b"--" + boundary)[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        names = dict(re.findall(r'(name|filename)="([^"]*)"', head.decode("utf-8", "replace")))
        yield names.get("name", ""), names.get("filename", ""), value[:-2]


def _summary(content: bytes) -> Dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _played(exchange: Dict[str, Any]) -> Dict[str, Any]:
    """Return the response of a recorded exchange as vcrpy has it."""
    if "json" in exchange:
        body = json.dumps(exchange["json"]).encode()
    else:
        body = base64.b64decode(exchange["base64"]) if "base64" in exchange else exchange["text"].encode()
    code = exchange["status"]
    headers = {name: [value] for name, value in exchange["headers"].items()}
    headers["Content-Length"] = [str(len(body))]
    return {"status": {"code": code, "message": http.client.responses.get(code, "")}, "headers": headers,
            "body": {"string": body}}  # fmt: skip


class Sent(Request):  # type: ignore[misc]
    """A request, as it is kept and compared."""

    def __init__(self, sent: Dict[str, Any]) -> None:
        """Take what `Scrubber.request` returns, or what a file has of it."""
        method, _, address = sent["request"].partition(" ")
        super().__init__(method, address, None, {})
        self.sent = {name: sent[name] for name in ("request", "as", "body") if name in sent}


def is_same(one: Any, other: Any) -> bool:
    """Return whether two requests are the same."""
    return bool(one.sent == other.sent)


class StrictCassette(Cassette):  # type: ignore[misc]
    """A cassette that says what it does not have."""

    def can_play_response_for(self, request: Any) -> Any:
        """Return whether there is a response that was not played yet; in a replay there has to be one."""
        wanted = self.filter_request(request)
        if wanted is None or self.record_mode is not RecordMode.NONE:
            return False
        left = [one for i, one in enumerate(self.requests) if not self.play_counts[i]]
        if not any(is_same(wanted, one) for one in left):
            raise self._persister.not_recorded(wanted, self.requests)
        return True


class Recording:
    """The recording of one test, in a file."""

    def __init__(self, path: Path, hosts: Dict[str, str], is_new: bool) -> None:
        """Record to the file, or replay what is in it."""
        self.path, self.is_new = path, is_new
        self.scrubber = Scrubber(hosts)
        self.hosts = {urlsplit(host).netloc for host in hosts} if is_new else {HOST, EVENT_HOST}
        self.problems: List[Exception] = []
        self.passed = True
        self.document: Dict[str, Any] = {"seed": uuid.uuid4().hex, "exchanges": []}
        if not is_new:
            self._read()
        self._random = random.Random(self.document["seed"])
        self._cassette: Any = None

    def unique(self) -> str:
        """Return a name that nothing else has; the same ones in each replay."""
        return f"{self._random.getrandbits(48):012x}"

    def _read(self) -> None:
        try:
            self.document = json.loads(self.path.read_bytes().decode("utf-8", "surrogatepass"))
        except OSError:
            raise SandboxError(
                f"there is no recording {self.path}: run pytest --gazu-record once, on Linux or macOS"
            ) from None
        except ValueError as error:
            raise SandboxError(f"{self.path} is not a recording ({error}): run pytest --gazu-record again") from None

    def load_cassette(self, path: Any, serializer: Any) -> Any:
        """Return the requests and the responses, to vcrpy."""
        if self.is_new:
            raise CassetteNotFoundError
        exchanges = self.document["exchanges"]
        return [Sent(one) for one in exchanges], [_played(one) for one in exchanges]

    def save_cassette(self, path: Any, cassette: Any, serializer: Any) -> None:
        """Write nothing yet: the test may still fail."""

    def filter(self, request: Any) -> Any:
        """Return what is kept of a request; None if it goes to another server."""
        if isinstance(request, Sent):
            return request
        parts = urlsplit(request.uri)
        if parts.netloc not in self.hosts:
            return None
        if parts.path.startswith("/socket.io/"):
            raise self._noted(SandboxError("the event stream is not recorded: test it without gazu_recorded"))
        return Sent(self.scrubber.request(request))

    def _noted(self, problem: Exception) -> Exception:
        self.problems.append(problem)
        return problem

    def not_recorded(self, wanted: Any, recorded: List[Any]) -> Exception:
        """Return the error that shows the nearest request that was recorded."""
        lines = [f"{self.path.name} has no recording of", *_shown(wanted)]
        times = sum(is_same(wanted, one) for one in recorded)
        if times:
            lines.append(f"that was not played yet: it was recorded {times} {'time' if times == 1 else 'times'}")
        elif recorded:
            likeness = difflib.SequenceMatcher(b="\n".join(_shown(wanted))[:2000])
            nearest = max(recorded, key=lambda one: _ratio(likeness, one))
            lines += ["The nearest that was recorded, and how it differs:"]
            lines += [line[:300] for line in difflib.ndiff(_shown(nearest), _shown(wanted)) if line[0] in "-+"][:20]
        lines.append("If the test or the code was changed on purpose: pytest --gazu-record")
        return self._noted(NotRecordedError("\n".join(lines)))

    @contextlib.contextmanager
    def run(self) -> Iterator["Recording"]:
        """Record or replay what is sent meanwhile."""
        mode = RecordMode.ALL if self.is_new else RecordMode.NONE
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.object(requests.adapters.HTTPAdapter, "send", _one_at_a_time()))
            if not self.is_new:  # what is waited for is there
                stack.enter_context(mock.patch.object(time, "sleep", _no_sleep()))
            settings = {"path": str(self.path), "persister": self, "record_mode": mode, "match_on": (is_same,)}
            use = StrictCassette.use(before_record_request=self.filter, **settings)
            self._cassette = stack.enter_context(use)
            yield self

    def end(self, report: Any) -> None:
        """Take note how a phase of the test ended; write the recording after the last one, if all passed."""
        self.passed = self.passed and report.passed
        if report.when == "teardown" and self.passed and self.is_new:
            self._write()

    def _write(self) -> None:
        pairs = zip(self._cassette.requests, self._cassette.responses)
        self.document["exchanges"] = [{**sent.sent, **self.scrubber.response(got)} for sent, got in pairs]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f"{self.path.name}.{uuid.uuid4().hex[:8]}")
        text = json.dumps(self.document, indent=1, ensure_ascii=False) + "\n"
        try:
            draft.write_bytes(text.encode("utf-8", "surrogatepass"))
            os.replace(str(draft), str(self.path))
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()


def _shown(request: Any) -> List[str]:
    sent = request.sent
    lines = [sent["request"]] + ([f"as {sent['as']}"] if "as" in sent else [])
    return lines + (json.dumps(sent["body"], indent=1, sort_keys=True).splitlines() if "body" in sent else [])


def _ratio(likeness: Any, request: Any) -> float:
    likeness.set_seq1("\n".join(_shown(request))[:2000])
    return likeness.quick_ratio()


def _one_at_a_time() -> Any:
    """Return a function that sends as requests does, but for one thread at a time: vcrpy is not made for more."""
    send, lock = requests.adapters.HTTPAdapter.send, threading.RLock()

    def send_alone(self: Any, *args: Any, **kwargs: Any) -> Any:
        with lock:
            return send(self, *args, **kwargs)

    return send_alone


def _no_sleep() -> Any:
    sleep = time.sleep
    return lambda seconds: sleep(0)


def path_of(test: Path, name: str) -> Path:
    """Return the file of a test: *name* is that of the test in its file, with its parameters."""
    plain = name.replace("[recorded]", "").replace("[recorded-", "[").replace("::", ".")
    safe = re.sub(r"[^\w.-]+", "-", plain, flags=re.ASCII)[:80]
    if safe != plain or plain != plain.lower():  # two may have become one, where capitals do not count at the latest
        safe = f"{safe.strip('-')}-{digest(plain.encode())}"
    return test.parent / "recorded" / test.stem / f"{safe}.json"
