"""Which faults strike when: all of it drawn from one seed, so that a run can be repeated."""

import itertools
import random
from dataclasses import dataclass
from typing import Collection, Sequence

GATEWAY, PROJECTOR, BROKER, POSTGRES = "gateway", "projector", "broker", "postgres"

#: Seconds that faults last in brief rounds, those that need no longer.
BRIEF = 2.0


@dataclass(frozen=True)
class Fault:
    number: int
    kind: str
    #: A process, `broker-<n>`, `broker-<n>-broker-<n>`, `postgres` or the name of a link.
    target: str
    #: Seconds into its round, and how long it lasts.
    begin: float
    seconds: float
    #: What the kind makes of it, such as bytes or seconds of delay.
    amount: float = 0.0


@dataclass(frozen=True)
class Kind:
    name: str
    weight: int
    targets: tuple[str, ...]
    #: How long it may last.
    least: float
    most: float
    amounts: tuple[float, ...] = (0.0,)
    #: Of those that share something, one at a time.
    excludes: str = ""


@dataclass(frozen=True)
class Targets:
    """What there is to break."""

    gateways: Sequence[str]
    projectors: Sequence[str]
    brokers: Sequence[str]
    #: From clients and gateways to gateways, from processes to PostgreSQL and to brokers.
    links: Sequence[str]
    #: Whether PostgreSQL, and each broker, lies on a volume of its own.
    volume: bool


def kinds(of: Targets) -> list[Kind]:
    programs = (*of.gateways, *of.projectors)
    brokers, links, gateways = tuple(of.brokers), tuple(of.links), tuple(of.gateways)
    found = [
        Kind("kill", 60, programs, 0.0, 2.0),
        Kind("stop", 12, programs, 0.0, 1.0),
        Kind("crash_before_append", 8, gateways, 3.0, 8.0, (1.0, 20.0, 100.0)),
        Kind("crash_after_append", 8, gateways, 3.0, 8.0, (1.0, 20.0, 100.0)),
        Kind("death", 10, gateways, 8.0, 11.0),
        Kind("pause", 26, programs, 1.0, 20.0),
        Kind("cut", 10, links, 1.0, 15.0),
        Kind("cut_up", 8, links, 1.0, 15.0),
        Kind("cut_down", 8, links, 1.0, 15.0),
        Kind("refuse", 8, links, 1.0, 8.0),
        Kind("reset", 14, links, 0.0, 0.0),
        Kind("delay", 10, links, 2.0, 8.0, (0.02, 0.1, 0.5)),
        Kind("trickle", 6, links, 2.0, 6.0, (64, 512, 4096)),
        Kind("postgres_crash", 12, (POSTGRES,), 0.0, 3.0, excludes=POSTGRES),
        Kind("postgres_backends", 12, (POSTGRES,), 0.0, 0.0, excludes=POSTGRES),
        Kind("table_lock", 8, (POSTGRES,), 5.0, 30.0, (0, 1, 2, 3), excludes=POSTGRES),
        Kind("connections_exhausted", 6, (POSTGRES,), 2.0, 10.0, excludes=POSTGRES),
        Kind("few_files", 8, programs, 2.0, 10.0, (0, 4)),
        Kind("lost_replies", 8, gateways, 1.0, 4.0),
        Kind("slow_reader", 6, gateways, 2.0, 6.0),
        Kind("slow_sender", 6, gateways, 2.0, 6.0),
    ]
    if brokers:
        found += [
            Kind("broker_kill", 16, brokers, 0.0, 4.0, excludes=BROKER),
            Kind("broker_stop", 8, brokers, 0.0, 2.0, excludes=BROKER),
            Kind("broker_pause", 12, brokers, 1.0, 15.0, excludes=BROKER),
            Kind("crash_before_archive", 4, tuple(of.projectors), 3.0, 8.0, (1.0, 5.0)),
            Kind("crash_after_archive", 4, tuple(of.projectors), 3.0, 8.0, (1.0, 5.0)),
            Kind("late_produce", 8, gateways, 9.0, 13.0),
            Kind("stale_archive", 6, gateways, 5.0, 10.0, (0.0, 1.0)),
        ]
    if len(brokers) == 3:
        pairs = tuple(f"{one}-{two}" for one, two in itertools.permutations(brokers, 2))
        found += [
            Kind("leader_move", 12, (brokers[0],), 0.0, 0.0),
            Kind("quorum_loss", 3, brokers, 1.0, 8.0, excludes=BROKER),
            Kind("broker_cut", 8, pairs, 2.0, 15.0, excludes=BROKER),
            Kind("broker_cut_one_way", 8, pairs, 2.0, 15.0, excludes=BROKER),
            Kind("broker_alone", 8, brokers, 2.0, 15.0, excludes=BROKER),
            Kind("broker_delay", 6, pairs, 2.0, 8.0, (0.02, 0.1, 0.5), excludes=BROKER),
        ]
    if of.volume:
        found += [
            Kind("power_cut", 9, (POSTGRES,), 0.0, 2.0, excludes=POSTGRES),
            Kind("disk_full", 6, (POSTGRES,), 1.0, 6.0, excludes=POSTGRES),
        ]
    if of.volume and brokers:
        found += [
            Kind("broker_power_cut", 9, brokers, 0.0, 2.0, excludes=BROKER),
            Kind("broker_disk_full", 5, brokers, 1.0, 6.0, excludes=BROKER),
        ]
    return found


def draw(
    seed: int, count: int, of: Targets, only: Collection[str] = (), *, brief: bool = False
) -> list[list[Fault]]:
    """So many faults in rounds of one to three that strike together, of these kinds only if any are
    named. The first faults are of each kind once, in random order. Brief rounds are of three, which
    last no longer than their kinds need and not for chance."""
    chance = random.Random(seed)
    known = [each for each in kinds(of) if not only or each.name in only]
    due = chance.sample(known, len(known))
    rounds: list[list[Fault]] = []
    made = 0
    while made < count:
        this: list[Fault] = []
        taken: set[str] = set()
        for _ in range(min(3 if brief else chance.choice([1, 1, 2, 2, 3]), count - made)):
            weights = [each.weight for each in known]
            first = bool(due)
            kind = due.pop() if first else chance.choices(known, weights)[0]
            target = chance.choice(kind.targets)
            begin = round(chance.random() * 1.5, 3)
            most = max(kind.least, min(kind.most, BRIEF)) if brief else kind.most
            seconds = round(chance.uniform(kind.least, most), 3)
            amount = chance.choice(kind.amounts)
            if {target, kind.excludes} & taken:
                if first:
                    due.insert(0, kind)
                continue
            taken |= {target, kind.excludes} - {""}
            this.append(Fault(made, kind.name, target, begin, seconds, amount))
            made += 1
        rounds.append(this)
    return rounds
