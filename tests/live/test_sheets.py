"""CSV files as spreadsheet programs write them, on a real server. What is said of it was seen on Zou 1.0.97."""

import csv
import io
import random
import uuid
from pathlib import Path
from typing import Any, Callable, List

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import GazuWarning, NotAllowedException, ParameterException, ServerErrorException

Import = Callable[..., Any]
TEXT = 'Sequence;Name;Description\r\nSQ01;SH01;Été\r\nSQ01;SH02;"She runs, he falls\r\nand cries ""no"""\r\n;;\r\n'
READ = [("SH01", "Été"), ("SH02", 'She runs, he falls\nand cries "no"')]


@pytest.fixture
def film(admin: KitsuClient) -> Any:
    return gazu.project.new_project("Film" + uuid.uuid4().hex[:8], production_type="short")


@pytest.fixture
def send(film: Any, tmp_path: Path) -> Import:
    """Import shots from a file with this content."""

    def send(content: Any, project: Any = film) -> Any:
        path = tmp_path / "shots.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return gazu.shot.import_shots_with_csv(project, path)

    return send


def described(shots: Any) -> Any:
    return [(shot["name"], shot["description"]) for shot in shots]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_whatever_a_spreadsheet_writes_is_imported(send: Import, encoding: str, delimiter: str) -> None:
    rows = list(csv.reader(io.StringIO(TEXT, newline=""), delimiter=";"))
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    assert described(send(file.getvalue().encode(encoding))) == READ


def test_what_the_server_does_with_such_files_itself(film: Any, tmp_path: Path) -> None:
    """Zou 1.0.97: a mark or quotes at the end of CRLF lines hide the first column; other encodings are a 500.

    A server on Python 3.13 fails for the first two as well: it refuses the delimiter that it has guessed.
    """
    refusals = (ParameterException, ServerErrorException)
    path, route = tmp_path / "shots.csv", f"import/csv/projects/{film['id']}/shots"
    for content, kind, text in (
        (TEXT.encode("utf-8-sig"), refusals, "A columns is missing: 'Sequence'|Internal server error"),
        (
            b'Sequence,Name,Description\r\nSQ01,SH01,"She runs, he falls"\r\n',
            refusals,
            "is missing: 'Sequence'|Internal server error",
        ),
        (TEXT.encode("cp1252"), ServerErrorException, "Internal server error"),
        (TEXT.encode("utf-16"), ServerErrorException, "Internal server error"),
    ):
        path.write_bytes(content)
        with pytest.raises(kind, match=text):
            gazu.client.upload(route, path)
    assert gazu.shot.all_shots_for_project(film) == []


def test_windows_1252_is_announced(send: Import) -> None:
    with pytest.warns(GazuWarning, match=r"shots.csv is not UTF-8: .*cp1252.* line 2 has 'Été'"):
        assert described(send(TEXT.encode("cp1252"))) == READ


def test_assets_too(film: Any, tmp_path: Path) -> None:
    path = tmp_path / "assets.csv"
    path.write_bytes('sep=;\r\n\r\nType;Name;Description\r\nProps;Écureuil;"a\r\nb"\r\n\r\n'.encode("utf-8-sig"))
    assert described(gazu.asset.import_assets_with_csv(film, path)) == [("Écureuil", "a\nb")]
    path.write_text("Type,Name\nProps,\n")
    gazu.asset.import_assets_with_csv(film, path)  # Zou 1.0.97 makes an asset without a name
    path.write_text("Type,Name\nProps,A\n,B\n")
    with pytest.raises(ParameterException, match=r"Type column \(line 3 of assets.csv; .*1 row before it was imported"):
        gazu.asset.import_assets_with_csv(film, path)


def test_sixteen_sheets_that_the_server_would_guess_wrong(send: Import) -> None:
    """Zou 1.0.97 guesses the dialect of a file with `csv.Sniffer`, and a fifth of ordinary sheets wrong."""
    dice, tried = random.Random(2), 0
    words = ["She", "runs,", "falls;", "it's", "Léa|Noé", '(2")', "10%", '"so"', "at", "5'", "x/y", "a-b"]
    while tried < 16:
        notes = [" ".join(dice.choices(words, k=dice.randint(1, 5))) for _ in range(2)]
        rows = [["Sequence", "Name", "Description"], *(["SQ", f"S{tried}_{n}", text] for n, text in enumerate(notes))]
        file = io.StringIO()
        csv.writer(file).writerows(rows)
        if guessed(file.getvalue()) != rows:
            tried += 1
            assert described(send(file.getvalue())) == [(name, text) for _, name, text in rows[1:]]


