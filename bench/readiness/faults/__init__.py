"""Every kind of fault, by practice. A module here has a table ``KINDS``; it is found by being there."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from bench.readiness.kind import Kind


@cache
def all_kinds() -> dict[str, Kind]:
    """By name.

    Raises:
        ValueError: If two have one name, or one expects nothing.
    """
    found: dict[str, Kind] = {}
    for module in sorted(one.name for one in pkgutil.iter_modules(__path__)):
        for kind in importlib.import_module(f"{__name__}.{module}").KINDS:
            if kind.name in found or not (kind.red or kind.dark):
                raise ValueError(f"{kind.name} in {module} is there twice, or no check has to find it")
            found[kind.name] = kind
    return found
