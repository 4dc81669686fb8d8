"""What users write must pass type checkers."""

import datetime
import pathlib
import uuid
from typing import Dict, List, Optional

from typing_extensions import assert_type

import gazu
from gazu.client import KitsuClient
from gazu.models import Asset, Comment, PreviewFile, Shot, Task

gazu.set_host("https://kitsu.example.com/api")
gazu.log_in("jane@example.com", "secret")

project = gazu.project.get_project_by_name("Big Buck Bunny")
assert project is not None
for shot in gazu.shot.all_shots_for_project(project):
    assert_type(shot, Shot)
    name: str = shot["name"]
    frames: Optional[int] = shot.get("nb_frames")
    shot["data"] = {"difficulty": 3}  # rows are plain dicts
assert_type(gazu.shot.get_shot("0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"), Shot)
assert_type(gazu.shot.get_shot({"id": "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"}), Shot)
gazu.shot.get_shot(uuid.UUID("0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"))

asset: Asset = gazu.asset.new_asset(project, gazu.asset.all_asset_types()[0], "Tree", extra_data={"height": 3})
tasks: List[Task] = gazu.task.all_tasks_for_asset(asset)
status = gazu.task.get_task_status_by_short_name("wip")
assert status is not None
comment, preview = gazu.task.publish_preview(tasks[0], status, "First pass", preview_file_path="tree.png")
assert_type(comment, Comment)
assert_type(preview, PreviewFile)
gazu.task.add_comment(tasks[0], status, attachments=["a.txt"], created_at=datetime.datetime(2026, 1, 31))
gazu.task.set_time_spent(tasks[0], "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10", datetime.date(2026, 1, 31), 90)


def show(done: int, total: int) -> None:
    print(done, total)


gazu.files.download_preview_file(preview, "tree.png", progress_callback=show)

with gazu.create_session("https://other.example.com/api", "jane@example.com", "secret") as session:
    assert_type(session, KitsuClient)
    casting = gazu.casting.get_project_shots_casting(project, client=session)
    counts: Dict[str, int] = {shot_id: len(assets) for shot_id, assets in casting.items()}

try:
    gazu.raw.get("data/projects")
except gazu.exception.GazuException as error:
    print(error.status_code, error.path)
gazu.cache.enable()
gazu.cache.clear(gazu.shot.get_shot)

here = pathlib.Path("certificates")
client = gazu.raw.create_client("https://kitsu.example.com/api", here / "ca.pem", cert=(here / "a.crt", "a.key"))


def decide(failure: gazu.events.Failure) -> gazu.events.ErrorAction:
    return gazu.events.RETRY if failure.attempt < 3 else gazu.events.SKIP


listener = gazu.events.Listener("events.json", project=project, on_error=decide, ssl_verify=False)
listener.on("task:update", print, queue="slow")
with listener:
    assert_type(listener.status().last_event, Optional[str])
assert_type(listener.stop(10), bool)
assert_type(listener.replay("letters.jsonl"), List[gazu.events.Failure])

job = gazu.background.start(gazu.task.all_tasks_for_asset, asset)
if job.poll() and not job.error:
    assert_type(job.result(), List[Task])

table = pathlib.Path("table.csv")
gazu.asset.import_assets_with_csv(project, table)
gazu.asset.export_assets_with_csv(project, table)
gazu.shot.import_shots_with_csv(project, table)
gazu.shot.export_shots_with_csv(project, table)
gazu.shot.import_otio(project, pathlib.Path("cut.otio"))
gazu.person.set_avatar("person", pathlib.Path("jane.png"))
gazu.playlist.download_playlist_zip("playlist", pathlib.Path("playlist.zip"))
gazu.playlist.download_playlist_build("playlist", "build job", pathlib.Path("movie.mp4"))
