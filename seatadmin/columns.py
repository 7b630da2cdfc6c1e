"""Types of columns that behave alike on both databases."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Enum, Integer, String, TypeDecorator

from seatadmin.text import LONGEST_KEY

Id = BigInteger().with_variant(Integer, "sqlite")
Key = String(LONGEST_KEY).with_variant(String(LONGEST_KEY, collation="C"), "postgresql")
"""A folded text: compared by bytes, so that both databases sort alike."""

NEVER_REUSE_IDS = {"sqlite_autoincrement": True}
"""The audit goes on naming a deleted row by its id: nobody else may get it."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets the zone; PostgreSQL answers in its server's."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """The stored moment, in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def by_value(enum: type[StrEnum], name: str) -> Enum:
    """A column type that stores `enum` by value, in a VARCHAR with a CHECK called `name`."""
    return Enum(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )
