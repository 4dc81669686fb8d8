"""A list of rows that also answers what upstream's main returns for it: a page of the server, as a dict."""

from typing import Any, Dict, Iterable, List, Mapping


class PageList(List[Any]):
    """The rows of a list, which also has the keys of the server's page: `data`, `stats`, `is_more`, `limit`, `page`.

    `tasks["data"]` is a plain list of the rows, `tasks[0]` the first of them. To JSON, it is a list.
    """

    def __init__(self, rows: Iterable[Any] = (), page: Mapping[str, Any] = {}) -> None:
        super().__init__(rows)
        self.page: Dict[str, Any] = {key: value for key, value in page.items() if key != "data"}

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return list(self) if key == "data" else self.page[key]
        return super().__getitem__(key)

    def __contains__(self, item: object) -> bool:
        return item in self.keys() if isinstance(item, str) else super().__contains__(item)

    def keys(self) -> List[str]:
        """Return the keys of the page."""
        return ["data", *self.page]

    def get(self, key: str, default: Any = None) -> Any:
        """Return what the page has for *key*, else *default*."""
        return self[key] if key in self.keys() else default