def guessed(text: str) -> List[List[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), csv.Sniffer().sniff(text)))
    except (csv.Error, ValueError):  # the second from Python 3.13 on, for delimiters that it has guessed itself
        return []


def test_errors_name_line_and_column_and_what_was_imported(send: Import, film: Any) -> None:
    gazu.project.add_metadata_descriptor(film, "Approved", "Shot", "boolean")
    gazu.project.add_metadata_descriptor(film, "Who", "Shot", "person")
    head = 'Sequence;Name;Nb Frames;Approved;Who;Description\r\nSQ01;SH01;24;yes;;"two\r\nlines"\r\n'
    for row, text in (
        ("SQ01;SH02;24 f;;;", r"got '24 f' \(line 4 of shots.csv; column 'Nb Frames'; 1 row before it was imported\)"),
        ("SQ01;SH02;;maybe;;", r"'maybe' is neither true nor false \(line 4 of shots.csv; column 'Approved'; 1 row"),
        ("SQ01;SH02;;;Jo Doe;", r"Jo Doe \(line 4 of shots.csv; column 'Who'; 1 row"),
        ('SQ01;SH02;x;;;"two\r\nlines"', r"got 'x' \(lines 4-5 of shots.csv; column 'Nb Frames'; 1 row"),
        ("SQ01;;24;;;", r"Name cannot be empty \(line 4 of shots.csv; column 'Name'; 1 row"),
        ("SQ01;" + "x" * 161 + ";24;;;", r"varying\(160\) \(line 4 of shots.csv; column 'Name'; 1 row"),
        ("SQ01;SH02;99999999999;;;", r"out of range \(line 4 of shots.csv; column 'Nb Frames'; 1 row"),
    ):
        with pytest.raises(ParameterException, match=text) as caught:
            send(head + row + "\r\n")
        assert caught.value.args[0] == f"import/csv/projects/{film['id']}/shots"
        assert "[SQL" not in str(caught.value)
    assert [shot["name"] for shot in gazu.shot.all_shots_for_project(film)] == ["SH01"]


def test_errors_about_the_header(send: Import) -> None:
    """Zou 1.0.97 tells upper from lower case in the names of columns."""
    with pytest.raises(
        ParameterException, match=r"'Sequence' \(the header of shots.csv has 'sequence', 'name'; upper and"
    ):
        send("sequence,name\nSQ01,SH01\n")
    with pytest.raises(ParameterException, match="delimiter .shots.csv has a single column 'Name'"):
        send("Name\nSH01\n")
    with pytest.raises(ParameterException, match="'Episode' .the header .* no rows before it were imported"):
        send(TEXT, gazu.project.new_project("Show" + uuid.uuid4().hex[:8], production_type="tvshow"))


def test_blanks_around_columns_and_frames_of_one(send: Import) -> None:
    """Zou 1.0.97 gives a shot whose Frame In is its Frame Out no frames; `Nb Frames` does."""
    shots = send(
        " Sequence , Name ,Frame In,Frame Out,Nb Frames\r\nSQ01,SH01,5,5,\r\nSQ01,SH02,5,5,1\r\nSQ01,SH03,5,6,\r\n"
    )
    assert [shot["nb_frames"] for shot in shots] == [0, 1, 2]


def test_cells_without_a_column_are_announced(send: Import) -> None:
    with pytest.warns(GazuWarning, match="in line 2: they are not imported .the first is ' he falls'"):
        assert described(send("Sequence,Name,Description\nSQ01,SH01,She runs, he falls\n")) == [("SH01", "She runs")]


# -- exports -------------------------------------------------------------------
def exported(path: Path) -> Any:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_values_that_stop_an_export_are_named(send: Import, film: Any, tmp_path: Path) -> None:
    """Zou 1.0.97 exports only texts in boolean columns; with anything else nobody can export the production."""
    path = tmp_path / "out.csv"
    gazu.project.add_metadata_descriptor(film, "Approved", "Shot", "boolean")
    shots = send("Sequence,Name\nSQ01,SH01\nSQ01,SH02\nSQ01,SH03\nSQ01,SH04\n")
    for shot, value in zip(shots, (True, None, 1)):
        gazu.shot.update_shot_data(shot, {"approved": value})
    named = "; ".join(rf"shot SH0{n + 1} \(.{{36}}\) has approved: {value}" for n, value in enumerate((True, None, 1)))
    with pytest.raises(ServerErrorException, match=rf"Internal server error.*the texts 'true' and 'false': {named}\)$"):
        gazu.shot.export_shots_with_csv(film, path)
    assert not path.exists()
    for shot, value in zip(shots, ("true", "false", "")):
        gazu.shot.update_shot_data(shot, {"approved": value})
    gazu.shot.export_shots_with_csv(film, path)
    assert [row["Approved"] for row in exported(path)] == ["true", "false", "false", "false"]


