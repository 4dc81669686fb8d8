"""Zou, set up for a sandbox. Runs in Zou's own virtual environment only.

As a WSGI module it has `api` (Zou below /api, where a reverse proxy puts it) and
`events`; as a script it fills an empty database with what a new studio has.
"""

import datetime
import gc
import os
from typing import Any, Callable, Iterable


def set_up() -> None:
    """Set what Zou has no environment variable for."""
    import flask_bcrypt  # type: ignore[import-not-found,unused-ignore]
    from zou.app import config  # type: ignore[import-not-found,unused-ignore]

    flask_bcrypt.Bcrypt._log_rounds = int(os.environ["SANDBOX_BCRYPT_ROUNDS"])
    for kind in ("ACCESS", "REFRESH"):
        seconds = os.environ.get(f"SANDBOX_{kind}_SECONDS")
        if seconds:
            setattr(config, f"JWT_{kind}_TOKEN_EXPIRES", datetime.timedelta(seconds=float(seconds)))


def root(environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Respond to what is not below /api."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"The API is below /api.\n"]


def make_api() -> Any:
    """Build the WSGI application of the API."""
    from sqlalchemy.orm import configure_mappers  # type: ignore[import-not-found,unused-ignore]
    from werkzeug.middleware.dispatcher import DispatcherMiddleware  # type: ignore[import-not-found,unused-ignore]
    from zou.app import app, db

    configure_mappers()  # else each worker does
    with app.app_context():
        db.engine.dispose()  # the workers are forks of this process, and must not share its connections
    return DispatcherMiddleware(root, {"/api": app})


def make_events() -> Any:
    """Build the WSGI application of the event stream."""
    from zou.event_stream import app  # type: ignore[import-not-found,unused-ignore]

    return app


def fill_database() -> None:
    """Create the tables, the basic data and the administrator."""
    from zou.cli import cli  # type: ignore[import-not-found,unused-ignore]

    email, password = os.environ["SANDBOX_EMAIL"], os.environ["SANDBOX_PASSWORD"]
    for line in (["init-db"], ["init-data"], ["create-admin", email, "--password", password]):
        cli.main(line, standalone_mode=False)
    # Zou makes the organisation at the first log-in; of two at once, one would fail.
    from zou.app import app

    try:
        from zou.app.services.organisation_service import (  # type: ignore[import-not-found,unused-ignore]
            get_organisation,
        )
    except ImportError:  # before Zou 1.0
        from zou.app.services.persons_service import (  # type: ignore[import-not-found,unused-ignore]
            get_organisation,
        )
    with app.app_context():
        get_organisation()


def __getattr__(name: str) -> Any:
    """Build what gunicorn asks for: `zou_app:api` or `zou_app:events`."""
    if name not in ("api", "events"):
        raise AttributeError(name)
    gc.disable()  # it would look at all that is loaded again and again, for a fifth of the time
    from gevent import monkey  # type: ignore[import-not-found,import-untyped,unused-ignore]

    monkey.patch_all()  # before anything of Zou: its API is loaded before gunicorn's workers would do it
    set_up()
    made = {"api": make_api, "events": make_events}[name]()
    gc.freeze()
    gc.enable()
    return made


if __name__ == "__main__":
    set_up()
    fill_database()
