"""`gazu-cli` as a process, on a real server, with a terminal where that makes a difference."""

import csv
import fcntl
import io
import json
import os
import pty
import select
import signal
import stat
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest
from rich.cells import cell_len

import gazu
import gazu_sandbox
from gazu.client import KitsuClient
from gazu_sandbox.folders import cache_folder

from ..test_files import BLUE, RED, png
from ..test_session import totp

ROOT = str(Path(gazu.__file__).resolve().parents[1])
PASSWORD = "a secret of 7 words"
TIMEOUT_SECONDS = 120


class Shell:
    """Runs `gazu-cli` with a separate home directory."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.settings: Dict[str, str] = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([ROOT, str(Path(gazu_sandbox.__file__).parents[1])]),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "LANG": "C.UTF-8",
            "TERM": "xterm",
        }

    def command(self, *words: str) -> List[str]:
        return [sys.executable, "-m", "gazu.cli", *words]

    def __call__(self, *words: str, input: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*words),
            input=input,
            capture_output=True,
            encoding="utf-8",
            env={**self.settings, **settings},
            timeout=TIMEOUT_SECONDS,
        )

    def json(self, *words: str) -> Any:
        """Return the JSON it prints."""
        done = self(*words, "--json")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return json.loads(done.stdout)


class Terminal:
    """`gazu-cli` on a terminal with this many columns."""

    def __init__(self, shell: Shell, *words: str, columns: int = 80) -> None:
        self.seen = ""
        self.here, there = pty.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            shell.command(*words),
            stdin=there,
            stdout=there,
            stderr=there,
            env=shell.settings,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # type: ignore[arg-type, return-value]
        )
        os.close(there)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *error: Any) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.here)

    def _more(self, until: float) -> bool:
        """Read more output; return False at its end."""
        if not select.select([self.here], [], [], max(until - time.monotonic(), 0))[0]:
            raise AssertionError(f"timed out; output: {self.seen!r}")
        try:
            piece = os.read(self.here, 4096)
        except OSError:  # Linux reports the closed side so
            return False
        self.seen += piece.decode("utf-8", "replace")
        return bool(piece)

    def expect(self, text: str) -> "Terminal":
        """Wait for this output."""
        until = time.monotonic() + TIMEOUT_SECONDS
        while text not in self.seen:
            assert self._more(until), f"it ended; output: {self.seen!r}"
        return self

    def type(self, text: str) -> "Terminal":
        os.write(self.here, text.encode())
        return self

    def end(self) -> Tuple[int, str]:
        """Wait for its end, and return the exit status and the output."""
        until = time.monotonic() + TIMEOUT_SECONDS
        while self._more(until):
            pass
        return self.process.wait(TIMEOUT_SECONDS), self.seen


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.fixture
def shell(home: Path) -> Shell:
    """`gazu-cli` with an empty home."""
    return Shell(home)


@pytest.fixture
def cli(home: Path, admin: KitsuClient, box: Any, project: Any) -> Shell:
    """`gazu-cli` as the administrator, for the project."""
    shell = Shell(home)
    shell.settings.update(
        GAZU_HOST=box.host,
        GAZU_EVENT_HOST=box.event_host,
        GAZU_TOKEN=str(admin.access_token),
        GAZU_PROJECT=project["name"],
    )
    return shell


def files_in(folder: Path) -> Dict[str, int]:
    """Return the mode of each file, by its path."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in paths}


def works(client: KitsuClient) -> bool:
    try:
        return bool(gazu.client.get_current_user(client=client))
    except gazu.NotAuthenticatedException:
        return False


