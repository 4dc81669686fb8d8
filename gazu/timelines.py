"""Cuts: what the server would read wrong is sent in another form, where OpenTimelineIO is installed.

The server makes shots clip by clip, and stops at the first that it cannot read, with those before it made.
"""

import io
import os
import re
from contextlib import suppress
from string import Template
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from . import client as raw
from ._http.route import route
from .client import KitsuClient
from .exception import GazuException, ParameterException, ServerErrorException
from .helpers import ignore_refusal, warn
from .models import StrPath
from .sheets import in_bytes_of_file

if TYPE_CHECKING:
    from ._http.multipart import Progress

#: Sequence and shot, by name.
ShotName = Tuple[str, str]

_FIELDS = ("project_name", "episode_name", "sequence_name", "shot_name")
#: Rates whose timecode OpenTimelineIO 0.18 reads, and those of NTSC by the number of frames that their timecode counts.
_SMPTE_RATES = (24, 25, 30, 48, 50, 60)
_NTSC_RATES = {24: 24000 / 1001, 30: 30000 / 1001, 60: 60000 / 1001}
_TIMECODE = re.compile(r"\b(\d\d):(\d\d):(\d\d):(\d\d)\b")
#: In a cut that is written again, clips are called so: neither sign is within the names of new shots. The server cuts
#: off what it takes for the extension of a file.
_CONVENTION, _EXTENSION = "${sequence_name}=${shot_name}", ".clip"


class Clip(NamedTuple):
    """A clip of a video track; frames are those of the cut, from the beginning of the track."""

    number: int
    #: as the server reads it: without the extension of a file
    name: str
    track: int
    start: int
    frames: int
    #: what the server reads as `nb_frames`: 0 where the cut leaves out how much of the media is used
    frames_read: int
    is_slug: bool
    is_disabled: bool
    #: `clip`; `composition`: several in the place of one, which the server passes over; `inner`: a clip of one
    kind: str


class Cut(NamedTuple):
    """What a file has in it, and whether the server reads it at all."""

    clips: List[Clip]
    rate: float
    is_readable: bool


class Place(NamedTuple):
    """Where shots are imported to, as it is on the server."""

    project: Any
    episode: Any
    #: sequences and shots, by id
    sequences: Dict[str, Any]
    shots: Dict[str, Any]

    @property
    def names(self) -> List[ShotName]:
        """The names of the shots that are there."""
        rows = self.shots.values()
        return [
            (self.sequences[row["parent_id"]]["name"], row["name"])
            for row in rows
            if row["parent_id"] in self.sequences
        ]

    @property
    def fps(self) -> float:
        """The frame rate of the production; 25 if it has none, as for the server, or one that is not a number."""
        number = re.match(r"\d+(\.\d+)?", str(self.project.get("fps")).replace(",", "."))
        return float(number.group()) if number else 25.0


def upload_timeline(
    path: str,
    file_path: StrPath,
    project_id: str,
    episode_id: Optional[str],
    form: Mapping[str, Any],
    client: KitsuClient,
    progress_callback: Optional["Progress"],
) -> Any:
    """Send a cut to a route that imports it, and return the response.

    Raises:
        ParameterException: the server stopped: `created_shots` and `updated_shots` are what it did before; or,
            with OpenTimelineIO, a clip has no shot: then nothing was sent.
    """
    with open(file_path, "rb") as file:
        content = file.read()
    name = os.path.basename(os.fsdecode(file_path))
    place = _look_up(project_id, episode_id, client) if _may_have_clips(name, content) else None
    cut = _read_cut(file_path, content, place.fps) if place else None
    plan = _plan(cut, place, form) if place and cut else None
    if plan and plan.refused:
        raise _refusal(path, plan.refused)
    for text in plan.warnings if plan else []:
        warn(text)
    files, progress = {"file": (name, io.BytesIO(content))}, progress_callback
    if plan and plan.is_other:
        files = {"file": (os.path.splitext(name)[0] + ".otio", io.BytesIO(plan.written()))}
        form = {"naming_convention": _CONVENTION, "match_case": True}
        progress = progress_callback and in_bytes_of_file(progress_callback, len(content))
    try:
        return raw.upload(path, data=form, files=files, client=client, progress_callback=progress)
    except (ParameterException, ServerErrorException) as error:
        if place:
            _explain(error, place, name, str(form["naming_convention"]), client)
        raise


