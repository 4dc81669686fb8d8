"""The task of a render farm that docs/how-to/farm.md shows, run as it stands there."""

import os
import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import gazu

from .test_files import BLUE, RED, png

ROOT = Path(__file__).parents[2]


def test_job_that_publishes_what_it_rendered(box: Any, project: Any, work: Any, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "farm.md").read_text(encoding="utf-8")
    script = tmp_path / "publish.py"
    script.write_text(re.findall(r"```python\n(# publish.py.*?)```", page, re.DOTALL)[0], encoding="utf-8")
    bot = gazu.person.new_bot("Farm", f"farm+{uuid.uuid4().hex}@example.com", role="supervisor")
    gazu.project.add_person_to_team(project, bot)
    picture = tmp_path / "render.png"
    picture.write_bytes(png(RED, BLUE))
    environment = {**os.environ, "KITSU_HOST": box.host, "KITSU_BOT_TOKEN": bot["access_token"]}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, str(script), work.task["shot"]["id"], str(picture)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    comment = gazu.task.get_last_comment_for_task(work.task["shot"])
    assert comment is not None
    assert (comment["text"], comment["person_id"], len(comment["previews"])) == ("rendered", bot["id"], 1)
    gazu.person.update_person({"id": bot["id"], "active": False})
