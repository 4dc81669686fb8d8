"""Files from other servers."""

import os
from typing import Mapping, Optional

from ..exception import DownloadFileException, GazuException
from .atomic_file import AtomicFile
from .decoding import chunk_bytes
from .failures import HTTPError, RequestException, translate
from .filenames import target_path
from .route import public
from .session import Session


def fetch(url: str, file_path: Optional[str], headers: Optional[Mapping[str, str]]) -> str:
    """Download *url*, an address of another server, with a session of its own; see `helpers.download_file`."""
    shown = public(url)
    with Session() as session:
        try:
            with session.get(url, headers=dict(headers or {}), stream=True, timeout=(10, 60)) as response:
                if response.status_code != 200:
                    raise DownloadFileException(f"{shown} responds with status {response.status_code}")
                path = target_path(url, file_path and os.fsdecode(file_path), response.headers.get("Content-Type", ""))
                with AtomicFile(path) as target:
                    for chunk in response.iter_content(chunk_bytes(response.headers)):
                        target.write(chunk)
                    target.commit()
                return path
        except DownloadFileException:
            raise
        except GazuException as cause:
            error = DownloadFileException(str(cause))
        except (RequestException, HTTPError) as cause:
            error = DownloadFileException(str(translate(cause, "GET", url)))
    raise error
