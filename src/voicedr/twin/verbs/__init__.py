"""One file a verb. A verb is acted out because its file is here: ``gather.py`` is ``Gather``."""

from __future__ import annotations

import importlib
import pkgutil
from types import MappingProxyType
from typing import cast

from voicedr.twin.calls.line import Verb

VERBS: MappingProxyType[str, Verb] = MappingProxyType(
    {
        module.name.capitalize(): cast(Verb, importlib.import_module(f"{__name__}.{module.name}"))
        for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name)
    }
)
"""By element name."""
