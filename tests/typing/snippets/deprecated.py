"""What only older scripts call is reported: each line that ends in `# deprecated`, and no other line."""

# pyright: reportDeprecated=true
from typing import Optional

import gazu
from gazu.models import Task

task: Optional[Task] = gazu.task.get_task_by_name("entity", "task type")  # deprecated
task = gazu.task.get_task_by_entity("entity", "task type")
gazu.user.all_scenes_for_project("project")  # deprecated
gazu.user.all_sequences_for_project("project")
gazu.client.get_zou_url_from_host()  # deprecated
gazu.refresh_token()  # deprecated
