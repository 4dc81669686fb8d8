"""Error messages and exit statuses shown instead of tracebacks."""

import contextlib
import difflib
import errno
import functools
import os
import sys
import warnings
from typing import IO, Any, Callable, Iterable, Iterator, Optional, Tuple, TypeVar, cast

import click

from .. import exception
from ..connection import TOKEN_VARIABLES, find_variable

F = TypeVar("F", bound=Callable[..., Any])

#: Exit statuses; click itself uses 2 for usage errors. 141 is the shell's status for SIGPIPE.
REFUSED, NOT_LOGGED_IN, NOT_FOUND, NO_RESPONSE, INTERRUPTED, PIPE_CLOSED = 1, 3, 4, 5, 130, 141
STATUSES: Tuple[Tuple[type, int], ...] = (
    (exception.NotAuthenticatedException, NOT_LOGGED_IN),
    (exception.InvalidTokenException, NOT_LOGGED_IN),
    (exception.AuthFailedException, NOT_LOGGED_IN),
    (exception.RouteNotFoundException, NOT_FOUND),
    (exception.TransportException, NO_RESPONSE),
    (exception.HostException, NO_RESPONSE),
)
#: Statuses of a proxy that cannot reach the server behind it.
GATEWAY_ERRORS = (502, 503, 504)
LOG_IN_AGAIN = "log in again: gazu-cli login"
NO_INPUT = "no input available to answer the prompt: pass an option such as --host or --totp, or run in a terminal"


class Failure(click.ClickException):
    """An error that ends the command: a message for the user, and an exit status."""

    def __init__(self, message: str, exit_code: int = REFUSED) -> None:
        super().__init__(message)
        vars(self)["exit_code"] = exit_code  # click declares it as a class attribute

    def show(self, file: Optional[IO[Any]] = None) -> None:
        """Print the message to standard error."""
        click.echo(f"error: {printable(self.message)}", file=file, err=file is None)


def handle_errors(fn: F) -> F:
    """Turn every error of *fn* into one line and an exit status; GAZU_DEBUG=1 shows the traceback."""

    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            with _warnings_in_one_line():
                return fn(*args, **kwargs)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (KeyboardInterrupt, click.Abort) as error:
            click.echo("", err=True)
            if isinstance(error, click.Abort) and not sys.stdin.isatty():
                raise Failure(NO_INPUT, NOT_LOGGED_IN) from None
            raise click.exceptions.Exit(INTERRUPTED) from None
        except Exception as error:
            if _is_closed_pipe(error):
                _discard_output()
                raise click.exceptions.Exit(PIPE_CLOSED) from None
            if os.environ.get("GAZU_DEBUG"):
                raise
            raise Failure(*explain(error)) from None

    return cast(F, wrapper)


@contextlib.contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    """Print warnings of the library as the command prints its own."""
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(message: Any, category: Any, *args: Any, **kwargs: Any) -> None:
            if issubclass(category, exception.GazuWarning):
                click.echo(f"warning: {printable(message)}", err=True)
            else:
                others(message, category, *args, **kwargs)

        warnings.simplefilter("default", exception.GazuWarning)
        warnings.showwarning = show
        yield


def similar(text: str, names: Iterable[str]) -> str:
    """Return a question that names what is spelt like *text*, for the end of a message; "" if nothing is."""
    known = list(names)
    near = difflib.get_close_matches(text.casefold(), [name.casefold() for name in known], 3)
    like = sorted({name for name in known if name.casefold() in near})
    return f": is it {' or '.join(map(repr, like))}?" if like else ""


def printable(value: Any) -> str:
    """Return a value as one line of text, without the control characters that a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in str(value))


def _is_closed_pipe(error: Exception) -> bool:
    """Return whether nobody reads the output any more; Windows says that it is an invalid argument."""
    is_windows = isinstance(error, OSError) and error.errno == errno.EINVAL and error.filename is None
    return isinstance(error, BrokenPipeError) or (os.name == "nt" and is_windows)


def _discard_output() -> None:
    """Redirect standard output to the null device, so that nothing writes to the broken pipe, not even at exit."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)


def explain(error: Exception) -> Tuple[str, int]:
    """Return the message and the exit status for *error*."""
    if not isinstance(error, exception.GazuException):
        if isinstance(error, (ValueError, OSError)):
            return str(error), REFUSED
        return f"unexpected {type(error).__name__}: {error} (set GAZU_DEBUG=1 for the traceback)", REFUSED
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), REFUSED)
    if error.status_code in GATEWAY_ERRORS:
        status = NO_RESPONSE
    text = ": ".join(str(part) for part in error.args)
    if isinstance(error, exception.NoSessionException):
        return text, status
    if (error.status_code or 0) >= 400 and not isinstance(error.body, dict):
        text = f"{error.method} {error.path}: status {error.status_code}, not a response of a Kitsu API"
    elif isinstance(error, (exception.NotAuthenticatedException, exception.InvalidTokenException)):
        variable = find_variable(TOKEN_VARIABLES)[0]
        text += "; " + (f"{variable} is not valid" if variable else LOG_IN_AGAIN)
    elif isinstance(error, exception.NotAllowedException):
        text = f"this account does not have permission ({text})"
    elif isinstance(error, exception.RouteNotFoundException):
        text = f"the server has no {error.path or text}"
    if error.hint and status != NOT_LOGGED_IN:
        text += f" ({error.hint})"
    if error.comment is not None:
        text += f"; the comment {error.comment['id']} already exists"
    return text, status
