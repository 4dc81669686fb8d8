"""Push a production and tell how far it is: `python -m tests.endurance.push SOURCE TARGET EMAIL PASSWORD PROJECT`."""

import json
import sys

import gazu


def main() -> None:
    hosts, (email, password, project) = sys.argv[1:3], sys.argv[3:6]
    source, target = (gazu.create_session(host, email, password) for host in hosts)

    def tell(done: int, total: int) -> None:
        print(done / total, flush=True)

    print(json.dumps(gazu.sync.push_project(project, source=source, target=target, progress_callback=tell)), flush=True)


if __name__ == "__main__":
    main()
