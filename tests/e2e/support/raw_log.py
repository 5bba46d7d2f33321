"""The log below the API: every record with its kind, and an own fold over it (rules R1 to R3)."""

from dataclasses import dataclass
from typing import Iterable

import psycopg
from confluent_kafka import Consumer, KafkaError, TopicPartition

EVENT, CLAIM, GHOST, INCOMPLETE = 1, 2, 3, 4


@dataclass(frozen=True)
class Record:
    partition: int
    offset: int
    claim: bool
    # Of the claim under which it was written; a claim's own writer.
    epoch: int
    writer: str
    sequence: int
    commit: str
    index: int
    count: int
    # None of a claim.
    event: str = ""
    organization: str = ""


def archived(connection: psycopg.Connection) -> dict[int, list[tuple[Record, int]]]:
    """What log_records holds, with the kind that each record was given there."""
    rows = connection.execute(
        'select partition, "offset", kind, epoch_offset, epoch_writer, sequence, commit_id,'
        ' commit_index, commit_count, event_id, organization'
        ' from teamflow.log_records order by 1, 2'
    )
    found: dict[int, list[tuple[Record, int]]] = {}
    for row in rows:
        record = Record(
            row[0], row[1], row[2] == CLAIM, row[3], str(row[4]), row[5], str(row[6]), row[7],
            row[8], *((str(row[9]), str(row[10])) if row[2] != CLAIM else ("", "")),
        )
        found.setdefault(row[0], []).append((record, row[2]))
    return found


def topic(bootstrap: str, name: str, partitions: int) -> dict[int, list[Record]]:
    """What Kafka itself holds, read to its end with another client than the program's."""
    consumer = Consumer({
        "bootstrap.servers": bootstrap, "group.id": "judge", "enable.auto.commit": False,
        "auto.offset.reset": "error", "enable.partition.eof": True,
    })
    try:
        consumer.assign([TopicPartition(name, each, 0) for each in range(partitions)])
        found: dict[int, list[Record]] = {each: [] for each in range(partitions)}
        ends = 0
        while ends < partitions:
            message = consumer.poll(30)
            assert message is not None, "the topic cannot be read"
            if message.error() is None:
                found[message.partition()].append(_record(message))
            else:
                assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
                ends += 1
        return found
    finally:
        consumer.close()


def _record(message) -> Record:
    headers = {name: value.decode() for name, value in message.headers()}
    if headers["ce_type"] == "log.writer_claimed":
        return Record(
            message.partition(), message.offset(), True, message.offset(), headers["ce_id"], 0, "",
            0, 1,
        )
    epoch, writer = headers["ce_epoch"].split(":")
    return Record(
        message.partition(), message.offset(), False, int(epoch), writer,
        int(headers["ce_sequence"]), headers["ce_commit"], int(headers["ce_commitindex"]),
        int(headers["ce_commitcount"]), headers["ce_id"], headers["ce_organization"],
    )


def kinds(records: Iterable[Record]) -> list[int]:
    """What each record of a partition amounts to. The end of an open commit is not looked for."""
    verdicts: list[int] = []
    epoch: tuple[int, str] | None = None
    due = 0
    open_commit: list[int] = []
    mark = ("", 0)
    for place, record in enumerate(records):
        if record.claim:
            epoch, due = (record.offset, record.writer), 0
            open_commit = []
            verdicts.append(CLAIM)
            continue
        begins = not open_commit and record.index == 0
        continues = bool(open_commit) and (record.commit, record.count) == mark
        fits = begins or (continues and record.index == len(open_commit))
        if (record.epoch, record.writer) != epoch or record.sequence != due or not fits:
            verdicts.append(GHOST)
            continue
        due += 1
        mark = (record.commit, record.count)
        open_commit.append(place)
        verdicts.append(INCOMPLETE)
        if record.index + 1 == record.count:
            for each in open_commit:
                verdicts[each] = EVENT
            open_commit = []
    return verdicts