def _plan(cut: Cut, place: Place, form: Mapping[str, Any]) -> "Optional[Plan]":
    """Return what to send; None if the convention is wrong, as the server says it."""
    try:
        names = Names(place, form["naming_convention"], form["match_case"])
    except (ValueError, KeyError, re.error):
        return None
    return Plan(cut, names, form["match_case"]) if cut.clips else None


def _refusal(path: str, texts: List[str]) -> ParameterException:
    more = f"; and {len(texts) - 5} more" if len(texts) > 5 else ""
    error = ParameterException(path, f"Nothing was sent: {'; '.join(texts[:5])}{more}")
    error.method, error.path = "POST", path
    error.created_shots, error.updated_shots = [], []
    return error


# -- what the server has ---------------------------------------------------------
def _may_have_clips(name: str, content: bytes) -> bool:
    return b'"Clip.' in content or not name.lower().endswith(".otio")


def _look_up(project_id: str, episode_id: Optional[str], client: KitsuClient) -> Optional[Place]:
    """Return the shots of a project or an episode; None if the server refuses that, as it then does the import."""
    with ignore_refusal(), suppress(GazuException):
        project, episode = raw.fetch_one("projects", project_id, client=client), None
        sequences = route("projects/{project_id}/sequences", project_id)
        if episode_id:
            episode = raw.fetch_one("episodes", episode_id, client=client)
            sequences = route("episodes/{episode_id}/sequences", episode_id)
        rows = raw.fetch_all(sequences, client=client)
        return Place(project, episode, {row["id"]: row for row in rows}, _shots(project_id, episode_id, client))
    return None


def _shots(project_id: str, episode_id: Optional[str], client: KitsuClient) -> Dict[str, Any]:
    path = route("projects/{project_id}/shots", project_id)
    if episode_id:
        path = route("episodes/{episode_id}/shots", episode_id)
    return {row["id"]: row for row in raw.fetch_all(path, client=client)}


def _explain(error: GazuException, place: Place, name: str, convention: str, client: KitsuClient) -> None:
    """Add to an error of the server what is behind it, and what was done before it."""
    hints = _hints(str(error), place, name, convention)
    with suppress(GazuException):
        now = _shots(place.project["id"], place.episode and place.episode["id"], client)
        error.created_shots = [row for id, row in now.items() if id not in place.shots]
        error.updated_shots = [
            row
            for id, row in now.items()
            if id in place.shots and any(row.get(key) != place.shots[id].get(key) for key in ("nb_frames", "data"))
        ]
        for rows, verb in ((error.created_shots, "made"), (error.updated_shots, "changed")):
            if rows:
                named = ", ".join(row["name"] for row in rows[:5]) + (", ..." if len(rows) > 5 else "")
                hints.append(f"{len(rows)} {'shot was' if len(rows) == 1 else 'shots were'} {verb} before: {named}")
    if hints:
        error.hint = "; ".join(hints)


def _hints(message: str, place: Place, name: str, convention: str) -> List[str]:
    hints = []
    install = "with OpenTimelineIO (pip install 'gazu[otio]>=2.0.0.dev0')"
    if "does not support this rate" in message:
        hints.append(
            f"the production has {place.project.get('fps')} fps, at which the server reads no EDL: {install} it is"
            " sent in another form; or export it as .otio, .xml or .aaf"
        )
    elif "Failed to parse" in message and name.lower().endswith(".edl"):
        hints.append(f"an EDL is read as UTF-8, and at the frame rate of the production, {place.fps:g} fps")
    if "No matched value" in message:
        hints.append(f"a clip does not follow the convention {convention}: {install} it is named before shots are made")
        project = place.project["name"]
        if "project_name" in convention and re.search(r"\W", project):
            fitting = re.sub(r"\$\{?project_name\}?", project, convention)
            hints.append(f"${{project_name}} has letters, digits and _ only: try naming_convention={fitting!r}")
    if "EpisodeNotFound" in message:
        hints.append("the production is a TV show: give the episode")
    if "SerializableCollection" in message or name.lower().endswith(".ale"):
        hints.append("this file is a list of clips and no cut: export it as .edl, .xml, .aaf or .otio")
    if not ("sequence_name" in convention and "shot_name" in convention) or re.search(r"KeyError: '\w+'", message):
        hints.append(
            "naming_convention needs ${sequence_name} and ${shot_name}, and knows ${project_name}, ${episode_name}"
        )
    return hints


