"""Cuts on a real server: what it makes of them by itself, on Zou 1.0.97, and what is made of them with OpenTimelineIO."""

import sys
import uuid
from pathlib import Path
from typing import Any, Callable, List, Optional

import opentimelineio as otio
import pytest
from opentimelineio.opentime import RationalTime, TimeRange

import gazu
from gazu.client import KitsuClient
from gazu.exception import GazuWarning, ParameterException

CONVENTION = "${sequence_name}_${shot_name}"
NTSC = 24000 / 1001
Send = Callable[..., Any]


@pytest.fixture
def film(admin: KitsuClient) -> Any:
    return gazu.project.new_project("Film" + uuid.uuid4().hex[:8], production_type="short")


@pytest.fixture
def without_otio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentimelineio", None)


@pytest.fixture
def cut(tmp_path: Path) -> Callable[..., Path]:
    """Write a cut of these tracks, each a list of items."""

    def cut(*tracks: Any, name: str = "cut.otio") -> Path:
        timeline = otio.schema.Timeline("cut")
        for items in tracks:
            timeline.tracks.append(otio.schema.Track(kind="Video", children=items))
        otio.adapters.write_to_file(timeline, str(tmp_path / name))
        return tmp_path / name

    return cut


@pytest.fixture
def edl(tmp_path: Path) -> Callable[..., Path]:
    """Write an EDL of these events: reel, record in, record out, further line."""

    def edl(*events: Any, encoding: str = "utf-8") -> Path:
        text = "TITLE: cut\nFCM: NON-DROP FRAME\n\n"
        for number, (reel, start, end, line) in enumerate(events, 1):
            text += f"{number:03}  {reel:8} V     C        {start} {end} {start} {end}\n{line}\n"
        (tmp_path / "cut.edl").write_text(text, encoding=encoding)
        return tmp_path / "cut.edl"

    return edl


def clip(name: str, frames: int = 10, rate: float = 25, enabled: bool = True) -> Any:
    made = otio.schema.Clip(name, source_range=TimeRange(RationalTime(0, rate), RationalTime(frames, rate)))
    made.enabled = enabled
    return made


def nested(*items: Any, name: str = "") -> Any:
    return otio.schema.Stack(name=name, children=[otio.schema.Track(kind="Video", children=list(items))])


def by_the_server(project: Any, path: Path, convention: str = CONVENTION, match_case: bool = True) -> Any:
    """Import a cut without the library's help."""
    form = {"naming_convention": convention, "match_case": match_case}
    return gazu.client.upload(f"import/otio/projects/{project['id']}", path, data=form)


def by_us(project: Any, path: Path, convention: Optional[str] = CONVENTION, match_case: bool = True) -> Any:
    return gazu.shot.import_otio(project, path, naming_convention=convention, match_case=match_case)


def shots(project: Any) -> List[Any]:
    """Return sequence, name, frames, first and last of each shot."""
    names = {row["id"]: row["name"] for row in gazu.shot.all_sequences_for_project(project)}
    rows = gazu.shot.all_shots_for_project(project)
    found = [(names[row["parent_id"]], row["name"], row["nb_frames"], *row["data"].values()) for row in rows]
    return sorted(found, key=str)


def names(rows: Any) -> List[str]:
    return [row["name"] for row in rows]


# -- rates of EDL ----------------------------------------------------------------
def two_shots(edl: Any, frame: int) -> Path:
    """Return an EDL whose second shot begins and ends within a second."""
    end = f"00:00:02:{frame:02}"
    return edl(
        ("AX", "00:00:00:00", "00:00:01:06", "* FROM CLIP NAME: SQ1_SH1"),
        ("AX", "00:00:01:06", end, "* FROM CLIP NAME: SQ1_SH2.mov"),
    )


