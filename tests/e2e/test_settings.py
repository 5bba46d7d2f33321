"""Settings by file, environment and flags, and what looks them over."""

import base64
import json
import os
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

from support.client import Client
from support.command_line import run
from support.kafka import Kafka
from support.places import BINARY, free_port
from support.waiting import until


def test_every_fault_of_a_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "teamflow.yaml"
    file.write_text("colour: red\npartitions: none\nrate_limit: {tokens: 1}\nlisten: 127.0.0.1:0\n")
    done = run("gateway", "--config", str(file))
    assert done.returncode == 2
    for setting in ("colour", "partitions", "rate_limit.tokens"):
        assert f"`{setting}`" in done.stderr
    assert "`listen`" not in done.stderr
    file.write_text("listen: [")
    assert run("log", "info", "--config", str(file)).returncode == 2


def test_faults_of_several_settings_are_told_together(tmp_path: Path) -> None:
    done = run(
        "gateway", "--log", "kafka", "--tls-cert", str(tmp_path / "no.pem"),
        "--jwt-keys", str(tmp_path / "no"), "--data", str(tmp_path),
    )
    assert done.returncode == 2
    for fault in ("--brokers", "--tls-key", "no.pem", "--jwt-keys"):
        assert fault in done.stderr


def test_flags_win_over_the_environment_and_that_over_the_file(launch: Any, tmp_path: Path) -> None:
    by_file, by_environment, by_flag = free_port(), free_port(), free_port()
    file = tmp_path / "teamflow.yaml"
    file.write_text(f"listen: 127.0.0.1:{by_file}\nthreads: 2\n")
    where = {"TEAMFLOW_LISTEN": f"127.0.0.1:{by_environment}"}

    def port(*flags: str, **environment: str) -> int:
        data = tmp_path / f"data-{len(flags)}-{len(environment)}"
        process = subprocess.Popen(
            [str(BINARY), "dev", "--data", str(data), "--config", str(file), *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )
        try:
            until(lambda: (data / "run.json").exists(), 60, "run.json")
            return int(json.loads((data / "run.json").read_text())["url"].rsplit(":")[-1])
        finally:
            process.terminate()
            process.wait(30)

    assert port() == by_file
    assert port(**where) == by_environment
    assert port("--listen", f"127.0.0.1:{by_flag}", **where) == by_flag


def test_the_doctor_names_what_is_wrong(launch: Any, kafka: Kafka, tmp_path: Path) -> None:
    def findings(*arguments: str) -> tuple[int, dict[str, str]]:
        done = run("doctor", *arguments)
        return done.returncode, {
            line.split()[1]: line.split()[0] for line in done.stdout.splitlines()
        }

    code, found = findings("--data", str(tmp_path / "none"))
    assert code == 1 and found == {"data": "ok", "postgresql": "FAIL"}
    server = launch("kafka")
    place = ["--data", str(server.data), *server.log_options]
    code, found = findings(*place)
    assert code == 0
    names = ["data", "postgresql", "log", "projections", "erasures", "kafka"]
    assert found == dict.fromkeys(names, "ok")
    elsewhere = [*place[:-1], "teamflow.is-not-there"]
    code, found = findings(*elsewhere)
    assert code == 1 and found["kafka"] == "FAIL" and found["log"] == "ok"
    with server.database() as database:
        database.execute("update teamflow.projections set status = 'failed' where name = 'tasks'")
    code, found = findings(*place)
    assert code == 1 and found["projections"] == "FAIL"


class Provider:
    """An identity provider outside, with an Ed25519 key."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = directory / "provider.pem"
        self._openssl("genpkey", "-algorithm", "ed25519", "-out", str(self._key))
        public = self._openssl("pkey", "-in", str(self._key), "-pubout", "-outform", "DER")[-32:]
        key = {"kty": "OKP", "crv": "Ed25519", "kid": "outside", "x": self._text(public)}
        self.jwks = directory / "provider.json"
        self.jwks.write_text(json.dumps({"keys": [key]}))

    def token(self, **claims: Any) -> str:
        header = {"alg": "EdDSA", "kid": "outside", "typ": "JWT"}
        now = int(time.time())
        payload = {"iat": now, "exp": now + 600, **claims}
        parts = [self._text(json.dumps(part).encode()) for part in (header, payload)]
        message = self._directory / "message"
        message.write_text(".".join(parts))
        signature = self._openssl(
            "pkeyutl", "-sign", "-inkey", str(self._key), "-rawin", "-in", str(message)
        )
        return ".".join([*parts, self._text(signature)])

    @staticmethod
    def _text(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    @staticmethod
    def _openssl(*arguments: str) -> bytes:
        return subprocess.run(
            ["openssl", *arguments], check=True, capture_output=True, timeout=30
        ).stdout


def test_tokens_of_an_outside_identity_provider_are_taken(launch: Any, tmp_path: Path) -> None:
    provider = Provider(tmp_path)
    place = ["--jwks", str(provider.jwks), "--jwks-issuer", "https://id.example"]
    server = launch(arguments=[*place, "--jwks-audience", "our-teamflow"])
    with Client(server.url) as client:
        client.register()
        own = client.token
        claims = {
            "iss": "https://id.example", "aud": "our-teamflow", "sub": client.user["id"],
            "org": client.organization["id"], "role": "owner",
        }
        client.token = provider.token(**claims)
        assert client.get("/me")["email"] == client.user["email"]
        client.post("/projects", {"name": "By another door"}, expect=201)
        for wrong in (
            {"iss": "teamflow"}, {"aud": "teamflow"}, {"exp": int(time.time()) - 1},
            {"org": str(uuid.UUID(int=0)), "role": "", "operator": True},
        ):
            client.token = provider.token(**{**claims, **wrong})
            client.refused(401, "unauthenticated", "GET", "/me")
        client.token = own
        client.get("/me")


def test_an_outside_identity_provider_needs_its_name_and_its_file(tmp_path: Path) -> None:
    done = run("gateway", "--data", str(tmp_path), "--jwks", str(tmp_path / "no.json"))
    assert done.returncode == 2
    assert "no.json" in done.stderr and "--jwks-issuer" in done.stderr


def test_a_start_that_was_cut_short_is_completed(launch: Any) -> None:
    """The demo account of the first start is made once, wherever it was killed."""
    server = launch(start=False)
    for point in ("writer.before_append:3", "writer.after_append:2"):
        server.launch(FAILPOINT=point)
        server.wait_exit(60)
    server.start()
    with server.database() as database:
        created = database.execute(
            "select type, count(*) from teamflow.events where stream_version = 1"
            " and type in ('identity.user_registered', 'organization.organization_created',"
            " 'project.project_created', 'task.task_created') group by type"
        ).fetchall()
    assert len(created) == 4 and all(count == 1 for _, count in created)


def test_the_demo_account_waits_until_it_can_be_made(launch: Any) -> None:
    """And a stop is obeyed before, too."""
    server = launch()
    server.kill9()
    account = server.data / "demo.json"
    begun = {**json.loads(account.read_text()), "email": "other@example.com", "task_id": ""}
    account.write_text(json.dumps(begun))
    with server.database() as database:
        database.execute(
            "create function no_room() returns trigger language plpgsql as $$"
            " begin raise exception 'no room' using errcode = 'disk_full'; end $$;"
            "create trigger no_room before insert on identity_private.credentials"
            " for each row execute function no_room()"
        )
    server.launch()
    until(lambda: "the demo account waits" in server.tail(), 60, "a command that is refused")
    server.restart()
    with server.database() as database:
        database.execute("drop trigger no_room on identity_private.credentials")
    until(lambda: "Demo login: other@example.com" in server.tail(), 60, "the demo account")
