"""The log below the API: every record with its kind, and an own fold over it (rules R1 to R3)."""

from dataclasses import dataclass
from typing import Any, Iterable

import psycopg
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, ConfigSource, NewTopic

from support.waiting import until

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
        is_claim = row[2] == CLAIM
        ids = ("", "", "") if is_claim else (row[6], row[9], row[10])
        commit, event, organization = map(str, ids)
        record = Record(
            row[0], row[1], is_claim, row[3], str(row[4]), row[5], commit, row[7], row[8], event,
            organization,
        )
        found.setdefault(row[0], []).append((record, row[2]))
    return found


@dataclass(frozen=True)
class Message:
    """What a producer decides of a message, byte for byte."""

    key: bytes | None
    headers: list[tuple[str, bytes]]
    value: bytes


def topic(bootstrap: str, name: str, partitions: int) -> dict[int, list[Record]]:
    """What Kafka itself holds, read to its end with another client than the program's."""
    read = _read(bootstrap, name, partitions)
    return {partition: [_record(each) for each in found] for partition, found in read.items()}


def messages(bootstrap: str, name: str, partitions: int) -> dict[int, list[Message]]:
    """The same as bytes; their offsets are dense from 0."""
    read = _read(bootstrap, name, partitions)
    for found in read.values():
        assert [each.offset() for each in found] == list(range(len(found)))
    return {
        partition: [Message(each.key(), each.headers(), each.value()) for each in found]
        for partition, found in read.items()
    }


def replace_topic(bootstrap: str, name: str, content: dict[int, list[Message]]) -> None:
    """Deletes a topic and makes it anew, of the same settings, with other content."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    resource = ConfigResource(ConfigResource.Type.TOPIC, name)
    described = admin.describe_configs([resource])[resource].result(30)
    own = ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    config = {each.name: each.value for each in described.values() if each.source == own}
    delete_topic(bootstrap, name)
    admin.create_topics([NewTopic(name, len(content), 1, config=config)])[name].result(30)
    append(bootstrap, name, content)


def delete_topic(bootstrap: str, name: str) -> None:
    """Returns when the brokers have forgotten it."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.delete_topics([name])[name].result(30)
    until(lambda: name not in admin.list_topics(timeout=30).topics, 30, "the topic to be gone")


def append(bootstrap: str, name: str, content: dict[int, list[Message]]) -> None:
    """Sends messages to a topic, past the program."""
    failed = []
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
    for partition, each in ((number, each) for number, found in content.items() for each in found):
        producer.produce(
            name, each.value, each.key, partition, headers=each.headers,
            on_delivery=lambda failure, _: failed.append(failure) if failure else None,
        )
    assert producer.flush(60) == 0 and not failed, failed


def _read(bootstrap: str, name: str, partitions: int) -> dict[int, list[Any]]:
    consumer = Consumer({
        "bootstrap.servers": bootstrap, "group.id": "judge", "enable.auto.commit": False,
        "auto.offset.reset": "error", "enable.partition.eof": True,
    })
    try:
        consumer.assign([TopicPartition(name, each, 0) for each in range(partitions)])
        found: dict[int, list[Any]] = {each: [] for each in range(partitions)}
        ends = 0
        while ends < partitions:
            message = consumer.poll(30)
            assert message is not None, "the topic cannot be read"
            if message.error() is None:
                found[message.partition()].append(message)
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
