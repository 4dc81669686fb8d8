"""Tells in what a replayed case differs from its record."""

import json
import re
from typing import Any, Dict, Iterator, List

NOW = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
TIME = re.compile(f'"{NOW.pattern}[^"]*"')


def differences(case: Dict[str, Any], log: List[Any], outcome: Dict[str, Any]) -> List[str]:
    """Return the differences, each in a line; none if the case is as it was recorded."""
    expected = case["expect"]
    found = list(of_results(expected["results"], outcome["results"]))
    if not case.get("ignore_requests"):
        found += of_requests([e["request"] for e in case.get("exchanges", [])], log, case.get("check_headers", ()))
    found += of_files(expected.get("files", {}), outcome["files"])
    if expected.get("files_removed", []) != outcome["files_removed"]:
        found.append(f"files removed: {outcome['files_removed']}")
    found += of_callbacks(expected.get("callbacks", {}), outcome["callbacks"])
    if "socketio" in expected:
        found += of_values(expected["socketio"], outcome["socketio"], "event stream")
    return found


def of_values(expected: Any, got: Any, where: str) -> Iterator[str]:
    """Compare two values; True is not 1."""
    if expected == "${NOW}" and isinstance(got, str) and NOW.match(got):
        return
    if isinstance(expected, dict) and isinstance(got, dict) and "$response" in expected and "$response" in got:
        wanted, answer = expected["$response"], got["$response"]
        content = wanted.get("content", {})
        same = not content.get("size") or content["sha256"] == answer["content"]["sha256"]
        if wanted["status"] != answer["status"] or not same:
            yield f"{where}: response {answer}, expected {wanted}"
    elif isinstance(expected, dict) and isinstance(got, dict):
        details = ("text", "base64") if "sha256" in expected else ()
        for key in {**expected, **got}:
            if key in details:
                continue
            if key not in got or key not in expected:
                yield f"{where}: {key} is {'missing' if key in expected else 'too much'}"
            else:
                yield from of_values(expected[key], got[key], f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for number, (one, other) in enumerate(zip(expected, got)):
            yield from of_values(one, other, f"{where}[{number}]")
    elif expected != got or isinstance(expected, bool) != isinstance(got, bool):
        yield f"{where}: {short(got)}, expected {short(expected)}"


def short(value: Any) -> str:
    return json.dumps(value, default=repr)[:300]


def of_results(expected: List[Any], got: List[Any]) -> Iterator[str]:
    for number, (wanted, result) in enumerate(zip(expected, got)):
        where = f"step {number + 1}"
        if wanted.get("skipped") or wanted.get("unchecked"):
            continue
        if "raise" in wanted:
            if wanted["raise"]["class"] not in result.get("raise", ()):
                yield f"{where}: {short(result)}, expected {wanted['raise']['class']}"
            for words in wanted["raise"].get("contains", []):
                if words not in result.get("text", ""):
                    yield f"{where}: the error does not say {words!r} but {result.get('text')!r}"
        elif "raise" in result:
            yield f"{where}: raised {result['raise'][0]}({result['text']}), expected {short(wanted.get('return'))}"
        else:
            yield from of_values(wanted.get("return"), result.get("return"), where)


def of_requests(expected: List[Any], got: List[Any], headers: Any) -> List[str]:
    """Compare the requests; those that read may come in another order."""
    wanted = [plain(request, headers) for request in expected]
    sent = [plain(request, headers) for request in got]
    if any("${NOW}" in request for request in wanted):
        sent = [TIME.sub('"${NOW}"', request) for request in sent]
    found = [f"not sent: {request}" for request in wanted if wanted.count(request) > sent.count(request)]
    found += [f"sent: {request}" for request in sent if sent.count(request) > wanted.count(request)]
    writes = [[r for r in side if not r.startswith('{"a method": "GET"')] for side in (wanted, sent)]
    return found or ([] if writes[0] == writes[1] else [f"another order: {writes[1]}, expected {writes[0]}"])


def plain(request: Dict[str, Any], headers: Any) -> str:
    """Return what counts of a request as one text."""
    has_body = any(key in request for key in ("json", "form", "files", "body"))
    names = ["authorization", *(["content_type"] if has_body else []), *headers]
    files = [[file["field"], file["filename"], file["size"], file["sha256"]] for file in request.get("files", [])]
    facts = {
        "a method": request["method"],
        "b path": [request.get("host", "default"), request["path"]],
        "headers": {name: request.get("headers", {}).get(name) for name in names},
        "query": sorted(request.get("query", [])),
        "json": request.get("json", "none"),
        "form": sorted(([name, parsed(value)] for name, value in request.get("form", [])), key=repr),
        "files": sorted(files),
        "body": request.get("body", {}).get("sha256"),
    }
    return json.dumps(facts, sort_keys=True)


def parsed(value: Any) -> Any:
    """Return what a field says: JSON text counts by its value."""
    try:
        return json.loads(value) if str(value)[:1] in ("[", "{") else value
    except ValueError:
        return value


def of_files(expected: Dict[str, Any], got: Dict[str, Any]) -> Iterator[str]:
    for name in {**expected, **got}:
        sums = [side.get(name, {}).get("sha256") for side in (expected, got)]
        if sums[0] != sums[1]:
            yield f"file {name}: {got.get(name)}, expected {expected.get(name)}"


def of_callbacks(expected: Dict[str, Any], got: Dict[str, Any]) -> Iterator[str]:
    for name, wanted in expected.items():
        calls = got.get(name, [])
        check = wanted.get("check", "last")
        if check == "all":
            yield from of_values(wanted["calls"], calls, f"callback {name}")
        elif check == "last" and bool(wanted["count"]) != bool(calls):
            yield f"callback {name}: {len(calls)} calls, expected {wanted['count']}"
        elif check == "last" and calls:
            yield from of_values(wanted["calls"][-1], calls[-1], f"last call of {name}")
