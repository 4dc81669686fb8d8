"""The names of clips and the rates of timecode, without a server and without OpenTimelineIO."""

import pytest

from gazu.timelines import Clip, Cut, Names, Place, Plan, _at_smpte_rate

CONVENTION = "${sequence_name}_${shot_name}"
PLACE = Place(
    {"name": "My film", "fps": "23,976"},
    None,
    {"1": {"id": "1", "name": "SQ1"}},
    {"2": {"id": "2", "name": "SH.1", "parent_id": "1"}, "3": {"id": "3", "name": "SH2", "parent_id": "1"}},
)


@pytest.mark.parametrize(
    "name, shot, is_read_so",
    [
        ("SQ1_SH2", ("SQ1", "SH2"), True),
        ("SQ1_SH.1", ("SQ1", "SH.1"), True),
        ("SQ1_SH3", ("SQ1", "SH3"), True),
        ("SQ1_SH2-B", ("SQ1", "SH2"), False),
        ("sq1_SH2", ("sq1", "SH2"), True),
        ("A_B_C", ("A_B", "C"), True),
    ],
)
def test_the_shot_of_a_name(name, shot, is_read_so):
    assert Names(PLACE, CONVENTION, True).find(name)[:2] == (shot, is_read_so)


def test_names_are_spelled_as_they_are_on_the_server():
    names = Names(PLACE, CONVENTION, False)
    assert names.find("sq1_sh2")[:2] == (("SQ1", "SH2"), True)
    assert names.find("sq1_New")[:2] == (("SQ1", "New"), False)
    assert [names.find(name).shot[0] for name in ("Sq2_A", "sq2_B")] == ["Sq2", "Sq2"]


def test_the_name_of_the_production():
    names = Names(PLACE, "${project_name}_${sequence_name}-${shot_name}", True)
    assert names.find("My film_SQ1-SH9") == (("SQ1", "SH9"), False, [])
    assert names.find("Other_SQ1-SH9") == (("SQ1", "SH9"), True, [])
    assert names.find("Other film_SQ1-SH9") is None


@pytest.mark.parametrize(
    "convention", ["${shot_name}", "${sequence_name}_(${shot_name}", "${sequence_name}${x}${shot_name}"]
)
def test_conventions_that_are_left_to_the_server(convention):
    with pytest.raises(Exception) as caught:  # one of those that the importer takes for such
        Names(PLACE, convention, True)
    assert type(caught.value).__name__ in ("ValueError", "KeyError", "error", "PatternError")


@pytest.mark.parametrize(
    "fps, rate, is_read",
    [(25, 25, True), (23.976, 24000 / 1001, False), (29.97, 30000 / 1001, False), (25.01, 25, False)],
)
def test_rates_that_have_timecode(fps, rate, is_read):
    assert _at_smpte_rate("01:00:00:23", fps) == ("01:00:00:23", rate, is_read)


def test_rates_that_have_none_are_counted_at_one_that_has():
    assert _at_smpte_rate("a 00:00:02:05 10:00:00:00", 12) == ("a 00:00:01:05 05:00:00:00", 24, False)
    assert _at_smpte_rate("00:00:01:99", 100) == ("00:00:03:19", 60, False)


def clip(number, name, **changes):
    return Clip(number, name, 0, 10 * number, 10, 10, False, False, "clip")._replace(**changes)


def plan(*clips):
    return Plan(Cut(list(clips), 25, True), Names(PLACE, CONVENTION, True), True)


def test_a_cut_that_the_server_reads_right_stays():
    found = plan(clip(1, "SQ1_A"), clip(2, "SQ1_B"))
    assert (found.is_other, found.refused, found.warnings) == (False, [], [])


def test_what_is_left_out_and_what_is_refused():
    assert plan(clip(1, "", is_slug=True)).is_other
    assert plan(clip(1, "002", is_slug=True), clip(2, "LOGO")).refused == [
        "clip 2 'LOGO' does not follow the naming convention"
    ]
    assert plan(clip(1, "SQ1_")).refused == ["clip 1 'SQ1_' leaves the sequence or the shot without a name"]
    assert plan(clip(1, "SQ1_A", is_disabled=True)).warnings == ["clip 1 'SQ1_A' is disabled and not imported"]
    assert plan(clip(1, "LOGO", is_disabled=True)).refused == []


def test_clips_within_others():
    inside = clip(2, "SQ1_B", kind="inner")
    assert plan(clip(1, "nest", kind="composition"), inside).is_other
    named = plan(clip(1, "SQ1_A", kind="composition"), clip(2, "LOGO", kind="inner"), clip(3, "SQ1_C"))
    assert (named.is_other, named.refused, named.warnings) == (True, [], [])
    assert (
        "clip 2 'LOGO' within another"
        in plan(clip(1, "", kind="composition"), clip(2, "LOGO", kind="inner")).warnings[0]
    )


def test_pieces_and_cases_are_announced():
    found = plan(clip(1, "SQ1_A"), clip(2, "SQ1_A"), clip(3, "sq1_B"))
    assert found.is_other
    assert found.warnings == [
        "shot 'A' of 'SQ1' is in the cut 2 times: it has the frames of the first piece, 10 to 19",
        "'SQ1' and 'sq1' are two sequences: match_case=False makes one of them",
    ]


def test_the_rate_of_a_production():
    assert PLACE.fps == 23.976
    assert [PLACE._replace(project={"fps": fps}).fps for fps in (None, "", "fast", "24", 25.0)] == [25, 25, 25, 24, 25]
