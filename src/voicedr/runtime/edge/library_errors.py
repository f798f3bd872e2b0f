"""Our errors as ones that a caller of the official library catches already: the classes of its transport, besides."""

from __future__ import annotations

from voicedr.runtime.edge.failures import EdgeError


def raised_as(error: EdgeError, lost: type[Exception], late: type[Exception]) -> EdgeError:
    """The same error, which is also a ``lost``, or a ``late`` where time ran out."""
    kind = _both(type(error), late if error.late else lost)
    again = kind.__new__(kind, *error.args)
    again.__dict__.update({"response": None, "request": None}, **error.__dict__)
    again.args = error.args
    return again


_MADE: dict[tuple[type[EdgeError], type[Exception]], type[EdgeError]] = {}


def _both(ours: type[EdgeError], theirs: type[Exception]) -> type[EdgeError]:
    """Made once for each pair, of which there are few."""
    if (ours, theirs) not in _MADE:
        parts = {"__module__": ours.__module__, "__doc__": ours.__doc__}
        _MADE[ours, theirs] = type(ours.__name__, (ours, theirs), parts)
    return _MADE[ours, theirs]
