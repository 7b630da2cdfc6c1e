"""The control of the drill `kill`: changes all participants, and commits every 500 rows."""

import sys
import time

from sqlalchemy import create_engine, text

PIECE = 500


def main(url: str) -> None:
    """Print a line after each piece, until somebody puts an end to it."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        ids = connection.execute(text("SELECT id FROM \"user\" WHERE kind = 'participant'"))
        known = list(ids.scalars())
        connection.commit()
        for start in range(0, len(known), PIECE):
            piece = known[start], known[min(start + PIECE, len(known)) - 1]
            update = 'UPDATE "user" SET status_note = :note WHERE id BETWEEN :first AND :last'
            values = {"note": "piecemeal", "first": min(piece), "last": max(piece)}
            connection.execute(text(f"{update} AND kind = 'participant'"), values)
            connection.commit()
            print("a piece", flush=True)
            time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1])
