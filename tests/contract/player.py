"""Plays the steps of a recorded case, and reports what came of them in the words of the record."""

import datetime
import importlib
import os
import re
import time
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Dict, List

import gazu

from .hosts import Hosts, content_of, describe


class Player:
    def __init__(self, case: Dict[str, Any], hosts: Hosts, folder: Path) -> None:
        self.hosts = hosts
        self.setup: Dict[str, Any] = case.get("setup") or {}
        self.work, self.temporary = folder / "work", folder / "tmp"
        self.saved: Dict[str, Any] = {}
        self.clients: Dict[str, Any] = {"default": gazu.client.default_client}
        self.made: List[Any] = []
        self.calls: Dict[str, List[Any]] = {}

    # -- before and after ------------------------------------------------------
    def prepare(self) -> None:
        self.temporary.mkdir()
        for name, file in self.setup.get("files", {}).items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content_of(file)[0])
        self.before = self.files()
        client = self.clients["default"]
        gazu.client.set_host(self.hosts.addresses["default"] + "/api", client=client)
        self.give_tokens(client, self.setup, "default")
        if "use_refresh_token" in self.setup:
            client.use_refresh_token = self.setup["use_refresh_token"]
        if "callback_not_authenticated" in self.setup:
            client.callback_not_authenticated = self.value(self.setup["callback_not_authenticated"])

    def give_tokens(self, client: Any, settings: Dict[str, Any], name: str) -> None:
        tokens = settings.get("tokens", {"access_token": "token-" + name, "refresh_token": None})
        if tokens is not None:
            gazu.client.set_tokens(dict(tokens), client=client)

    def files(self) -> Dict[str, Any]:
        found = (path for path in self.work.rglob("*") if path.is_file())
        return {path.relative_to(self.work).as_posix(): describe(path.read_bytes()) for path in found}

    def client(self, name: str) -> Any:
        if name not in self.clients:
            settings = self.setup.get("clients", {}).get(name, {})
            host = self.value(settings.get("host", "${HOST2}/api"))
            self.clients[name] = gazu.client.create_client(host, **self.value(settings.get("kwargs", {})))
            self.give_tokens(self.clients[name], settings, name)
        return self.clients[name]

    # -- recorded values to real ones ------------------------------------------
    def value(self, recorded: Any) -> Any:
        if isinstance(recorded, str):
            return self.hosts.text(recorded).replace("${WORK}", str(self.work))
        if isinstance(recorded, list):
            return [self.value(item) for item in recorded]
        if not isinstance(recorded, dict):
            return recorded
        tag = next((key for key in recorded if key.startswith("$")), None)
        if tag is None:
            return {key: self.value(item) for key, item in recorded.items()}
        return self.makers()[tag](recorded[tag], recorded)

    def makers(self) -> Dict[str, Callable[[Any, Dict[str, Any]], Any]]:
        return {
            "$client": lambda name, _: self.client(name),
            "$file": lambda name, _: str(self.work / name),
            "$path": lambda name, _: str(self.work / name),
            "$open": lambda name, _: self.keep(open(str(self.work / name), "rb")),
            "$ref": lambda name, _: self.saved[name],
            "$get": lambda path, _: self.find(path),
            "$tuple": lambda items, _: tuple(map(self.value, items)),
            "$set": lambda items, _: set(map(self.value, items)),
            "$dict": lambda pairs, _: {self.value(key): self.value(item) for key, item in pairs},
            "$bytes": lambda text, _: content_of({"base64": text})[0],
            "$date": lambda text, _: datetime.datetime.strptime(text, "%Y-%m-%d").date(),
            "$datetime": lambda text, _: datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S"),
            "$uuid": lambda text, _: uuid.UUID(text),
            "$object": lambda *_: object(),
            "$response": lambda answer, _: response(answer),
            "$callback": self.callback,
            "$function": self.function,
        }

    def keep(self, file: Any) -> Any:
        self.saved[f"file {len(self.saved)}"] = file
        return file

    def callback(self, name: str, settings: Dict[str, Any]) -> Any:
        calls = self.calls.setdefault(name, [])

        def callback(*args: Any) -> Any:
            calls.append(self.record(list(args)))
            if "set_tokens" in settings:
                gazu.client.set_tokens(dict(settings["set_tokens"]), client=args[0])
            if "raises" in settings:
                raise RuntimeError(settings["raises"])
            if settings.get("disconnect") is not None:
                self.saved[settings["disconnect"]].disconnect()
            return self.value(settings.get("returns"))

        return callback

    def function(self, name: str, settings: Dict[str, Any]) -> Any:
        calls = self.calls.setdefault(name, [])

        def function(*args: Any, **kwargs: Any) -> Any:
            calls.append(self.record([list(args), kwargs]))
            if "raises" in settings:
                raise RuntimeError(settings["raises"])
            return self.value(settings.get("returns", {"call": len(calls), "list": [1, 2]}))

        function.__name__ = name
        return function

    def find(self, path: str) -> Any:
        first, *rest = path.split(".")
        if first.startswith("$client:"):
            found = self.client(first[8:])
        elif first.startswith("$"):
            found = self.saved[first[1:]]
        else:
            found = importlib.import_module(first)
        for word in rest:
            if isinstance(found, (list, tuple)) and word.isdigit():
                found = found[int(word)]
            elif isinstance(found, dict) and not hasattr(found, word):
                found = found[word]
            elif found is gazu and not hasattr(found, word):
                found = importlib.import_module("gazu." + word)
            else:
                found = getattr(found, word)
        return found

    # -- real values to recorded ones ------------------------------------------
    def record(self, value: Any) -> Any:
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, str):
            return self.neutral(value)
        if isinstance(value, tuple):
            return {"$tuple": [self.record(item) for item in value]}
        if isinstance(value, list):
            return [self.record(item) for item in value]
        if isinstance(value, dict):
            if all(isinstance(key, str) for key in value):
                return {key: self.record(item) for key, item in value.items()}
            return {"$dict": [[self.record(key), self.record(item)] for key, item in value.items()]}
        if isinstance(value, (set, frozenset)):
            return {"$set": sorted((self.record(item) for item in value), key=repr)}
        if isinstance(value, bytes):
            return {"$bytes": describe(value)}
        if hasattr(value, "isoformat"):
            return {"$datetime": value.isoformat()}
        for name, client in self.clients.items():
            if value is client:
                return {"$client": name}
        if hasattr(value, "status_code") and hasattr(value, "headers"):
            return {"$response": {"status": value.status_code, "content": describe(value.content)}}
        if hasattr(value, "host") and hasattr(value, "tokens"):
            self.made.append(value)
            return {"$client": "new", "host": self.neutral(str(value.host))}
        if isinstance(value, type):
            return {"$class": value.__name__}
        return {"$callable": True} if callable(value) else {"$object": type(value).__name__}

    def neutral(self, text: str) -> str:
        """Take what is of this run only out of a text."""
        for mark, name in (("${HOST}", "default"), ("${HOST2}", "second"), ("${EXTERNAL}", "external")):
            text = text.replace(self.hosts.addresses[name], mark)
        text = text.replace(str(self.work), "${WORK}")
        text = re.sub(re.escape(str(self.temporary)) + r"/[^/]+/", "${SYSTMP}/*/", text)
        text = text.replace(str(self.temporary), "${SYSTMP}")
        return re.sub(r"(CGWire Gazu )\d[\w.]*", r"\1${VERSION}", text)

    # -- steps -----------------------------------------------------------------
    def step(self, step: Dict[str, Any]) -> Dict[str, Any]:
        try:
            return self.do(step)
        except Exception as error:
            names = [kind.__name__ for kind in type(error).__mro__]
            return {"raise": names, "text": self.neutral(f"{error} {error.args}")}

    def do(self, step: Dict[str, Any]) -> Dict[str, Any]:
        if "call" in step:
            arguments = self.value(step.get("args", [])), self.value(step.get("kwargs", {}))
            result = self.find(step["call"])(*arguments[0], **arguments[1])
        elif "get" in step:
            result = self.find(step["get"])
        elif "same" in step:
            result = self.find(step["same"][0]) is self.find(step["same"][1])
        elif "bases" in step:
            result = [kind.__name__ for kind in self.find(step["bases"]).__mro__]
        elif "raise_if_missing" in step:
            result = self.find(step["raise_if_missing"]) is not self
        else:
            return self.arrange(step)
        if "save" in step:
            self.saved[step["save"]] = result
        return {"return": self.record(result)}

    def arrange(self, step: Dict[str, Any]) -> Dict[str, Any]:
        if "sleep" in step:
            time.sleep(step["sleep"])
        elif "let" in step:
            self.saved[step["save"]] = self.value(step["let"])
        elif "set" in step:
            owner, _, name = step["set"].rpartition(".")
            setattr(self.find(owner), name, self.value(step["value"]))
        else:
            target = self.find(step["setitem"])
            for key in step["path"][:-1]:
                target = target[key]
            target[step["path"][-1]] = self.value(step["value"])
        return {"skipped": True}

    def play(self, steps: List[Any]) -> Dict[str, Any]:
        self.prepare()
        outcome: Dict[str, Any] = {"results": [self.step(step) for step in steps]}
        after = self.files()
        outcome["files"] = {name: file for name, file in after.items() if self.before.get(name) != file}
        outcome["files_removed"] = sorted(name for name in self.before if name not in after)
        outcome["callbacks"] = self.calls
        outcome["socketio"] = self.hosts.stream.heard if self.hosts.stream else None
        return outcome

    def close(self) -> None:
        for value in self.saved.values():
            if hasattr(value, "disconnect"):
                value.disconnect()
            elif hasattr(value, "close") and hasattr(value, "read"):
                value.close()
        for client in [*self.clients.values(), *self.made]:
            client.session.close()


def response(answer: Dict[str, Any]) -> Any:
    """Make something that functions take for a response."""
    import json

    text = content_of(answer)[0].decode()
    status = answer.get("status", 200)
    return SimpleNamespace(
        status_code=status, text=text, content=text.encode(), headers=answer.get("headers", {}), ok=status < 400,
        reason=answer.get("reason", ""), json=lambda: json.loads(text),
    )  # fmt: skip


def environment(folder: Path) -> Dict[str, str]:
    return {"TMPDIR": str(folder / "tmp"), "GAZU_RETRIES": "0", "NO_PROXY": "*", "HOME": os.environ.get("HOME", "/")}