def test_values_that_stop_an_export_of_assets_are_named(film: Any, tmp_path: Path) -> None:
    gazu.project.add_metadata_descriptor(film, "Approved", "Asset", "boolean")
    gazu.asset.new_asset(film, gazu.asset.all_asset_types()[0], "Tree", extra_data={"approved": False})
    with pytest.raises(ServerErrorException, match="'true' and 'false': asset Tree .* has approved: False"):
        gazu.asset.export_assets_with_csv(film, tmp_path / "out.csv")


def test_what_an_export_makes_of_times_and_lists(send: Import, film: Any, tmp_path: Path) -> None:
    """Zou 1.0.97: days have 8 hours whatever the production says; lists and checklists are Python texts."""
    with pytest.warns(GazuWarning, match="the server ignored 'hours_by_day'"):
        gazu.project.update_project({"id": film["id"], "hours_by_day": 4})
    gazu.project.add_metadata_descriptor(film, "Tags", "Shot", "taglist")
    [shot] = send("Sequence,Name\nSQ01,SH01\n")
    gazu.shot.update_shot_data(shot, {"tags": ["a", "b"]})
    task_type = next(row for row in gazu.task.all_task_types() if row["for_entity"] == "Shot")
    task = gazu.task.new_task(shot, task_type)
    user = gazu.client.get_current_user()
    gazu.task.assign_task(task, user)
    gazu.task.set_time_spent(task, user, "2026-11-02", 240)
    path = tmp_path / "out.csv"
    gazu.shot.export_shots_with_csv(film, path)
    [row] = exported(path)
    assert (row["Time Spent"], row["Tags"]) == ("0.50", "['a', 'b']")


# -- casting, edits, estimations, people, and whole servers ----------------------
CASTING = "Asset Type,Asset,Episode,Parent,Name,Occurences,Label\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_casting_in_and_out(gazu_make: Any, tmp_path: Path) -> None:
    c, project, manager = gazu.casting, gazu_make.project, gazu_make.client_as("manager")
    gazu.project.update_project({"id": project["id"], "production_type": "tvshow"})
    episode = gazu_make.episode("E01")
    shot = gazu_make.shot("SH1", gazu_make.sequence("SQ1", episode=episode))
    tree, nut = gazu_make.asset("Écureuil"), gazu_make.asset("Nut")
    gazu_make.shot("SH2", gazu_make.sequence("SQ2"))  # in no episode
    canceled = gazu_make.asset("Old")
    gazu.asset.update_asset({"id": canceled["id"], "canceled": True})
    rows = "Prop,Nut,,SQ2,SH2,1,\nProp,Old,MP,SQ2,SH2,1,\n"
    rows += "Prop,Nut,E01,SQ1,SH1,2,fixed\nProp,Écureuil,E01,SQ1,SH1,,\nProp,Nut,,Prop,Écureuil,1,\nProp,Nut,,Episode,E01,3,\n"
    path = write(tmp_path / "casting.csv", CASTING + "Prop,Nut,E01,SQ1,SH1,1,fixed\n" + rows)
    with pytest.raises(NotAllowedException):
        c.import_casting_with_csv(project, path, client=gazu_make.client_as("supervisor"))
    assert c.import_casting_with_csv(project, path, client=manager) == 7
    assert {(one["asset_name"], one["nb_occurences"]) for one in c.get_shot_casting(shot)} == {
        ("Nut", 2),
        ("Écureuil", 1),
    }
    assert [one["asset_id"] for one in c.get_asset_casting(tree)] == [nut["id"]]
    assert {one["asset_name"]: one["nb_occurences"] for one in c.get_episode_casting(episode)}["Nut"] == 3
    out, client = tmp_path / "out.csv", gazu_make.client_as("client")
    for kind, names in (("shots", ["SH1", "SH1"]), ("assets", ["Écureuil"]), ("episodes", ["E01", "E01"])):
        c.export_casting_with_csv(project, out, kind, client=client)
        assert [row["Name"] for row in exported(out)] == names
    c.export_casting_with_csv(project, out, episode=gazu_make.episode("E02"))
    assert exported(out) == []
    with pytest.raises(NotAllowedException):
        c.export_casting_with_csv(project, out, client=gazu_make.client_as("vendor"))
    with pytest.raises(ValueError, match="kind"):
        c.export_casting_with_csv(project, out, "scenes")


