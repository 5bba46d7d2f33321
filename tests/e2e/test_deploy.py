"""What infra/deploy holds is valid, and asks for metrics that there are."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator

import httpx
import pytest
import yaml

from support.client import Client
from support.places import BINARY, ROOT, free_port
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task

DEPLOY = ROOT / "infra" / "deploy"
SERIES = re.compile(r"\b(?:teamflow|process)_\w+\b")


def check(*command: str | Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def tool(name: str) -> Path:
    """A program that came with .ci/requirements.txt."""
    return Path(sys.executable).with_name(name)


def test_compose_file_and_workflows_fit_their_schemas() -> None:
    schema = "--builtin-schema"
    check(tool("check-jsonschema"), schema, "vendor.compose-spec", DEPLOY / "docker-compose.yml")
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    check(tool("check-jsonschema"), schema, "vendor.github-workflows", *workflows)


def test_the_example_environment_names_all_that_the_compose_file_demands() -> None:
    demanded = set(re.findall(r"\$\{(\w+):\?\}", (DEPLOY / "docker-compose.yml").read_text()))
    offered = set(re.findall(r"^(\w+)=", (DEPLOY / ".env.example").read_text(), re.MULTILINE))
    assert demanded == offered


def test_kubernetes_manifests_are_valid() -> None:
    check(tool("kubernetes-validate"), "--strict", *sorted((DEPLOY / "kubernetes").glob("*.yaml")))


def test_the_image_follows_the_rules() -> None:
    check(tool("hadolint"), DEPLOY / "Dockerfile")


def test_units_are_valid(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").glob("*.service"):
        copy = tmp_path / unit.name
        copy.write_text(unit.read_text().replace("/usr/bin/teamflow", str(BINARY)))
        check("systemd-analyze", "verify", copy)


def started_with(arguments: list[str]) -> None:
    """The program knows the subcommand and its flags."""
    flags = [each.split("=")[0] for each in arguments[1:] if each.startswith("--")]
    shown = subprocess.run(
        [str(BINARY), arguments[0], "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(flag in shown for flag in flags), (arguments, shown)


def test_every_command_line_is_one_of_the_program() -> None:
    compose = yaml.safe_load((DEPLOY / "docker-compose.yml").read_text())
    lines = [
        service["command"]
        for service in compose["services"].values()
        if service["image"] == "teamflow"
    ]
    for document in yaml.safe_load_all((DEPLOY / "kubernetes" / "teamflow.yaml").read_text()):
        if document["kind"] in ("Deployment", "Job"):
            lines += [each["args"] for each in document["spec"]["template"]["spec"]["containers"]]
    for unit in (DEPLOY / "systemd").glob("*.service"):
        lines += [
            line.split()[1:]
            for line in re.findall(r"^ExecStart(?:Pre)?=(.*)", unit.read_text(), re.MULTILINE)
        ]
    assert len(lines) == 5 + 3 + 3
    for line in lines:
        started_with(line)


def test_rules_and_settings_of_prometheus_are_valid() -> None:
    check("promtool", "check", "config", DEPLOY / "prometheus" / "prometheus.yml")


def test_each_alert_fires_when_it_should_and_not_else() -> None:
    cases = DEPLOY / "prometheus" / "alerts_test.yml"
    check("promtool", "test", "rules", cases)
    expected: dict[str, set[bool]] = {}
    for case in yaml.safe_load(cases.read_text())["tests"]:
        for each in case["alert_rule_test"]:
            expected.setdefault(each["alertname"], set()).add("exp_alerts" in each)
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
    assert expected == {rule["alert"]: {True, False} for rule in rules}


class Prometheus:
    """A real one that scrapes one server every second."""

    def __init__(self, directory: Path, target: str) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        settings = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(DEPLOY / "prometheus" / "alerts.yml")],
            "scrape_configs": [
                {"job_name": "teamflow", "static_configs": [{"targets": [target]}]}
            ],
        }
        config = directory / "prometheus.yml"
        config.write_text(yaml.safe_dump(settings))
        self._output = (directory / "prometheus.log").open("wb")
        self._process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={directory / 'tsdb'}",
                f"--web.listen-address={self.url.removeprefix('http://')}",
            ],
            stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT,
        )

    def ask(self, path: str, **query: str) -> Any:
        try:
            answer = httpx.get(f"{self.url}/api/v1/{path}", params=query, timeout=10)
        except httpx.TransportError:
            return None
        told = answer.json() if answer.headers["content-type"] == "application/json" else {}
        return told["data"] if told.get("status") == "success" else None

    def close(self) -> None:
        os.kill(self._process.pid, signal.SIGTERM)
        self._process.wait(30)
        self._output.close()


@pytest.fixture
def prometheus(server: Teamflow, tmp_path: Path) -> Iterator[Prometheus]:
    running = Prometheus(tmp_path, server.url.removeprefix("http://"))
    try:
        yield running
    finally:
        running.close()


def expressions() -> list[str]:
    """Of all panels and all alerts."""
    board = json.loads((DEPLOY / "grafana" / "dashboards" / "teamflow.json").read_text())
    found = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]:
        found += [rule["expr"] for rule in group["rules"]]
    return found


def test_a_real_prometheus_finds_every_series(prometheus: Prometheus, client: Client) -> None:
    make_task(client, make_project(client))

    def known() -> set[str]:
        return set(prometheus.ask("label/__name__/values") or ())

    until(lambda: "teamflow_append_seconds_bucket" in known(), 60, "a scrape of the program")
    names = known()
    asked = expressions()
    assert len(asked) > 25
    for expression in asked:
        missing = set(SERIES.findall(expression)) - names
        assert not missing, f"{expression}: no series {missing}"
        assert prometheus.ask("query", query=expression) is not None, expression
    healthy = prometheus.ask("query", query='up{job="teamflow"}')["result"]
    assert [each["value"][1] for each in healthy] == ["1"]
    groups = prometheus.ask("rules")["groups"]
    assert all(rule["health"] in ("ok", "unknown") for group in groups for rule in group["rules"])
