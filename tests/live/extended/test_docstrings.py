"""The examples of the reference, in the docstrings and in docs/reference/examples, do what they say on a real server."""

import doctest
import importlib
import random
import re
import uuid
from pathlib import Path
from types import FunctionType
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Tuple

import pytest

import gazu
from gazu.client import KitsuClient

from .. import examples

MODULES = ["gazu", "gazu.aio", "gazu.cache", "gazu.client", *(f"gazu.{name}" for name in gazu._MODULES)]
#: What begins like this changes nothing.
READING = ("all_", "count", "fetch_", "find", "get")
PAGES = Path(__file__).parents[3] / "docs" / "reference" / "examples"
ID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")


def on_page(module: str) -> List[Tuple[str, str]]:
    """Return the functions of a module that have examples on its page, and these."""
    page = PAGES / f"{module.replace('gazu.', '')}.md"
    parts = re.split(r"^## (.+)\n", page.read_text(encoding="utf-8"), flags=re.M) if page.exists() else []
    return [(name, re.sub(r"^```.*\n", "", text, flags=re.M)) for name, text in zip(parts[1::2], parts[2::2])]


def of(module: str) -> List[Tuple[str, str]]:
    """Return the functions of a module that have examples, in any order, with the texts that these are in."""
    found = [
        (name, thing.__doc__)
        for name, thing in vars(importlib.import_module(module)).items()
        if isinstance(thing, (FunctionType, type)) and thing.__module__ == module and ">>> " in str(thing.__doc__)
    ]
    found += on_page(module)
    random.shuffle(found)
    return found


class Answers(doctest.OutputChecker):
    """Compares answers without what is another one each time: ids and times."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        want, got = (TIME.sub("TIME", ID.sub("ID", text)) for text in (want, got))
        return super().check_output(want, got, optionflags)


WITH_EXAMPLES = [module for module in MODULES if of(module)]


class World(NamedTuple):
    """A production with Jane in its team, and what stands here for names that the examples use."""

    jane: Any
    made: Dict[str, Any]
    names: Dict[str, str]


@pytest.fixture(scope="module")
def worlds(admin: KitsuClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[List[World]]:
    """One for the examples that read, where each list is as it was made; and one for those that change something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("examples"))
        both = [new_world(admin) for _ in range(2)]
        yield both
    for world in both:
        gazu.project.close_project(world.made["project"])
        gazu.person.update_person({"id": world.jane["id"], "active": False})


def new_world(admin: KitsuClient) -> World:
    jane = examples.jane(f"jane.{uuid.uuid4().hex}@example.com")
    tag = uuid.uuid4().hex
    names = {
        examples.PROJECT: f"{examples.PROJECT} {tag}",
        examples.PROJECT.lower(): f"{examples.PROJECT.lower()}_{tag}",  # in paths of files
        examples.EMAIL: jane["email"],
        examples.SITE + "/": admin.host[: -len("api")],
        examples.SITE: admin.event_host,
    }
    return World(jane, as_jane(admin, jane, lambda: examples.production(names[examples.PROJECT], jane)), names)


def as_jane(admin: KitsuClient, jane: Any, function: Callable[[], Any]) -> Any:
    """Call a function while Jane is logged in."""
    host, events, tokens = admin.host, admin.event_host, dict(admin.tokens)
    gazu.log_in(jane["email"], examples.PASSWORD)
    try:
        return function()
    finally:
        gazu.set_host(host)
        gazu.set_event_host(events)
        gazu.client.set_tokens(tokens)


@pytest.fixture
def other(second_server: Any) -> Iterator[KitsuClient]:
    """The client of an administrator of another server."""
    with gazu.create_session(second_server.host, second_server.email, second_server.password) as client:
        yield client


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples(module: str, worlds: List[World], admin: KitsuClient, request: pytest.FixtureRequest) -> None:
    said: List[str] = []
    more = {"gazu": gazu, **({"other": request.getfixturevalue("other")} if module == "gazu.sync" else {})}
    runner = doctest.DocTestRunner(Answers(), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for name, doc in of(module):
        world = worlds[not (name.startswith(READING) or module == "gazu.query")]
        for theirs, ours in world.names.items():
            doc = doc.replace(theirs, ours)
        test = doctest.DocTestParser().get_doctest(doc, {**world.made, **more}, f"{module}.{name}", None, None)
        as_jane(admin, world.jane, lambda test=test: runner.run(test, out=said.append))  # type: ignore[misc]
    assert not said, "".join(said)


def test_each_page_is_of_a_module_and_each_heading_of_a_function() -> None:
    for page in PAGES.glob("*.md"):
        module = "gazu" if page.stem == "gazu" else f"gazu.{page.stem}"
        sections = on_page(module)
        assert (module in WITH_EXAMPLES or not sections) and len(sections) == len(dict(sections))
        assert all(hasattr(importlib.import_module(module), name) and ">>> " in text for name, text in sections)