def test_a_casting_that_the_server_leaves_out_is_named(gazu_make: Any, tmp_path: Path) -> None:
    """Zou 1.0.97 skips rows whose names it does not find, also those with a sign at the end, and says nothing of it."""
    project, shot = gazu_make.project, gazu_make.shot("SH1", gazu_make.sequence("SQ1"))
    gazu_make.asset("Nut")
    gazu_make.asset("Tree", "Props (big)")
    rows = "Prop,Nut,,SQ1,SH1,2,\nProp,Nope,,SQ1,SH1,1,\nProp,Nut,,SQ1,SH9,1,\nProps (big),Tree,,SQ1,SH1,1,\n"
    path = write(tmp_path / "casting.csv", CASTING + rows)
    with pytest.raises(
        ParameterException, match=r"3 of 4 rows of casting.csv .*1 were.* line 3: .*'Nope'.* line 5:"
    ) as caught:
        gazu.casting.import_casting_with_csv(project, path)
    assert (caught.value.line_number, caught.value.imported_rows) == (3, 1)
    assert str(caught.value).startswith(f"POST import/csv/projects/{project['id']}/casting: ")
    assert [one["nb_occurences"] for one in gazu.casting.get_shot_casting(shot)] == [2]
    assert gazu.client.upload(f"import/csv/projects/{project['id']}/casting", path) == [None] * 4
    write(path, CASTING + "Prop,Nut,,SQ1,SH1,2,\nProp,Nut,,SQ1,SH1,x,\n")
    with pytest.raises(ParameterException, match=r"'x' \(line 3 of casting.csv; column 'Occurences'; 1 row") as caught:
        gazu.casting.import_casting_with_csv(project, path)
    assert (caught.value.line_number, caught.value.imported_rows) == (3, 1)


def test_edits_in_and_out(gazu_make: Any, tmp_path: Path) -> None:
    project, manager, artist = gazu_make.project, gazu_make.client_as("manager"), gazu_make.client_as("artist")
    path, out = write(tmp_path / "edits.csv", "Name,Description\nEd1,one\nEd2,two\n"), tmp_path / "out.csv"
    with pytest.raises(NotAllowedException):
        gazu.edit.import_edits_with_csv(project, path, client=artist)
    assert described(gazu.edit.import_edits_with_csv(project, path, client=manager)) == [("Ed1", "one"), ("Ed2", "two")]
    write(path, "Name,Description\nEd1,new\n")
    assert described(gazu.edit.import_edits_with_csv(project, path)) == [("Ed1", "one")]
    assert described(gazu.edit.import_edits_with_csv(project, path, update=True)) == [("Ed1", "new")]
    gazu.edit.export_edits_with_csv(project, out, client=artist)
    assert [(row["Name"], row["Description"]) for row in exported(out)] == [("Ed1", "new"), ("Ed2", "two")]
    with pytest.raises(NotAllowedException):
        gazu.edit.export_edits_with_csv(project, out, client=gazu_make.client_as("vendor"))
    write(path, "Name,Episode\nEd3,\nEd4,E01\n")
    with pytest.raises(ParameterException, match="TV Show .line 3 of edits.csv") as caught:
        gazu.edit.import_edits_with_csv(project, path)
    assert (caught.value.line_number, caught.value.imported_rows) == (3, 1)


