"""How fast `teamflow replay` writes history, against PostgreSQL's own COPY of the same rows."""

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from chaos.postgres import Postgres
from chaos.run_cluster import database_place

from places import BUILD

PARTITIONS = 4
ROUNDS = 3

# Rows as gateways make them: ids that grow, four partitions one after the other, some 350 bytes of
# data. The log says that it holds them, so that a replay reads up to their end.
HISTORY = """
insert into teamflow.log_records
select i % {partitions}, i / {partitions}, 1, 0, '018bd02e-0000-7000-8000-000000000001', i,
       ('018bd02e-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 0, 1,
       ('018bd02f-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'task.task_created', 1,
       'task-018bd030-0000-7000-8000-' || lpad(to_hex(i), 12, '0'), 1,
       ('018bd031-0000-7000-8000-' || lpad(to_hex(i % {partitions}), 12, '0'))::uuid,
       '018bd032-0000-7000-8000-000000000001',
       timestamptz '2026-01-01' + i * interval '6 seconds',
       ('018bd033-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, null, '',
       json_build_object('task_id', '018bd030-0000-7000-8000-' || lpad(to_hex(i), 12, '0'),
                         'project_id', '018bd034-0000-7000-8000-000000000001',
                         'title', 'A task of ordinary length number ' || i, 'priority', 'medium',
                         'status', 'todo', 'rank', 'm' || i, 'tags', json_build_array('sprint'),
                         'description', null, 'estimated_hours', 2.5, 'assignee_id', null),
       null, null, null
  from generate_series(0, {events} - 1) as i;
insert into teamflow.log_partitions (partition, next_offset)
select i, {events} / {partitions} from generate_series(0, {partitions} - 1) as i
    on conflict (partition) do update set next_offset = excluded.next_offset;
vacuum analyze teamflow.log_records;
"""

# The very columns and the order of a replay.
COPY = """copy (
    select id, type, schema_version, stream, stream_version, organization, actor, time,
           correlation_id, causation_id, partition, "offset", data
      from teamflow.events where partition = {partition} order by "offset"
) to stdout (format binary)"""


def seconds_of(command: list[str], environment: dict[str, str] | None = None) -> float:
    """How long a command takes whose output nobody keeps."""
    begin = time.monotonic()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True,
                   stderr=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    return time.monotonic() - begin


def replays(directory: Path, events: int) -> dict[str, Any]:
    """Events a second, the best of some rounds that take turns; and the most memory that a replay
    took, which must not depend on how many there are."""
    place = database_place(directory)
    database = Postgres(place).start()
    try:
        program = str(BUILD / "teamflow")
        url = ["--postgres-url", database.url]
        subprocess.run([program, "migrate", *url, "--partitions", str(PARTITIONS)], check=True,
                       stdout=subprocess.DEVNULL)
        psql = ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", database.url]
        subprocess.run([*psql], input=HISTORY.format(events=events, partitions=PARTITIONS),
                       text=True, check=True)
        copies = [part for partition in range(PARTITIONS)
                  for part in ("-c", COPY.format(partition=partition))]
        commands = {
            "copy": [*psql, *copies],
            "jsonl": [program, "replay", *url],
            "csv": [program, "replay", *url, "--format", "csv"],
            "manifest": [program, "replay", *url, "--manifest", str(place / "manifest.json")],
        }
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                taken[name].append(seconds_of(command))
        figures: dict[str, Any] = {
            f"{name}_per_second": events / min(each) for name, each in taken.items()
        }
        figures["events"] = events
        figures["memory_mb"] = memory_mb(commands["jsonl"])
        return figures
    finally:
        database.stop()
        shutil.rmtree(place, ignore_errors=True)


def memory_mb(command: list[str]) -> float:
    """The most that a run had in memory."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command} failed")
    return usage.ru_maxrss / 1024