# -- sessions ------------------------------------------------------------------
def test_a_session_on_a_terminal(shell: Shell, box: Any, new_person: Any, home: Path) -> None:
    jane = new_person(password=PASSWORD)
    with Terminal(shell, "login") as terminal:
        terminal.expect("Host: ").type(box.host.replace("/api", "/\n"))
        terminal.expect("Email: ").type(jane["email"] + "\n")
        terminal.expect("Password: ").type(PASSWORD + "\n")
        code, seen = terminal.end()
    assert code == 0 and f"Logged in to {box.host} as {jane['email']}" in seen
    assert PASSWORD not in seen
    name = box.host.split("//")[1].replace("/api", "").replace(":", "-")
    assert files_in(home) == {f".config/gazu/servers/{name}.json": 0o600, ".config/gazu/current": 0o600}
    kept = json.loads((home / ".config/gazu/servers" / f"{name}.json").read_text())
    assert sorted(kept) == ["email", "host", "tokens"] and sorted(kept["tokens"]) == ["access_token", "refresh_token"]

    facts = shell.json("status")
    assert (facts["host"], facts["server"], facts["user"]["id"]) == (box.host, name, jane["id"])
    assert facts["api_version"] == gazu.client.get_api_version()
    shown = shell("status").stdout + shell("servers").stdout + json.dumps(shell.json("servers"))
    assert jane["email"] in shown and not any(token in shown for token in kept["tokens"].values())

    client = KitsuClient(box.host, tokens=dict(kept["tokens"]))
    assert works(client)
    assert shell("logout").stdout == f"Logged out of {name}.\n"
    assert not works(client)
    client.session.close()
    assert list(files_in(home)) == [".config/gazu/current"]
    done = shell("persons")
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "error: not logged in. Run: gazu-cli login\n")


def test_a_second_factor(shell: Shell, box: Any, new_person: Any) -> None:
    jane = new_person(password=PASSWORD)
    with gazu.create_session(box.host, jane["email"], PASSWORD) as client:
        secret = gazu.client.put("auth/totp", {}, client=client)["otp_secret"]
        codes = gazu.client.post("auth/totp", {"totp": totp(secret)}, client=client)["otp_recovery_codes"]
    words = ("login", "--host", box.host, "--email", jane["email"])
    with Terminal(shell, *words) as terminal:
        terminal.expect("Password: ").type(PASSWORD + "\n")
        terminal.expect("code from your authenticator app").type("000000\n")
        terminal.expect("Wrong code.")
        terminal.expect("recovery code): ").type(totp(secret) + "\n")
        code, seen = terminal.end()
    assert code == 0, seen
    assert shell.json("status")["user"]["id"] == jane["id"]
    assert shell("logout").returncode == 0

    done = shell(*words, input=PASSWORD + "\n")
    assert done.returncode == 3 and "no input available to answer the prompt" in done.stderr.splitlines()[-1]
    done = shell(*words, input=f"{PASSWORD}\n{codes[0]}\n")  # not a terminal, and a code for a lost factor
    assert done.returncode == 0, done.stderr
    done = shell(*words, "--totp", totp(secret), "--json", input=PASSWORD + "\n")
    assert json.loads(done.stdout)["email"] == jane["email"]
    done = shell(*words, "--recovery-code", codes[0], input=PASSWORD + "\n")
    assert done.returncode == 3 and "the second factor is wrong" in done.stderr  # it was used


def test_a_wrong_password(shell: Shell, box: Any, new_person: Any, home: Path) -> None:
    done = shell("login", "--host", box.host, "--email", new_person()["email"], input="a wrong one\n")
    assert done.returncode == 3 and "Wrong email or password." in done.stderr
    assert "a wrong one" not in done.stdout + done.stderr
    assert files_in(home) == {}


def test_ctrl_c_at_the_password(shell: Shell, box: Any, home: Path) -> None:
    with Terminal(shell, "login", "--host", box.host, "--email", "jane@example.com") as terminal:
        code, seen = terminal.expect("Password: ").type("\x03").end()
    assert code == 130 and "Traceback" not in seen
    assert files_in(home) == {}


def test_two_servers(shell: Shell, box: Any, new_person: Any) -> None:
    people = {name: new_person(password=PASSWORD) for name in ("jane", "joe")}
    for name, person in people.items():
        words = ("login", "--host", box.host, "--email", person["email"], "--name", name)
        assert shell(*words, input=PASSWORD + "\n").returncode == 0
    assert shell.json("status")["user"]["id"] == people["joe"]["id"]
    assert shell.json("--server", "jane", "status")["user"]["id"] == people["jane"]["id"]
    assert shell("use", "jane").returncode == 0
    assert shell.json("status")["user"]["id"] == people["jane"]["id"]
    assert [(row["name"], row["current"]) for row in shell.json("servers")] == [("jane", True), ("joe", False)]
    assert shell.json("logout", "--all") == ["jane", "joe"]


