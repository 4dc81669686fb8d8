"""JSON as the server expects it."""

import json
from typing import Any, Callable


class CustomJSONEncoder(json.JSONEncoder):
    """Encode dates in ISO format and UUID objects as their text."""

    def default(self, obj: Any) -> Any:
        import datetime
        import uuid

        if isinstance(obj, (datetime.date, datetime.time)):
            return obj.isoformat()
        if isinstance(obj, uuid.UUID):
            return str(obj)
        return super().default(obj)


encode: Callable[[Any], str] = CustomJSONEncoder().encode
