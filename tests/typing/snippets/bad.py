"""What is wrong must not pass type checkers: each line that ends in `# wrong` has an error, and no other line."""

import gazu

gazu.shot.get_shot()  # wrong
gazu.shot.get_shot("id", clinet=gazu.raw.default_client)  # wrong
gazu.shot.get_shot(42)  # wrong
gazu.shot.get_shoot("id")  # wrong
gazu.shot.get_shot("id")["nam"]  # wrong
length: str = gazu.shot.get_shot("id")["nb_frames"]  # wrong
gazu.shot.all_shots_for_project("id")["name"]  # wrong
gazu.project.get_project_by_name("Big Buck Bunny")["id"]  # wrong
gazu.task.add_comment("task", "status", checklist="fix the hand")  # wrong
gazu.files.download_preview_file("preview", "a.png", progress_callback="bar")  # wrong
gazu.set_host(None)  # wrong
gazu.task.all_tasks_for_shot("id", relations="yes")  # wrong
gazu.task.get_task_by_name("entity")  # wrong
