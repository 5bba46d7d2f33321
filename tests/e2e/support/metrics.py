"""What a server tells Prometheus, as a test reads it."""

import re

from support.client import Client

_SAMPLE = re.compile(r"^([a-zA-Z_:]\w*)(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Metrics:
    """One scrape."""

    def __init__(self, client: Client) -> None:
        text = client.get("/metrics/metrics", base="")
        self.types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
        self.samples: list[tuple[str, dict[str, str], float]] = []
        for line in text.splitlines():
            if not line.startswith("#"):
                found = _SAMPLE.match(line)
                assert found, f"no sample: {line!r}"
                name, labels, value = found.groups()
                self.samples.append((name, dict(_LABEL.findall(labels or "")), float(value)))

    def all(self, name: str, **labels: str) -> list[tuple[dict[str, str], float]]:
        return [
            (found, value)
            for known, found, value in self.samples
            if known == name and labels.items() <= found.items()
        ]

    def sum(self, name: str, **labels: str) -> float:
        return sum(value for _, value in self.all(name, **labels))
