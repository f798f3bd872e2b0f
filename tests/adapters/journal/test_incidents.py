"""Incidents in a file and in a real PostgreSQL keep the promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.journal.incident_promises import IncidentPromises
from adapters.journal.journal_promises import Store
from adapters.journal.test_postgres import Database
from adapters.journal.test_sqlite import File
from postgres_server import Server


class TestSqliteIncidents(IncidentPromises):
    """In a file."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> File:
        """A file of its own."""
        return File(tmp_path / "kept.db")

    def address(self, store: Store) -> str:
        """Its path."""
        assert isinstance(store, File)
        return str(store.path)


class TestPostgresIncidents(IncidentPromises):
    """In a database."""

    @pytest.fixture
    def store(self, postgres: Server) -> Database:
        """An empty database."""
        return Database(postgres)

    def address(self, store: Store) -> str:
        """Its URL."""
        assert isinstance(store, Database)
        return store.url
