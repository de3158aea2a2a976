"""Every row belongs to one organisation, which comes first in every key: tenants cannot meet, shards stay possible."""

import ast
import importlib
from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Enum, ForeignKeyConstraint, Integer, MetaData, Table, UniqueConstraint
from sqlmodel import SQLModel

from tests.architecture.exceptions import NUMBERED_TABLES, OTHER_PRIMARY_KEYS, TENANT_TABLE
from tests.architecture.sources import Source, sources

TENANT = "organisation_id"


@pytest.fixture(scope="module")
def metadata() -> MetaData:
    for source in sources("app"):
        if _defines_a_table(source):
            importlib.import_module(source.module)
    assert len(SQLModel.metadata.tables) > 1, "no table found: they have moved, and this test with them"
    return SQLModel.metadata


def test_the_organisation_comes_first_in_every_key(metadata: MetaData) -> None:
    assert sorted(fault for table in metadata.tables.values() for fault in _faults(table)) == []


def test_the_service_makes_the_identifiers(metadata: MetaData) -> None:
    numbered = {table.name for table in metadata.tables.values() if _numbered(table)}
    assert numbered == set(NUMBERED_TABLES)


def test_choices_are_text_and_not_enumerations_of_the_database(metadata: MetaData) -> None:
    columns = [column for table in metadata.tables.values() for column in table.columns]
    assert not [str(column) for column in columns if isinstance(column.type, Enum) and column.type.native_enum]


def test_every_constraint_has_a_name_that_a_migration_can_say(metadata: MetaData) -> None:
    assert {"ix", "uq", "fk", "pk"} <= set(metadata.naming_convention)


def test_nothing_is_loaded_by_surprise(metadata: MetaData) -> None:
    relationships = [one for mapper in SQLModel._sa_registry.mappers for one in mapper.relationships]
    assert metadata.tables
    assert not [str(one) for one in relationships if one.lazy not in {"raise", "raise_on_sql"}]


def test_no_exception_is_needless(metadata: MetaData) -> None:
    assert TENANT_TABLE in metadata.tables
    needed = {table.name for table in metadata.tables.values() if next(iter(table.primary_key.columns)).name != TENANT}
    assert needed - {TENANT_TABLE} == set(OTHER_PRIMARY_KEYS)


def test_a_table_without_its_organisation_would_be_found() -> None:
    metadata = MetaData()
    circle = Table("circle", metadata, Column("id", Integer, primary_key=True))
    role = Table(
        "role",
        metadata,
        Column(TENANT, Integer, primary_key=True),
        Column("id", Integer, primary_key=True),
        Column("circle_id", Integer),
        Column("name", Integer, unique=True),
        ForeignKeyConstraint(["circle_id"], ["circle.id"]),
    )
    assert list(_faults(circle)) == ["circle: primary key starts with id"]
    assert sorted(_faults(role)) == [
        "role: foreign key to circle starts with circle_id -> id",
        "role: unique key starts with name",
    ]


def _faults(table: Table) -> Iterator[str]:
    if table.name != TENANT_TABLE:
        yield from _key_faults(table)
    yield from _reference_faults(table)


def _key_faults(table: Table) -> Iterator[str]:
    keys = [] if table.name in OTHER_PRIMARY_KEYS else [("primary", list(table.primary_key.columns))]
    keys += [("unique", list(one.columns)) for one in table.constraints if isinstance(one, UniqueConstraint)]
    keys += [("unique", list(one.columns)) for one in table.indexes if one.unique]
    for kind, columns in keys:
        if not columns or columns[0].name != TENANT:
            yield f"{table.name}: {kind} key starts with {columns[0].name if columns else 'nothing'}"


def _reference_faults(table: Table) -> Iterator[str]:
    for constraint in table.foreign_key_constraints:
        referred = constraint.elements[0].target_fullname.partition(".")[0]
        first, target = constraint.elements[0].parent.name, constraint.elements[0].target_fullname.rpartition(".")[2]
        to_the_tenant = referred == TENANT_TABLE and len(constraint.elements) == 1
        if first != TENANT or not (target == TENANT or to_the_tenant):
            yield f"{table.name}: foreign key to {referred} starts with {first} -> {target}"


def _numbered(table: Table) -> bool:
    return any(column.identity is not None or column.autoincrement is True for column in table.columns)


def _defines_a_table(source: Source) -> bool:
    return any(
        isinstance(node, ast.ClassDef) and any(keyword.arg == "table" for keyword in node.keywords)
        for node in ast.walk(source.tree)
    )