def test_the_sandbox_and_an_expiring_token(shell: Shell, home: Path) -> None:
    data = str(home / "data")
    shell.settings["GAZU_SANDBOX_CACHE"] = str(cache_folder())
    lifetimes = ("--access-seconds", "2", "--refresh-seconds", "3600", "--no-jobs", "--workers", "1")
    done = subprocess.run(
        shell.command("sandbox", "up", "--detach", "--json", "--data", data, *lifetimes),
        stdout=subprocess.PIPE,
        env=shell.settings,
        timeout=600,
    )
    facts = json.loads(done.stdout)
    try:
        assert shell.json("sandbox", "status", "--data", data)["host"] == facts["host"]
        words = ("login", "--host", facts["host"], "--email", facts["email"], "--name", "box")
        assert shell(*words, input=facts["password"] + "\n").returncode == 0
        path = home / ".config/gazu/servers/box.json"
        first = json.loads(path.read_text())["tokens"]
        with KitsuClient(facts["host"], access_token=first["access_token"]) as client:
            while works(client):
                time.sleep(0.1)
        assert shell.json("status")["user"]["email"] == facts["email"]
        now = json.loads(path.read_text())["tokens"]
        assert now["access_token"] != first["access_token"] and now["refresh_token"] == first["refresh_token"]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        assert shell("sandbox", "down", "--data", data).returncode == 0
    assert shell("sandbox", "status", "--data", data).returncode == 1
    done = shell("status", GAZU_RETRIES="0")
    assert done.returncode == 5 and done.stderr.startswith("error: ") and "Traceback" not in done.stderr
    assert shell("logout").returncode == 0  # all the same
    assert not path.exists()


# -- lists ---------------------------------------------------------------------
def ids(rows: Any) -> List[str]:
    return sorted(row["id"] for row in rows)


def test_each_list_is_what_the_server_has(cli: Shell, project: Any, work: Any) -> None:
    shots = gazu.shot.all_shots_for_project(project)
    kind, name = work.asset_type[0]["name"], work.task_type["shot"]["name"]
    lists: Dict[str, Callable[[], Any]] = {
        "projects": gazu.project.all_open_projects,
        "projects --all": gazu.project.all_projects,
        "assets": lambda: gazu.asset.all_assets_for_project(project),
        "shots": lambda: shots,
        "shots -e E01": lambda: [work.shot[0]],
        "shots -s SE02": lambda: [work.shot[1]],
        "shots -e E01 -s SE01": lambda: [work.shot[0]],
        "sequences": lambda: work.sequence,
        "sequences -e e02": lambda: [work.sequence[1]],
        "episodes": lambda: gazu.shot.all_episodes_for_project(project),
        "tasks": lambda: gazu.task.all_tasks_for_project(project),
        "persons": gazu.person.all_persons,
        "my-tasks": gazu.user.all_tasks_to_do,
        "my-tasks --done": gazu.user.all_done_tasks,
        "asset-types": gazu.asset.all_asset_types,
        "task-types": gazu.task.all_task_types,
        "task-statuses": gazu.task.all_task_statuses,
    }
    for words, expected in lists.items():
        before, listed, after = ids(expected()), ids(cli.json(*words.split(" "))), ids(expected())
        # Equal where only this test makes any; of all productions, other tests may make and remove some meanwhile.
        assert {*before} & {*after} <= {*listed}, words
        assert {*listed} <= {*before} | {*after} or words.startswith("projects"), words
        assert len(listed) == len({*listed}), words
    assert ids(cli.json("assets", "-t", kind)) == [work.asset[0]["id"]]
    assert cli.json("tasks", "-t", name, "-s", "todo") == [
        row for row in gazu.task.all_tasks_for_project(project) if row["task_type_id"] == work.task_type["shot"]["id"]
    ]
    assert cli.json("tasks", "-s", "done") == []
    of_project = ("-p", project["id"])
    assert ids(cli.json("asset-types", *of_project)) == ids(gazu.asset.all_asset_types_for_project(project))
    assert ids(cli.json("task-types", *of_project)) == ids(gazu.task.all_task_types_for_project(project))
    assert ids(cli.json("task-statuses", *of_project)) == ids(gazu.task.all_task_statuses_for_project(project))