# -- what the file has -------------------------------------------------------------
def _read_cut(file_path: StrPath, content: bytes, fps: float) -> Optional[Cut]:
    """Return what is in a file; None without OpenTimelineIO, or if it cannot read it: the server then says why."""
    try:
        import opentimelineio as otio
    except ImportError:
        return None
    path = os.fsdecode(file_path)
    try:
        if not path.lower().endswith(".edl"):
            return _cut_of(otio.adapters.read_from_file(path), fps, True)
        text, is_utf8 = _decoded(content)
        text, rate, is_rate_read = _at_smpte_rate(text, fps)
        cut = otio.adapters.read_from_string(text, "cmx_3600", rate=rate, ignore_timecode_mismatch=True)
        return _cut_of(cut, fps, is_utf8 and is_rate_read)
    except Exception:  # adapters raise anything
        return None


def _decoded(content: bytes) -> Tuple[str, bool]:
    """Return the text of an EDL, and whether the server reads it: without a mark, and UTF-8."""
    try:
        return content.decode("utf-8-sig"), not content.startswith(b"\xef\xbb\xbf")
    except UnicodeDecodeError:
        return content.decode("cp1252"), False


def _at_smpte_rate(text: str, fps: float) -> Tuple[str, float, bool]:
    """Return an EDL whose timecode can be read at a rate, that rate, and whether the server reads it too."""
    for counted, ntsc in _NTSC_RATES.items():
        if abs(fps - ntsc) < 0.01:
            return text, ntsc, fps == ntsc
    if fps in _SMPTE_RATES:
        return text, fps, True
    counted = round(fps)
    if counted in _SMPTE_RATES:
        return text, counted, False
    rate = 24 if counted < 24 else 60

    def converted(match: "re.Match[str]") -> str:
        hours, minutes, seconds, frames = map(int, match.groups())
        seconds, frames = divmod((hours * 3600 + minutes * 60 + seconds) * counted + frames, rate)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"

    return _TIMECODE.sub(converted, text), rate, False


def _cut_of(timeline: Any, fps: float, is_readable: bool) -> Cut:
    """Return the clips of the video tracks, in frames of one rate: that of all, or else that of the production."""
    found = list(_items(timeline))
    rates = {round(where.duration.rate, 2): where.duration.rate for _, _, where, _, _ in found}
    rate = next(iter(rates.values())) if len(rates) == 1 else fps
    clips = []
    for number, (item, track, where, kind, is_enabled) in enumerate(found, 1):
        source, reference = getattr(item, "source_range", None), getattr(item, "media_reference", None)
        start, end = (round(time.rescaled_to(rate).value) for time in (where.start_time, where.end_time_exclusive()))
        is_slug = type(reference).__name__ == "GeneratorReference"
        frames_read = source.duration.to_frames() if source else 0
        name = _name_of(item, reference)
        clips.append(Clip(number, name, track, start, end - start, frames_read, is_slug, not is_enabled, kind))
    return Cut(clips, rate, is_readable and len(rates) < 2)


def _items(timeline: Any) -> Iterator[Tuple[Any, int, Any, str, bool]]:
    """Yield clips and compositions of the video tracks: item, number of the track, range in it, kind, if enabled."""
    for number, track in enumerate(timeline.video_tracks()):
        for item in track:
            if not hasattr(item, "trimmed_range") or type(item).__name__ == "Gap":
                continue
            where, is_enabled = item.range_in_parent(), _is_enabled(track) and _is_enabled(item)
            is_composition = hasattr(item, "range_of_child")
            yield item, number, where, "composition" if is_composition else "clip", is_enabled
            for clip in item.find_clips() if is_composition else []:
                inner = clip.transformed_time_range(clip.trimmed_range(), track)
                if inner.intersects(where):
                    yield clip, number, _common(inner, where), "inner", is_enabled and _is_enabled(clip)


def _is_enabled(item: Any) -> bool:
    return bool(getattr(item, "enabled", True))  # OpenTimelineIO has it since 0.15