def test_estimations(gazu_make: Any, tmp_path: Path) -> None:
    """Zou 1.0.97 keeps the rows before a wrong one, and takes a missing task for a missing column."""
    project, supervisor = gazu_make.project, gazu_make.client_as("supervisor")
    sequence = gazu_make.sequence("SQ1")
    task = gazu_make.task(gazu_make.shot("SH1", sequence))
    gazu_make.shot("SH2", sequence)
    path, kind = tmp_path / "e.csv", task["task_type_id"]
    head = "Parent,Entity,Estimation,Start date\nSQ1,SH1,2,2026-11-02\n"
    with pytest.raises(NotAllowedException):
        gazu.task.import_estimations_with_csv(project, kind, write(path, head), client=gazu_make.client_as("artist"))
    assert gazu.task.import_estimations_with_csv(project, kind, path, client=supervisor) == 1
    found = gazu.task.get_task(task)
    assert (found["estimation"], found["due_date"]) == (960, "2026-11-03T00:00:00")
    for row, text in (
        ("SQ1,SH2,1,", "the entity has no task of this type .line 3 of e.csv"),
        ("SQ1,SH9,1,", "'SH9' with parent 'SQ1' not found .line 3 of e.csv; column 'Entity'"),
        ("SQ1,SH1,1,02/11/2026", "'02/11/2026' does not match .*column 'Start date'"),
    ):
        with pytest.raises(ParameterException, match=text) as caught:
            gazu.task.import_estimations_with_csv(project, kind, write(path, head + row + "\n"))
        assert (caught.value.line_number, caught.value.imported_rows) == (3, 1)
    gazu.project.update_project({"id": project["id"], "production_type": "tvshow"})
    first, second = gazu_make.episode("E01"), gazu_make.episode("E02")
    in_episode = gazu_make.task(gazu_make.shot("SH1", gazu_make.sequence("SQ7", episode=first)))
    write(path, "Parent,Entity,Drawings\nSQ7,SH1,12\n")
    assert gazu.task.import_estimations_with_csv(project, kind, path, first) == 1
    assert gazu.task.get_task(in_episode)["nb_drawings"] == 12
    with pytest.raises(ParameterException, match="not found"):
        gazu.task.import_estimations_with_csv(project, kind, path, second)


def test_people_in_and_out(gazu_make: Any, tmp_path: Path) -> None:
    path, out, mark = tmp_path / "people.csv", tmp_path / "out.csv", uuid.uuid4().hex[:8]
    email, manager = f"{mark}@example.com", gazu_make.client_as("manager")
    head = "First Name,Last Name,Email,Role,Active\n"
    write(path, f"{head}Ann,{mark},{email},supervisor,no\n")
    with pytest.raises(NotAllowedException):
        gazu.person.import_persons_with_csv(path, client=manager)
    [person] = gazu.person.import_persons_with_csv(path)
    assert (person["role"], person["active"]) == ("supervisor", False)
    write(path, f"{head}Lea,{mark},{email},user,no\n")
    assert gazu.person.import_persons_with_csv(path)[0]["first_name"] == "Ann"
    assert gazu.person.import_persons_with_csv(path, update=True)[0]["first_name"] == "Lea"
    for row, text in (
        ("boss,no", r"Role: boss .accepted values: .*line 3 of people.csv"),
        ("user,maybe", r"'maybe' is neither true nor false .line 3 of people.csv; column 'Active'"),
    ):
        write(path, f"{head}Lea,{mark},{email},user,no\nBob,{mark},b{email},{row}\n")
        with pytest.raises(ParameterException, match=text) as caught:
            gazu.person.import_persons_with_csv(path)
        assert (caught.value.line_number, caught.value.imported_rows) == (3, 1)
    gazu.person.export_persons_with_csv(out, client=manager)
    assert [row["First Name"] for row in exported(out) if row["Email"] == email] == ["Lea"]
    gazu.person.remove_person(person)


def test_exports_of_the_whole_server(gazu_make: Any, tmp_path: Path) -> None:
    out, project, manager = tmp_path / "out.csv", gazu_make.project, gazu_make.client_as("manager")
    who = gazu.client.get_current_user()
    task = gazu_make.task(assignees=[who["id"]])
    gazu.task.set_time_spent(task, who, "2026-11-02", 30)
    for export, column, name, more in (
        (gazu.task.export_tasks_with_csv, "Project", project["name"], {"Task Type": "Animation", "Duration": "30.0"}),
        (gazu.person.export_time_spents_with_csv, "Project", project["name"], {"Time spent": "30.0"}),
        (gazu.project.export_projects_with_csv, "Name", project["name"], {"Status": "Open"}),
        (gazu.task.export_task_types_with_csv, "Name", "Animation", {"Department": "Animation"}),
    ):
        export(out, client=manager)
        [row] = [row for row in exported(out) if row[column] == name]
        assert {key: row[key] for key in more} == more
    for export in (
        gazu.task.export_tasks_with_csv,
        gazu.person.export_time_spents_with_csv,
        gazu.project.export_projects_with_csv,
        gazu.task.export_task_types_with_csv,
        gazu.person.export_persons_with_csv,
    ):
        with pytest.raises(NotAllowedException):
            export(out, client=gazu_make.client_as("supervisor"))
