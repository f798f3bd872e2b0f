"""The readiness checks, one a file. They are found by being here; a check's id is its file name."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

from voicedr.program.readiness.check import Check


@cache
def all_checks() -> dict[str, Check[Any]]:
    """Every check by its id, in alphabetical order."""
    found: dict[str, Check[Any]] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        check = getattr(import_module(f"{__name__}.{module.name}"), "check", None)
        if not isinstance(check, Check):
            raise TypeError(
                f"{__name__}.{module.name} has no module-level `check`. Write one, or move the file elsewhere"
            )
        found[module.name] = check
    return found