@pytest.mark.parametrize("fps", ["23.976", "23.98", "29.97", "59.94", "12", "15", "18"])
def test_rates_at_which_the_server_reads_no_edl(film: Any, edl: Any, fps: str) -> None:
    """Zou 1.0.97 gives the rate of the production to OpenTimelineIO 0.18.1, which knows neither of these."""
    gazu.project.update_project({"id": film["id"], "fps": fps})
    path = two_shots(edl, 11)
    with pytest.raises(ParameterException, match="SMPTE timecode does not support this rate"):
        by_the_server(film, path)
    assert names(by_us(film, path)["created_shots"]) == ["SH1", "SH2"]
    counted = round(float(fps))
    assert shots(film) == [
        ("SQ1", "SH1", counted + 6, 0, counted + 5),
        ("SQ1", "SH2", counted + 5, counted + 6, 2 * counted + 10),
    ]


@pytest.mark.parametrize("fps", ["24", "25", "30", "48", "50", "60"])
def test_rates_at_which_the_server_reads_edl(film: Any, edl: Any, fps: str) -> None:
    gazu.project.update_project({"id": film["id"], "fps": fps})
    path = two_shots(edl, 11)
    assert names(by_us(film, path)["created_shots"]) == ["SH1", "SH2"]
    made = shots(film)
    assert made[1] == ("SQ1", "SH2", int(fps) + 5, int(fps) + 6, 2 * int(fps) + 10)
    by_the_server(film, path)
    assert shots(film) == made


def test_other_forms_at_a_rate_without_edl(film: Any, cut: Any) -> None:
    gazu.project.update_project({"id": film["id"], "fps": "23.976"})
    by_the_server(film, cut([clip("SQ1_SH1", 10, NTSC)]))
    assert shots(film) == [("SQ1", "SH1", 10, 0, 9)]


def test_an_edl_in_windows_1252(film: Any, edl: Any) -> None:
    path = edl(("AX", "00:00:00:00", "00:00:01:00", "* FROM CLIP NAME: SQ1_Été"), encoding="cp1252")
    with pytest.raises(ParameterException, match="Failed to parse"):
        by_the_server(film, path)
    by_us(film, path)
    assert shots(film) == [("SQ1", "Été", 25, 0, 24)]


def test_the_rate_is_explained_without_otio(film: Any, edl: Any, without_otio: None) -> None:
    gazu.project.update_project({"id": film["id"], "fps": "23.976"})
    with pytest.raises(
        ParameterException, match=r"23.976 fps, at which the server reads no EDL: .*gazu\[otio\].*\.otio"
    ):
        by_us(film, two_shots(edl, 11))


# -- clips without a shot ----------------------------------------------------------
def with_slug(edl: Any, last: str = "SQ1_SH2") -> Path:
    return edl(
        ("AX", "01:00:00:00", "01:00:02:00", "* FROM CLIP NAME: SQ1_SH1"),
        ("BL", "01:00:02:00", "01:00:03:00", ""),
        ("AX", "01:00:03:00", "01:00:04:00", f"* FROM CLIP NAME: {last}"),
    )


def test_a_slug_stops_the_server_half_way(film: Any, edl: Any) -> None:
    """Zou 1.0.97 makes the shots before the slug."""
    with pytest.raises(ParameterException, match="No matched value"):
        by_the_server(film, with_slug(edl))
    assert shots(film) == [("SQ1", "SH1", 50, 0, 49)]


def test_slugs_are_taken_out(film: Any, edl: Any) -> None:
    by_us(film, with_slug(edl))
    assert shots(film) == [("SQ1", "SH1", 50, 0, 49), ("SQ1", "SH2", 25, 75, 99)]


def test_other_clips_without_a_shot_are_named_before_anything_is_made(film: Any, edl: Any) -> None:
    with pytest.raises(ParameterException, match="Nothing was sent: clip 3 'LOGO' does not follow") as caught:
        by_us(film, with_slug(edl, "LOGO"))
    assert caught.value.created_shots == []
    assert shots(film) == []


