"""The short form of ./dev test-chaos: faults on a cluster of real processes under load. Another
seed by TEAMFLOW_CHAOS_SEED."""

import os
import random
import subprocess
import urllib.request
from pathlib import Path
from typing import Callable

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from chaos import summary
from chaos.brokers import Brokers
from chaos.cluster import Cluster
from chaos.history import History
from chaos.proxy import Network
from chaos.run import Options, Run
from chaos.schedule import Fault
from chaos.targeted import Targeted
from support.places import BINARY, ROOT
from support.waiting import until

SEED = int(os.environ.get("TEAMFLOW_CHAOS_SEED", str(random.randrange(1 << 30))))


@pytest.mark.timeout(600)
def test_a_cluster_keeps_its_promises_under_faults(log: str, tmp_path: Path) -> None:
    """Two minutes of faults over both logs, of as many kinds as fit into them."""
    print(f"TEAMFLOW_CHAOS_SEED={SEED}")
    minutes = {"kafka": 1.2, "postgres": 0.8}[log]
    options = Options(
        seed=SEED, log=log, faults=60, minutes=minutes, organizations=2, users=1, brief=True)
    result = Run(options, tmp_path / "run").perform()
    print(summary.text(result))
    assert not result["violations"], summary.text(result)


def test_a_broker_is_cut_off_from_the_others_and_comes_back(tmp_path: Path) -> None:
    network = Network()
    cluster = Cluster(tmp_path, gateways=0, projectors=0, network=network)
    brokers = cluster.brokers
    assert isinstance(brokers, Brokers)
    history = History(tmp_path / "history.jsonl")
    try:
        brokers.start_anew(network, [])
        places = brokers.bootstrap.split(",")
        admin = AdminClient({"bootstrap.servers": brokers.bootstrap})
        admin.create_topics([NewTopic("t", 3, 3)])["t"].result(30)

        def in_sync(place: str) -> set[int]:
            """Who holds all of every partition, by this broker: a new client asks no other."""
            known = AdminClient({"bootstrap.servers": place}).list_topics("t", timeout=20)
            partitions = known.topics["t"].partitions.values()
            return set[int].intersection(*(set(each.isrs) for each in partitions))

        # A broker that hears nothing from the controller knows an old state.
        def somebody_knows(is_so: Callable[[set[int]], bool]) -> bool:
            return any(is_so(in_sync(place)) for place in places)

        def all_are_back() -> bool:
            return all(in_sync(place) == {1, 2, 3} for place in places)

        until(all_are_back, 60, "all to be in sync")
        faults = Targeted(cluster, history)
        alone = Fault(0, "broker_alone", "broker-2", 0.0, 0.0)
        faults.begin_broker_alone(alone)
        until(lambda: somebody_knows({1, 3}.__eq__), 60, "the others to go on without it")
        faults.heal_broker_alone(alone)
        until(all_are_back, 60, "it to be back")
        # What 1 sends does not arrive at 3: neither what it asks for nor what it answers.
        one_way = Fault(1, "broker_cut_one_way", "broker-1-broker-3", 0.0, 0.0)
        faults.begin_broker_cut_one_way(one_way)
        until(lambda: somebody_knows(lambda known: len(known) < 3), 60, "one to be left out")
        faults.heal_broker_cut_one_way(one_way)
        until(all_are_back, 60, "both to be back")
    finally:
        history.close()
        brokers.stop(force=True)
        network.close()


def test_the_cluster_of_dev_serves_and_stops(tmp_path: Path) -> None:
    """`./dev cluster`, without its build."""
    paths = f"{ROOT / 'tests'}:{ROOT / 'tests' / 'e2e'}"
    process = subprocess.Popen(
        ["python3", "-m", "chaos.run_cluster", "--dir", str(tmp_path / "cluster"), "--log",
         "postgres", "--projectors", "1"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": paths, "TEAMFLOW_BINARY": str(BINARY)},
    )
    try:
        assert process.stdout is not None
        told = dict(process.stdout.readline().split()[n].split("=", 1) for n in (0, 1))
        with urllib.request.urlopen(told["gateway-1"] + "/health/health", timeout=10) as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        code = process.wait(60)
    assert code == 0
    until(lambda: not Path(f"/proc/{told['pid']}").exists(), 10, "the gateway to be gone")
