"""The document in an environment variable: for instances that are started anew to change it. It cannot be written."""

from __future__ import annotations

import os
from collections.abc import Mapping

from voicedr.runtime.region.places.place import Found


class EnvironmentPlace:
    """A ``Source`` on one variable."""

    def __init__(self, variable: str, environ: Mapping[str, str] | None = None) -> None:
        self._variable = variable
        self._environ = os.environ if environ is None else environ
        self.name = f"environment:{variable}"

    def read(self, *, latest: bool = False) -> Found:
        """See ``Source``."""
        value = self._environ.get(self._variable)
        return Found(None if value is None else value.encode("utf-8", "surrogateescape"), value or "")

    def close(self) -> None:
        """Nothing is kept open."""
