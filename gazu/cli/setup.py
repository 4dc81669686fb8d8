"""The command `setup`."""

from typing import Any, Dict, List, Optional

import click

from .. import bulk
from ..sheets import read_sheet
from .app import cli
from .errors import Failure, printable
from .find import get_project_from_option
from .lists import project_option
from .show import output, progress_bar, report

COLUMNS = [("KIND", "kind"), ("ROW", "row"), ("STATE", "state"), ("WHY", "reason")]


@cli.command("setup")
@click.argument("sheet", type=click.Path(exists=True, dir_okay=False))
@project_option
@click.option("--plan", "only_plan", is_flag=True, help="Print what would change, and write nothing.")
@click.option("--notify", is_flag=True, help="Send the events of imported rows, and notify who is assigned.")
@click.pass_context
def set_up(ctx: click.Context, sheet: str, project: Optional[str], only_plan: bool, notify: bool) -> None:
    """Create and change what SHEET, a CSV file, says: sequences, shots, assets, tasks, casting.

    Applied again, it writes only what is missing or different.
    """
    setup = bulk.Setup.from_records(get_project_from_option(project), read_records(sheet))
    if only_plan:
        plan = setup.plan()
        if (ctx.obj or {}).get("json"):
            output(ctx, plan_rows(plan), COLUMNS)
        else:
            click.echo(str(plan))
        return
    with progress_bar("rows") as progress:
        done = setup.apply(progress, notify)
    failed = [{"kind": row.kind, "row": row.label, "error": str(error)} for row, error in (*done.failed, *done.unknown)]
    numbers = {name: len(getattr(done, name)) for name in ("made", "changed", "same", "failed", "unknown")}
    report(ctx, ", ".join(f"{number} {name}" for name, number in numbers.items()), {**numbers, "errors": failed})
    for one in failed:
        click.echo(printable(f"{one['kind'].lower()} {one['row']}: {one['error']}"), err=True)
    if failed:
        raise Failure(f"{len(failed)} rows failed")


def read_records(sheet: str) -> List[Dict[str, str]]:
    """Return the rows of a CSV file, however a spreadsheet program wrote it."""
    header, *rows = read_sheet(sheet).rows
    return [dict(zip(header.cells, row.cells)) for row in rows]


def plan_rows(plan: bulk.Plan) -> List[Dict[str, Any]]:
    """Return the items of a plan as records."""
    states = {"new": plan.new, "changed": plan.changed, "same": plan.same, "refused": plan.refused}
    return [
        {"kind": item.kind, "row": item.row.label, "state": state, "changes": item.changes, "reason": item.reason}
        for state, items in states.items()
        for item in items
    ]
