"""Small functions that every module uses; scripts use them too."""

import datetime
import itertools
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Mapping, Optional, Type
from uuid import UUID

from ._http.filenames import portable_name as portable_name
from ._http.filenames import safe_filename
from ._http.filesystem import replace as replace
from ._http.filesystem import temporary_folder as temporary_folder
from ._http.log import debug, warn_caller
from ._http.route import RecordId, masked_address
from ._http.versions import version_number as version_number
from .deprecation import find_imported, list_functions
from .exception import GazuWarning, TransportException
from .models import Date, Ref, Several
from .names import UUID_PATTERN as UUID_PATTERN
from .names import composed as composed
from .names import name_hint
from .secret import hide

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)

_DATE = re.compile(r"\d{4}-\d\d?-\d\d?(T\d\d?:\d\d?:\d\d?)?", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def server_version(client: Any) -> Optional[str]:
    """Return the version of the server, or None if it does not say; a client asks once: `GET` of the host."""
    from ._http import sender

    return sender.server_version(client)


def id_of(model: Ref, what: str = "") -> str:
    """Return the id of a record given as a dict, as an id or as a UUID object.

    Text has to be a UUID here, which keeps names out; the `id` of a dict may be any text.

    Args:
        model: the record, or its id.
        what: what is expected, for the error message.

    Raises:
        ValueError: *model* is something else, or a dict without an id.
    """
    if isinstance(model, str) and UUID_PATTERN.fullmatch(model):
        return model
    if isinstance(model, Mapping) and str(model.get("id") or "").strip():
        return RecordId.of(model)
    if isinstance(model, UUID):
        return str(model)
    where = _name_of(model)
    hint = name_hint(where[len(" for ") :], model)
    raise ValueError(
        f"Wrong format{where}: expected {what or 'a record'} as ID string or data dict, got {model!r:.200}"
        + (f" ({hint})" if hint else "")
    )


def any_id_of(model: Ref) -> str:
    """Return the id of a record as `id_of` does, but take any text for an id: the server knows which ones exist.

    Raises:
        ValueError: *model* is not a record, or blank.
    """
    return model if isinstance(model, str) and model.strip() else id_of(model)


def _name_of(value: Any) -> str:
    """Return " for <parameter>": that of the function the user called, if *value* was passed to it."""
    import inspect
    import traceback

    name, passed = "", [value]
    frames = (frame for frame, _ in traceback.walk_stack(inspect.currentframe()))
    for frame in itertools.islice(frames, 2, None):  # without this function, and the one that refuses the value
        if not str(frame.f_globals.get("__name__", "")).startswith(__package__):
            break
        arguments, _, _, values = inspect.getargvalues(frame)
        if frame.f_code is ids_of.__code__:  # what was passed on is the list
            passed.append(values["models"])
            continue
        found = [one for one in arguments if any(values.get(one) is it for it in passed)]
        name = f" for {found[0]}" if found else name
    return name


def warn(text: str, category: Type[Warning] = GazuWarning) -> None:
    """Warn that a call does something other than what was asked for; the warning shows the line that calls us."""
    warn_caller(text, category)


def warn_if_canceled(row: Any, update: str) -> Any:
    """Return the existing record that a function returns in the place of a new one, or None; warn if it is canceled.

    Args:
        update: the function that can restore it.
    """
    if isinstance(row, Mapping) and row.get("canceled"):
        call = update if "restore" in update else update + '({"id": ..., "canceled": False})'
        warn(f"{row.get('name')!r:.200} exists, but is canceled, and is returned as it is: restore it with {call}")
    return row


def warn_of_missing(ids: Iterable[str], rows: Any, what: str) -> None:
    """Warn if *rows*, records or ids that the server returns, lack some of the *ids* asked for.

    Args:
        what: what did not happen to them, and why.
    """
    if isinstance(rows, list):
        found = {row.get("id") if isinstance(row, Mapping) else row for row in rows}
        asked = dict.fromkeys(ids)
        missing = [one for one in asked if one not in found]
        if missing:
            warn(f"{len(missing)} of {len(asked)} {what}: {', '.join(missing):.400}")


#: The names of colors in HTML 4.
_COLORS = {
    "aqua": "#00ffff", "black": "#000000", "blue": "#0000ff", "fuchsia": "#ff00ff", "gray": "#808080",
    "green": "#008000", "lime": "#00ff00", "maroon": "#800000", "navy": "#000080", "olive": "#808000",
    "purple": "#800080", "red": "#ff0000", "silver": "#c0c0c0", "teal": "#008080", "white": "#ffffff",
    "yellow": "#ffff00",
}  # fmt: skip


def hex_color(color: Any) -> str:
    """Return a color as `#rrggbb` or `#rgb`, whether it is given so or by its name.

    Raises:
        ValueError: it is not a valid color.
    """
    found = _COLORS.get(color.lower(), color) if isinstance(color, str) else ""
    if not re.fullmatch("#([0-9a-fA-F]{3}){1,2}", found):
        raise ValueError(f"{color!r} is not a valid color: expected #rrggbb")
    return found


def claims_of(token: Optional[str]) -> Dict[str, Any]:
    """Return what a JWT says of itself, such as `exp` and, of an account, its id as `sub`; `{}` for anything else."""
    import base64
    import json

    try:
        part = str(token).split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, IndexError):
        return {}
    return claims if isinstance(claims, dict) else {}