def test_records(cli: Shell, project: Any, work: Any) -> None:
    task = work.task["shot"]
    path = f"E01/SE01/SHSE01/{work.task_type['shot']['name']}"
    assert cli.json("project", project["name"])["id"] == cli.json("project", project["id"])["id"] == project["id"]
    tree = work.asset[0]
    assert cli.json("asset", tree["id"]) == gazu.asset.get_asset(tree)
    for words in ("tree", f"{work.asset_type[0]['name']}/Tree"):
        row = cli.json("asset", words)
        assert row == {**row, **gazu.asset.get_asset(tree)} and {"nb_frames", "source_id"} <= row.keys()
    for words in (task["id"], path, path.replace("E01/SE01/", ""), path.upper()):
        assert cli.json("task", words)["id"] == task["id"], words
    gazu.casting.update_shot_casting(project, work.shot[0], [{"asset_id": tree["id"], "nb_occurences": 3}])
    pages = {"project": project["name"], "asset": "tree", "task": path}
    for kind, words in pages.items():
        done = cli(kind, words, "--web", BROWSER="true")
        assert done.stdout.startswith(cli.settings["GAZU_HOST"][: -len("/api")] + "/productions/"), done
    for words in (work.shot[0]["id"], "shse01"):
        assert [(row["asset_id"], row["nb_occurences"]) for row in cli.json("shot-casting", words)] == [(tree["id"], 3)]


def test_people_read_names(cli: Shell, project: Any, work: Any, artist: Any) -> None:
    gazu.task.assign_task(work.task["asset"], gazu.client.get_current_user())
    tables = {
        "assets": ("NAME TYPE DESCRIPTION ID", "Tree", work.asset_type[0]["name"]),
        "shots": ("SEQUENCE NAME FRAMES DESCRIPTION ID", "SHSE01", "SE01"),
        "sequences": ("NAME EPISODE ID", "SE02", "E02"),
        "tasks": ("ENTITY TYPE STATUS ASSIGNEES ID", "E01/SE01/SHSE01", artist.person["full_name"]),
        "task-statuses": ("NAME SHORT ID", "Waiting For Approval", "wfa"),
        "my-tasks": ("PROJECT ENTITY TYPE STATUS ID", project["name"], "Tree"),
    }
    for command, (header, *words) in tables.items():
        lines = cli(command).stdout.splitlines()
        assert " ".join(lines[0].split()) == header
        assert any(all(word in line for word in words) for line in lines), command
    shown = cli("task", work.task["shot"]["id"]).stdout
    assert "ENTITY: SHSE01\n" in shown and f"ASSIGNEES: {artist.person['full_name']}\n" in shown
    assert f"PROJECT: {project['name']}\n" in cli("asset", "Tree").stdout
    assert "STATUS: Open\n" in cli("project", project["id"]).stdout


@pytest.mark.parametrize("columns", [40, 200])
def test_tables_fit_the_terminal(cli: Shell, project: Any, work: Any, columns: int) -> None:
    gazu.asset.new_asset(project, work.asset_type[0], "漢字プロジェクト" * 3, "Very long. " * 30)
    with Terminal(cli, "assets", columns=columns) as terminal:
        code, seen = terminal.end()
    lines = [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in seen.splitlines()]
    assert code == 0 and len(lines) == 4
    assert 0 < max(map(cell_len, lines)) <= columns
    assert (work.asset[0]["id"] in seen) is (columns == 200)
    piped = cli("assets").stdout
    assert "Very long. " * 30 in piped and "\x1b" not in piped and work.asset[0]["id"] in piped


