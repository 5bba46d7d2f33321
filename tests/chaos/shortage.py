"""Faults in which something runs short that everybody needs: a table, connections, files."""

import os
import resource
from collections.abc import Callable

import psycopg

from chaos.cluster import Cluster
from chaos.history import History
from chaos.schedule import Fault

#: What somebody at work by hand may lock: the log or its archive, what owners and projectors note,
#: and a read model.
TABLES = (
    "teamflow.log_records", "teamflow.log_partitions", "teamflow.projection_checkpoints",
    "teamflow.nodes",
)
#: More than a server takes by its max_connections.
CONNECTIONS_MOST = 400


class Shortage:
    def __init__(self, cluster: Cluster, history: History) -> None:
        self._cluster = cluster
        self._history = history
        self._held: dict[int, list[psycopg.Connection]] = {}
        #: By number of the fault: the process, and how many files it could open before.
        self._limits: dict[int, tuple[int, tuple[int, int]]] = {}

    # --- PostgreSQL

    def begin_table_lock(self, fault: Fault) -> None:
        """Somebody locks a table and forgets it."""
        self._held[fault.number] = []
        try:
            connection = psycopg.connect(self._cluster.database_url, connect_timeout=10)
            self._held[fault.number].append(connection)
            connection.execute("set lock_timeout = '5s'")
            connection.execute(f"lock table {TABLES[int(fault.amount)]} in access exclusive mode")
        except psycopg.Error as failure:
            self._history.write("not_done", number=fault.number, reason=str(failure))

    def begin_connections_exhausted(self, fault: Fault) -> None:
        """Others take every connection there is, and the program loses those that it had."""
        taken = self._held[fault.number] = []
        self._take_connections(taken)
        if not taken:
            return
        try:
            taken[0].execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = 'teamflow' and not pid = any(%s)",
                [[each.info.backend_pid for each in taken]],
            )
        except psycopg.Error as failure:
            self._history.write("not_done", number=fault.number, reason=str(failure))
        self._take_connections(taken)
        self._history.write("connections_taken", number=fault.number, count=len(taken))

    def _take_connections(self, taken: list[psycopg.Connection]) -> None:
        """Until the server refuses one."""
        while len(taken) < CONNECTIONS_MOST:
            try:
                taken.append(psycopg.connect(
                    self._cluster.database_url, autocommit=True, connect_timeout=10))
            except psycopg.Error:
                return

    def heal_table_lock(self, fault: Fault) -> None:
        for connection in self._held.pop(fault.number):
            connection.close()

    heal_connections_exhausted = heal_table_lock

    # --- files

    def begin_few_files(self, fault: Fault) -> None:
        """The process may open so many more files and connections, and then none."""
        process = next(each for each in self._cluster.processes if each.name == fault.target)
        if not process.alive():
            return
        pid = process.pid

        def limit() -> None:
            highest = max(map(int, os.listdir(f"/proc/{pid}/fd")))
            before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            self._limits[fault.number] = (pid, before)
            after = (highest + 1 + int(fault.amount), before[1])
            resource.prlimit(pid, resource.RLIMIT_NOFILE, after)

        unless_gone(limit)

    def heal_few_files(self, fault: Fault) -> None:
        if fault.number in self._limits:
            pid, before = self._limits.pop(fault.number)
            unless_gone(lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, before))


def unless_gone(action: Callable[[], object]) -> None:
    """A process may end at any moment, and its limits with it."""
    try:
        action()
    except (ProcessLookupError, FileNotFoundError):
        pass
