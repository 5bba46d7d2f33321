"""`teamflow check-log`: what a program would break on, before it is rolled out."""

import json
from typing import Any

from support.client import Client
from support.command_line import teamflow
from support.waiting import until
from support.work import work_a_while

INSERT = """
    insert into teamflow.log_records (
        partition, "offset", kind, epoch_offset, epoch_writer, sequence, commit_id, commit_index,
        commit_count, event_id, type, schema_version, stream, stream_version, organization, actor,
        time, correlation_id, traceparent, data)
    values (0, %s, 1, 0, gen_random_uuid(), 0, gen_random_uuid(), 0, 1, gen_random_uuid(), %s, %s,
            'project-' || gen_random_uuid(), 1, gen_random_uuid(), 'test', now(),
            gen_random_uuid(), '', %s)"""


def test_a_log_is_checked_before_a_roll_out(launch: Any) -> None:
    server = launch()
    with Client(server.url) as client:
        client.register()
        work_a_while(client)
    data = ["--data", str(server.data)]
    with server.database() as database:
        count = "select count(*) from teamflow.events"
        written = until(lambda: database.execute(count).fetchone()[0] > 10 and
                        database.execute(count).fetchone()[0])
        sound = json.loads(teamflow("check-log", "--json", *data).stdout)
        assert sound["events"] == written and sound["findings"] == []
        assert "understands the log" in teamflow("check-log", *data).stdout

        database.execute(INSERT, [900_001, "project.project_dreamt", 1, "{}"])
        unknown = json.loads(teamflow("check-log", "--json", *data).stdout)
        assert unknown["findings"] == []
        assert [(each["type"], each["count"]) for each in unknown["unknown_types"]] == [
            ("project.project_dreamt", 1)]

        database.execute(INSERT, [900_002, "project.project_archived", 1, '{"project_id": "x"}'])
        database.execute(INSERT, [900_003, "project.project_archived", 99, '{"project_id": "x"}'])
        broken = json.loads(teamflow("check-log", "--json", *data, expect=1).stdout)
        found = [(each["part"], each["schema_version"], each["position"])
                 for each in broken["findings"]]
        assert found == [("decode", 1, "0@900002"), ("version", 99, "0@900003")]
        told = teamflow("check-log", *data, expect=1).stdout
        assert "does not understand" in told and "project_id must be a UUID" in told