def test_errors_are_reported(cli: Shell, work: Any, artist: Any, box: Any) -> None:
    cases = [
        (["asset", "Tre"], 4, "is it 'Tree'?"),
        (["task", work.shot[0]["id"]], 4, "the server has no "),
        (["task", "SHSE01"], 1, "a path such as"),
        (["shots", "-s", "nope"], 4, "no sequence 'nope'"),
        (["project", "nope"], 4, "no project 'nope'"),
        (["comment", "-t", work.task["shot"]["id"], "-s", "nope"], 4, "no task status 'nope'"),
        (["comment", "-t", work.task["shot"]["id"]], 2, "Missing option"),
        (["search", "Tree"], 1, "does the server have the indexer, Meilisearch"),
        (["--host", "http://127.0.0.1:9", "projects"], 5, "127.0.0.1:9"),
    ]
    cli.settings["GAZU_RETRIES"] = "0"
    for words, code, expected in cases:
        done = cli(*words)
        assert (done.returncode, done.stdout) == (code, ""), words
        assert expected in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert cli.json("search", "Tr") == {}
    assert "three characters" in cli("search", "Tr").stderr
    cli.settings["GAZU_TOKEN"] = str(artist.client.access_token)
    done = cli("publish", work.task["shot"]["id"], __file__)
    assert done.returncode == 1  # a Python file is not a preview
    cli.settings["GAZU_TOKEN"] = "no token"
    assert cli("persons").returncode == 3


def test_broken_pipe(cli: Shell) -> None:
    command = " ".join(cli.command("persons", "--json")) + ' | head -1; echo "${PIPESTATUS[0]}"'
    done = subprocess.run(
        ["bash", "-c", command], env=cli.settings, capture_output=True, text=True, timeout=TIMEOUT_SECONDS
    )
    assert done.stderr == "" and done.stdout.split() in (["[", "0"], ["[", "141"])


# -- work ----------------------------------------------------------------------
def test_a_comment_sets_the_status(cli: Shell, work: Any) -> None:
    path = f"SHSE01/{work.task_type['shot']['name']}"
    row = cli.json("comment", "-t", path, "-s", "WIP", "-m", "Début.")
    assert row == {**gazu.task.get_comment(row), **row}
    assert gazu.task.get_task(work.task["shot"])["task_status"]["short_name"] == "wip"
    assert [one["text"] for one in gazu.task.all_comments_for_task(work.task["shot"])] == ["Début."]
    assert "Comment posted (ID: " in cli("comment", "-t", work.task["shot"]["id"], "-s", "todo").stdout


def publications(task: Any) -> List[Tuple[str, int]]:
    """Return (text, number of previews) of each comment."""
    comments = gazu.task.all_comments_for_task(task)
    return [(row["text"], len(row["previews"])) for row in comments]


def test_publish_and_download(cli: Shell, work: Any, tmp_path: Path) -> None:
    picture, paper = tmp_path / "été.png", tmp_path / "notes.pdf"
    picture.write_bytes(png(RED, BLUE))
    paper.write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 9000)
    shot, asset = (f"{name}/{work.task_type[kind]['name']}" for name, kind in (("SHSE01", "shot"), ("Tree", "asset")))
    done = cli.json("publish", shot, str(picture), "-s", "wfa", "-m", "One.", "--thumbnail")
    assert publications(work.task["shot"]) == [("One.", 1)]
    assert gazu.task.get_task(work.task["shot"])["task_status"]["short_name"] == "wfa"
    assert gazu.shot.get_shot(work.shot[0])["preview_file_id"] == done["preview_file"]["id"]
    with Terminal(cli, "publish", asset, str(paper), "--revision", "7") as terminal:
        code, seen = terminal.end()
    assert code == 0 and "Published notes.pdf as revision 7" in seen and "2.3" in seen and "MB" in seen
    assert publications(work.task["asset"]) == [("", 1)]
    assert gazu.task.get_task(work.task["asset"])["task_status"]["short_name"] == "todo"
    cli("publish", shot, str(paper))

    def got(*words: str) -> List[str]:
        folder = tmp_path / "got" / str(len(os.listdir(tmp_path / "got")))
        rows = cli.json("download", *words, "-o", str(folder))
        assert [row["error"] for row in rows] == [None] * len(rows)
        assert sorted(row["file"] for row in rows) == sorted(str(path) for path in folder.glob("*"))
        return sorted(path.name for path in folder.glob("*"))

    (tmp_path / "got").mkdir()
    stems = {kind: work.task_type[kind]["name"].replace(" ", "_") for kind in ("shot", "asset")}
    first, last = (f"E01_SE01_SHSE01_{stems['shot']}_v00{n}" for n in (1, 2))
    tree = f"{work.asset_type[0]['name'].replace(' ', '_')}_Tree_{stems['asset']}_v007.pdf"
    assert got() == sorted([last + ".pdf", tree])
    assert got("shse01", "--all") == [first + ".png", last + ".pdf"]
    assert got(work.task["shot"]["id"]) == got(work.shot[0]["id"]) == [last + ".pdf"]
    assert got("E01") == got("-t", work.task_type["shot"]["name"]) == [last + ".pdf"]
    assert got("SHSE02") == []
    playlist = gazu.playlist.new_playlist(gazu.project.get_project(work.shot[0]["project_id"]), "Dailies")
    gazu.playlist.add_entity_to_playlist(playlist, work.shot[0], done["preview_file"])
    assert got("--playlist", "dailies") == [first + ".png"]
    assert (tmp_path / "got" / "0" / tree).read_bytes() == paper.read_bytes()
    assert cli("download", "nope").returncode == 4


