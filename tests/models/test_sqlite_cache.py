"""On SQLite a connection has a large cache while it writes, and gives it back…"""

import pytest
from flask import Flask
from sqlalchemy import text

from seatadmin.extensions import begin_write, db

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def cache() -> int:
    return int(db.session.scalar(text("PRAGMA cache_size")))


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_so_that_readers_take_little_memory(app: Flask, end: str) -> None:
    with app.app_context():
        assert cache() == -2_000
        begin_write(db.session)
        assert cache() == -64_000
        getattr(db.session, end)()
        assert cache() == -2_000