def _common(one: Any, other: Any) -> Any:
    """Return what two ranges have in common."""
    start = max(one.start_time, other.start_time)
    return type(one).range_from_start_end_time(start, min(one.end_time_exclusive(), other.end_time_exclusive()))


def _name_of(item: Any, reference: Any) -> str:
    """Return the name of a clip as the server reads it: its own, or that of its media."""
    if item.name:
        return os.path.splitext(item.name)[0]
    if getattr(reference, "name_prefix", None):
        return str(reference.name_prefix)
    media = getattr(reference, "name", None) or os.path.basename(getattr(reference, "target_url", None) or "")
    return os.path.splitext(media)[0]


# -- the names of clips ------------------------------------------------------------
class Match(NamedTuple):
    """The shot that a clip is of."""

    shot: ShotName
    #: whether the server finds the same
    is_read_so: bool
    #: what is doubtful
    notes: List[str]


class Names:
    """The shots of clips, by their names and a naming convention.

    Raises:
        ValueError, KeyError, re.error: the server cannot read the convention either.
    """

    def __init__(self, place: Place, convention: str, match_case: bool) -> None:
        self._match_case = match_case
        fixed = {"project_name": place.project["name"]}
        if place.episode:
            fixed["episode_name"] = place.episode["name"]
        self._known = {name: re.escape(value) for name, value in fixed.items()}
        self._convention = convention
        # The server's own pattern, and one that knows the names of the production and the episode.
        self._server, self._exact = self._pattern(r"\w*", {}), self._pattern(r"\w*", self._known)
        if not {"sequence_name", "shot_name"} <= {*self._server.groupindex}:
            raise ValueError(convention)
        template = Template(convention)
        self._by_key = {
            self._folded(template.substitute(fixed, sequence_name=sequence, shot_name=shot)): (sequence, shot)
            for sequence, shot in place.names
        }
        self._sequences = {self._folded(row["name"]): row["name"] for row in place.sequences.values()}
        self._shots = {(self._folded(sequence), self._folded(shot)): (sequence, shot) for sequence, shot in place.names}

    def _folded(self, text: str) -> str:
        return text if self._match_case else text.lower()

    def _pattern(self, word: str, known: Mapping[str, str]) -> "re.Pattern[str]":
        text = self._convention
        for name in _FIELDS:
            group = f"(?P<{name}>{known.get(name, word)})"
            text = text.replace(f"${{{name}}}", group).replace(f"${name}", group)
        return re.compile(text, re.IGNORECASE if known else 0)

    def find(self, name: str) -> Optional[Match]:
        """Return the shot of a clip of this name, new or there; None if the name does not follow the convention."""
        if self._folded(name) in self._by_key:
            return Match(self._by_key[self._folded(name)], True, [])
        read, exact = self._server.match(name), self._exact.match(name)
        found = exact or read
        if found is None:
            return None
        named = (found["sequence_name"], found["shot_name"])
        shot = self._spelled(named)
        is_read_so = read is not None and self._shots.get(self._key(shot)) is None
        is_read_so = is_read_so and (read["sequence_name"], read["shot_name"]) == shot  # type: ignore[index]
        return Match(shot, is_read_so, self._notes(name, found, exact is not None))

    def _key(self, shot: ShotName) -> ShotName:
        return self._folded(shot[0]), self._folded(shot[1])

    def _spelled(self, shot: ShotName) -> ShotName:
        """Return the names as the server has them, or as the first clip has them: other cases of them may be meant."""
        sequence = self._sequences.setdefault(self._folded(shot[0]), shot[0])
        return self._shots.get(self._key(shot), (sequence, shot[1]))

    def _notes(self, name: str, found: "re.Match[str]", is_exact: bool) -> List[str]:
        named, notes = (found["sequence_name"], found["shot_name"]), []
        taken = f"clip {name!r} is taken for shot {named[1]!r} of sequence {named[0]!r}"
        other = self._pattern(r"\w*?", self._known if is_exact else {}).fullmatch(name)
        if found.end() < len(name):
            notes.append(f"{taken}: the convention does not reach to its end, {name[found.end() :]!r}")
        elif other and (other["sequence_name"], other["shot_name"]) != named:
            notes.append(f"{taken}, but its name can be divided in other ways")
        return notes


