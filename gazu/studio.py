"""Studios: the sites that people work at."""

from typing import TYPE_CHECKING, Any, List, Mapping, Optional

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported
from .helpers import any_id_of, id_of, require_name, require_row
from .models import Ref, Studio
from .sorting import sort_by_name

if not TYPE_CHECKING:
    __getattr__ = find_imported(__name__)


@cache
def all_studios(client: KitsuClient = default) -> List[Studio]:
    """List all studios, sorted by name: `GET data/studios`."""
    return sort_by_name(raw.fetch_all("studios", client=client))


@cache
def get_studio(studio_id: Ref, client: KitsuClient = default) -> Studio:
    """Return a studio: `GET data/studios/<studio_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("studios", any_id_of(studio_id), client=client)


@cache
def get_studio_by_name(studio_name: str, client: KitsuClient = default) -> Optional[Studio]:
    """Return the studio of this name, or None: `GET data/studios?name=<studio_name>`."""
    return raw.fetch_named("studios", {"name": studio_name}, client=client)


def new_studio(name: str, color: str = "#999999", client: KitsuClient = default) -> Studio:
    """Create a studio, and return it: `POST data/studios`.

    Args:
        color: `#rrggbb`
    """
    return raw.create("studios", {"name": require_name(name), "color": color}, client=client)


def update_studio(studio: Mapping[str, Any], client: KitsuClient = default) -> Studio:
    """Change a studio, and return it: `PUT data/studios/<studio_id>`.

    Args:
        studio: its `id` and the fields to change.
    """
    return raw.update("studios", id_of(studio), require_row(studio), client=client)


def remove_studio(studio: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a studio; one that has people is refused: `DELETE data/studios/<studio_id>`.

    Args:
        force: ask the server to delete it anyway; Zou 1.0 still refuses.

    Raises:
        ParameterException: people are in it.
    """
    return raw.delete(route("data/studios/{studio_id}", id_of(studio)), {"force": True} if force else {}, client=client)
