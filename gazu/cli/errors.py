"""What a command tells instead of a traceback, and the exit status for it."""

import functools
import os
import sys
from typing import IO, Any, Callable, Optional, Tuple, TypeVar, cast

import click

from .. import exception

F = TypeVar("F", bound=Callable[..., Any])

#: Exit statuses; 2 is wrong usage, which click tells. 141 is what a shell makes of a closed pipe.
REFUSED, NOT_LOGGED_IN, NOT_FOUND, NO_ANSWER, INTERRUPTED, PIPE_CLOSED = 1, 3, 4, 5, 130, 141
STATUSES: Tuple[Tuple[type, int], ...] = (
    (exception.NotAuthenticatedException, NOT_LOGGED_IN),
    (exception.InvalidTokenException, NOT_LOGGED_IN),
    (exception.AuthFailedException, NOT_LOGGED_IN),
    (exception.RouteNotFoundException, NOT_FOUND),
    (exception.TransportException, NO_ANSWER),
    (exception.HostException, NO_ANSWER),
)
#: What a proxy says when the server behind it is not there.
AWAY = (502, 503, 504)
TOKEN_VARIABLE = "GAZU_TOKEN"
LOG_IN_AGAIN = "log in again: gazu-cli login"


class Failure(click.ClickException):
    """The end of a command: what the user is told, and the exit status."""

    def __init__(self, message: str, exit_code: int = REFUSED) -> None:
        super().__init__(message)
        vars(self)["exit_code"] = exit_code  # click declares one for the class

    def show(self, file: Optional[IO[Any]] = None) -> None:
        """Tell it on the standard error output."""
        click.echo(f"error: {self.message}", file=file, err=file is None)


def handle_errors(fn: F) -> F:
    """Have any error of *fn* end the command with a line and an exit status; GAZU_DEBUG=1 shows the traceback."""

    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (KeyboardInterrupt, click.Abort) as error:
            click.echo("", err=True)
            if isinstance(error, click.Abort) and not sys.stdin.isatty():
                raise Failure("the input has ended, and a question is open", NOT_LOGGED_IN) from None
            raise click.exceptions.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            _close_quietly()
            raise click.exceptions.Exit(PIPE_CLOSED) from None
        except Exception as error:
            if os.environ.get("GAZU_DEBUG"):
                raise
            raise Failure(*explain(error)) from None

    return cast(F, wrapper)


def _close_quietly() -> None:
    """Have nothing more written to the pipe whose reader is gone, at exit either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def explain(error: Exception) -> Tuple[str, int]:
    """Return what to tell of *error*, and the exit status."""
    if not isinstance(error, exception.GazuException):
        if isinstance(error, (ValueError, OSError)):
            return str(error), REFUSED
        return f"unexpected {type(error).__name__}: {error} (GAZU_DEBUG=1 shows where)", REFUSED
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), REFUSED)
    if error.status_code in AWAY:
        status = NO_ANSWER
    text = ": ".join(str(part) for part in error.args)
    if (error.status_code or 0) >= 400 and not isinstance(error.body, dict):
        text = f"{error.method} {error.path}: status {error.status_code}, in words that are not those of a Kitsu API"
    elif isinstance(error, (exception.NotAuthenticatedException, exception.InvalidTokenException)):
        text += "; " + (f"{TOKEN_VARIABLE} is no good" if os.environ.get(TOKEN_VARIABLE) else LOG_IN_AGAIN)
    elif isinstance(error, exception.NotAllowedException):
        text = f"this account may not do that ({text})"
    elif isinstance(error, exception.RouteNotFoundException):
        text = f"the server has no {error.path or text}"
    if error.comment is not None:
        text += f"; the comment {error.comment['id']} is there already"
    return text, status