def test_a_failed_download_is_reported_and_the_others_finish(cli: Shell, work: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.mp4"
    good.write_bytes(b"%PDF-1.4\n")
    bad.write_bytes(b"this is not a movie")
    cli("publish", work.task["asset"]["id"], str(good))
    cli("publish", work.task["shot"]["id"], str(bad))
    [row] = gazu.files.get_all_preview_files_for_task(work.task["shot"])
    while gazu.files.get_preview_file(row)["status"] == "processing":
        time.sleep(0.1)
    done = cli("download", "-o", str(tmp_path / "to"))
    assert done.returncode == 4 and "1 of 2 files failed to download" in done.stderr
    assert [path.suffix for path in (tmp_path / "to").iterdir()] == [".pdf"]


def test_a_broken_revision_is_replaced_by_the_one_before(cli: Shell, work: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.mp4"
    good.write_bytes(b"%PDF-1.4\n")
    bad.write_bytes(b"this is not a movie")
    task = work.task["shot"]["id"]
    cli("publish", task, str(good))
    cli("publish", task, str(bad))
    done = cli("download", "-o", str(tmp_path / "to"))
    assert done.returncode == 0 and "revision 2 is " in done.stderr and "using 1 instead" in done.stderr
    assert [path.suffix for path in (tmp_path / "to").iterdir()] == [".pdf"]


def test_an_empty_file_is_not_published(cli: Shell, work: Any, tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    done = cli("publish", work.task["shot"]["id"], str(tmp_path / "empty.png"))
    assert done.returncode == 1 and "the file is empty" in done.stderr
    assert publications(work.task["shot"]) == []


def test_a_bar_for_many_files(cli: Shell, work: Any, tmp_path: Path) -> None:
    paper = tmp_path / "notes.pdf"
    paper.write_bytes(b"%PDF-1.4\n")
    for kind in ("asset", "shot", "scene"):
        cli("publish", work.task[kind]["id"], str(paper))
    with Terminal(cli, "download", "-o", str(tmp_path / "to"), columns=60) as terminal:
        code, seen = terminal.end()
    assert code == 0 and "27/27 bytes" in seen and len(os.listdir(tmp_path / "to")) == 3


def test_push_to_another_server(home: Path, box: Any, second_server: Any, unique: Any) -> None:
    """From the server with few types, as a push copies all of them; its access token expires on the way."""
    shell = Shell(home)
    for server, name in ((second_server, "old"), (box, "new")):
        words = ("login", "--host", server.host, "--email", server.email, "--name", name)
        assert shell(*words, input=server.password + "\n").returncode == 0
    with gazu.create_session(second_server.host, second_server.email, second_server.password) as old:
        made = gazu.project.new_project(unique("Moving"), client=old)
        gazu.asset.new_asset(made, gazu.asset.all_asset_types(client=old)[0], "Tree", client=old)
    words = ("push", made["name"], "--from", "old", "--to", box.host)
    planned = shell.json(*words, "--dry-run")
    assert planned["counts"]["assets"] == {"created": 1, "updated": 0, "skipped": 0}
    assert gazu.project.get_project_by_name(made["name"]) is None
    assert shell.json(*words) == planned
    assert [row["name"] for row in gazu.asset.all_assets_for_project(planned["project_id"])] == ["Tree"]
    with Terminal(shell, *words, columns=60) as terminal:
        code, seen = terminal.end()
    assert code == 0 and "CREATED" in seen and "rows" in seen


@pytest.fixture
def watching(cli: Shell) -> Iterator[Callable[..., Any]]:
    """Start `watch`, and return it once it is connected."""
    started: List[Any] = []

    def watching(*words: str) -> Any:
        command = cli.command("watch", *words)
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, env=cli.settings, stdout=pipe, stderr=pipe, encoding="utf-8")
        started.append(process)
        assert process.stderr and process.stderr.readline().startswith("Watching ")
        return process

    yield watching
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_watch(watching: Any, work: Any, project: Any) -> None:
    first = watching("--json", "-e", "comment:new", "-n", "1")  # of any production, also of tests in another process
    one = watching("--json", "-e", "comment:new", "-n", "1", "-p", project["name"])
    every = watching("-n", "2", "-p", project["name"])
    other = watching(
        "--json", "-e", "comment:new", "-p", gazu.project.new_project("Other " + work.task["shot"]["id"])["id"]
    )
    comment = gazu.task.add_comment(work.task["shot"], gazu.task.get_task_status_by_short_name("wip"), "Heard?")
    line = json.loads(first.communicate(timeout=TIMEOUT_SECONDS)[0])
    assert (line["event"], first.returncode) == ("comment:new", 0) and line["data"]["comment_id"]
    line = json.loads(one.communicate(timeout=TIMEOUT_SECONDS)[0])
    assert (line["event"], line["data"]["comment_id"], one.returncode) == ("comment:new", comment["id"], 0)
    lines = every.communicate(timeout=TIMEOUT_SECONDS)[0].splitlines()
    assert len(lines) == 2 and all(project["id"] in line for line in lines)
    other.send_signal(signal.SIGINT)
    assert other.communicate(timeout=TIMEOUT_SECONDS)[0] == ""
    assert other.returncode == 130


def test_ctrl_c_ends_a_watch(cli: Shell) -> None:
    with Terminal(cli, "watch") as terminal:
        code, seen = terminal.expect("Watching ").type("\x03").end()
    assert code == 130 and "Traceback" not in seen


def test_no_event_stream_there(cli: Shell, box: Any) -> None:
    done = cli("watch", GAZU_EVENT_HOST=box.host)
    assert (done.returncode, done.stdout) == (5, "") and done.stderr.count("\n") == 1


# -- management ----------------------------------------------------------------
def test_requests_of_any_route(cli: Shell, project: Any, tmp_path: Path) -> None:
    def api(*words: str, input: str = "") -> Any:
        done = cli("api", *words, input=input)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    assert api("get", f"data/projects/{project['id']}")["name"] == project["name"]
    assert [row["id"] for row in api("GET", "data/projects", "-f", f"name={project['name']}")] == [project["id"]]
    path = f"data/projects/{project['id']}"
    assert api("PUT", path, "-f", "description=A film", "-F", "max_retakes=3")["max_retakes"] == 3
    assert gazu.project.get_project(project["id"])["description"] == "A film"
    made = api(
        "POST", "data/departments", "--input", "-", "-f", "color=#112233", input=json.dumps({"name": project["id"]})
    )
    assert made["color"] == "#112233"
    api("DELETE", f"data/departments/{made['id']}")
    assert gazu.person.get_department_by_name(project["id"]) is None
    assert cli("api", "GET", "data/nothing").returncode == 4
    for words in (["-F", "a={"], ["-f", "a"], ["--input", "-"]):
        assert cli("api", "GET", "data/projects", *words).returncode == 2


def test_a_task(cli: Shell, work: Any, tmp_path: Path) -> None:
    path, user = f"SHSE01/{work.task_type['shot']['name']}", gazu.client.get_current_user()
    one, two = tmp_path / "one.png", tmp_path / "two.png"
    for file in (one, two):
        file.write_bytes(png(RED, BLUE))
    done = cli.json("publish", path, str(one), str(two), "-m", "Two.", "--wait")
    assert [row["status"] for row in done["preview_files"]] == ["ready", "ready"]
    assert done["preview_file"] == done["preview_files"][0] and [row["revision"] for row in done["preview_files"]] == [
        1,
        1,
    ]
    assert sorted(row["original_name"] for row in cli.json("previews", path)) == ["one", "two"]
    assert "wip" in cli.json("set-status", path, "wip", "-m", "Go.")["task_status"]["short_name"]
    assert [row["text"] for row in cli.json("comments", path)] == ["Go.", "Two."]
    others = [one for one in gazu.task.get_task(work.task["shot"])["assignees"] if one != user["id"]]
    assert sorted(cli.json("assign", path, user["email"])["assignees"]) == sorted([*others, user["id"]])
    assert cli.json("assign", path, user["full_name"], "--remove")["assignees"] == others
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no movie")
    failed = cli("publish", path, str(bad), "--wait")
    assert failed.returncode == 1 and "revision 2 is broken" in failed.stderr


def test_a_project(cli: Shell, project: Any, work: Any, tmp_path: Path) -> None:
    kind = work.asset_type[0]["name"]
    teapot = cli.json("create", "asset", f"{kind}/Teapot")
    assert (
        gazu.asset.get_asset_by_name(project, "Teapot")["id"]
        == teapot["id"]
        == cli.json("create", "asset", f"{kind}/Teapot")["id"]
    )
    shot = cli.json("create", "shot", "E05/SQ07/SH010", "--frames", "48")
    assert gazu.shot.get_shot(shot["id"])["nb_frames"] == 48
    assert cli.json("create", "sequence", "E05/SQ07")["id"] == shot["parent_id"]
    assert cli.json("create", "episode", "E05")["name"] == "E05"
    for words in (["shot", "SQ07/SH010"], ["asset", "Teapot"], ["episode", "E05/"]):
        assert cli("create", *words).returncode == 2, words
    assert cli("create", "asset", "Nothing/Teapot").returncode == 4
    sheet = tmp_path / "assets.csv"
    sheet.write_text(f"Type,Name\n{kind},Lamp\n")
    assert "Lamp" in [row["name"] for row in cli.json("import-csv", "assets", str(sheet))]
    made = gazu.playlist.new_playlist(project, "Dailies")
    assert [row["id"] for row in cli.json("playlists")] == [made["id"]]
    gazu.schedule.get_schedule(project)
    assert ids(cli.json("schedule")) == ids(gazu.schedule.all_schedule_items(project))
    assert sum(row["count"] for row in cli.json("stats")) == len(gazu.task.all_tasks_for_project(project))


def test_lists_as_other_programs_want_them(cli: Shell, project: Any, work: Any) -> None:
    assert len(cli.json("shots", "--limit", "1")) == 1
    done = cli("shots", "--fields", "name,id")
    assert [sorted(row) for row in json.loads(done.stdout)] == [["id", "name"]] * len(
        gazu.shot.all_shots_for_project(project)
    )
    wrong = cli("shots", "--fields", "nme")
    assert wrong.returncode == 2 and "'nme': is it 'name'?" in wrong.stderr
    rows = list(csv.DictReader(io.StringIO(cli("shots", "--csv").stdout)))
    assert sorted(row["id"] for row in rows) == sorted(row["id"] for row in gazu.shot.all_shots_for_project(project))
    assert rows[0]["sequence"] == "SE01"


@pytest.mark.parametrize(
    "words",
    [
        ["shots", "--sequence", ""],
        ["tasks", "-t", ""],
        ["download", ""],
        ["projects", "--host", ""],
        ["create", "shot", ""],
    ],
)
def test_an_unset_variable_means_nothing_else(cli: Shell, work: Any, words: Any) -> None:
    done = cli(*words)
    assert done.returncode == 2, (words, done.stdout)


def test_completion_of_names(cli: Shell, project: Any, work: Any) -> None:
    def complete(*words: str) -> Any:
        line = " ".join(["gazu-cli", *words])
        more = {"_GAZU_CLI_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
        return [row.split(",", 1)[1] for row in cli(**more).stdout.splitlines()]

    assert project["name"] in complete("shots", "-p", project["name"][:4])
    assert any(path.startswith("E01/SE01/SHSE01/") for path in complete("task", "E01/SE01/"))
    assert "E01/SE01/SHSE01" in complete("shot-casting", "e01/se")