@pytest.mark.parametrize("name", ["SQ1_", "_", "_SH1"])
def test_shots_and_sequences_without_a_name(film: Any, cut: Any, name: str) -> None:
    """Zou 1.0.97 makes them."""
    with pytest.raises(ParameterException, match="leaves the sequence or the shot without a name"):
        by_us(film, cut([clip(name)]))
    by_the_server(film, cut([clip(name)]))
    assert shots(film)[0][:2] == tuple(name.split("_"))


def test_what_was_made_before_is_told_without_otio(film: Any, edl: Any, cut: Any, without_otio: None) -> None:
    by_us(film, cut([clip("SQ1_SH0")]))
    path = edl(
        ("AX", "00:00:00:00", "00:00:02:00", "* FROM CLIP NAME: SQ1_SH0"),
        ("AX", "00:00:02:00", "00:00:03:00", "* FROM CLIP NAME: SQ1_SH1"),
        ("AX", "00:00:03:00", "00:00:04:00", "* FROM CLIP NAME: LOGO"),
    )
    text = (
        r"convention \$\{sequence_name\}_.*gazu\[otio\].* 1 shot was made before: SH1; 1 shot was changed before: SH0\)"
    )
    with pytest.raises(ParameterException, match=text) as caught:
        by_us(film, path)
    assert names(caught.value.created_shots) == ["SH1"]
    assert names(caught.value.updated_shots) == ["SH0"]


# -- one shot, several clips ---------------------------------------------------------
def test_a_shot_in_two_pieces(film: Any, cut: Any) -> None:
    """Zou 1.0.97 takes the first piece for a new shot, and the last for one that is there."""
    path = cut([clip("SQ1_A", 10), clip("SQ1_B", 5), clip("SQ1_A", 7)])
    assert names(by_the_server(film, path)["created_shots"]) == ["A", "B", "A"]
    assert shots(film)[0] == ("SQ1", "A", 10, 0, 9)
    by_the_server(film, path)
    assert shots(film)[0] == ("SQ1", "A", 7, 15, 21)
    for _ in range(2):
        with pytest.warns(GazuWarning, match="shot 'A' of 'SQ1' is in the cut 2 times: .* first piece, 0 to 9"):
            assert names(by_us(film, path)["updated_shots"]) == ["A", "B"]
        assert shots(film) == [("SQ1", "A", 10, 0, 9), ("SQ1", "B", 5, 10, 14)]


def test_the_rest_of_a_name_behind_the_convention(film: Any, cut: Any) -> None:
    """Zou 1.0.97 drops it, and leaves the shot with the shorter name as it is, though it is said to be created."""
    by_the_server(film, cut([clip("SQ1_SH010", 10)]))
    assert names(by_the_server(film, cut([clip("SQ1_SH010-B", 6)]))["created_shots"]) == ["SH010"]
    assert shots(film) == [("SQ1", "SH010", 10, 0, 9)]
    with pytest.warns(GazuWarning, match="clip 'SQ1_SH010-B' is taken for shot 'SH010' of sequence 'SQ1': .*'-B'"):
        assert names(by_us(film, cut([clip("SQ1_SH010-B", 6)]))["updated_shots"]) == ["SH010"]
    assert shots(film) == [("SQ1", "SH010", 6, 0, 5)]


def test_a_name_that_can_be_divided_in_two_ways(film: Any, cut: Any) -> None:
    """Zou 1.0.97 gives the sequence as much as it can."""
    with pytest.warns(GazuWarning, match="shot '010' of sequence 'SQ01_SH', but its name can be divided"):
        by_us(film, cut([clip("SQ01_SH_010")]))
    assert shots(film)[0][:2] == ("SQ01_SH", "010")
    by_the_server(film, cut([clip("SQ02_SH_010")]))
    assert shots(film)[1][:2] == ("SQ02_SH", "010")


