"""Clusters of real processes: how fast ownership moves, what lost brokers cost, how it scales."""

import concurrent.futures
import contextlib
import shutil
import subprocess
import threading
import time
import uuid
from pathlib import Path
from typing import Any, Callable, Iterator

from chaos.cluster import Cluster
from chaos.postgres import Postgres
from chaos.run_cluster import database_place

from loading import Durations, load, task_creations
from subject import Api, Organization, wait_for

ORGANIZATIONS = 12
ROUNDS = 3
# The session time-out of six seconds and what may come on top, several times over.
PATIENCE_S = 60.0


@contextlib.contextmanager
def cluster(directory: Path, **size: int) -> Iterator[Cluster]:
    """One with a PostgreSQL of its own, whose gateways are ready and own every partition."""
    place = database_place(directory)
    made = Cluster(directory, postgres=Postgres(place), **size)
    try:
        made.start()
        partitions = size.get("partitions", 12)
        wait_for(lambda: owned(made) == partitions, PATIENCE_S, "every partition to be owned")
        wait_for(lambda: all(Api(gateway.url).is_ready() for gateway in made.gateways), PATIENCE_S,
                 "every gateway to be ready")
        yield made
    finally:
        made.stop()
        shutil.rmtree(place, ignore_errors=True)


def owned(of: Cluster) -> int:
    return sum(owned_by(Api(gateway.url)) for gateway in of.gateways if gateway.alive())


def owned_by(gateway: Api) -> int:
    return sum(1 for value in gateway.metrics("teamflow_partition_owned") if value == 1)


def take_overs(directory: Path) -> dict[str, list[float]]:
    """Seconds for which some organization was not served because one of two gateways ended, and
    seconds from that gateway's start until it was ready."""
    figures: dict[str, list[float]] = {"killed_s": [], "stopped_s": [], "ready_s": []}
    with cluster(directory, gateways=2, projectors=1, brokers=1) as of:
        leaving, staying = of.gateways
        survivor = Api(staying.url)
        organizations = [Organization(survivor, number) for number in range(ORGANIZATIONS)]
        for name, end in (("killed_s", leaving.kill9), ("stopped_s", leaving.stop)):
            for _ in range(ROUNDS):
                figures[name].append(
                    longest_gap(survivor, organizations, end, lambda: owned_by(survivor) == 12))
                begin = time.monotonic()
                leaving.launch()
                wait_for(Api(leaving.url).is_ready, PATIENCE_S, "the gateway to be ready")
                figures["ready_s"].append(time.monotonic() - begin)
                wait_for(lambda: owned_by(Api(leaving.url)) and owned(of) == 12, PATIENCE_S,
                         "the partitions to be shared again")
    return figures


def longest_gap(
    gateway: Api, organizations: list[Organization], event: Callable[[], Any],
    is_over: Callable[[], Any],
) -> float:
    """Every organization makes one task after the other at this gateway. The longest time, in
    seconds, that one of them went without an acknowledgement, from `event` until `is_over` and one
    more task."""
    over = threading.Event()

    def work(by: Organization) -> float:
        longest, last = 0.0, time.monotonic()
        deadline = last + 2 * PATIENCE_S
        while time.monotonic() < deadline:
            was_over = over.is_set()
            if makes_task(gateway, by):
                now = time.monotonic()
                longest, last = max(longest, now - last), now
                if was_over:
                    return longest
        raise TimeoutError("an organization was not served again")

    with concurrent.futures.ThreadPoolExecutor(len(organizations)) as threads:
        workers = [threads.submit(work, one) for one in organizations]
        try:
            event()
            wait_for(is_over, PATIENCE_S, "the partitions to have moved")
        finally:
            over.set()
        return max(worker.result() for worker in workers)


def makes_task(gateway: Api, by: Organization) -> bool:
    body = {"project_id": by.project, "title": f"Task {uuid.uuid4()}"}
    try:
        gateway.call("POST", "/tasks", body, by.token)
    except OSError:  # refused for now, or a lost connection
        return False
    return True


def three_brokers(directory: Path, how: Durations) -> dict[str, Any]:
    """Durable commands with three replicas, then with one broker gone."""
    with cluster(directory, gateways=1, projectors=1, brokers=3) as of:
        gateway = Api(of.gateways[0].url)
        organizations = [Organization(gateway, number) for number in range(ORGANIZATIONS)]
        creations = task_creations(organizations)
        # Three brokers that have just started compile their code first.
        load(creations, how, port=gateway.port, connections=64)
        figures = {"all": {
            str(connections): load(creations, how, port=gateway.port, connections=connections)
            for connections in (1, 64)
        }}
        assert of.brokers is not None
        lost = time.monotonic()
        figures["gap_s"] = longest_gap(
            gateway, organizations, lambda: of.brokers.kill9(1),
            # Leaders move once the controller misses the broker.
            lambda: time.monotonic() > lost + 20)
        figures["without_one"] = {
            str(connections): load(creations, how, port=gateway.port, connections=connections)
            for connections in (1, 64)
        }
    return figures


def scaling(directory: Path, how: Durations) -> list[dict[str, Any]]:
    """Commands a second by gateways and partitions, 64 connections spread over the gateways, which
    forward what is not theirs; then events a second at which as many projectors build all read
    models anew."""
    figures = []
    for processes in (1, 2, 3):
        for partitions in (1, 3, 12):
            place = directory / f"{processes}-{partitions}"
            with cluster(place, gateways=processes, projectors=processes, brokers=1,
                         partitions=partitions) as of:
                figures.append({"processes": processes, "partitions": partitions,
                                **load_all(of, how), "rebuilt_per_second": rebuild(of)})
            shutil.rmtree(place, ignore_errors=True)
    return figures


def rebuild(of: Cluster) -> float:
    """Events a second, from the first read model that began until the last is live."""
    def ask(question: str) -> str:
        done = subprocess.run(["psql", "-XqtA", of.database_url, "-c", question], check=True,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return done.stdout.strip()

    for projector in of.projectors:
        projector.stop()
    known = ask("select count(*) from teamflow.projections")
    ask("delete from teamflow.projections")
    for projector in of.projectors:
        projector.launch()
    wait_for(lambda: ask("select count(*) from teamflow.projections") != "0", PATIENCE_S,
             "a read model to begin")
    begin = time.monotonic()
    live = "select count(*) from teamflow.projections where status = 'live'"
    wait_for(lambda: ask(live) == known, 2 * PATIENCE_S, "the read models to be live")
    took = time.monotonic() - begin
    read = ask('select sum("offset" + 1) from teamflow.projection_checkpoints group by projection'
               " limit 1")
    return float(read) / took


def load_all(of: Cluster, how: Durations) -> dict[str, float]:
    organizations = [Organization(Api(of.gateways[0].url), n) for n in range(ORGANIZATIONS)]
    creations = task_creations(organizations)
    each = 64 // len(of.gateways)
    with concurrent.futures.ThreadPoolExecutor(len(of.gateways)) as threads:
        runs = [
            threads.submit(load, creations, how, port=Api(gateway.url).port, connections=each)
            for gateway in of.gateways
        ]
        done = [run.result() for run in runs]
    return {
        "per_second": sum(run["per_second"] for run in done),
        "p50_us": max(run["p50_us"] for run in done),
        "p99_us": max(run["p99_us"] for run in done),
        "failed": sum(run["requests"] - run["succeeded"] for run in done),
    }
