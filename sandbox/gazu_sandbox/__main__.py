"""The command line: `gazu-sandbox up`."""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any, Dict, List, Optional

from .errors import SandboxError
from .processes import say
from .versions import NEWEST

COMMANDS = {
    "up": "start a server and stay until Ctrl-C",
    "demo": "start a server and show what the library does with it",
    "status": "report what runs",
    "reset": "reset the database of the running server to its first state",
    "down": "stop the running server",
    "install": "only install what a server needs",
}


def parse(arguments: Optional[List[str]] = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="gazu-sandbox", description="Run a real Kitsu API server on this machine.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.required = True
    add = {name: commands.add_parser(name, help=text, description=text) for name, text in COMMANDS.items()}
    for name in ("up", "demo"):
        _add_settings(add[name])
    for name in ("up", "demo", "install"):
        add[name].add_argument("--zou", metavar="VERSION", default=NEWEST, help=f"version of Zou (default: {NEWEST})")
    add["up"].add_argument("--detach", action="store_true", help="continue in the background once the server is ready")
    for name in ("status", "reset", "down"):
        add[name].add_argument("--data", metavar="DIR", help="the folder of the sandbox, if several run")
    for name in ("up", "status"):
        add[name].add_argument("--json", action="store_true", help="print one line of JSON")
    words = sys.argv[1:] if arguments is None else arguments
    return parser.parse_args(words, argparse.Namespace(words=words))


def _add_settings(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--data", metavar="DIR", help="where database, files and logs go (default: a temporary folder)")
    add("--keep", action="store_true", help="leave that folder at the end, to continue from it next time")
    names = ("API", "EVENTS", "POSTGRES", "REDIS")
    add("--ports", metavar=names, nargs=4, type=int, help="ports to use, 0 for any free one (default: all free ones)")
    add("--workers", metavar="N", type=int, default=2, help="processes of the API (default: 2)")
    add("--env", metavar="NAME=VALUE", action="append", default=[], type=_pair, help="a setting of Zou; repeatable")
    add("--no-jobs", dest="jobs", action="store_false", help="no job worker: previews are made during their upload")
    add("--password", metavar="TEXT", help="the administrator's; random makes one (default: that of all sandboxes)")
    add("--access-seconds", metavar="S", type=float, help="lifetime of access tokens (Zou: 7 days)")
    add("--refresh-seconds", metavar="S", type=float, help="lifetime of refresh tokens (Zou: 15 days)")


def _pair(text: str) -> List[str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return [name, value]


def make_box(options: argparse.Namespace) -> Any:
    """Make the sandbox that the options describe."""
    from .box import Sandbox

    names = ("data", "keep", "ports", "workers", "jobs", "access_seconds", "refresh_seconds", "zou", "password")
    settings = {name: getattr(options, name) for name in names}
    return Sandbox(**settings, environment=dict(options.env), show_progress=True)


def up(options: argparse.Namespace) -> int:
    """Run a server until a signal comes or a service ends."""
    from .folders import announce, cache_folder

    if options.detach:
        return detach(options)
    started = time.monotonic()
    with make_box(options) as box:
        facts = {**box.facts(), "ready_seconds": round(time.monotonic() - started, 1)}
        entry = announce(cache_folder(), box.data)
        try:
            print(json.dumps(facts) if options.json else describe(facts) + "\nCtrl-C stops it.", flush=True)
            while True:
                box.check()
                time.sleep(0.3)
        except SystemExit:
            return 0  # the usual way to end it
        finally:
            with contextlib.suppress(OSError):
                entry.unlink()
            say("stopping" + (f"; the data stays in {box.data}" if options.keep else ""))


def detach(options: argparse.Namespace) -> int:
    """Run this command again, in the background, until it is ready."""
    words = [word for word in options.words if word not in ("--detach", "--json")]
    command = [sys.executable, "-m", str(__package__), *words, "--json"]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    relay = threading.Thread(target=_relay, args=(process.stderr,), daemon=True)
    relay.start()
    ready = process.stdout.readline()
    if not ready:
        relay.join()
        return process.wait()
    print(ready.decode().strip() if options.json else describe(json.loads(ready.decode())))
    return 0


def _relay(stream: Any) -> None:
    for line in stream:
        say(line.decode("utf-8", "replace").rstrip())


def describe(facts: Dict[str, Any]) -> str:
    """Describe a running server to a person."""
    lines = [f"data        {facts['data']}", "", "In Python:", "", "    import gazu", ""]
    lines.append(f"    gazu.set_host({json.dumps(facts['host'])})")
    lines.append(f"    gazu.set_event_host({json.dumps(facts['event_host'])})")
    lines.append(f"    gazu.log_in({json.dumps(facts['email'])}, {json.dumps(facts['password'])})")
    if "ready_seconds" in facts:
        lines[0] = f"Zou {facts['zou']}, ready after {facts['ready_seconds']} s\n" + lines[0]
        lines.append("")
    return "\n".join(lines)


def status(options: argparse.Namespace) -> int:
    """Print what runs; the exit status is 0 if all of it does."""
    from .box import FACTS
    from .services import zou_status

    state = find(options)
    try:
        parts: Dict[str, Any] = zou_status(state)
    except (OSError, ValueError) as error:
        parts = {"api": False, "problem": str(error)}
    good = all(parts.values()) and "problem" not in parts
    facts = {name: state[name] for name in FACTS}
    if options.json:
        print(json.dumps({**facts, "parts": parts, "ok": good}))
    else:
        words = {True: "up", False: "DOWN", None: "DOWN"}
        print(describe(facts), "", *(f"{name}: {words.get(value, value)}" for name, value in parts.items()), sep="\n")
    return 0 if good else 1


def find(options: argparse.Namespace) -> Dict[str, Any]:
    """Return the state of the running sandbox that is meant."""
    from .folders import cache_folder, running

    return running(cache_folder(), options.data)


def reset(options: argparse.Namespace) -> int:
    """Reset the database of the running sandbox."""
    from . import database

    database.reset(find(options))
    return 0


def down(options: argparse.Namespace) -> int:
    """Stop the running sandbox and wait for its end."""
    from .folders import is_alive, survivors

    state = find(options)
    os.kill(state["pid"], signal.SIGTERM)
    deadline = time.monotonic() + 20
    while is_alive(state) or survivors(state):
        if time.monotonic() > deadline:
            raise SandboxError(f"the sandbox {state['pid']} does not stop")
        time.sleep(0.05)
    return 0


def demo(options: argparse.Namespace) -> int:
    """Show what the library does, against a server of its own."""
    from . import demo as module

    with make_box(options) as box:
        module.run(box)
    print(module.next_steps(sys.argv[0] if sys.argv[0].endswith("gazu-sandbox") else "gazu-sandbox"))
    return 0


def install(options: argparse.Namespace) -> int:
    """Install, and report where."""
    from .install import prepare

    tools, template = prepare(options.zou)
    print(f"installed in {template.parent}\n" + "\n".join(tools[1:]))
    return 0


def _leave(number: int, frame: Any) -> None:
    # Once is enough: what comes after it must not interrupt the stopping.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)


def main(arguments: Optional[List[str]] = None) -> int:
    """Run a command and return the exit status."""
    options = parse(arguments)
    if os.name != "posix":
        say("the sandbox runs on Linux and macOS only")
        return 1
    # A shell starts its background jobs with SIGINT ignored; it is wanted all the same.
    signal.signal(signal.SIGINT, _leave)
    signal.signal(signal.SIGTERM, _leave)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _leave)
    if options.command in ("up", "demo"):
        say("starting a Kitsu API server" + ("" if options.command == "up" else " for the demonstration"))
    do = {"up": up, "demo": demo, "status": status, "reset": reset, "down": down, "install": install}
    try:
        return do[options.command](options)
    except SandboxError as error:
        say(f"error: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
