"""The asynchronous client on a real server."""

import asyncio
import time
from pathlib import Path
from typing import Any, Callable, List

import pytest

import gazu
from gazu import aio
from gazu.aio import AsyncKitsuClient
from gazu.client import KitsuClient
from gazu.exception import (
    AuthFailedException,
    NotAuthenticatedException,
    ParameterException,
    RouteNotFoundException,
    TransportException,
)
from gazu_sandbox import Sandbox

PASSWORD = "a secret of 7 words"


@pytest.fixture
def work(box: Any) -> Callable[..., Any]:
    """Run a coroutine function with a client that is logged in as the administrator."""

    def work(function: Callable[[AsyncKitsuClient], Any]) -> Any:
        async def session() -> Any:
            async with await aio.create_session(box.host, box.email, box.password) as client:
                return await function(client)

        return asyncio.run(session())

    return work


def test_any_function_is_called_in_a_thread(work: Callable[..., Any], project: Any, unique: Any) -> None:
    async def call(client: AsyncKitsuClient) -> None:
        kind = await aio.call(gazu.asset.new_asset_type, unique("Prop"), client=client)
        made = await asyncio.gather(
            *(aio.call(gazu.asset.new_asset, project, kind, f"Lamp {number}", client=client) for number in range(3))
        )
        found = await aio.call(gazu.asset.all_assets_for_project_and_type, project, kind, client=client)
        assert [row["id"] for row in found] == [row["id"] for row in sorted(made, key=lambda row: row["name"])]
        with pytest.raises(RouteNotFoundException):
            await aio.call(gazu.asset.get_asset, project["id"], client=client)

    work(call)


def test_a_session(box: Any, new_person: Any) -> None:
    jane = new_person(password=PASSWORD)

    async def session() -> None:
        client = AsyncKitsuClient(box.host + "/")
        assert await aio.check_server_status(client) is True
        assert aio.get_full_url("/auth/login", client) == f"{box.host}/auth/login"
        with pytest.raises(NotAuthenticatedException):
            await aio.get("auth/authenticated", client=client)
        with pytest.raises(AuthFailedException, match="Wrong email or password"):
            await aio.log_in(jane["email"], "wrong", client=client)
        answer = await aio.log_in(jane["email"], PASSWORD, client=client)
        assert answer["user"]["id"] == jane["id"]
        assert (await aio.get("auth/authenticated", client=client))["user"]["id"] == jane["id"]
        old = AsyncKitsuClient(box.host, tokens=dict(client.tokens))
        assert await aio.log_out(client) == {"access_token": None, "refresh_token": None}
        async with old:
            with pytest.raises(NotAuthenticatedException, match="revoked"):
                await aio.get("auth/authenticated", client=old)
        async with await aio.create_session(box.host, jane["email"], PASSWORD, ssl_verify=False) as other:
            left = dict(other.tokens)
        client.tokens = left
        with pytest.raises(NotAuthenticatedException, match="revoked"):
            await aio.get("auth/authenticated", client=client)
        with pytest.raises(AuthFailedException):
            await aio.create_session(box.host, jane["email"], "wrong")
        await client.session.close()
        nowhere = AsyncKitsuClient("http://127.0.0.1:9/api", retries=0)
        async with nowhere:
            assert await aio.check_server_status(nowhere) is False
            with pytest.raises(TransportException):
                await aio.get("", client=nowhere)

    asyncio.run(session())


def test_rows_are_made_changed_and_removed(work: Any, unique: Callable[[str], str]) -> None:
    name = unique("Paint #1/2?")

    async def rows(client: AsyncKitsuClient) -> None:
        made = await aio.create("departments", {"name": name, "color": "#000000"}, client=client)
        assert (await aio.fetch_one("departments", made["id"], client=client))["name"] == name
        assert (await aio.fetch_first("departments", {"name": name}, client=client))["id"] == made["id"]
        changed = await aio.update("departments", made["id"], {"color": "#FFFFFF"}, client=client)
        assert (changed["color"], changed["name"]) == ("#FFFFFF", name)
        path = f"data/departments/{made['id']}"
        assert (await aio.put(path, {"color": "#111111"}, client=client))["color"] == "#111111"
        assert name in await aio.get(path, json_response=False, client=client)
        assert await aio.delete(path, client=client) == ""
        with pytest.raises(RouteNotFoundException):
            await aio.get(path, client=client)
        assert await aio.fetch_first("departments", {"name": name}, client=client) is None
        with pytest.raises(ParameterException):
            await aio.post("data/departments", {"no such field": 1}, client=client)

    work(rows)


