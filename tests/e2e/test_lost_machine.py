"""A machine that loses its power or its link says no goodbye, and PostgreSQL keeps the locks of its
sessions until it finds out by itself."""

import tempfile
from pathlib import Path
from typing import Iterator

import psycopg
import pytest

from chaos.cluster import Cluster
from chaos.postgres import Postgres
from support.waiting import until

#: Of /proc/net/tcp: a socket whose timer asks the other end whether it is there.
KEEPALIVE = "02"
TICKS_PER_SECOND = 100
LOCKS = ("teamflow owner ", "teamflow projectors ")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Two gateways and two projectors that reach a PostgreSQL with plain settings by TCP."""
    # Where the database server's account can reach its data.
    with tempfile.TemporaryDirectory(prefix="teamflow-machine-", dir="/var/tmp") as place:
        Path(place).chmod(0o755)
        made = Cluster(
            tmp_path, log="postgres", gateways=2, projectors=2,
            postgres=Postgres(Path(place) / "postgres"),
        )
        try:
            yield made.start()
        finally:
            made.stop()


def seconds_until_asked(server_port: int) -> dict[int, float]:
    """When the server asks each of its silent clients next, by the port of the client."""
    found = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        (_, here), (_, there) = (each.split(":") for each in fields[1:3])
        kind, _, ticks = fields[5].partition(":")
        if int(here, 16) == server_port and kind == KEEPALIVE:
            found[int(there, 16)] = int(ticks, 16) / TICKS_PER_SECOND
    return found


def test_the_server_soon_finds_out_who_is_gone(cluster: Cluster) -> None:
    """By default it asks after two hours: until then nobody else would have the lock of the owner,
    and no command would get through."""
    assert cluster.postgres is not None
    port = cluster.postgres.port
    with psycopg.connect(cluster.database_url, autocommit=True) as database:
        row = database.execute("show tcp_keepalives_idle").fetchone()
        assert row == ("7200",), "the server's own setting must not help"

        def sessions() -> dict[int, str]:
            """What the program's connections are for, by their port."""
            rows = database.execute(
                "select client_port, application_name from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            return {port: name for port, name in rows if port is not None}

        def late() -> dict[str, float]:
            """What of them the server asks after more than some seconds."""
            asked, named = seconds_until_asked(port), sessions()
            return {
                name: asked[each] for each, name in named.items()
                if asked.get(each, 0) > (2 if name.startswith(LOCKS) else 5)
            }

        def locks_are_seen() -> bool:
            asked, named = seconds_until_asked(port), sessions()
            seen = {named[each].rsplit(" ", 1)[0] for each in asked if each in named}
            return {each.strip() for each in LOCKS} <= seen

        until(locks_are_seen, 30, "the sessions of both locks to be silent")
        # A connection sets itself up in its first moments.
        until(lambda: not late(), 10, "the server to ask everybody soon")
