"""The measurements: each returns plain numbers for the report."""

import os
import platform
import re
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from loading import Durations, load, placed, request, task_creations
from places import run_tool
from subject import Broker, Organization, Subject

ORGANIZATIONS = 12
CONNECTIONS = (1, 16, 64, 256)
SERVER_THREADS = 4


class Plan:
    """How long everything takes."""

    def __init__(self, quick: bool) -> None:
        self.commands = Durations(1.5, 4) if quick else Durations(5, 15)
        self.others = Durations(1, 3) if quick else Durations(2, 8)
        self.raw_seconds = 2 if quick else 5
        self.drain_limit = 60
        self.projected_tasks = 100_000 if quick else 300_000
        self.replayed_events = 200_000 if quick else 1_000_000
        self.rebuilt_events = 200_000 if quick else 5_000_000


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", info)
    memory_kb = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return {
        "cpu": model[1] if model else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory_kb[1]) / 2**20) if memory_kb else 0,
        "kernel": platform.release(),
        "date": time.strftime("%Y-%m-%d"),
        "fsync_us": fsync_us(),
    }


def busy_share() -> float:
    """What share of the cores others use, over a second in which nothing is measured."""
    def times() -> list[int]:
        return list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    before = times()
    time.sleep(1)
    spent = [after - begin for begin, after in zip(before, times())]
    idle = spent[3] + spent[4]
    return 1 - idle / sum(spent)


def fsync_us() -> float:
    """The median of writing 8 kB to the disk for good."""
    taken = []
    with tempfile.TemporaryFile(dir="/var/tmp") as file:
        for _ in range(300):
            file.write(b"x" * 8192)
            file.flush()
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - begin)
    return sorted(taken)[len(taken) // 2] * 1e6


def starts(data: Path) -> dict[str, float]:
    """First and later start, and the memory of a program that nobody uses."""
    subject = Subject(data)
    try:
        first = subject.start()
        time.sleep(1)
        at_rest = subject.resident_mb()
        subject.stop()
        later = subject.start()
    finally:
        subject.close()
    return {"first_s": first, "later_s": later, "resident_mb": at_rest}


def bare_server(plan: Plan) -> dict[str, Any]:
    """What Beast alone does with the very same requests; 2 threads send, as everywhere."""
    token = "x" * 400
    posts = [request("POST", "/tasks", token, {"project_id": str(uuid.uuid4()),
                                               "title": "A task of ordinary length, number 1000",
                                               "estimated_hours": 2.5})]
    gets = [request("GET", f"/tasks/{uuid.uuid4()}", token)]
    figures = {
        str(connections): load(posts, plan.others, bare=SERVER_THREADS, connections=connections)
        for connections in CONNECTIONS
    }
    return {"post": figures, "get": load(gets, plan.others, bare=SERVER_THREADS, connections=64)}


def commands(subject: Subject, plan: Plan) -> dict[str, Any]:
    """Task creation at each number of connections, then in one organization alone."""
    organizations = [Organization(subject, number) for number in range(ORGANIZATIONS)]
    runs = [(str(connections), organizations, connections) for connections in CONNECTIONS]
    runs.append(("alone", organizations[:1], 64))
    figures = {}
    for name, some, connections in runs:
        result = load(task_creations(some), plan.commands,
                      port=subject.port, connections=connections)
        result["lag_events"] = subject.metric("teamflow_projection_lag_events")
        result["drain_s"] = subject.drain_seconds(plan.drain_limit)
        if result["succeeded"] != result["requests"] or result["broken"]:
            raise RuntimeError(f"commands failed: {result}")
        figures[name] = result
    figures["resident_mb_after"] = subject.resident_mb()
    figures["seconds"] = [plan.commands.warm_up, plan.commands.measured]
    return figures


def queries(subject: Subject, plan: Plan) -> dict[str, Any]:
    """One task and a page of 20, against the same statement over libpq."""
    organization = Organization(subject, 100)
    ids = [
        subject.call("POST", "/tasks", {"project_id": organization.project, "title": f"Task {i}"},
                     organization.token)["id"]
        for i in range(200)
    ]
    subject.drain_seconds(plan.drain_limit)
    one = [request("GET", f"/tasks/{each}", organization.token) for each in ids]
    page = [request("GET", "/tasks?limit=20", organization.token)]
    raw = run_tool("raw_log", "query", subject.postgres_url,
                   f"select * from tasks.task where id = '{ids[0]}'", plan.raw_seconds)
    return {
        "one": load(one, plan.others, port=subject.port, connections=64),
        "one_alone": load(one, plan.others, port=subject.port, connections=1),
        "page": load(page, plan.others, port=subject.port, connections=64),
        "raw": raw,
    }


def feed(subject: Subject, plan: Plan) -> dict[str, Any]:
    """5,000 commands a second, one WebSocket an organization."""
    organizations = [Organization(subject, 200 + number) for number in range(ORGANIZATIONS)]
    tickets = [subject.call("POST", "/auth/tickets", {"kind": "ws"}, one.token)["ticket"]
               for one in organizations]
    creations = task_creations(organizations, title="sent at " + "@" * 20)
    with placed(creations) as file:
        return run_tool(
            "feed_latency", "--port", subject.port, "--requests", file, "--rate", 5000,
            "--connections", 64, "--warm-up", plan.others.warm_up,
            "--measured", plan.others.measured, "--", *tickets,
        )


def on_postgres(data: Path, plan: Plan) -> dict[str, Any]:
    with Subject(data) as subject:
        raw = run_tool("raw_log", "postgres", subject.postgres_url, plan.raw_seconds)
        figures = {"raw": raw, "commands": commands(subject, plan)}
    with Subject(data) as subject:
        figures["queries"] = queries(subject, plan)
        figures["feed"] = feed(subject, plan)
    return figures


def on_kafka(data: Path, plan: Plan, flush: bool) -> dict[str, Any]:
    with Broker(data.with_name("broker")) as broker:
        flags = ["flush"] if flush else []
        raw = run_tool("raw_log", "kafka", broker.bootstrap, plan.raw_seconds, *flags)
        with Subject(data, "kafka", broker.bootstrap, flush, "bench") as subject:
            figures = {"raw": raw, "commands": commands(subject, plan)}
            figures["feed"] = feed(subject, plan)
    return figures


def projections(plan: Plan) -> dict[str, Any]:
    return run_tool("projection_bench", plan.projected_tasks, 5_000, 15, within=300)


def database_version() -> str:
    done = subprocess.run(["/usr/lib/postgresql/15/bin/postgres", "--version"],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()
