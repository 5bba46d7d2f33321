"""`./dev test-chaos`: faults on a cluster at work, and whether all promises held."""

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import httpx

from support.places import ROOT, free_port
from support.waiting import until

from chaos import summary
from chaos.check import check
from chaos.cluster import Cluster
from chaos.faults import Breaker
from chaos.history import NOBODYS, History, Pulse, write_lines
from chaos.postgres import Postgres
from chaos.processes import Process
from chaos.proxy import Network
from chaos.record import write_commands, write_log, write_organization
from chaos.schedule import Fault, Targets, draw
from chaos.volume import Volume
from chaos.watch import AT_REST, GOES_ON, Watch
from chaos.workload import Organization, Workload

#: Seconds after the last heal of a round until every user must have got on with the work and all
#: gateways must find the cluster well.
LIVE_WITHIN = 90.0
VOLUME_MEGABYTES = 8192
BROKER_MEGABYTES = 4096


@dataclass(frozen=True)
class Options:
    seed: int
    log: str = "kafka"
    faults: int = 60
    minutes: float = 10.0
    gateways: int = 0
    projectors: int = 2
    brokers: int = 3
    organizations: int = 3
    users: int = 2
    #: Kinds of faults, all if none is named.
    only: tuple[str, ...] = ()
    #: As many kinds as possible in the time there is.
    brief: bool = False
    #: Whether the topic of a single broker is flushed at every record.
    flush: bool = True
    #: Rules that a test build is not to keep (events/broken_rule.hpp): a control.
    broken: tuple[str, ...] = ()

    @property
    def gateway_count(self) -> int:
        return self.gateways or (3 if self.log == "kafka" else 2)


