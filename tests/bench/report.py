"""The figures as Markdown, each beside what it is compared with and what was to be reached."""

from pathlib import Path
from typing import Any, Iterable

# Two places of docs/performance.md, each with the machine it was measured on: what serves people,
# and what works through much at once, these parts.
BATCH = ("projections", "replay", "rebuild", "generation")
BEGIN = "<!-- measured: ./dev bench writes {} from here -->"
END = "<!-- measured: {} to here -->"

Figures = dict[str, Any]


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    names = list(head)
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def rate(value: float) -> str:
    return f"{value:,.0f}/s"


def milliseconds(microseconds: float) -> str:
    return f"{microseconds / 1000:.2f} ms"


def target(reached: bool) -> str:
    return "reached" if reached else "**missed**"


def machine(all_: Figures) -> str:
    of = all_["machine"]
    busy = max(all_.get("busy", {}).values(), default=0.0)
    return (
        f"Measured on {of['date']}: {of['cpu']}, {of['cores']} cores, {of['memory_gb']} GB, Linux "
        f"{of['kernel']}; writing 8 kB to the disk for good takes {of['fsync_us']:.0f} µs. The "
        "load generator (2 threads), the databases and the program share the machine; others used "
        f"up to {busy:.0%} of its cores just before."
    )


def commands(name: str, of: Figures, bare: Figures) -> str:
    """One table for a log."""
    raw = of["raw"]
    rows = []
    for connections, run in of["commands"].items():
        if not isinstance(run, dict):
            continue
        is_alone = connections == "alone"
        beast = bare["post"]["64" if is_alone else connections]["per_second"]
        rows.append((
            "64, one organization" if is_alone else connections,
            rate(run["per_second"]),
            milliseconds(run["p50_us"]),
            milliseconds(run["p99_us"]),
            f"{run['per_second'] / beast:.0%}",
            f"{run['lag_events']:,.0f}",
            f"{run['drain_s']:.1f} s",
        ))
    head = ("connections", "commands", "p50", "p99", "of bare Beast", "lag", "drained in")
    warm_up, measured = of["commands"]["seconds"]
    text = f"### {name}\n\nAfter {warm_up:g} s of warm-up, over {measured:g} s.\n\n"
    text += table(head, rows)
    text += (
        f"\n\nThe log alone: one write after the other p50 {milliseconds(raw['p50_us'])}, p99 "
        f"{milliseconds(raw['p99_us'])}; 64 at once {rate(raw['per_second'])}. Resident after all "
        f"this: {of['commands']['resident_mb_after']:.0f} MB."
    )
    if "feed" in of:
        feed = of["feed"]
        text += (
            f"\n\nFrom the command's first byte to the event at the WebSocket, at "
            f"{rate(feed['events_per_second'])} over 12 feeds: p50 {feed['p50_ms']:.2f} ms, p99 "
            f"{feed['p99_ms']:.2f} ms."
        )
    return text


def queries(of: Figures, bare: Figures) -> str:
    beast = bare["get"]["per_second"]
    rows = [
        ("bare Beast, 64 connections", bare["get"]),
        ("one task, 64 connections", of["one"]),
        ("one task, 1 connection", of["one_alone"]),
        ("a page of 20 tasks, 64 connections", of["page"]),
    ]
    cells = [
        (name, rate(run["per_second"]), milliseconds(run["p50_us"]), milliseconds(run["p99_us"]),
         f"{run['per_second'] / beast:.0%}")
        for name, run in rows
    ]
    raw = of["raw"]
    return (
        "### Queries\n\n" + table(("query", "rate", "p50", "p99", "of bare Beast"), cells)
        + f"\n\nThe row by its key over libpq alone, prepared: p50 {milliseconds(raw['p50_us'])}; "
        f"16 connections at once {rate(raw['per_second'])}."
    )


