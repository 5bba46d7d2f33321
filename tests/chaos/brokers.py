"""Kafka brokers that each client reaches by ports of its own, so that each can be cut off alone."""

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
        """A new cluster, which serves when this returns. Links are `<client>-broker-<n>`."""
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
        for line in (self.directory / "nodes").read_text().splitlines():
            number, port, controller = map(int, line.split())
            plain = f"PLAINTEXT://127.0.0.1:{port}"
            listeners, advertised = [plain, f"CONTROLLER://127.0.0.1:{controller}"], [plain]
            protocols = ["PLAINTEXT:PLAINTEXT", "CONTROLLER:PLAINTEXT"]
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
                    "inter.broker.listener.name=PLAINTEXT\n"
                )
            if number in self.volumes:
                self._move(number, self.volumes[number])

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
