"""Who may ask a route of the newest Zou: from the checks that its own source makes, to `roles.tsv`.

python -m tests.servers.roles            # write it again; then the reference shows it

Only what is plain is written: a check that each request meets, with no other one beside it. Of a route that decides by
what is asked for, the page of live results says in which roles it was called.
"""

from pathlib import Path
from typing import Any

from gazu_sandbox import Sandbox, services
from gazu_sandbox.folders import read_state
from gazu_sandbox.install import prepare
from gazu_sandbox.processes import run
from gazu_sandbox.versions import NEWEST

TABLE = Path(__file__).with_name("roles.tsv")
#: Run by the Zou that it describes.
DESCRIBE = '''
import ast, inspect, re, textwrap
from zou.app import app

WHO = {
    ("check_admin_permissions",): "administrators",
    ("require_admin",): "administrators",
    ("check_manager_permissions",): "managers, administrators",
    ("require_manager",): "managers, administrators",
    ("check_manager_project_access",): "managers in the team, administrators",
    ("check_manager_permissions", "check_manager_project_access"): "managers in the team, administrators",
    ("check_supervisor_project_access",): "supervisors and managers in the team, administrators",
    ("check_project_access",): "the team, administrators",
    ("check_entity_access", "check_project_access"): "the team (vendors: what they have tasks on), administrators",
    ("check_task_access",): "the team (vendors: what they have tasks on), administrators",
}
HOOKS = {"get": "check_read_permissions", "post": "check_create_permissions", "put": "check_update_permissions",
         "delete": "check_delete_permissions"}
CHECK = re.compile("(check_.*(access|permissions)|require_.*|block_access.*|check_person_is_not_bot)$")


def name_of(node):
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def definition(cls, name):
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(getattr(cls, name))))
    return ast.parse(source).body[0]


def checks(cls, name):
    """Return the names of the checks that always come, and of all."""
    function = definition(cls, name)
    always = [name_of(one) for one in function.decorator_list]
    for one in function.body:
        if isinstance(one, (ast.Expr, ast.Return, ast.Assign)) and isinstance(one.value, ast.Call):
            always.append(name_of(one.value))
    every = [name_of(one) for one in ast.walk(function) if isinstance(one, ast.Call)]
    every += [name_of(one) for one in function.decorator_list]
    # A method of its own may check, too: what it is called does not say.
    own = {name_of(one) for one in ast.walk(function) if isinstance(one, ast.Call)
           and isinstance(one.func, ast.Attribute) and isinstance(one.func.value, ast.Name) and one.func.value.id == "self"}
    for other in own & set(vars(cls)):
        every += [name_of(one) for one in ast.walk(definition(cls, other)) if isinstance(one, ast.Call)]
    pick = lambda names: sorted({name for name in names if CHECK.match(name)})
    return pick(always), pick(every)


def is_inherited(cls, name):
    """Return whether the method is the one of the base class, perhaps by super()."""
    last = definition(cls, name).body[-1]
    return name not in vars(cls) or isinstance(last, ast.Return) and ast.unparse(last).startswith(f"return super().{name}(")


for rule in app.url_map.iter_rules():
    cls = getattr(app.view_functions[rule.endpoint], "view_class", None)
    for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
        if cls is None:
            continue
        name = method.lower()
        try:
            if hasattr(cls, HOOKS.get(name, "-")) and is_inherited(cls, name):
                name = HOOKS[name]
            always, every = checks(cls, name)
        except SyntaxError:  # a function whose indentation is not that of a class
            continue
        if always == every and tuple(every) in WHO:
            print("WHO", method, rule, WHO[tuple(every)], sep="\\t")
'''


def describe(state: Any, data: Path) -> str:
    """Return the table, from the Zou of a sandbox."""
    tools, _ = prepare(NEWEST)
    said = run([tools.python, "-c", DESCRIBE], services.zou_environment(tools, state, data), data)
    rows = sorted(line[4:] for line in said.splitlines() if line.startswith("WHO\t"))
    return "method\troute\twho may, in Zou " + NEWEST + "\n" + "".join(f"{row}\n" for row in rows)


if __name__ == "__main__":
    with Sandbox() as box:
        folder = Path(box.data)
        TABLE.write_text(describe(read_state(folder), folder), encoding="utf-8")