def test_names_in_two_cases(film: Any, cut: Any) -> None:
    """Zou 1.0.97 tells the cases of new shots apart, even with `match_case=False`."""
    path = cut([clip("SQ1_A"), clip("sq1_B", 5)])
    by_the_server(film, path, match_case=False)
    assert names(gazu.shot.all_sequences_for_project(film)) == ["SQ1", "sq1"]
    with pytest.warns(GazuWarning, match="'SQ1' and 'sq1' are two sequences: match_case=False makes one"):
        by_us(film, path)
    other = gazu.project.new_project("Film" + uuid.uuid4().hex[:8], production_type="short")
    by_us(other, path, match_case=False)
    by_us(other, cut([clip("sq1_a", 3), clip("SQ1_b", 4), clip("sq1_C", 5)]), match_case=False)
    assert shots(other) == [("SQ1", "A", 3, 0, 2), ("SQ1", "B", 4, 3, 6), ("SQ1", "C", 5, 7, 11)]


# -- what is in a cut beside clips -----------------------------------------------------
def test_nested_disabled_and_several_tracks(film: Any, cut: Any) -> None:
    """Zou 1.0.97 passes over clips within others, and imports disabled ones; each track counts from 0."""
    gap = otio.schema.Gap(source_range=TimeRange(RationalTime(0, 25), RationalTime(5, 25)))
    tracks: Any = (
        [
            clip("SQ1_A"),
            nested(clip("SQ1_B", 4), clip("LOGO", 2)),
            clip("SQ1_C", 3, enabled=False),
            gap,
            clip("SQ1_D", 2),
        ],
        [clip("SQ1_E", 6), nested(clip("plate", 8), name="SQ1_F")],
    )
    path = cut(*tracks)
    by_the_server(film, path)
    server = [("SQ1", "A", 10, 0, 9), ("SQ1", "C", 3, 16, 18), ("SQ1", "D", 2, 24, 25), ("SQ1", "E", 6, 0, 5)]
    assert shots(film) == server
    other = gazu.project.new_project("Film" + uuid.uuid4().hex[:8], production_type="short")
    with pytest.warns(GazuWarning) as caught:
        by_us(other, path)
    assert [str(warning.message)[:60] for warning in caught] == [
        "clip 4 'LOGO' within another follows no convention and is no",
        "clip 5 'SQ1_C' is disabled and not imported",
    ]
    assert shots(other) == [
        ("SQ1", "A", 10, 0, 9),
        ("SQ1", "B", 4, 10, 13),
        ("SQ1", "D", 2, 24, 25),
        ("SQ1", "E", 6, 0, 5),
        ("SQ1", "F", 8, 6, 13),
    ]


def test_clips_of_other_rates_and_clips_without_a_range(film: Any, cut: Any) -> None:
    """Zou 1.0.97 takes the frames of each clip at its own rate, and none for a clip of its whole media."""
    media = otio.schema.ExternalReference("x.mov", TimeRange(RationalTime(100, 25), RationalTime(9, 25)))
    path = cut([clip("SQ1_A", 25), clip("SQ1_B", 30, 30), otio.schema.Clip("SQ1_C", media_reference=media)])
    by_the_server(film, path)
    assert shots(film) == [("SQ1", "A", 25, 0, 24), ("SQ1", "B", 30, 30, 59), ("SQ1", "C", 0, 60, 58)]
    by_us(film, path)
    assert shots(film) == [("SQ1", "A", 25, 0, 24), ("SQ1", "B", 25, 25, 49), ("SQ1", "C", 9, 50, 58)]


