"""How each fault of the schedule is done to a running cluster, and how it is healed."""

import json
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Callable

from confluent_kafka.admin import AdminClient

from support.client import Client
from support.places import DEV

from chaos.brokers import Brokers
from chaos.cluster import Cluster
from chaos.history import History
from chaos.postgres import Postgres
from chaos.processes import Process
from chaos.proxy import FAIR, Network, Weather
from chaos.schedule import Fault
from chaos.shortage import Shortage
from chaos.targeted import Targeted
from chaos.volume import Volume

WEATHER: dict[str, Callable[[float], Weather]] = {
    "cut": lambda _: Weather(cut_up=True, cut_down=True),
    "cut_up": lambda _: Weather(cut_up=True),
    "cut_down": lambda _: Weather(cut_down=True),
    "refuse": lambda _: Weather(refuse=True),
    "delay": lambda seconds: Weather(delay=seconds),
    "trickle": lambda size: Weather(slice=int(size)),
}


class Breaker:
    """Does a round of faults at a time. `client` is a user whose feed slow readers ask for."""

    def __init__(
        self, cluster: Cluster, volume: Volume | None, client: Client, history: History
    ) -> None:
        self._cluster = cluster
        self._volume = volume
        self._client = client
        self._history = history
        self._sockets: dict[int, socket.socket] = {}
        self._processes = {each.name: each for each in cluster.processes}
        self._others = (Targeted(cluster, history), Shortage(cluster, history))

    def round(self, faults: list[Fault], stop: threading.Event) -> None:
        """Begins and heals them in order of time; all are healed when it returns."""
        began = time.monotonic()
        steps = [(each.begin, 0, each) for each in faults]
        steps += [(each.begin + each.seconds, 1, each) for each in faults]
        for at, heals, fault in sorted(steps, key=lambda step: step[:2]):
            stop.wait(max(0.0, began + at - time.monotonic()))
            self._do(fault, "heal" if heals else "begin")

    def _do(self, fault: Fault, step: str) -> None:
        self._history.write(
            f"fault_{step}", number=fault.number, fault=fault.kind, target=fault.target,
            seconds=fault.seconds, amount=fault.amount,
        )
        if fault.kind in WEATHER:
            weather = WEATHER[fault.kind](fault.amount) if step == "begin" else FAIR
            self._network().set(fault.target, weather)
            if fault.kind == "refuse" and step == "begin":
                self._network().reset(fault.target)
            return
        actions = [getattr(self, f"_{step}_{fault.kind}", None)]
        actions += [getattr(each, f"{step}_{fault.kind}", None) for each in self._others]
        for action in filter(None, actions):
            action(fault)
        self._history.write(f"fault_{step}_done", number=fault.number)

    # --- processes of the program

    def _process(self, fault: Fault) -> Process:
        return self._processes[fault.target]

    def _begin_kill(self, fault: Fault) -> None:
        self._process(fault).kill9()

    def _heal_kill(self, fault: Fault) -> None:
        self._launch(self._process(fault))

    _begin_death = _begin_kill
    _heal_death = _heal_kill

    def _begin_stop(self, fault: Fault) -> None:
        """A clean stop, which must not need the hard way."""
        process = self._process(fault)
        began = time.monotonic()
        if process.alive():
            code = process.stop(within=60)
            self._history.write(
                "stopped", process=process.name, code=code, took=time.monotonic() - began
            )

    def _heal_stop(self, fault: Fault) -> None:
        self._launch(self._process(fault))

    def _begin_pause(self, fault: Fault) -> None:
        self._process(fault).pause()

    def _heal_pause(self, fault: Fault) -> None:
        self._process(fault).resume()

    def _crash_at(self, fault: Fault, point: str) -> None:
        process = self._process(fault)
        process.kill9()
        process.launch(f"{point}:{int(fault.amount)}")

    def _begin_crash_before_append(self, fault: Fault) -> None:
        self._crash_at(fault, "writer.before_append")

    def _begin_crash_after_append(self, fault: Fault) -> None:
        self._crash_at(fault, "writer.after_append")

    def _begin_crash_before_archive(self, fault: Fault) -> None:
        self._crash_at(fault, "archiver.before_commit")

    def _begin_crash_after_archive(self, fault: Fault) -> None:
        self._crash_at(fault, "archiver.after_commit")

    def _heal_crash_before_append(self, fault: Fault) -> None:
        """Also where it never came there."""
        self._process(fault).kill9()
        self._launch(self._process(fault))

    _heal_crash_after_append = _heal_crash_before_append
    _heal_crash_before_archive = _heal_crash_before_append
    _heal_crash_after_archive = _heal_crash_before_append

    @staticmethod
    def _launch(process: Process) -> None:
        if not process.alive():
            process.launch()

    # --- the network

    def _network(self) -> Network:
        assert self._cluster.network is not None
        return self._cluster.network

    def _begin_reset(self, fault: Fault) -> None:
        self._network().reset(fault.target)

    def _begin_slow_reader(self, fault: Fault) -> None:
        """Asks for all that ever happened, and takes nothing of it."""
        self._ask_slowly(
            fault,
            f"GET /api/v1/events HTTP/1.1\r\nHost: {self._place(fault)}\r\n"
            f"Authorization: Bearer {self._client.token}\r\nAccept: text/event-stream\r\n"
            f"Last-Event-ID: 0@0\r\n\r\n",
        )

    def _begin_slow_sender(self, fault: Fault) -> None:
        """A request whose end does not come."""
        self._ask_slowly(
            fault,
            f"POST /api/v1/tasks HTTP/1.1\r\nHost: {self._place(fault)}\r\n"
            f"Authorization: Bearer {self._client.token}\r\nContent-Length: 1000\r\n\r\n{{",
        )

    def _heal_slow_reader(self, fault: Fault) -> None:
        self._sockets.pop(fault.number).close()

    _heal_slow_sender = _heal_slow_reader

    def _place(self, fault: Fault) -> str:
        gateway = next(each for each in self._cluster.gateways if each.name == fault.target)
        return f"127.0.0.1:{gateway.port}"

    def _ask_slowly(self, fault: Fault, text: str) -> None:
        end = socket.socket()
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        end.settimeout(5)
        self._sockets[fault.number] = end
        try:
            host, port = self._place(fault).split(":")
            end.connect((host, int(port)))
            end.sendall(text.encode())
        except OSError as failure:
            self._history.write("slow_client_refused", number=fault.number, reason=str(failure))

    # --- brokers

    @property
    def _brokers(self) -> Brokers:
        assert isinstance(self._cluster.brokers, Brokers)
        return self._cluster.brokers

    @staticmethod
    def _number(fault: Fault) -> int:
        return int(fault.target.rsplit("-", 1)[1])

    def _begin_broker_kill(self, fault: Fault) -> None:
        self._brokers.kill9(self._number(fault))

    def _heal_broker_kill(self, fault: Fault) -> None:
        self._brokers.start()

    def _begin_broker_stop(self, fault: Fault) -> None:
        self._brokers.stop(self._number(fault))

    _heal_broker_stop = _heal_broker_kill

    def _begin_broker_pause(self, fault: Fault) -> None:
        self._brokers.pause(self._number(fault))

    def _heal_broker_pause(self, fault: Fault) -> None:
        self._brokers.resume(self._number(fault))

    def _begin_quorum_loss(self, fault: Fault) -> None:
        """Only the target stays."""
        for number in range(1, self._brokers.nodes + 1):
            if number != self._number(fault):
                self._brokers.kill9(number)

    _heal_quorum_loss = _heal_broker_kill

    def _begin_leader_move(self, fault: Fault) -> None:
        """Another broker leads each partition from now on."""
        admin = AdminClient({"bootstrap.servers": self._brokers.bootstrap})
        known = admin.list_topics(self._cluster.topic, timeout=20).topics[self._cluster.topic]
        moves = [
            {"topic": self._cluster.topic, "partition": number,
             "replicas": [*each.replicas[1:], each.replicas[0]]}
            for number, each in sorted(known.partitions.items())
        ]
        plan = Path(self._cluster.directory) / "moves.json"
        plan.write_text(json.dumps({"version": 1, "partitions": moves}))
        self._tool("reassign.ReassignPartitionsCommand", "--execute", "--reassignment-json-file",
                   str(plan))
        self._tool("LeaderElectionCommand", "--election-type", "preferred",
                   "--all-topic-partitions")

    def _tool(self, name: str, *options: str) -> None:
        done = subprocess.run(
            [str(DEV), "kafka", "tool", f"org.apache.kafka.tools.{name}", "--bootstrap-server",
             self._brokers.bootstrap, *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        )
        if done.returncode != 0:
            self._history.write("tool_failed", tool=name, reason=(done.stdout + done.stderr)[-500:])

    # --- PostgreSQL

    @property
    def _postgres(self) -> Postgres:
        assert self._cluster.postgres is not None
        return self._cluster.postgres

    def _begin_postgres_crash(self, fault: Fault) -> None:
        self._postgres.crash()

    def _heal_postgres_crash(self, fault: Fault) -> None:
        self._postgres.start()

    def _begin_postgres_backends(self, fault: Fault) -> None:
        self._postgres.terminate_backends()

    def _begin_power_cut(self, fault: Fault) -> None:
        """Of the machine that PostgreSQL runs on: what it did not sync is gone."""
        assert self._volume is not None
        self._volume.cut_power()
        self._postgres.crash()

    def _heal_power_cut(self, fault: Fault) -> None:
        assert self._volume is not None
        self._volume.power_up()
        self._postgres.start()

    def _begin_disk_full(self, fault: Fault) -> None:
        assert self._volume is not None
        self._volume.fill()

    def _heal_disk_full(self, fault: Fault) -> None:
        """As an operator would: room, and a start if it has ended."""
        assert self._volume is not None
        self._volume.free()
        if not self._postgres.alive():
            self._postgres.start()
