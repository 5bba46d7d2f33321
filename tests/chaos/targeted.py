"""Faults in several steps whose order matters: each strikes where one rule of ownership holds."""

import time

from confluent_kafka.admin import AdminClient

from support.waiting import until

from chaos.brokers import Brokers, links_between
from chaos.cluster import Cluster
from chaos.history import History
from chaos.proxy import FAIR, Network, Weather
from chaos.schedule import Fault
from chaos.volume import Volume


class Targeted:
    def __init__(self, cluster: Cluster, history: History) -> None:
        self._cluster = cluster
        self._history = history
        self._processes = {each.name: each for each in cluster.processes}

    @property
    def _network(self) -> Network:
        assert self._cluster.network is not None
        return self._cluster.network

    def _ways_to_log(self, process: str) -> list[str]:
        ways = [each for each in self._network.links if each.startswith(f"{process}-broker-")]
        return ways or [f"{process}-postgres"]

    def begin_late_produce(self, fault: Fault) -> None:
        """What an owner has under way stays in the network for longer than its session, and it is
        stopped meanwhile. The records arrive when another one owns its partitions; then it wakes up
        and reads that they are durable."""
        for way in self._ways_to_log(fault.target):
            self._network.set(way, Weather(cut_up=True))
        time.sleep(0.3)
        self._processes[fault.target].pause()

    def heal_late_produce(self, fault: Fault) -> None:
        for way in self._ways_to_log(fault.target):
            self._network.set(way, FAIR)
        time.sleep(0.5)
        self._processes[fault.target].resume()

    def begin_lost_replies(self, fault: Fault) -> None:
        """The log takes what a gateway appends, and the gateway does not hear of it."""
        for way in self._ways_to_log(fault.target):
            self._network.set(way, Weather(cut_down=True))

    def heal_lost_replies(self, fault: Fault) -> None:
        for way in self._ways_to_log(fault.target):
            self._network.reset(way)
            self._network.set(way, FAIR)

    def begin_stale_archive(self, fault: Fault) -> None:
        """Ownership changes while the archive stands still: the next owner, which is the same
        process again unless the amount says otherwise, has nothing to decide on."""
        for projector in self._cluster.projectors:
            projector.pause()
        time.sleep(0.5)
        process = self._processes[fault.target]
        process.kill9()
        if not fault.amount:
            process.launch()

    def heal_stale_archive(self, fault: Fault) -> None:
        for projector in self._cluster.projectors:
            projector.resume()
        if not self._processes[fault.target].alive():
            self._processes[fault.target].launch()

    # --- between brokers, who all stay within reach of their clients

    @property
    def _brokers(self) -> Brokers:
        assert isinstance(self._cluster.brokers, Brokers)
        return self._cluster.brokers

    def begin_broker_cut(self, fault: Fault) -> None:
        """Two brokers do not hear each other; the third one hears both."""
        self._between(fault, Weather(cut_up=True, cut_down=True))

    def begin_broker_cut_one_way(self, fault: Fault) -> None:
        """What the first of the two sends does not arrive at the second one."""
        one, two = numbers(fault)
        self._set(one, two, Weather(cut_up=True))
        self._set(two, one, Weather(cut_down=True))

    def begin_broker_delay(self, fault: Fault) -> None:
        self._between(fault, Weather(delay=fault.amount))

    def heal_broker_cut(self, fault: Fault) -> None:
        self._between(fault, FAIR)

    heal_broker_cut_one_way = heal_broker_cut
    heal_broker_delay = heal_broker_cut

    def begin_broker_alone(self, fault: Fault) -> None:
        """One broker hears none of the others: it leads on for whoever believes it, and has no
        majority, as controller neither."""
        self._around(fault, Weather(cut_up=True, cut_down=True))

    def heal_broker_alone(self, fault: Fault) -> None:
        self._around(fault, FAIR)

    def _around(self, fault: Fault, weather: Weather) -> None:
        [alone] = numbers(fault)
        for other in range(1, self._brokers.nodes + 1):
            if other != alone:
                self._set(alone, other, weather)
                self._set(other, alone, weather)

    def _between(self, fault: Fault, weather: Weather) -> None:
        one, two = numbers(fault)
        self._set(one, two, weather)
        self._set(two, one, weather)

    def _set(self, client: int, server: int, weather: Weather) -> None:
        for link in links_between(client, server):
            self._network.set(link, weather)

    # --- volumes of brokers

    def begin_broker_power_cut(self, fault: Fault) -> None:
        """What the broker did not sync is gone. Kafka acknowledges what is in the memory of two: a
        second cut must not come before the first one has fetched again what it lost."""
        until(self._all_in_sync, 60, "all replicas to be in sync")
        self._volume(fault).cut_power()
        self._brokers.kill9(numbers(fault)[0])

    def heal_broker_power_cut(self, fault: Fault) -> None:
        self._volume(fault).power_up()
        self._brokers.start()

    def begin_broker_disk_full(self, fault: Fault) -> None:
        """A broker that cannot write ends."""
        self._volume(fault).fill()

    def heal_broker_disk_full(self, fault: Fault) -> None:
        self._volume(fault).free()
        self._brokers.start()

    def _volume(self, fault: Fault) -> Volume:
        return self._brokers.volumes[numbers(fault)[0]]

    def _all_in_sync(self) -> bool:
        known = AdminClient({"bootstrap.servers": self._brokers.bootstrap}).list_topics(timeout=20)
        return all(
            len(partition.isrs) == len(partition.replicas)
            for topic in known.topics.values() for partition in topic.partitions.values()
        )


def numbers(fault: Fault) -> list[int]:
    """Of the brokers that it strikes."""
    return [int(each) for each in fault.target.split("-") if each.isdigit()]
