"""Looking into the database of the drill with plain SQL: eyes other than those of the code that is drilled."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import psycopg

Row = tuple[Any, ...]

OPEN = "'DUE', 'RUNNING'"


class Unreachable(Exception):
    """The database does not answer just now."""


class Database(Protocol):
    def rows(self, query: str) -> list[Row]:
        """:raises Unreachable:"""

    def tables_with(self, column: str) -> list[str]:
        """:raises Unreachable:"""


class PostgreSQL:
    def __init__(self, url: str) -> None:
        self._url = url

    def rows(self, query: str) -> list[Row]:
        try:
            with psycopg.connect(self._url, connect_timeout=2) as server:
                return server.execute(query).fetchall()
        except psycopg.OperationalError as error:
            raise Unreachable from error

    def tables_with(self, column: str) -> list[str]:
        query = f"SELECT table_name FROM information_schema.columns WHERE column_name = '{column}'"
        return sorted(str(row[0]) for row in self.rows(query))


class SQLite:
    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self, query: str) -> list[Row]:
        try:
            connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=10)
            try:
                return connection.execute(query).fetchall()
            finally:
                connection.close()
        except sqlite3.OperationalError as error:
            raise Unreachable from error

    def tables_with(self, column: str) -> list[str]:
        query = f"SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = '{column}'"
        return sorted(str(row[0]) for row in self.rows(query + " WHERE m.type = 'table'"))


class Sight:
    """What the drill wants to know of the rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def kinds_of_work(self) -> list[str]:
        """Every table with the life cycle, also those that nobody thought of when this was written."""
        return [name for name in self._database.tables_with("claim_token") if name != "schedules_scheduledjob"]

    def unfinished(self) -> dict[str, int]:
        """What is still to be done, by where; empty when all is quiet."""
        counts = {name: self._count(name, f"state IN ({OPEN})") for name in self.kinds_of_work()}
        counts["events without a number"] = self._count("events_event", "seq IS NULL")
        counts["open deliveries"] = self._count("outbox_delivery", "state IN ('WAITING', 'RETRYING')")
        counts["open writes"] = self._count("sync_recordwrite", "state IN ('WAITING', 'SENT')")
        counts["open runs of scripts"] = self._count("scripts_scriptrun", "state = 'WAITING'")
        return {name: count for name, count in counts.items() if count}

    def left(self) -> dict[str, int] | None:
        """As `unfinished`; None while the database does not answer."""
        try:
            return self.unfinished()
        except Unreachable:
            return None

    def done(self) -> int:
        """A number that grows with all that comes of webhooks."""
        received = self._count("inbox_receivedwebhook", "state <> 'DUE'")
        told = self._count("events_event", "seq > 0 AND camera_id IS NULL")
        return received + told + self._count("sync_recordwrite", "sends > 0")

    def passed_on(self) -> int:
        """A number that grows with every event that has left by a webhook."""
        return self._count("outbox_delivery", "state = 'DELIVERED'")

    def running(self) -> list[Row]:
        tables = self._database.tables_with("claim_token")
        query = "SELECT '{0}', id, due_at, deaths FROM {0} WHERE state = 'RUNNING'"
        return [row for name in tables for row in self._database.rows(query.format(name))]

    def failed(self) -> list[Row]:
        query = "SELECT '{0}', id, note FROM {0} WHERE state = 'FAILED'"
        return [row for name in self.kinds_of_work() for row in self._database.rows(query.format(name))]

    def most_deaths(self) -> int:
        tables = self._database.tables_with("claim_token")
        return max(int(self._database.rows(f"SELECT COALESCE(MAX(deaths), 0) FROM {name}")[0][0]) for name in tables)

    def received(self) -> dict[bytes, Counter[str]]:
        """The states of the kept webhooks, by body."""
        found: dict[bytes, Counter[str]] = {}
        for body, state in self._database.rows("SELECT body, state FROM inbox_receivedwebhook"):
            found.setdefault(bytes(body), Counter())[state] += 1
        return found

    def gaps(self) -> list[Row]:
        """Workspaces whose numbers are not 1 to n."""
        return self._database.rows(
            "SELECT workspace_id, COUNT(*), MIN(seq), MAX(seq), COUNT(DISTINCT seq) FROM events_event "
            "GROUP BY workspace_id "
            "HAVING MIN(seq) <> 1 OR MAX(seq) <> COUNT(*) OR COUNT(DISTINCT seq) <> COUNT(*)"
        )

    def writes(self) -> list[Row]:
        """Kind of operation, state, verdict, and how many."""
        return self._database.rows(
            "SELECT o.kind, w.state, w.verdict, COUNT(*) FROM sync_recordwrite w "
            "JOIN sync_operation o ON o.id = w.operation_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )

    def bad_writes(self) -> list[Row]:
        """Writes that did not end as they should: id, kind, record, state, verdict, note."""
        return self._database.rows(
            "SELECT w.id, o.kind, l.record_key, w.state, w.verdict, w.note FROM sync_recordwrite w "
            "JOIN sync_operation o ON o.id = w.operation_id JOIN sync_recordlane l ON l.id = w.lane_id "
            "WHERE w.state NOT IN ('DONE', 'SKIPPED') OR (w.state = 'DONE' AND w.verdict <> 'CONFIRMED')"
        )

    def bad_requests(self) -> list[Row]:
        """Scripts' own requests that were not carried out: id, record, state, note."""
        return self._database.rows(
            "SELECT w.id, l.record_key, w.state, w.note FROM sync_recordwrite w "
            "JOIN sync_recordlane l ON l.id = w.lane_id WHERE w.kind = 'RAW' AND w.state NOT IN ('DONE', 'SKIPPED')"
        )

    def bad_runs(self) -> list[Row]:
        """Runs of scripts that did not end DONE: id, state, note."""
        return self._database.rows("SELECT id, state, note FROM scripts_scriptrun WHERE state <> 'DONE'")

    def runs(self) -> tuple[int, int, int]:
        """How many runs there have to be, one of each script for each event; how many are; how many they counted."""
        wanted = self._count("events_event", "type IN ('session.joined', 'session.updated')")
        counted = self._database.rows("SELECT value FROM scripts_scriptvalue WHERE key = 'runs'")
        scripts = self._count("scripts_script", "1 = 1")
        return wanted * scripts, self._count("scripts_scriptrun", "1 = 1"), sum(int(row[0]) for row in counted)

    def has_open_runs(self, *, more_than: int) -> bool:
        """Say whether more runs of scripts than so many are open; yes, too, while the database does not answer."""
        try:
            return self._count("scripts_scriptrun", "state = 'WAITING'") > more_than
        except Unreachable:
            return True

    def runs_of_runners(self) -> list[tuple[str, int]]:
        """Script and event of each run."""
        rows = self._database.rows(
            "SELECT s.slug, r.event_id FROM scripts_scriptrun r JOIN scripts_script s ON s.id = r.script_id "
            "WHERE s.slug LIKE 'runner-%'"
        )
        return [(str(slug), int(event)) for slug, event in rows]

    def tries(self) -> tuple[int, int]:
        """How many runs of scripts were tried more than once, and how often at most."""
        query = "SELECT COUNT(CASE WHEN attempts > 1 THEN 1 END), COALESCE(MAX(attempts), 0) FROM scripts_scriptrun"
        again, most = self._database.rows(query)[0]
        return int(again), int(most)

    def writes_of(self, record: str) -> Sequence[Row]:
        """The ledger of one record, for whoever looks for the cause of a breach."""
        return self._database.rows(
            "SELECT w.id, COALESCE(o.kind, w.kind), w.source_type, w.source_id, w.state, w.verdict, w.generation, "
            "w.sends, w.note FROM sync_recordwrite w LEFT JOIN sync_operation o ON o.id = w.operation_id "
            f"JOIN sync_recordlane l ON l.id = w.lane_id WHERE l.record_key = '{record}' ORDER BY w.id"
        )

    def _count(self, table: str, where: str) -> int:
        return int(self._database.rows(f"SELECT COUNT(*) FROM {table} WHERE {where}")[0][0])