def targets(all_: Figures) -> str:
    rows = []
    bare = all_.get("bare")
    for key, name in (("postgres", "PostgreSQL"), ("kafka", "Kafka")):
        if key in all_ and bare:
            runs, raw = all_[key]["commands"], all_[key]["raw"]
            serial = runs["1"]["p50_us"] / raw["p50_us"]
            share = runs["64"]["per_second"] / bare["post"]["64"]["per_second"]
            slowest = max(run["drain_s"] for run in runs.values() if isinstance(run, dict))
            rows += [
                (f"{name}: one command against one raw write, p50", "2.5 times at most",
                 f"{serial:.2f} times", target(serial <= 2.5)),
                (f"{name}: commands at 64 connections against bare Beast", "25 % at least",
                 f"{share:.0%} ({rate(runs['64']['per_second'])})", target(share >= 0.25)),
                (f"{name}: lag drained", "15 s at most", f"{slowest:.1f} s",
                 target(slowest <= 15)),
                (f"{name}: append to WebSocket at 5,000 events/s, p99", "15 ms at most",
                 f"{all_[key]['feed']['p99_ms']:.1f} ms", target(all_[key]["feed"]["p99_ms"] < 15)),
            ]
    if "postgres" in all_ and bare:
        share = all_["postgres"]["queries"]["one"]["per_second"] / bare["get"]["per_second"]
        rows.append(("one task against bare Beast", "30 % at least", f"{share:.0%}",
                     target(share >= 0.3)))
    if "start" in all_:
        start = all_["start"]
        rows += [
            ("resident at rest", "64 MB at most", f"{start['resident_mb']:.0f} MB",
             target(start["resident_mb"] <= 64)),
            ("first start", "5 s at most", f"{start['first_s']:.2f} s",
             target(start["first_s"] < 5)),
            ("later start", "2 s at most", f"{start['later_s']:.2f} s",
             target(start["later_s"] < 2)),
        ]
    if "projections" in all_:
        of = all_["projections"]
        rows.append((f"rows behind the log at {rate(of['live_rate'])}, p99", "50 ms at most",
                     f"{of['live_p99_ms']:.1f} ms", target(of["live_p99_ms"] < 50)))
    if "replay" in all_:
        of = all_["replay"]
        rows.append(("replay to JSON Lines", "300,000 events/s at least",
                     rate(of["jsonl_per_second"]), target(of["jsonl_per_second"] >= 300_000)))
    if "rebuild" in all_:
        of = all_["rebuild"]
        share = of["folded_per_second"] / of["bare_per_second"]
        rows += [
            ("rebuild of time logs", "150,000 events/s at least", rate(of["folded_per_second"]),
             target(of["folded_per_second"] >= 150_000)),
            ("rebuild against PostgreSQL alone", "40 % at least", f"{share:.0%}",
             target(share >= 0.4)),
            ("rebuild, memory", "512 MB at most", f"{of['memory_mb']:.0f} MB",
             target(of["memory_mb"] <= 512)),
        ]
    if "generation" in all_:
        for key, name, limit in (("ecommerce_api", "`ecommerce_api`", 50),
                                 ("large", "100 entities", 300)):
            of = all_["generation"][key]
            median = of["ms"][len(of["ms"]) // 2]
            rows += [
                (f"generating {name}", f"{limit} ms at most", f"{median:.0f} ms",
                 target(median <= limit)),
                (f"generating {name}, memory", "100 MB at most", f"{of['memory_mb']:.0f} MB",
                 target(of["memory_mb"] <= 100)),
            ]
    return "### Targets\n\n" + table(("what", "to reach", "measured", ""), rows)


def projections(of: Figures) -> str:
    return (
        "### Projections\n\n"
        f"From the start of the log: {rate(of['backlog_per_second'])} task creations through all "
        f"projections. Live, {rate(of['live_rate'])} for {of['live_seconds']:.0f} s: an event is "
        f"in the rows of every read model {of['live_p50_ms']:.1f} ms after it is in the log (p50), "
        f"{of['live_p99_ms']:.1f} ms (p99)."
    )


def replay(of: Figures) -> str:
    copy = of["copy_per_second"]
    rows = [(name, rate(of[f"{key}_per_second"]), f"{of[f'{key}_per_second'] / copy:.0%}")
            for key, name in (("copy", "`COPY` of the same rows, binary"), ("jsonl", "JSON Lines"),
                              ("csv", "CSV"), ("manifest", "JSON Lines with a manifest"))]
    return (
        f"### Replay\n\n{of['events']:,} events in order of partition and offset, to /dev/null; "
        f"{of['memory_mb']:.0f} MB at most in the program.\n\n"
        + table(("what", "events", "of COPY"), rows)
    )


def rebuild(of: Figures) -> str:
    bare = of["bare_per_second"]
    rows = [
        ("reading the log and `COPY` of the same rows, one after the other", rate(bare), ""),
        ("folded, with indexes", rate(of["folded_per_second"]),
         f"{of['folded_per_second'] / bare:.0%}"),
        ("from the order to the swap, compared with the build before", rate(of["all_per_second"]),
         f"{of['all_per_second'] / bare:.0%}"),
    ]
    stages = ", ".join(f"{name} {taken:.1f} s" for name, taken in of["stages_s"].items()
                       if name != "all")
    return (
        f"### Rebuild\n\nThe read model of time logs, {of['rows']:,} rows, from {of['events']:,} "
        f"events of a year; {of['memory_mb']:.0f} MB at most in the program. PostgreSQL alone read "
        f"the log in {of['read_s']:.1f} s and copied the rows in {of['copy_s']:.1f} s; the "
        f"rebuild: {stages}.\n\n" + table(("what", "events", "of PostgreSQL alone"), rows)
    )


def generation(of: Figures) -> str:
    rows = []
    for key, name in (("ecommerce_api", "`ecommerce_api`, 11 entities"),
                      ("large", "100 entities of 10 fields")):
        one = of[key]
        times = one["ms"]
        rows.append((name, one["files"], f"{times[len(times) // 2]:.0f} ms",
                     f"{times[0]:.0f} to {times[-1]:.0f} ms", f"{one['memory_mb']:.0f} MB"))
    text = ("### Generating an application\n\nThe whole process, from the model to the last "
            "file.\n\n" + table(("model", "files", "median", "range", "memory"), rows))
    other = of.get("peer")
    if other:
        own = of["ecommerce_api"]["ms"]
        ratio = other["ms"] / own[len(own) // 2]
        text += (f"\n\n{other['name']} wrote {other['files']} files of a backend for the same "
                 f"entities in {other['ms'] / 1000:.1f} s ({other['cpu_ms'] / 1000:.1f} s of CPU "
                 f"time) in the same run: {ratio:.0f} times as long.")
    return text


def seconds(values: list[float]) -> str:
    return ", ".join(f"{value:.2f} s" for value in values)


def take_over(of: Figures) -> str:
    rows = [
        ("kill -9 of the owner", "8 s at most", seconds(of["killed_s"]),
         target(max(of["killed_s"]) <= 8)),
        ("clean stop of the owner", "2 s at most", seconds(of["stopped_s"]),
         target(max(of["stopped_s"]) <= 2)),
        ("start until ready", "3 s at most", seconds(of["ready_s"]),
         target(max(of["ready_s"]) <= 3)),
    ]
    return (
        "### Take-over on Kafka\n\nTwo gateways, 12 partitions, the default session time-out of 6 "
        "s. The longest time for which one of 12 busy organizations got no command acknowledged."
        "\n\n"
        + table(("what", "to reach", "measured, each time", ""), rows)
    )


def brokers(of: Figures) -> str:
    rows = [
        (name, connections, rate(run["per_second"]), milliseconds(run["p50_us"]),
         milliseconds(run["p99_us"]))
        for name, key in (("all three", "all"), ("one is gone", "without_one"))
        for connections, run in of[key].items()
    ]
    return (
        "### Three brokers\n\nReplication 3, two replicas confirm, one gateway; all on this "
        "machine.\n\n" + table(("brokers", "connections", "commands", "p50", "p99"), rows)
        + f"\n\nWhen the broker was killed, the longest time without an acknowledgement was "
        f"{of['gap_s']:.2f} s."
    )


def scaling(runs: list[Figures]) -> str:
    rows = [
        (run["processes"], run["partitions"], rate(run["per_second"]), milliseconds(run["p50_us"]),
         milliseconds(run["p99_us"]), rate(run["rebuilt_per_second"]))
        for run in runs
    ]
    return (
        "### Gateways, projectors and partitions\n\n64 connections spread over the gateways, on "
        "one broker; then as many projectors build all read models anew. All on this machine, so "
        "more processes share the same cores.\n\n"
        + table(("gateways and projectors", "partitions", "commands", "p50", "p99",
                 "events rebuilt"), rows)
    )


def report(all_: Figures) -> str:
    parts = [machine(all_), targets(all_)]
    bare = all_.get("bare")
    if bare:
        rows = [(connections, rate(run["per_second"]), milliseconds(run["p50_us"]),
                 milliseconds(run["p99_us"])) for connections, run in bare["post"].items()]
        parts.append("### A bare Beast server\n\n"
                     + table(("connections", "POST", "p50", "p99"), rows))
        for key, name in (("postgres", "Commands on PostgreSQL"), ("kafka", "Commands on Kafka"),
                          ("kafka-flush", "Commands on Kafka with flush.messages=1")):
            if key in all_:
                parts.append(commands(name, all_[key], bare))
        if "postgres" in all_:
            parts.append(queries(all_["postgres"]["queries"], bare))
    if "projections" in all_:
        parts.append(projections(all_["projections"]))
    for key, text in (("replay", replay), ("rebuild", rebuild),
                      ("generation", generation), ("take-over", take_over),
                      ("brokers", brokers), ("scaling", scaling)):
        if key in all_:
            parts.append(text(all_[key]))
    return "\n\n".join(parts)


def write_into(document: Path, group: str, text: str) -> None:
    """Replaces what an earlier run measured; the words around it stay."""
    old = document.read_text()
    begin = old.index(BEGIN.format(group)) + len(BEGIN.format(group))
    end = old.index(END.format(group))
    document.write_text(f"{old[:begin]}\n\n{text}\n\n{old[end:]}")
