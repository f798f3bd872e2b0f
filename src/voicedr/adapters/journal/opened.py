"""The journal that an address names: a file, or a PostgreSQL database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from voicedr.adapters.journal.sql import SqlJournal
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.adapters.secrets import resolve
from voicedr.ports.journal import JournalBroken

POSTGRES = ("postgresql://", "postgres://")


def open_journal(place: Path | str, environ: Mapping[str, str] | None = None) -> SqlJournal:
    """The journal at a place, made if there is none.

    Args:
        place: A path, ``postgresql://…``, or a reference to either: ``env:NAME``, ``file:/path``,
            ``keyring:service/name``.
        environ: The environment; the process's own if not given.

    Raises:
        JournalBroken: If there is something else, or what is needed for it is not installed. Nothing was changed.
        JournalAway: If it does not answer.
        SecretError: If the reference gives nothing.
    """
    if isinstance(place, Path):
        return SqliteJournal(place)
    if place.partition(":")[0] in ("env", "file", "keyring"):
        place = resolve(place, os.environ if environ is None else environ)
    if place.startswith(POSTGRES):
        try:
            from voicedr.adapters.journal.postgres import PostgresJournal
        except ImportError as exc:
            raise JournalBroken(
                "the journal is in PostgreSQL, and what speaks to it is not installed here."
                " Nothing was changed. Install it: pip install 'voicedr[postgres]'"
            ) from exc
        return PostgresJournal(place)
    if "://" in place:
        raise JournalBroken(
            f"a journal cannot be kept in {place.partition('://')[0]}://…: it is a file, or postgresql://…"
            f" Nothing was changed."
        )
    return SqliteJournal(Path(place).expanduser())