# -- conventions -------------------------------------------------------------------
def test_the_name_of_the_production_in_a_convention(admin: KitsuClient, cut: Any, monkeypatch: Any) -> None:
    """On Zou 1.0.97 `${project_name}` is letters, digits and `_`, of whatever production."""
    name = f"My-film {uuid.uuid4().hex[:6]}"
    film = gazu.project.new_project(name, production_type="short")
    default = "${project_name}_${sequence_name}-${shot_name}"
    with pytest.raises(ParameterException, match="No matched value"):
        by_the_server(film, cut([clip(f"{name}_SQ1-A")]), default)
    assert names(by_us(film, cut([clip(f"{name}_SQ1-A")]), None)["created_shots"]) == ["A"]
    assert names(by_us(film, cut([clip(f"{name}_SQ1-A", 7)]), None)["updated_shots"]) == ["A"]
    by_the_server(film, cut([clip("Other_SQ1-B")]), default)
    by_us(film, cut([clip("Other_SQ1-C")]), None)
    monkeypatch.setitem(sys.modules, "opentimelineio", None)
    with pytest.raises(ParameterException, match=f"try naming_convention='{name}_\\$") as caught:
        by_us(film, cut([clip(f"{name}_SQ1-D")]), None)
    fitting = str(caught.value).split("naming_convention=")[1].split("'")[1]
    assert names(by_us(film, cut([clip(f"{name}_SQ1-D")]), fitting)["created_shots"]) == ["D"]
    assert names(gazu.shot.all_shots_for_project(film)) == ["A", "B", "C", "D"]


@pytest.mark.parametrize("convention", ["${shot_name}", "${sequence_name}", "${sequence}_${shot_name}"])
def test_conventions_that_lack_a_field(film: Any, cut: Any, convention: str) -> None:
    with pytest.raises(ParameterException, match=r"naming_convention needs \$\{sequence_name\} and \$\{shot_name\}"):
        by_us(film, cut([clip("SQ1_A")]), convention)
    assert shots(film) == []


def test_a_show_needs_the_episode(project: Any, cut: Any) -> None:
    with pytest.raises(ParameterException, match="EpisodeNotFound.*a TV show: give the episode"):
        by_us(project, cut([clip("SQ1_A")]))


def test_an_episode_has_its_own_shots(project: Any, cut: Any) -> None:
    episode = gazu.shot.new_episode(project, "E-02 b")
    path = cut([clip(f"{project['name']}_E-02 b-SQ1-A"), clip(f"{project['name']}_E-02 b-SQ1-A", 5)])
    for kind in ("created_shots", "updated_shots"):
        with pytest.warns(GazuWarning, match="in the cut 2 times"):
            assert names(gazu.shot.import_otio(project, path, episode)[kind]) == ["A"]
    assert names(gazu.shot.all_shots_for_episode(episode)) == ["A"]


# -- files ---------------------------------------------------------------------------
def test_files_that_are_no_cut(film: Any, tmp_path: Path) -> None:
    """Zou 1.0.97 lists `.ale` among what it imports."""
    path = tmp_path / "cut.ale"
    path.write_text(
        "Heading\nFIELD_DELIM\tTABS\nFPS\t25\n\nColumn\nName\tStart\tEnd\n\nData\nSQ1_A\t01:00:00:00\t01:00:01:00\n"
    )
    with pytest.raises(ParameterException, match="this file is a list of clips and no cut: export it as .edl"):
        by_us(film, path)
    (tmp_path / "cut.fcpxml").write_text("<fcpxml/>")
    with pytest.raises(ParameterException, match="Unsupported file type '.fcpxml'. Supported formats: aaf, ale, edl"):
        by_us(film, tmp_path / "cut.fcpxml")


def test_a_cut_that_the_server_reads_is_sent_as_it_is(film: Any, cut: Any, monkeypatch: Any) -> None:
    sent: Any = []
    upload = gazu.client.upload
    monkeypatch.setattr(gazu.client, "upload", lambda *args, **named: sent.append(named) or upload(*args, **named))
    path = cut([clip("SQ1_A"), clip("SQ1_B")])
    by_us(film, path)
    assert sent[0]["data"]["naming_convention"] == CONVENTION
    name, file = sent[0]["files"]["file"]
    assert (name, file.getvalue()) == ("cut.otio", path.read_bytes())