def assigned_to_query(assigned_to_me: Any, assigned_to: Any, client: Any) -> Optional[str]:
    """Return the `assigned_to` of an export, which the server takes for the caller, whatever its value; or None.

    Args:
        assigned_to_me: whether to ask for it; a person in calls of earlier releases.
        assigned_to: a person, or whether to ask for it.
    """
    person = assigned_to or assigned_to_me
    if not person or isinstance(person, bool):
        return "true" if person else None
    caller = claims_of(client.tokens.get("access_token")).get("sub")
    if caller not in (None, id_of(person)):
        warn("assigned_to: the server exports what is assigned to the account that is logged in, whoever is named")
    return id_of(person)


def require_name(name: str) -> str:
    """Return *name* if it is a non-empty string; warn if it begins or ends with a blank, which the server keeps.

    A whole number, as shots have in spreadsheets, is returned as text.

    Raises:
        ValueError: it is not.
    """
    if isinstance(name, int) and not isinstance(name, bool):
        return str(name)
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"Wrong format{_name_of(name)}: expected a name, got {name!r:.200}")
    if name != name.strip():
        warn(f"the server keeps the blanks around {name!r:.200}: to it, {name.strip()!r:.200} is another name")
    return name


def require_row(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *row* if it is a dict.

    Raises:
        ValueError: it is not.
    """
    if not isinstance(row, Mapping):
        raise ValueError(f"Wrong format{_name_of(row)}: expected a dict with the fields to change, got {row!r:.200}")
    return row


def check_fps(row: Mapping[str, Any]) -> None:
    """Refuse frames per second with a comma, which the server stores and cannot read.

    Raises:
        ValueError: there is one.
    """
    if isinstance(row.get("fps"), str) and "," in row["fps"]:
        raise ValueError(f"fps: expected a number with a dot such as '23.976', got {row['fps']!r:.200}: use a dot")


def check_whole(row: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return *row*; refuse values of its fields *names* that are not whole numbers, as the server would round them.

    Raises:
        ValueError: there is one.
    """
    for name in names:
        value = row.get(name)
        if value is not None and (isinstance(value, bool) or not hasattr(value, "__index__") or value < 0):
            raise ValueError(f"{name}: expected a whole number, got {value!r:.200}")
    return row


def id_or_none(model: Optional[Ref]) -> Optional[str]:
    """Return the id of a record, or None for no record: None, an empty dict, or one whose `id` is None."""
    absent = isinstance(model, Mapping) and (not model or model.get("id", model) is None)
    return None if model is None or absent else id_of(model)


@contextmanager
def ignore_refusal() -> Iterator[None]:
    """Go on where the server, or a double of it, does not answer a look-up that only makes a call better."""
    try:
        yield
    except TransportException:
        raise
    except Exception as error:
        debug("a look-up was refused: %s", type(error).__name__)


def ids_of(models: Optional[Several]) -> List[str]:
    """Return the ids of several records; a single record counts as a list of one."""
    return [id_of(model) for model in as_list(models)]


def require_list(models: Several) -> List[Ref]:
    """Return several records as a list, as `as_list` does; None is refused, which may mean none, or all.

    Raises:
        TypeError: *models* is None.
    """
    if models is None:
        raise TypeError(f"Wrong format{_name_of(models)}: expected a list of records, got None: pass [] for none")
    return as_list(models)


def require_ids(models: Several) -> List[str]:
    """Return the ids of several records, each once; None is refused as by `require_list`."""
    return list(dict.fromkeys(ids_of(require_list(models))))


def as_list(models: Optional[Several]) -> List[Ref]:
    """Return several records as a list; a single record becomes a list of one, None or `{}` an empty list."""
    if models is None or models == {}:
        return []
    if isinstance(models, (str, Mapping, UUID)):
        return [models]
    if not isinstance(models, Iterable):
        raise ValueError(f"Wrong format{_name_of(models)}: expected a list of records, got {models!r:.200}")
    return list(models)


def drop_none(**values: Any) -> Dict[str, Any]:
    """Return *values* without those that are None."""
    return {name: value for name, value in values.items() if value is not None}


def count_mode_query(mode: Optional[str]) -> Dict[str, str]:
    """Return the query of a count mode of quotas.

    Raises:
        ValueError: there is no such mode.
    """
    if mode not in (None, "weighted", "weighteddone", "feedback", "done"):
        raise ValueError(f"count_mode: expected weighted, weighteddone, feedback or done, got {mode!r:.200}")
    return drop_none(count_mode=mode)


def for_update(row: Mapping[str, Any]) -> Dict[str, Any]:
    """Return a record as the server accepts it in an update: an id that a response has as "" or "None" becomes null.

    Its own `id` is in the path, and its `type` does not change. They stay out of the body: the server refuses a
    supervisor or an artist who sends any key besides the few that the role may change.
    """
    unset = ("", "None")
    changed = {k: v for k, v in require_row(row).items() if k not in ("id", "type")}
    return {
        k: None if isinstance(v, str) and v in unset and (k.endswith("_id") or k == "ready_for") else v
        for k, v in changed.items()
    }


def normalize_model_parameter(model_parameter: Optional[Ref]) -> Optional[Mapping[str, Any]]:
    """Return a record as a dict: an id becomes `{"id": id}`; a dict or None is returned as it is.

    Raises:
        ValueError: *model_parameter* is something else.
    """
    if model_parameter is None or isinstance(model_parameter, Mapping):
        return model_parameter
    return {"id": id_of(model_parameter)}


def normalize_list_of_models_for_links(models: Optional[Several] = None) -> List[str]:
    """Return the ids of *models*: a list of records or ids, a single one, or None."""
    return ids_of(models)


def validate_date_format(date_text: Date) -> str:
    """Return a date in the server's format: `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`.

    Args:
        date_text: text in one of these formats, also without leading zeros (`2026-1-5`), a date or a datetime; one
            with a time zone is converted to UTC.

    Raises:
        ValueError: the text has another format, or is not a date of the calendar.
    """
    if isinstance(date_text, datetime.datetime) and date_text == date_text:  # NaT of pandas is unequal to itself
        with suppress(OverflowError):  # in UTC it is before the year 1, or after the year 9999
            in_utc = date_text if date_text.tzinfo is None else date_text.astimezone(datetime.timezone.utc)
            return in_utc.isoformat()[:19]
        raise ValueError(f"Wrong format{_name_of(date_text)}: {date_text!s} has no date in UTC")
    if isinstance(date_text, datetime.date) and date_text == date_text:
        return date_text.isoformat()
    if isinstance(date_text, str) and _DATE.fullmatch(date_text):
        with suppress(ValueError):
            if "T" in date_text:
                return datetime.datetime.strptime(date_text, "%Y-%m-%dT%H:%M:%S").isoformat()
            return datetime.datetime.strptime(date_text, "%Y-%m-%d").date().isoformat()
    expected = "expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS"
    raise ValueError(
        f"Wrong format{_name_of(date_text)}: {expected}, got {date_text!r:.200}, which is not a valid date"
    )


def parse_datetime(date: Date) -> Date:
    """Return text that `isoformat` or `str` makes of a datetime as that datetime, and anything else as it is."""
    found = _TIME.fullmatch(date) if isinstance(date, str) and not _DATE.fullmatch(date) else None
    if found:
        day, time, fraction, zone = found.groups(default="")
        with suppress(ValueError):
            moment = datetime.datetime.fromisoformat(f"{day}T{time}{zone.replace('Z', '+00:00')}")
            return moment.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    return date


def date_or_none(date: Optional[Date]) -> Optional[str]:
    """Return a date as `validate_date_format` does, or None for None and ""; text as `parse_datetime` takes it."""
    return None if date is None or date == "" else validate_date_format(parse_datetime(date))


def day_of(date: Date) -> str:
    """Return a day as `YYYY-MM-DD`; that of a datetime is the day on its own calendar, whatever its time zone.

    Raises:
        ValueError: as `validate_date_format`.
    """
    date = parse_datetime(date)
    local = date.replace(tzinfo=None) if isinstance(date, datetime.datetime) and date == date else date
    return validate_date_format(local)[:10]


def day_or_none(date: Optional[Date]) -> Optional[str]:
    """Return a day as `day_of` does, or None for None and ""."""
    return None if date is None or date == "" else day_of(date)


def time_of(date: Date) -> str:
    """Return a time as `YYYY-MM-DDTHH:MM:SS`: of a day, its beginning.

    Raises:
        ValueError: as `validate_date_format`.
    """
    return f"{validate_date_format(parse_datetime(date))}T00:00:00"[:19]


def with_days(row: Mapping[str, Any], *names: str) -> Dict[str, Any]:
    """Return a record whose fields *names*, where they are datetimes, are days: see `day_of`."""
    days = {name: day_of(row[name]) for name in names if isinstance(row.get(name), datetime.datetime)}
    return {**row, **days}


def without_hashtags(text: str) -> str:
    """Return a text whose hashtags have an invisible character inside, so that the server takes none for one."""
    return re.sub("#(?=[a-zA-Z])", "#\u200b", text)


def sanitize_filename(filename: str) -> str:
    """Return *filename* without what file systems or shells treat specially, as Windows, macOS and Linux take it.

    Names of devices, such as `aux.png`, get an underscore in front; dots and spaces at the end are removed.
    """
    return safe_filename(filename)


def download_file(url: str, file_path: Optional[str] = None, headers: Optional[Mapping[str, str]] = None) -> str:
    """Download a file from any address; no token of ours is sent there.

    Args:
        url: the URL to download from.
        file_path: where to write: a file; a folder, which gets the name in the
            URL; or None for a new folder among the temporary files.
        headers: headers to send.

    Returns:
        The path of the file.

    Raises:
        DownloadFileException: the server responds with an error, or not at all.
    """
    from ._http.transfer import fetch  # loads the HTTP stack, which most scripts need later

    url, headers = masked_address(url), hide(headers and dict(headers))
    return fetch(url, file_path, headers)


def code_challenge_of(code_verifier: str) -> str:
    """Return the challenge of a secret text, which proves later who has that text (PKCE, RFC 7636).

    Args:
        code_verifier: 43 to 128 random characters: `secrets.token_urlsafe(48)`.

    Raises:
        ValueError: it is not.
    """
    import base64
    import hashlib

    if not re.fullmatch(r"[\w.~-]{43,128}", code_verifier, re.ASCII):
        raise ValueError("code_verifier: expected 43 to 128 letters, digits, or -._~: secrets.token_urlsafe(48)")
    return base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).decode().rstrip("=")


def require_code_challenge(code_challenge: Any) -> str:
    """Return what `code_challenge_of` returned.

    Raises:
        ValueError: it is something else, such as the secret text itself.
    """
    if isinstance(code_challenge, str) and re.fullmatch(r"[\w-]{43}", code_challenge, re.ASCII):
        return code_challenge
    raise ValueError("code_challenge: expected the 43 characters that gazu.helpers.code_challenge_of returns")
