"""The signals, found by being there: the file's name, with dashes, is the signal's name in the workbook."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from voicedr.program.validation.signal import Signal


def _found() -> dict[str, Signal]:
    found: dict[str, Signal] = {}
    for module in iter_modules(__path__):
        signal = import_module(f"{__name__}.{module.name}").signal
        if not isinstance(signal, Signal):
            raise TypeError(f"{__name__}.{module.name}: `signal` must be a Signal")
        found[module.name.replace("_", "-")] = signal
    return found


SIGNALS: dict[str, Signal] = _found()
"""Every signal by its name."""
