"""Kafka brokers that each client, and each other broker, reaches by a way of its own, so that each
can be cut off alone.

Brokers advertise one address to all others. So it is a name, `broker-<n>`, and each broker has a
file of hosts of its own, in which the names of the others are addresses of loopback that are links.
"""

import os
import shutil
from pathlib import Path
from typing import Mapping

from support.kafka import Kafka
from support.places import free_port

from chaos.proxy import Network
from chaos.volume import Volume


class Brokers(Kafka):
    """A cluster with a listener for each client, whose advertised port is a link of the network."""

    def __init__(
        self, directory: Path, nodes: int = 3, volumes: Mapping[int, Volume] | None = None
    ) -> None:
        super().__init__(directory, nodes)
        self.volumes = dict(volumes or {})
        self._ways: dict[str, list[str]] = {}

    def start_anew(self, network: Network, clients: list[str]) -> None:
        """A new cluster, which serves when this returns. Links are `<client>-broker-<n>`, and those
        of `links_between`."""
        for attempt in range(3):
            try:
                self._make(network, clients)
                self.start()
                return
            except RuntimeError as failure:
                # Between the choice of a port and a bind somebody else may have taken it.
                self.stop(force=True)
                if "Address already in use" not in str(failure) or attempt == 2:
                    raise
                shutil.rmtree(self.directory)
                self.bootstrap = ""

    def _make(self, network: Network, clients: list[str]) -> None:
        """Writes the cluster's files and opens the links."""
        self._dev("create", "--port", "0", "--nodes", str(self.nodes))
        self._ways.clear()
        nodes = [
            tuple(map(int, line.split()))
            for line in (self.directory / "nodes").read_text().splitlines()
        ]
        voters = ",".join(f"{number}@{host(number)}:{port}" for number, _, port in nodes)
        for number, port, controller in nodes:
            plain, others = f"PLAINTEXT://127.0.0.1:{port}", free_port()
            listeners = [
                plain, f"CONTROLLER://127.0.0.1:{controller}", f"BROKERS://127.0.0.1:{others}"]
            advertised = [
                plain, f"CONTROLLER://{host(number)}:{controller}",
                f"BROKERS://{host(number)}:{others}"]
            protocols = ["PLAINTEXT:PLAINTEXT", "CONTROLLER:PLAINTEXT", "BROKERS:PLAINTEXT"]
            self._connect(network, number, {"brokers": others, "controllers": controller})
            for client in clients:
                name = client.replace("-", "").upper()
                behind, before = free_port(), free_port()
                network.link(way(client, number), before, behind)
                listeners.append(f"{name}://127.0.0.1:{behind}")
                advertised.append(f"{name}://127.0.0.1:{before}")
                protocols.append(f"{name}:PLAINTEXT")
                self._ways.setdefault(client, []).append(f"127.0.0.1:{before}")
            # Of a property that is given twice, the later counts.
            with (self.directory / f"node-{number}" / "server.properties").open("a") as file:
                file.write(
                    f"listeners={','.join(listeners)}\n"
                    f"advertised.listeners={','.join(advertised)}\n"
                    f"listener.security.protocol.map={','.join(protocols)}\n"
                    "inter.broker.listener.name=BROKERS\n"
                    f"controller.quorum.voters={voters}\n"
                    # Who does not follow is left out of the in-sync replicas while a cut lasts.
                    "replica.lag.time.max.ms=6000\n"
                )
            if number in self.volumes:
                self._move(number, self.volumes[number])

    def _connect(self, network: Network, number: int, ports: Mapping[str, int]) -> None:
        """The links by which the other brokers reach this one, and whom it knows by which address;
        to itself it goes straight."""
        known = [f"127.0.0.1 localhost {host(number)}"]
        for other in range(1, self.nodes + 1):
            if other != number:
                known.append(f"{seen(number, other)} {host(other)}")
                for what, port in ports.items():
                    network.link(between(other, number, what), port, port, seen(other, number))
        (self.directory / f"node-{number}" / "hosts").write_text("\n".join(known) + "\n")

    def _move(self, number: int, volume: Volume) -> None:
        """The data of a broker that was made and never ran, to a volume of its own."""
        node = self.directory / f"node-{number}"
        place = volume.directory / "data"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(node / "data", place)
        shutil.rmtree(node / "data")
        with (node / "server.properties").open("a") as file:
            file.write(f"log.dirs={place}\n")
        os.sync()

    def bootstrap_of(self, client: str) -> str:
        """Where this client finds the brokers; without links of its own, as everybody does."""
        return ",".join(self._ways.get(client, [self.bootstrap]))


def way(client: str, broker: int) -> str:
    return f"{client}-broker-{broker}"


def host(broker: int) -> str:
    return f"broker-{broker}"


def seen(by: int, broker: int) -> str:
    """The address of a broker for another one."""
    return f"127.1.{by}.{broker}"


#: What brokers say to each other: copies of the log, and the votes and records of the controllers.
TALKS = ("brokers", "controllers")


def between(client: int, server: int, talk: str) -> str:
    """The link of the connections that one broker opens to another one."""
    return f"broker-{client}-broker-{server}-{talk}"


def links_between(client: int, server: int) -> list[str]:
    return [between(client, server, talk) for talk in TALKS]
