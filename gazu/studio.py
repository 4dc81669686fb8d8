"""Studios, and what holds for all productions: custom actions, status automations, hardware, salaries."""

from typing import TYPE_CHECKING, Any, List, Mapping, Optional

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, list_functions
from .helpers import any_id_of, check_whole, for_update, id_of, id_or_none, require_name, require_row
from .models import CustomAction, HardwareItem, Plugin, Ref, SalaryScale, StatusAutomation, Studio
from .sorting import sort_by_name

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)

#: Whole numbers of a kind of hardware.
_NUMBERS = ("monthly_cost", "inventory_amount")


# -- studios -------------------------------------------------------------------
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


# -- custom actions ------------------------------------------------------------
@cache
def all_custom_actions(client: KitsuClient = default) -> List[CustomAction]:
    """List the entries that the studio added to menus of the website, sorted by name: `GET data/custom-actions`.

    All roles but vendors.
    """
    return sort_by_name(raw.fetch_all("custom-actions", client=client))


@cache
def get_custom_action(custom_action_id: Ref, client: KitsuClient = default) -> CustomAction:
    """Return a custom action: `GET data/custom-actions/<custom_action_id>`. Admins only.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("custom-actions", id_of(custom_action_id), client=client)


def new_custom_action(
    name: str, url: str, entity_type: str = "all", is_ajax: bool = False, client: KitsuClient = default
) -> CustomAction:
    """Create a custom action, and return it: `POST data/custom-actions`. Admins only.

    Args:
        url: the URL that it calls, with the selected entities or tasks.
        entity_type: where it is shown: `asset`, `shot`, `edit`, ... or `all`.
        is_ajax: call the URL in the background; otherwise a page opens.
    """
    data = {"name": require_name(name), "url": url, "entity_type": entity_type, "is_ajax": is_ajax}
    return raw.create("custom-actions", data, client=client)


def update_custom_action(custom_action: Mapping[str, Any], client: KitsuClient = default) -> CustomAction:
    """Change fields of *custom_action*, a dict with its `id`, and return it. Admins only.

    `PUT data/custom-actions/<custom_action_id>`
    """
    return raw.update("custom-actions", id_of(custom_action), for_update(custom_action), client=client)


def remove_custom_action(custom_action: Ref, client: KitsuClient = default) -> str:
    """Delete a custom action: `DELETE data/custom-actions/<custom_action_id>`. Admins only."""
    return raw.delete(route("data/custom-actions/{custom_action_id}", id_of(custom_action)), client=client)


# -- status automations --------------------------------------------------------
@cache
def all_status_automations(client: KitsuClient = default) -> List[StatusAutomation]:
    """List the status automations of the studio: `GET data/status-automations`.

    All roles but vendors. `project.all_status_automations` lists those that a project uses.
    """
    return raw.fetch_all("status-automations", client=client)


@cache
def get_status_automation(status_automation_id: Ref, client: KitsuClient = default) -> StatusAutomation:
    """Return a status automation: `GET data/status-automations/<status_automation_id>`. Admins only.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("status-automations", id_of(status_automation_id), client=client)


def new_status_automation(
    in_task_type: Ref,
    in_task_status: Ref,
    out_task_type: Ref,
    out_task_status: Optional[Ref] = None,
    entity_type: str = "asset",
    import_last_revision: bool = False,
    client: KitsuClient = default,
) -> StatusAutomation:
    """Create a status automation, and return it; `project.add_status_automation` puts it to use in a project.

    When a task of *in_task_type* gets *in_task_status*, the task of *out_task_type* of the same entity gets
    *out_task_status*. Admins only.

    `POST data/status-automations`

    Args:
        out_task_status: None to set the task type that an asset is ready for, `ready_for`, instead of a status.
        entity_type: `asset`, `shot`, ...
        import_last_revision: give the last preview to the other task too.

    Raises:
        ParameterException: one of the ids is unknown.
    """
    data = {"in_task_type_id": id_of(in_task_type), "in_task_status_id": id_of(in_task_status)}
    out = {"out_task_type_id": id_of(out_task_type), "out_task_status_id": id_or_none(out_task_status)}
    field = "ready_for" if out["out_task_status_id"] is None else "status"
    more = {"out_field_type": field, "entity_type": entity_type, "import_last_revision": import_last_revision}
    return raw.create("status-automations", {**data, **out, **more}, client=client)


