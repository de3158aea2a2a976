"""The columns that every table is made of, the same on SQLite and on PostgreSQL."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import JSON, Column, ColumnElement, ForeignKeyConstraint, LargeBinary, MetaData, String, and_
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

from app.foundation.ids import uuid7

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


class Owned(SQLModel):
    """A row of one organisation: the tenant comes first in every key."""

    organisation_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)


class Versioned(SQLModel):
    """A row that is replaced under an optimistic lock; ``version`` is its ETag."""

    version: int = Field(default=1)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]


class Choice(TypeDecorator[StrEnum]):
    """A closed set of words, stored by value as text: no native enumeration to migrate."""

    impl = String(32)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


class Document(TypeDecorator[Any]):
    """A JSON value, never changed in place: assign a new one."""

    impl = JSON(none_as_null=True)
    cache_ok = True


def choice(kind: type[StrEnum], default: StrEnum | None = None) -> Any:
    """A column that holds one word of ``kind``."""
    return Field(default=... if default is None else default, sa_column=Column(Choice(kind), nullable=False))


def document(*, nullable: bool = False) -> Any:
    """A column that holds a JSON value."""
    return Field(default=None if nullable else ..., sa_column=Column(Document(), nullable=nullable))


def ordered(length: int) -> TypeEngine[str]:
    """The type of a text that has the same order in every database: that of its characters' code points."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def octets(*, nullable: bool = False) -> Any:
    """A column of exact bytes."""
    return Field(default=None if nullable else ..., sa_column=Column(LargeBinary(), nullable=nullable))


def belongs_to(column: str, table: str, target: str = "id") -> ForeignKeyConstraint:
    """A foreign key inside one organisation; rooms refer to each other by table name, downwards."""
    return ForeignKeyConstraint(["organisation_id", column], [f"{table}.organisation_id", f"{table}.{target}"])


def named_by(source: type[SQLModel], column: str, target: type[Owned]) -> ColumnElement[bool]:
    """The join of ``source`` to the row of the same organisation that its ``column`` names: tenants never meet."""
    here, there = source.__table__.c, target.__table__.c  # type: ignore[attr-defined]
    return and_(there.organisation_id == here.organisation_id, there.id == here[column])


def governed(**options: Any) -> dict[str, Any]:
    """Marks a table of governance: a commit that changed it without an event is refused."""
    return {"info": {"governed": True}, **options}


def dumps(value: Any) -> str:
    """JSON as the database stores it: compact, and dates as RFC 3339."""
    return to_json(value, fallback=str).decode()