# -- what is sent -------------------------------------------------------------------
class Plan:
    """The shots of a cut: what is sent, and what cannot be.

    Attributes:
        refused: why clips have no shot; nothing is sent then.
        warnings: what is not imported as it is in the cut.
        is_other: whether the server would make something else of the file.
    """

    def __init__(self, cut: Cut, names: Names, match_case: bool) -> None:
        self.refused: List[str] = []
        self.warnings: List[str] = []
        self.is_other: bool = not cut.is_readable
        self._rate, self._names, self._match_case = cut.rate, names, match_case
        self._clips: Dict[ShotName, Clip] = {}
        self._pieces: Dict[ShotName, int] = {}
        is_within_shot = False
        for clip in cut.clips:
            if clip.kind != "inner":
                is_within_shot = False
            if not is_within_shot:
                is_within_shot = self._add(clip) and clip.kind == "composition"
        self._warn_of_pieces()
        self._warn_of_cases()

    def _add(self, clip: Clip) -> bool:
        """Plan the shot of a clip, and return whether it has one."""
        match = self._names.find(clip.name)
        has_names = match is not None and all(match.shot)
        if clip.is_disabled:
            self.warnings += [f"clip {clip.number} {clip.name!r} is disabled and not imported"] if has_names else []
        elif match is not None and has_names:
            self.warnings += match.notes
            self._pieces[match.shot] = self._pieces.get(match.shot, 0) + 1
            first = self._clips.setdefault(match.shot, clip)
            is_read_so = match.is_read_so and clip.kind == "clip" and clip.frames_read == clip.frames
            self.is_other = self.is_other or first is not clip or not is_read_so
            return True
        elif clip.kind == "inner":
            self.warnings.append(
                f"clip {clip.number} {clip.name!r} within another follows no convention and is not imported"
            )
        elif clip.kind == "clip" and not clip.is_slug:
            self._refuse(clip, match)
        self.is_other = self.is_other or clip.kind == "clip"
        return False

    def _refuse(self, clip: Clip, match: Optional[Match]) -> None:
        why = (
            "does not follow the naming convention"
            if match is None
            else "leaves the sequence or the shot without a name"
        )
        self.refused.append(f"clip {clip.number} {clip.name!r} {why}")

    def _warn_of_pieces(self) -> None:
        for (sequence, shot), count in self._pieces.items():
            if count > 1:
                clip = self._clips[sequence, shot]
                self.warnings.append(
                    f"shot {shot!r} of {sequence!r} is in the cut {count} times: it has the frames of the first"
                    f" piece, {clip.start} to {clip.start + clip.frames - 1}"
                )

    def _warn_of_cases(self) -> None:
        first: Dict[str, ShotName] = {}
        for shot in self._clips:
            for place in (0, 1):
                key = "/".join(shot[: place + 1]).lower()
                other = first.setdefault(key, shot)
                if other[: place + 1] != shot[: place + 1]:
                    kind = ("sequences", "shots")[place]
                    text = f"{other[place]!r} and {shot[place]!r} are two {kind}: match_case=False makes one of them"
                    self.warnings += [] if text in self.warnings else [text]

    def written(self) -> bytes:
        """Return the shots as an OpenTimelineIO file; those that overlap are on tracks of their own."""
        import opentimelineio as otio

        schema, timeline, ends = otio.schema, otio.schema.Timeline("cut"), []  # type: ignore[var-annotated]
        for (sequence, shot), clip in sorted(self._clips.items(), key=lambda pair: (pair[1].track, pair[1].start)):
            number = next((n for n, end in enumerate(ends) if end[1] == clip.track and end[0] <= clip.start), len(ends))
            if number == len(ends):
                timeline.tracks.append(schema.Track(kind=schema.TrackKind.Video))
                ends.append((0, clip.track))
            track, gap = timeline.tracks[number], clip.start - ends[number][0]
            if gap:
                track.append(schema.Gap(source_range=self._range(gap)))
            name = Template(_CONVENTION).substitute(sequence_name=sequence, shot_name=shot) + _EXTENSION
            track.append(schema.Clip(name, source_range=self._range(clip.frames)))
            ends[number] = (clip.start + clip.frames, clip.track)
        return str(otio.adapters.write_to_string(timeline, "otio_json")).encode()

    def _range(self, frames: int) -> Any:
        from opentimelineio.opentime import RationalTime, TimeRange

        return TimeRange(RationalTime(0, self._rate), RationalTime(frames, self._rate))