def update_status_automation(status_automation: Mapping[str, Any], client: KitsuClient = default) -> StatusAutomation:
    """Change fields of *status_automation*, a dict with its `id`, and return it. Admins only.

    `PUT data/status-automations/<status_automation_id>`
    """
    return raw.update("status-automations", id_of(status_automation), for_update(status_automation), client=client)


def remove_status_automation(status_automation: Ref, client: KitsuClient = default) -> str:
    """Delete a status automation: `DELETE data/status-automations/<status_automation_id>`. Admins only.

    Raises:
        ParameterException: a project uses it: see `project.remove_status_automation`.
    """
    path = route("data/status-automations/{status_automation_id}", id_of(status_automation))
    return raw.delete(path, client=client)


# -- hardware ------------------------------------------------------------------
@cache
def all_hardware_items(client: KitsuClient = default) -> List[HardwareItem]:
    """List the kinds of hardware of the studio, sorted by name: `GET data/hardware-items`. Admins only."""
    return sort_by_name(raw.fetch_all("hardware-items", client=client))


@cache
def get_hardware_item(hardware_item_id: Ref, client: KitsuClient = default) -> HardwareItem:
    """Return a kind of hardware: `GET data/hardware-items/<hardware_item_id>`. Admins only.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("hardware-items", id_of(hardware_item_id), client=client)


def new_hardware_item(
    name: str, short_name: str, monthly_cost: int = 0, inventory_amount: int = 0, client: KitsuClient = default
) -> HardwareItem:
    """Create a kind of hardware, or return the existing one with this name: `POST data/hardware-items`.

    Admins only. `person.add_hardware_to_department` says who works with it.

    Args:
        monthly_cost: of one, in the currency of the studio.
        inventory_amount: how many there are.
    """
    data = check_whole({"monthly_cost": monthly_cost, "inventory_amount": inventory_amount}, *_NUMBERS)
    found = raw.fetch_named("hardware-items", {"name": require_name(name)}, client=client)
    return found or raw.create("hardware-items", {"name": name, "short_name": short_name, **data}, client=client)


def update_hardware_item(hardware_item: Mapping[str, Any], client: KitsuClient = default) -> HardwareItem:
    """Change fields of *hardware_item*, a dict with its `id`, and return it. Admins only.

    `PUT data/hardware-items/<hardware_item_id>`
    """
    row = check_whole(for_update(hardware_item), *_NUMBERS)
    return raw.update("hardware-items", id_of(hardware_item), row, client=client)


def remove_hardware_item(hardware_item: Ref, client: KitsuClient = default) -> str:
    """Delete a kind of hardware: `DELETE data/hardware-items/<hardware_item_id>`. Admins only."""
    return raw.delete(route("data/hardware-items/{hardware_item_id}", id_of(hardware_item)), client=client)


# -- salaries and plugins ------------------------------------------------------
def all_salary_scales(client: KitsuClient = default) -> List[SalaryScale]:
    """List what a day costs in each department, position and seniority: `GET data/salary-scales`. Admins only.

    The server makes those that are missing, with a salary of 0, when it is asked.
    """
    return raw.fetch_all("salary-scales", client=client)


def update_salary_scale(salary_scale: Ref, salary: int, client: KitsuClient = default) -> SalaryScale:
    """Set what a day costs, and return the row: `PUT data/salary-scales/<salary_scale_id>`. Admins only.

    Args:
        salary: a whole number in the currency of the studio, for one day.

    Raises:
        ValueError: it is not a whole number: the server would round it.
    """
    return raw.update("salary-scales", id_of(salary_scale), check_whole({"salary": salary}, "salary"), client=client)


@cache
def all_plugins(client: KitsuClient = default) -> List[Plugin]:
    """List the plugins of the server, sorted by name: `GET data/plugins`. Admins only."""
    return sort_by_name(raw.fetch_all("plugins", client=client))
