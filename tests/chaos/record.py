"""What a run leaves behind for its judge: files of JSON Lines in one directory.

history.jsonl         commands, queries, faults and what the harness noticed, as they ended
organizations.jsonl   one line each: id, project, count of events before the load, tables at the end
events-<id>.jsonl     the history of an organization through the API
feed-<id>-<n>.jsonl   what a follower received
archive.jsonl         log_records, each [record, kind]
topic.jsonl           the records in Kafka, with --log kafka
claims.jsonl          [partition, offset, address of the gateway, time] of every claim
keys.jsonl            [organization, actor, idempotency key, commit] of the valid events
"""

from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import psycopg

from support import raw_log, tables
from support.load import Operation, Try
from support.waiting import until

from chaos.cluster import Cluster
from chaos.history import History, read_lines, write_lines
from chaos.roaming import patiently
from chaos.workload import Organization, Workload


def write_commands(workload: Workload, history: History) -> None:
    for worker in workload.workers:
        for operation in worker.operations:
            history.write("command", **asdict(operation))
        for fault in worker.faults:
            history.write("violation", what=fault)


def read_command(line: dict[str, Any]) -> Operation:
    fields = {name: value for name, value in line.items() if name not in ("kind", "time")}
    fields["tries"] = [Try(**each) for each in fields["tries"]]
    fields["expect"] = tuple(fields["expect"])
    return Operation(**fields)


def write_organization(of: Organization, into: Path) -> dict[str, Any]:
    """Once nothing changes any more and its read models can be asked."""
    events = of.events()
    write_lines(into / f"events-{of.id}.jsonl", events)
    last = f"{events[-1]['partition']}@{events[-1]['offset']}"
    of.owner.position = last
    shown = patiently(lambda: tables.collect(of.owner, of.project), of.owner)
    for number, follower in enumerate(of.followers):
        until(lambda: follower.reached(last), 120, f"a feed to reach {last}")
        write_lines(into / f"feed-{of.id}-{number}.jsonl", list(follower.messages))
    return {
        "id": of.id, "project": of.project, "before": len(of.before), "tables": shown,
        "connections": [each.connections for each in of.followers],
        "before_last": of.before[-1]["id"],
    }


def write_log(cluster: Cluster, into: Path) -> None:
    """Once nobody writes any more."""
    with psycopg.connect(cluster.database_url, autocommit=True) as database:
        row = database.execute("select partitions from teamflow.log_info").fetchone()
        assert row is not None
        in_kafka: dict[int, list[raw_log.Record]] = {}
        if cluster.brokers is not None:
            in_kafka = raw_log.topic(cluster.brokers.bootstrap, cluster.topic, row[0])
            write_lines(
                into / "topic.jsonl",
                (astuple(each) for number in sorted(in_kafka) for each in in_kafka[number]),
            )
            await_archive(database, in_kafka)
        archive = raw_log.archived(database)
        write_lines(
            into / "archive.jsonl",
            ([astuple(each), kind] for number in sorted(archive) for each, kind in archive[number]),
        )
        rows = database.execute(
            "select distinct organization::text, actor, idempotency_key, commit_id::text"
            " from teamflow.log_records where kind = 1 and idempotency_key is not null"
        )
        write_lines(into / "keys.jsonl", rows)
        claims = database.execute(
            "select partition, \"offset\", data->>'address', extract(epoch from time)::float8"
            " from teamflow.log_records where kind = 2 order by 1, 2"
        )
        write_lines(into / "claims.jsonl", claims)


def await_archive(
    database: psycopg.Connection, in_kafka: dict[int, list[raw_log.Record]]
) -> None:
    """For a while: the judge sees whether it is complete."""
    try:
        until(lambda: archived_to(database, in_kafka), 60, "the archive to be complete")
    except TimeoutError:
        pass


def archived_to(database: psycopg.Connection, in_kafka: dict[int, list[raw_log.Record]]) -> bool:
    """Whether the archive has all that the topic has; it waits with what is not decided yet."""
    rows = database.execute('select partition, max("offset") from teamflow.log_records group by 1')
    ends = dict(rows.fetchall())
    return all(
        ends.get(number, -1) >= decided(records) for number, records in in_kafka.items()
    )


def decided(records: list[raw_log.Record]) -> int:
    """The offset of the last record that no later one can make complete."""
    kinds = raw_log.kinds(records)
    while kinds and kinds[-1] == raw_log.INCOMPLETE:
        kinds.pop()
    return records[len(kinds) - 1].offset if kinds else -1


def read_log(
    file: Path,
) -> tuple[dict[int, list[raw_log.Record]], dict[int, list[int]]]:
    """Records by partition, and the kinds that they were given, none in a topic."""
    records: dict[int, list[raw_log.Record]] = {}
    kinds: dict[int, list[int]] = {}
    for line in read_lines(file):
        fields, kind = line if isinstance(line[0], list) else (line, None)
        record = raw_log.Record(*fields)
        records.setdefault(record.partition, []).append(record)
        if kind is not None:
            kinds.setdefault(record.partition, []).append(kind)
    return records, kinds
