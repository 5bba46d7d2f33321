#!/usr/bin/env python3
"""Asks the ten questions of docs/sql-for-analysts.md of a year's history as an analyst, and writes
what PostgreSQL tells of them into docs/analyst-queries.md.

usage: tests/bench/analyst_queries.py --url URL [--teamflow PROGRAM] [--events N] [--out FILE]

URL is that of an empty database on a server of this machine, with a role that may do everything. An
empty log is filled first (analyst_seed.sql, some minutes for five million events); a filled one is
measured as it is. Needs psql.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NAME = "bench_analyst"
PASSWORD = "a bench needs no secret"
ROUNDS = 5
APPENDS = 20_000

BEGINNING = """# The ten questions, measured

Written by `tests/bench/analyst_queries.py`: do not edit. The questions are those of
[sql-for-analysts.md](sql-for-analysts.md), asked by an analyst's role, behind the wall, of the
largest of 100 organizations. Times are of {rounds} runs each after one that warms the cache,
without parallel workers; where the machine was busy with other things ({load:.1f} processes ran
on {cores} cores), the processor's time tells what the question costs by itself.

"""


def questions() -> list[tuple[str, str]]:
    """The title and the SQL of each."""
    text = (HERE / "analyst_questions.sql").read_text()
    parts = re.split(r"^-- (\d+\. .*)$", text, flags=re.M)[1:]
    return [(title, sql.strip()) for title, sql in zip(parts[::2], parts[1::2])]


def prepare(url: str, program: str, events: int) -> None:
    """Tables, views and a history."""
    subprocess.run([program, "migrate", "--postgres-url", url], check=True, stdout=sys.stderr)
    with psycopg.connect(url) as database:
        held = database.execute(
            "select exists (select from teamflow.log_records where kind = 1)").fetchone()
    if not held[0]:
        seed = HERE / "analyst_seed.sql"
        subprocess.run(["psql", "-X", "-q", "-d", url, "-v", f"events={events}", "-f", str(seed)],
                       check=True, stdout=sys.stderr)


def one(database: Any, sql: str) -> Any:
    return database.execute(sql).fetchone()[0]


def make_analyst(url: str, program: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Of the largest organization; gives what there is and what is asked for."""
    with psycopg.connect(url) as database:
        row = database.execute("""
            select organization::text, count(*), sum(count(*)) over ()
              from teamflow.events group by 1 order by 2 desc limit 1""").fetchone()
        figures = {
            "organization": row[0], "own": row[1], "all": int(row[2]),
            "table": one(database, "select pg_size_pretty(pg_table_size('teamflow.log_records'))"),
            "index": one(
                database, "select pg_size_pretty(pg_relation_size('teamflow.log_records_type'))"),
            "indexes": one(
                database, "select pg_size_pretty(pg_indexes_size('teamflow.log_records'))"),
            "memory": one(database, "show shared_buffers"),
            "server": one(database, "show server_version").split()[0],
        }
        task, request = database.execute("""
            select data->>'task_id', correlation_id::text from teamflow.events
             where organization = %s and type = 'task.task_reopened'
             order by "offset" limit 1""", [row[0]]).fetchone()
    subprocess.run(
        [program, "analyst", "create", "--postgres-url", url, "--name", NAME,
         "--organization", row[0],
         "--password", PASSWORD], check=True, stdout=sys.stderr)
    return figures, {"task": task, "request": request}


def processor_time(backend: int) -> float:
    """Seconds that a process of this machine has worked: what a busy machine does not add to."""
    fields = Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(
    url: str, sql: str, ids: dict[str, str]
) -> tuple[list[float], float, int, list[str]]:
    """Seconds of each round, those of the processor on average, the number of rows, the plan."""
    for name, value in ids.items():
        sql = sql.replace(f":'{name}'", f"'{value}'")
    took = []
    with psycopg.connect(url, user=NAME, password=PASSWORD, autocommit=True) as analyst:
        # Without helpers, whose processor time nobody would see.
        analyst.execute("set max_parallel_workers_per_gather = 0")
        rows = len(analyst.execute(sql).fetchall())
        backend = analyst.info.backend_pid
        worked = processor_time(backend)
        for _ in range(ROUNDS):
            begin = time.monotonic()
            analyst.execute(sql).fetchall()
            took.append(time.monotonic() - begin)
        worked = (processor_time(backend) - worked) / ROUNDS
        plan = analyst.execute("explain (analyze, buffers) " + sql).fetchall()
    return took, worked, rows, [line for line, in plan]


def append_cost(url: str) -> list[tuple[str, float]]:
    """Microseconds for each appended record with all indexes, without that of types, and again;
    in transactions that are rolled back."""
    took = []
    for label, without in (("with", ""), ("without", "drop index teamflow.log_records_type;"),
                           ("with", ""), ("without", "drop index teamflow.log_records_type;")):
        with psycopg.connect(url) as database:
            database.execute(f"{without} create temp table more as select * from"
                             f" teamflow.log_records where partition = 1 limit {APPENDS}")
            begin = time.monotonic()
            database.execute("""
                insert into teamflow.log_records
                select (jsonb_populate_record(m, jsonb_build_object(
                           'partition', 999, 'event_id', gen_random_uuid(),
                           'stream', 'copy-' || gen_random_uuid()))).*
                  from more as m""")
            took.append((label, (time.monotonic() - begin) / APPENDS * 1e6))
            database.rollback()
    return took


def report(url: str, program: str) -> str:
    figures, ids = make_analyst(url, program)
    text = BEGINNING.format(rounds=ROUNDS, load=os.getloadavg()[0], cores=os.cpu_count()) + (
        f"{figures['all']:,} events, {figures['own']:,} of them of this organization; PostgreSQL"
        f" {figures['server']}, table {figures['table']}, all indexes {figures['indexes']}, that of"
        f" types {figures['index']}, shared_buffers {figures['memory']}.\n\n"
        "| question | median, ms | slowest, ms | processor, ms | rows |\n|---|---|---|---|---|\n")
    plans = ""
    for title, sql in questions():
        took, worked, rows, plan = ask(url, sql, ids)
        took.sort()
        print(f"{title}: {took[ROUNDS // 2]:.3f} s", file=sys.stderr, flush=True)
        text += (f"| {title} | {took[ROUNDS // 2] * 1000:.0f} | {took[-1] * 1000:.0f}"
                 f" | {worked * 1000:.0f} | {rows:,} |\n")
        plans += f"\n## {title}\n\n```sql\n{sql}\n```\n\n```text\n" + "\n".join(plan) + "\n```\n"
    text += "\n## What the index of types costs an append\n\n| indexes | us a record |\n|---|---|\n"
    for label, microseconds in append_cost(url):
        text += f"| {label} log_records_type | {microseconds:.0f} |\n"
    return text + plans


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--url", required=True)
    arguments.add_argument("--teamflow", default=str(ROOT / "build/test/teamflow"))
    arguments.add_argument("--events", type=int, default=5_000_000)
    arguments.add_argument("--out", type=Path, default=ROOT / "docs/analyst-queries.md")
    given = arguments.parse_args()
    prepare(given.url, given.teamflow, given.events)
    given.out.write_text(report(given.url, given.teamflow))
    return 0


if __name__ == "__main__":
    sys.exit(main())