class Run:
    """One run into one directory, which must be new."""

    def __init__(self, options: Options, directory: Path) -> None:
        self._options = options
        self._directory = directory
        directory.mkdir(parents=True)
        self._history = History(directory / "history.jsonl")
        # Where the database server's account can reach its data.
        self._place = Path(tempfile.mkdtemp(prefix="teamflow-chaos-", dir="/var/tmp"))
        self._place.chmod(0o755)
        self._network = Network()
        self._volume = Volume.made(self._place / "volume", VOLUME_MEGABYTES)
        data = (self._volume.directory if self._volume else self._place) / "data"
        self._broker_volumes = self._made_for_brokers()
        self._cluster = Cluster(
            directory, log=options.log, gateways=options.gateway_count,
            projectors=options.projectors, brokers=options.brokers, network=self._network,
            postgres=Postgres(self._place / "postgres", data),
            volumes=self._broker_volumes, broken=options.broken, flush=options.flush,
        )
        self._rounds = 0

    def _made_for_brokers(self) -> dict[int, Volume]:
        if self._volume is None or self._options.log != "kafka":
            return {}
        numbers = range(1, self._options.brokers + 1)
        made = {each: Volume.made(self._place / f"broker-{each}", BROKER_MEGABYTES)
                for each in numbers}
        return {number: volume for number, volume in made.items() if volume is not None}

    def perform(self) -> dict[str, Any]:
        """The figures of the run and its `violations`, which are written to summary.json too."""
        began = time.monotonic()
        pulse = Pulse(self._history, self._network.beat)
        try:
            with self._noted():
                self._work()
        finally:
            pulse.close()
            self._clear()
            self._history.close()
        options = self._options
        result = {
            "seed": options.seed, "log": options.log, "gateways": options.gateway_count,
            "projectors": options.projectors,
            **({"brokers": options.brokers} if options.log == "kafka" else {}),
            "rounds": self._rounds,
            "full_disks_and_power_cuts": self._volume is not None,
            **({"broken_rules": list(options.broken)} if options.broken else {}),
            "minutes": round((time.monotonic() - began) / 60, 1),
            **summary.figures(self._directory), "violations": check(self._directory),
        }
        (self._directory / "summary.json").write_text(json.dumps(result, indent=1))
        return result

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """A failure is a violation, and what there is is judged all the same."""
        try:
            yield
        except (RuntimeError, TimeoutError, AssertionError, httpx.TransportError) as failure:
            self._history.write("violation", what=f"the run did not go on: {repr(failure)[:2000]}")

    def _work(self) -> None:
        self._cluster.start()
        for gateway, url in zip(self._cluster.gateways, self._cluster.urls):
            self._history.write(
                "gateway", name=gateway.name, url=url, address=gateway.address)
        options = self._options
        workload = Workload([
            Organization(
                self._cluster.urls, options.seed + 1000 * n, options.users, self._history,
                # By twos they are mirrors of each other.
                name=f"Organization {n // 2}",
            )
            for n in range(options.organizations)
        ])
        watch = Watch(self._cluster)
        slow = workload.organizations[0].owner.twin()
        breaker = Breaker(self._cluster, self._volume, slow, self._history)
        workload.load.start()
        try:
            with self._noted():
                self._break(workload, breaker, watch)
            workload.load.settle()
            with self._noted():
                self._until_well(watch, AT_REST, time.monotonic() + LIVE_WITHIN)
            self._write(workload, watch)
        finally:
            write_commands(workload, self._history)
            for organization in workload.organizations:
                organization.close()
            slow.close()
            watch.close()

    def _break(self, workload: Workload, breaker: Breaker, watch: Watch) -> None:
        end = time.monotonic() + 60 * self._options.minutes
        self._until_work_goes_on(workload, time.monotonic() + LIVE_WITHIN)
        options = self._options
        rounds = draw(
            options.seed, options.faults, self._targets(), options.only, brief=options.brief)
        for faults in rounds:
            if time.monotonic() >= end:
                return
            self._rounds += 1
            breaker.round(faults, threading.Event())
            began = time.monotonic()
            deadline = began + LIVE_WITHIN
            self._recover(deadline)
            self._until_work_goes_on(workload, deadline)
            took = time.monotonic() - began
            self._until_well(watch, GOES_ON, deadline)
            self._history.write(
                "recovered", took=took, well=time.monotonic() - began,
                after=[each.number for each in faults],
            )
            self._say(faults, workload, took)

    def _targets(self) -> Targets:
        cluster = self._cluster
        brokers = range(1, self._options.brokers + 1) if cluster.brokers else []
        return Targets(
            gateways=[each.name for each in cluster.gateways],
            projectors=[each.name for each in cluster.projectors],
            brokers=[f"broker-{number}" for number in brokers],
            # Those between brokers have kinds of faults of their own.
            links=sorted(each for each in self._network.links if not each.startswith("broker-")),
            volume=self._volume is not None,
        )

    def _recover(self, deadline: float) -> None:
        """As a supervisor would: what has ended is started again until all run and have said that
        they are ready."""
        waiting = set(self._cluster.processes)
        while waiting and time.monotonic() < deadline:
            for process in list(waiting):
                if process.ready():
                    waiting.discard(process)
                elif not process.alive():
                    self._note_end(process)
                    process.launch()
            time.sleep(0.05)
        for process in waiting:
            self._history.write(
                "violation", what=f"{process.name} is not ready after {LIVE_WITHIN} s")

    def _note_end(self, process: Process) -> None:
        """One that cannot start without what it depends on says so and is started again; one that
        served before goes on."""
        code = process.exit_code()
        if not process.was_told:
            self._history.write("ended", process=process.name, code=code, output=process.tail(5))
            if code < 0 or process.was_ready():
                self._history.write("violation", what=f"{process.name} ended by itself: {code}")
        time.sleep(0.2)

    def _until_work_goes_on(self, workload: Workload, deadline: float) -> None:
        before = workload.answered()
        goal = [count + 3 for count in before]
        until(
            lambda: not workload.working() or all(
                now >= due for now, due in zip(workload.answered(), goal)),
            max(1.0, deadline - time.monotonic()), "everybody to get on",
        )
        if not workload.working():
            raise RuntimeError(f"a user gave up: {workload.load.faults[:3]}")

    def _until_well(self, watch: Watch, good: frozenset[str], deadline: float) -> None:
        """By what the gateways say to an operator. Who does not come to be well is a violation."""
        while said := watch.unwell(good):
            if time.monotonic() >= deadline:
                self._history.write(
                    "violation", what=f"not well after {LIVE_WITHIN} s: {said[:5]}")
                return
            time.sleep(0.2)

    def _write(self, workload: Workload, watch: Watch) -> None:
        lines: list[dict[str, Any]] = []
        with self._noted():
            write_lines(self._directory / f"events-{NOBODYS}.jsonl", watch.events(NOBODYS))
        for each in workload.organizations:
            with self._noted():
                lines.append(write_organization(each, self._directory))
        write_lines(self._directory / "organizations.jsonl", lines)
        codes = {each.name: each.stop() for each in self._cluster.gateways}
        with self._noted():
            write_log(self._cluster, self._directory)
        codes |= {each.name: each.stop() for each in self._cluster.projectors}
        for name, code in codes.items():
            if code != 0:
                self._history.write("violation", what=f"{name} stopped with {code}")

    def _clear(self) -> None:
        self._cluster.stop()
        self._network.close()
        for volume in (self._volume, *self._broker_volumes.values()):
            if volume is not None:
                volume.close()
        shutil.rmtree(self._place, ignore_errors=True)
        shutil.rmtree(self._directory / "kafka", ignore_errors=True)

    def _say(self, faults: list[Fault], workload: Workload, took: float) -> None:
        what = ", ".join(f"{each.kind} {each.target}" for each in faults)
        print(
            f"round {self._rounds}: {what}; on again after {took:.1f} s; "
            f"{sum(workload.answered())} commands", file=sys.stderr, flush=True,
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev test-chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--log", choices=["kafka", "postgres"], default="kafka")
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--gateways", type=int, default=0)
    parser.add_argument("--projectors", type=int, default=2)
    parser.add_argument("--brokers", type=int, choices=[1, 3], default=3)
    parser.add_argument("--no-kafka-flush", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--broken", default="")
    parser.add_argument("--dir", type=Path)
    given = parser.parse_args()
    directory = given.dir or ROOT / "build" / "chaos" / f"{given.log}-{given.seed}-{free_port()}"
    print(f"seed {given.seed}, all that happens goes to {directory}", file=sys.stderr)
    options = Options(
        seed=given.seed, log=given.log, faults=given.faults, minutes=given.minutes,
        gateways=given.gateways, projectors=given.projectors, brokers=given.brokers,
        flush=not given.no_kafka_flush, only=tuple(filter(None, given.only.split(","))),
        broken=tuple(filter(None, given.broken.split(","))),
    )
    result = Run(options, directory).perform()
    print(summary.text(result))
    return 1 if result["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
