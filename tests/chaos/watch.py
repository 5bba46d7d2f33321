"""What an operator sees of a cluster, at every gateway: who serves, who lives, what is well."""

import json
import uuid
from typing import Any

import httpx

from support.client import PASSWORD, Client, Unexpected
from support.places import BINARY

from chaos.cluster import Cluster
from chaos.processes import Gateway

#: Of partitions and read models: at the log's end, or coming nearer to it.
GOES_ON = frozenset({"caught_up", "moving"})
AT_REST = frozenset({"caught_up"})


class Watch:
    """An operator with an account at the cluster. It goes by the gateways' own addresses: links are
    for those who work. Every process must be ready when it begins."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._email = f"operator-{uuid.uuid4().hex[:8]}@example.org"
        cluster.run("operator", "create", "--email", self._email, "--password", PASSWORD)
        self._clients = {each.name: Client(each.url) for each in cluster.gateways}

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def unwell(self, good: frozenset[str]) -> list[str]:
        """What some gateway says against the cluster now; empty: all are ready, know of every
        process, and find every partition and read model in a good state."""
        return [
            f"{gateway.name}: {each}"
            for gateway in self._cluster.gateways for each in self._said_by(gateway, good)
        ]

    def events(self, organization: str) -> list[Any]:
        """The whole history of an organization, or of all accounts."""
        [client, *_] = self._clients.values()
        client.login(self._email)
        answer = client.send(
            "GET", "/events", params={"organization_id": organization},
            headers={"Accept": "application/x-ndjson"},
        )
        if answer.status_code != 200:
            raise Unexpected(answer, "200")
        return [json.loads(line) for line in answer.content.split(b"\n") if line]

    def _said_by(self, gateway: Gateway, good: frozenset[str]) -> list[str]:
        client = self._clients[gateway.name]
        try:
            ready = client.send("GET", "/health/ready", base="")
            if ready.status_code != 200:
                return [f"/health/ready: {ready.status_code} {ready.text[:600]}"]
            return self._of_nodes(client, good) + self._of_log(client, good)
        except Unexpected as failure:
            if failure.answer.status_code == 401:
                return self._sign_in(client)
            return [str(failure)[:600]]
        except httpx.TransportError as failure:
            return [repr(failure)]

    def _sign_in(self, client: Client) -> list[str]:
        try:
            client.login(self._email)
        except (Unexpected, httpx.TransportError) as failure:
            return [f"the operator cannot sign in: {failure}"[:600]]
        return ["the operator had no token"]

    def _of_nodes(self, client: Client, good: frozenset[str]) -> list[str]:
        page = client.get("/admin/nodes")
        living = {node["process_id"] for node in page["nodes"] if node["is_alive"]}
        said = [f"{each.name} is not known to live" for each in self._cluster.processes
                if each.pid not in living]
        read_models = [each for each in page["health"] if each["subject"].startswith("projection")]
        said += [] if read_models else ["no read model is watched"]
        return said + [text for each in page["health"] if (text := judged(each, good))]

    @staticmethod
    def _of_log(client: Client, good: frozenset[str]) -> list[str]:
        partitions = client.get("/admin/log")["partitions"]
        said = [] if partitions else ["no partition is watched"]
        said += [f"the end of partition {each['partition']} is not known"
                 for each in partitions if each["end"] is None]
        return said + [text for each in partitions if (text := judged(each["health"], good))]


def judged(health: dict[str, Any] | None, good: frozenset[str]) -> str:
    """What is wrong with a state; empty: nothing."""
    if health is None:
        return "not looked at yet"
    if health["state"] in good:
        return ""
    return f"{health['subject']} {health['state']} since {health['since']}: {health['reason']}"
