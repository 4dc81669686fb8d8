"""Calls that fail, for what shows their tracebacks: run as a program with the name of a reporter.

The secrets come from functions, as the frames of a program are its own.
"""

import asyncio
import json
import logging
import os
import sys
from typing import Any, Callable, Dict

import gazu
import gazu.aio
from gazu.client import KitsuClient

ROW_ID = "11111111-1111-4111-8111-111111111111"


def secret(name: str) -> str:
    """Return a secret of the test that runs this."""
    return os.environ[f"SECRET_{name}"]


def place(name: str) -> str:
    """Return an address, or a path, of the test that runs this; IPython shows the values of `os.environ`."""
    return os.environ[name]


def client(host: str = "HOST") -> KitsuClient:
    """Return a client with an expired access token, and a refresh token that the server refuses."""
    return KitsuClient(
        place(host), access_token=secret("ACCESS"), refresh_token=secret("REFRESH"), retries=0, timeout=5
    )


async def soon(work: Callable[[Any], Any], host: str = "HOST") -> None:
    """Await *work* with an asynchronous client."""
    connected = gazu.aio.AsyncKitsuClient(
        place(host), access_token=secret("ACCESS"), refresh_token=secret("REFRESH"), retries=0, timeout=5
    )
    try:
        await work(connected)
    finally:
        await connected.session.close()


def refused_log_in() -> None:
    gazu.log_in("jane", secret("PASSWORD"), totp=secret("CODE"), client=client())


def no_connection() -> None:
    gazu.log_in("jane", secret("PASSWORD"), email_otp=secret("CODE"), client=client("DOWN"))


def expired_token() -> None:
    gazu.client.get("data/rows", client=client())


def failed_upload() -> None:
    gazu.client.upload("pictures", place("FILE"), {"password": secret("PASSWORD")}, client=client())


def event_stream() -> None:
    gazu.events.init(client=client(), reconnection=False)


def asynchronous_log_in() -> None:
    asyncio.run(soon(lambda connected: gazu.aio.log_in("jane", secret("PASSWORD"), client=connected)))


def asynchronous_call() -> None:
    change = gazu.person.change_password_for_person
    asyncio.run(soon(lambda one: gazu.aio.call(change, ROW_ID, secret("PASSWORD"), client=one), "DOWN"))


def new_password() -> None:
    gazu.person.change_password_for_person(ROW_ID, secret("PASSWORD"), client=client("DOWN"))


def new_person() -> None:
    gazu.person.new_person("Jane", "Doe", "jane", password=secret("PASSWORD"), client=client("DOWN"))


def share_link() -> None:
    gazu.playlist.remove_share_link(ROW_ID, secret("SHARE"), client=client())


CASES: Dict[str, Callable[[], None]] = {
    case.__name__: case
    for case in (
        refused_log_in, no_connection, expired_token, failed_upload, event_stream, asynchronous_log_in,
        asynchronous_call, new_password, new_person, share_link,
    )
}  # fmt: skip


# -- reporters -------------------------------------------------------------------
def with_sentry() -> None:
    import sentry_sdk
    from sentry_sdk.transport import Transport

    class Kept(Transport):
        def capture_envelope(self, envelope: Any) -> None:
            print(envelope.serialize().decode())

        def capture_event(self, event: Any) -> None:  # of sentry-sdk before 2.0
            print(json.dumps(event, default=repr, separators=(",", ":")))

    sentry_sdk.init(dsn="http://key@127.0.0.1:1/1", transport=Kept)
    for case in CASES.values():
        try:
            case()
        except Exception:
            sentry_sdk.capture_exception()


def with_loguru() -> None:
    from loguru import logger

    for case in CASES.values():
        try:
            case()
        except Exception:
            logger.exception("it failed")


def with_ipython() -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_line_magic("xmode", "Verbose")
    for case in CASES:
        shell.run_cell(f"from tests.wire.failing import {case}\n{case}()")


def with_rich() -> None:
    from rich.console import Console

    for case in CASES.values():
        try:
            case()
        except Exception:
            Console(width=200).print_exception(show_locals=True)


def with_logging() -> None:
    logging.basicConfig(level=logging.DEBUG)
    for case in CASES.values():
        if case is share_link:  # urllib3 logs the address of each request on its own
            logging.getLogger("urllib3").setLevel(logging.INFO)
        try:
            case()
        except Exception:
            logging.exception("it failed")
    print(vars(client()), client(), client().session, client().tokens)


if __name__ == "__main__":
    {
        "sentry": with_sentry,
        "loguru": with_loguru,
        "ipython": with_ipython,
        "rich": with_rich,
        "logging": with_logging,
    }[sys.argv[1]]()
