"""The journal's tables. One database holds all executions of a workbook."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, String, Table

metadata = MetaData()

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
