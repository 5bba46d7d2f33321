"""How fast a read model is rebuilt from a year's history, against what PostgreSQL alone takes to
read the log and to copy the same rows in."""

import base64
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from chaos.postgres import Postgres
from chaos.run_cluster import database_place

from places import BUILD
from replays import seconds_of
from subject import wait_for

HERE = Path(__file__).resolve().parent
READ_MODEL = "time_logs"
PARTITIONS = 12
KEYS = ("MASTER_KEY", "EMAIL_KEY", "JWT_SECRET", "INTERNAL_SECRET")

# The seed has the events alone: before them lies the claim of their writer, and the log says that
# it holds both.
CLAIMS = """
insert into teamflow.log_records (
    partition, "offset", kind, epoch_offset, epoch_writer, sequence, commit_id, commit_index,
    commit_count, event_id, type, schema_version, stream, stream_version, organization, actor, time,
    correlation_id, traceparent)
select distinct on (partition)
       partition, 0, 2, 0, epoch_writer, 0, md5('claim' || partition)::uuid, 0, 1,
       md5('claim' || partition)::uuid, 'log.writer_claimed', 1, '', 0,
       '00000000-0000-0000-0000-000000000000', 'bench', time, md5('claim' || partition)::uuid, ''
  from teamflow.log_records order by partition, "offset";
insert into teamflow.log_partitions (
    partition, next_offset, epoch_offset, epoch_writer, next_sequence)
select r.partition, max(r."offset") + 1, 0, min(r.epoch_writer::text)::uuid, max(r.sequence) + 1
  from teamflow.log_records r group by r.partition
    on conflict (partition) do update
   set next_offset = excluded.next_offset, epoch_offset = excluded.epoch_offset,
       epoch_writer = excluded.epoch_writer, next_sequence = excluded.next_sequence;
"""

# What a fold reads: payloads only where it takes them.
READ_LOG = """copy (
    select partition, "offset", type, stream, organization, time,
           case when type like 'time.%' then data end
      from teamflow.events order by partition, "offset"
) to stdout (format binary)"""


class Projector:
    """The process that builds read models."""

    def __init__(self, url: str, keys: dict[str, str], output: Path) -> None:
        with output.open("ab") as log:
            self._process = subprocess.Popen(
                [str(BUILD / "teamflow"), "projector", "--log", "postgres", "--postgres-url", url,
                 "--log-level", "warn"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **keys},
            )

    def __enter__(self) -> "Projector":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)

    def most_memory_mb(self) -> float:
        """What it had resident at most since it started."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def psql(url: str) -> list[str]:
    return ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url]


def ask(url: str, sql: str) -> list[str]:
    """The rows of an answer, columns with bars between them."""
    done = subprocess.run([*psql(url), "-c", sql], stdin=subprocess.DEVNULL, text=True, check=True,
                          capture_output=True)
    return done.stdout.splitlines()


def fill(url: str, events: int) -> int:
    """A year of work in an empty log; gives how many events there are."""
    subprocess.run(
        [str(BUILD / "teamflow"), "migrate", "--log", "postgres", "--postgres-url", url,
         "--partitions", str(PARTITIONS)], check=True, stdout=subprocess.DEVNULL)
    seed = str(HERE / "analyst_seed.sql")
    subprocess.run([*psql(url), "-v", f"events={events}", "-f", seed], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(psql(url), input=CLAIMS, text=True, check=True)
    return int(ask(url, "select count(*) from teamflow.events")[0])


def tables(url: str) -> list[str]:
    return ask(url, f"select tablename from pg_tables where schemaname = '{READ_MODEL}' order by 1")


def bare(url: str, directory: Path) -> dict[str, float]:
    """Seconds to read the log through one connection, and to copy the finished rows into tables of
    the same shape, with their keys and indexes made behind them."""
    files = {name: directory / f"{name}.rows" for name in tables(url)}
    out, into = [], []
    for name, file in files.items():
        ask(url, f"create schema if not exists bare; "
                 f"create table bare.{name} (like {READ_MODEL}.{name})")
        out += ["-c", f"\\copy {READ_MODEL}.{name} to '{file}' (format binary)"]
        into += ["-c", f"\\copy bare.{name} from '{file}' (format binary)"]
    for index in ask(url, f"select indexdef from pg_indexes where schemaname = '{READ_MODEL}'"):
        into += ["-c", index.replace(f" ON {READ_MODEL}.", " ON bare.")]
    read = seconds_of([*psql(url), "-c", READ_LOG])
    seconds_of([*psql(url), *out])
    return {"read_s": read, "copy_s": seconds_of([*psql(url), *into])}


def stages(url: str) -> dict[str, float]:
    """Seconds of each stage of a rebuild, from the order to its end."""
    begin = time.monotonic()
    subprocess.run([str(BUILD / "teamflow"), "rebuild", READ_MODEL, "--detach", "--log", "postgres",
                    "--postgres-url", url], check=True, stdout=subprocess.DEVNULL)
    taken: dict[str, float] = {}
    stage, since = "waiting", begin
    look = ("select stage, coalesce(error, '') from teamflow.rebuilds"
            f" where projection = '{READ_MODEL}';")
    # One connection to look through: to start psql for each look costs half a core.
    with subprocess.Popen(psql(url), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as looking:
        while stage not in ("done", "aborted"):
            print(look, file=looking.stdin, flush=True)
            found, _, error = looking.stdout.readline().rstrip().partition("|")
            if error:
                raise RuntimeError(f"the rebuild stands still: {error}")
            if found != stage:
                taken[stage] = time.monotonic() - since
                stage, since = found, time.monotonic()
            time.sleep(0.01)
    if stage != "done":
        raise RuntimeError("the rebuild was aborted")
    taken["all"] = since - begin
    return taken


def is_live(url: str) -> bool:
    return ask(url, "select count(*) > 0 and bool_and(status = 'live') from teamflow.projections"
               ) == ["t"]


def rebuilds(directory: Path, events: int) -> dict[str, Any]:
    """Events a second of a rebuild, over its fold (with indexes) and over all of it; the same of
    the bare database; and the most memory that the process took."""
    place = database_place(directory)
    database = Postgres(place).start()
    keys = {f"TEAMFLOW_{name}": base64.b64encode(secrets.token_bytes(32)).decode() for name in KEYS}
    try:
        url = database.url
        count = fill(url, events)
        directory.parent.mkdir(parents=True, exist_ok=True)
        output = directory.with_suffix(".log")
        with Projector(url, keys, output):
            wait_for(lambda: is_live(url), 3600, "all read models to be live")
        # Another process, so that its memory is that of the rebuild.
        with Projector(url, keys, output) as projector:
            taken = stages(url)
            memory = projector.most_memory_mb()
        rows = sum(int(ask(url, f"select count(*) from {READ_MODEL}.{name}")[0])
                   for name in tables(url))
        alone = bare(url, place)
        folded = taken.get("folding", 0) + taken.get("indexing", 0)
        return {
            "events": count,
            "rows": rows,
            "folded_per_second": count / folded,
            "all_per_second": count / taken["all"],
            "bare_per_second": count / (alone["read_s"] + alone["copy_s"]),
            "stages_s": taken,
            "memory_mb": memory,
            **alone,
        }
    finally:
        database.stop()
        shutil.rmtree(place, ignore_errors=True)
