"""The journal's tables. One database holds all executions of a workbook.

``SCHEMA_VERSION`` rises with every change, and ``migrate`` brings an older journal forward: tables and columns are
added in one transaction, records are never rewritten. Version 1 had no ``schema`` table.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    delete,
    insert,
    inspect,
    select,
)

SCHEMA_VERSION = 2
"""1: executions, records, commands, plans, approvals. 2: schema and buckets as well."""

metadata = MetaData()

schema = Table("schema", metadata, Column("version", Integer, primary_key=True, autoincrement=False))

executions = Table(
    "executions",
    metadata,
    Column("execution", String, primary_key=True),
    Column("flow", String, nullable=False, index=True),
    Column("opened_at", Float, nullable=False),
    Column("finished", Integer, nullable=False, default=0),
    Column("term", Integer, nullable=False, default=0),
    Column("holder", String),
    Column("lease_until", Float),
    Column("size", Integer, nullable=False, default=0),
    Column("head", String, nullable=False),
)

records = Table(
    "records",
    metadata,
    Column("execution", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("term", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    PrimaryKeyConstraint("execution", "seq"),
)

commands = Table(
    "commands",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("execution", String, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("by", String, nullable=False),
    Column("note", String, nullable=False),
    Column("at", Float, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    Column("hash", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("at", Float, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("plan_hash", String, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)

buckets = Table(
    "buckets",
    metadata,
    Column("name", String, primary_key=True),
    Column("tat", Float, nullable=False),
    Column("slow_rate", Float, nullable=False),
    Column("slowed_at", Float, nullable=False),
)
"""The pace of an account. ``tat``: when the next turn would be due (the generic cell rate algorithm's name for it)."""


class NewerSchema(Exception):
    """The journal was made by a newer release: its version, and how to go on. Nothing was changed."""


def migrate(connection: Connection) -> None:
    """Make the tables, or bring those of an older release forward, in the caller's transaction.

    Raises:
        NewerSchema: If a newer release has brought them further. Nothing was changed.
    """
    there = set(inspect(connection).get_table_names())
    if schema.name in there:
        version = int(connection.execute(select(schema.c.version)).scalar_one())
    else:
        version = 1 if executions.name in there else 0
    if version > SCHEMA_VERSION:
        raise NewerSchema(
            f"it has schema version {version}, and this release knows up to {SCHEMA_VERSION}. Nothing was changed."
            f" Use the release that made it, or a newer one."
        )
    if version == SCHEMA_VERSION:
        return
    # From 1 to 2 only tables are new; create_all makes those that are missing.
    metadata.create_all(connection)
    connection.execute(delete(schema))
    connection.execute(insert(schema).values(version=SCHEMA_VERSION))
