"""The tables. Times are seconds since 1970; what is opaque to queries is JSON text."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("password", String(200), nullable=False),  # argon2; empty for none
    Column("role", String(20), nullable=False),
    Column("source", String(20), nullable=False),
    Column("subject", String(64), nullable=False, server_default=""),  # who it is, at a provider
    Column("disabled", Boolean, nullable=False),
    Column("created", Float, nullable=False),
)
sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("account", ForeignKey("accounts.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("expires", Float, nullable=False),
)
tokens = Table(
    "tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("account", ForeignKey("accounts.id"), nullable=False),
    Column("name", String(60), nullable=False),
    Column("created", Float, nullable=False),
)
acts = Table(
    "acts",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("account", String(60), nullable=False),
    Column("act", String(40), nullable=False),
    Column("run", String(255), nullable=False),
    Column("what", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
runs = Table(
    "runs",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("stamp", String(80), nullable=False),  # of the report's file
    Column("about", Text, nullable=False),
)
verifications = Table(
    "verifications",
    metadata,
    Column("run", String(255), primary_key=True),
    Column("stamp", String(80), nullable=False),  # of the seal's file
    Column("at", Float, nullable=False),
    Column("found", Text, nullable=False),
)
indexed = Table(
    "indexed",
    metadata,
    Column("run", String(255), primary_key=True),
    Column("stamp", String(80), nullable=False),  # of the report's file
    Column("error", Text, nullable=False),
)
samples = Table(
    "samples",
    metadata,
    Column("run", String(255), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("task", String(200), nullable=False),
    Column("sample", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("language", String(20), nullable=False),
    Column("measure", String(100), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("verdict", Float),
    Column("tags", Text, nullable=False),
    Column("disagree", Boolean, nullable=False),
    Column("covered", Boolean, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Index(None, "run", "verdict", "position"),
    Index(None, "run", "task", "sample", "epoch"),
)
review_items = Table(
    "review_items",
    metadata,
    Column("run", String(255), primary_key=True),
    Column("draw", String(64), primary_key=True),
    Column("item", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("covered", Boolean, nullable=False),
    Column("scorer", String(100), nullable=False),  # whose labels these are
    Column("cluster", Text, nullable=False),  # items of one cluster are not independent
    Column("means", Text, nullable=False),  # what is written, and the scorer's label that it means
    Column("given", Text, nullable=False),  # labels that reviewers differ on, else empty
    Column("body", Text, nullable=False),  # by language, what is asked
)
assignments = Table(
    "assignments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", String(255), nullable=False),
    Column("draw", String(64), nullable=False),
    Column("account", ForeignKey("accounts.id"), nullable=False),
    Column("role", String(20), nullable=False),
    Column("created", Float, nullable=False),
    Column("handed_in", Float),
    UniqueConstraint("run", "draw", "account", "role"),
)
drafts = Table(
    "drafts",
    metadata,
    Column("assignment", ForeignKey("assignments.id"), primary_key=True),
    Column("item", String(64), primary_key=True),
    Column("label", String(100), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Float, nullable=False),
)
readings = Table(
    "readings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("task", String(200), nullable=False),
    Column("account", ForeignKey("accounts.id"), nullable=False),
    Column("created", Float, nullable=False),
    Column("handed_in", Float),
)
reading_items = Table(
    "reading_items",
    metadata,
    Column("reading", ForeignKey("readings.id"), primary_key=True),
    Column("item", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("asked", Text, nullable=False),  # the line of the sheet
    Column("said", Text, nullable=False),  # an answer by question
)
jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String(60), nullable=False),
    Column("command", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Column("status", Integer),
)
