"""Creates and fills the SQLite file of the baseline `sqlmodel`, with the rows that schema.sql gives PostgreSQL."""

from sqlmodel import SQLModel

from tests.benchmarks.baselines.sqlmodel_tables import engine

_MEMBERS = 100_000
_PROPOSALS = 200
_CREATED = "2026-01-01 00:00:00.000000"


def seed() -> None:
    """Fill the database that `BENCH_URL` names."""
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        rows = connection.connection.driver_connection
        assert rows is not None
        members = ((f"tok{i}", f"member {i}") for i in range(1, _MEMBERS + 1))
        rows.executemany("INSERT INTO members(token, name) VALUES (?, ?)", members)
        texts = ((f"Proposal {i}", "Body text of the proposal. " * 30, _CREATED) for i in range(1, _PROPOSALS + 1))
        insert = "INSERT INTO proposals(circle_id, title, body, state, created_at) VALUES (1, ?, ?, 'open', ?)"
        rows.executemany(insert, texts)
        rows.execute("INSERT INTO chain_head VALUES (1, 0, x'00')")


if __name__ == "__main__":
    seed()