def test_lists_come_whole_in_pages_and_at_once(work: Any, project: Any, unique: Callable[[str], str]) -> None:
    async def lists(client: AsyncKitsuClient) -> None:
        works = [
            aio.post(f"data/projects/{project['id']}/sequences", {"name": f"SQ{number}"}, client=client)
            for number in range(25)
        ]
        made = await asyncio.gather(*works)
        only = {"project_id": project["id"]}
        for options in ({}, {"paginated": True, "limit": 2}, {"paginated": True, "limit": 100}):
            rows = await aio.fetch_all("sequences", only, client=client, **options)
            assert {row["id"] for row in rows} >= {row["id"] for row in made}
            assert len(rows) == len({row["id"] for row in rows})
        rows = await aio.fetch_all("task-status", client=client, fields=["name"])
        assert {tuple(sorted(row)) for row in rows} == {("id", "name", "type")}

    work(lists)


def test_functions_of_the_library_run_in_threads(work: Any, project: Any) -> None:
    """As the page on asynchronous programs says."""

    async def both(client: AsyncKitsuClient) -> Any:
        other = KitsuClient(client.host, tokens=client.tokens)
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(None, lambda: gazu.project.get_project(project["id"], client=other))
        finally:
            other.session.close()

    assert work(both)["name"] == project["name"]


def test_a_preview_goes_up_and_comes_down(
    work: Any, project: Any, unique: Any, tmp_path: Path, task: Any, statuses: Any
) -> None:
    source, target = tmp_path / "caf\u00e9 #1.pdf", tmp_path / "back.pdf"
    source.write_bytes(b"%PDF-1.4\n" + bytes(3 * 1024 * 1024))
    calls: List[Any] = []

    async def preview(client: AsyncKitsuClient) -> None:
        comment = await aio.post(
            f"actions/tasks/{task['id']}/comment", {"comment": "v1", "task_status_id": statuses["id"]}, client=client
        )
        path = f"actions/tasks/{task['id']}/comments/{comment['id']}/add-preview"
        made = await aio.post(path, {}, client=client)
        row = await aio.upload(
            f"pictures/preview-files/{made['id']}", source, client=client,
            progress_callback=lambda *call: calls.append(call),
        )  # fmt: skip
        assert row["original_name"] == "caf\u00e9 #1"
        assert row["extension"] == "pdf"
        size = source.stat().st_size
        assert calls[-1] == (size, size)
        assert len(calls) >= 4
        path = f"pictures/originals/preview-files/{made['id']}.pdf"
        calls.clear()
        await aio.download(path, target, client=client, progress_callback=lambda *call: calls.append(call))
        assert calls[-1] == (size, size)
        with pytest.raises(RouteNotFoundException):
            await aio.download(f"pictures/originals/preview-files/{task['id']}.pdf", target, client=client)

    work(preview)
    assert target.read_bytes() == source.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back.pdf", source.name]


@pytest.fixture
def task(project: Any, unique: Any) -> Any:
    kind = gazu.asset.new_asset_type(unique("Props"))
    asset = gazu.asset.new_asset(project, kind, "Tree")
    return gazu.task.new_task(asset, gazu.task.new_task_type(unique("Modeling"), for_entity="Asset"))


@pytest.fixture
def statuses() -> Any:
    return gazu.task.get_default_task_status()


# -- tokens that end -----------------------------------------------------------
def test_a_token_that_ended_is_renewed_once(second_server: Sandbox, unique: Any, tmp_path: Path) -> None:
    name = unique("Paint")

    async def session() -> None:
        account = (second_server.host, second_server.email, second_server.password)
        client = await aio.create_session(*account, use_refresh_token=False)
        old = client.access_token
        deadline = time.monotonic() + 60
        while True:  # until the server says that it has ended
            async with client.session.get(
                client.host + "/auth/authenticated", headers=client.make_auth_header()
            ) as response:
                try:
                    assert await aio.check_status(response, "auth/authenticated", client) == (200, False)
                except NotAuthenticatedException as error:
                    assert "Signature has expired" in str(error)
                    break
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
        client.use_refresh_token = True
        works = [aio.get("auth/authenticated", client=client) for _ in range(8)]
        works.append(aio.download("data/persons", tmp_path / "persons.json", client=client))
        works.append(aio.post("data/departments", {"name": name, "color": ""}, client=client))
        users = await asyncio.gather(*works)
        assert len({user["user"]["id"] for user in users[:8]}) == 1
        assert client.access_token != old
        assert len(await aio.fetch_all("departments", {"name": name}, client=client)) == 1
        new = client.access_token
        assert (await client.refresh_access_token())["access_token"] == client.access_token != new
        async with client:
            pass
        assert client.access_token is None

    asyncio.run(session())


def test_connect(box: Any, new_person: Any, tmp_path: Any, monkeypatch: Any) -> None:
    person = new_person(password=PASSWORD)
    for name, value in (("XDG_CONFIG_HOME", str(tmp_path)), ("HOME", str(tmp_path)), ("GAZU_HOST", box.host)):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GAZU_EMAIL", person["email"])
    monkeypatch.setenv("GAZU_PASSWORD", PASSWORD)

    async def work() -> Any:
        async with gazu.aio.connect() as client:
            return await gazu.aio.call(gazu.client.get_current_user, client=client)

    assert asyncio.run(work())["id"] == person["id"]
