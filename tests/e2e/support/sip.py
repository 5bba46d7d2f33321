"""Ten years of real work: the SiP task records, read where they lie and never copied.

They are looked for in TEAMFLOW_SIP_DATA, else in ../shared/data/sip beside the project. Their
licence (CC BY-NC-ND 4.0) lets us try the program on them, not pass on a part or a changed form.
"""

import csv
import os
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from decimal import Decimal
from pathlib import Path
from typing import Iterator
from zoneinfo import ZoneInfo

from support.places import ROOT

DIRECTORY = Path(os.environ.get("TEAMFLOW_SIP_DATA", ROOT.parent / "shared" / "data" / "sip"))
ROWS = 12_299
HOURS = Decimal("95001.98")

_TASKS = DIRECTORY / "Sip-task-info.csv"
_DAYS = DIRECTORY / "est-act-dates.csv"
# The records know days only: work begins in the afternoon, so that a time zone far in the east
# has another day.
_BEGIN = time(14, 0, tzinfo=ZoneInfo("Europe/London"))

_STATUSES = {
    "FINISHED": "done",
    "COMPLETED": "done",
    "RELEASED": "done",
    "CANCELLED": "cancelled",
    "CHRONICLE": "in_progress",
    "AUTHORISE": "in_review",
    "ESTIMATED": "todo",
    "TEMPLATE": "todo",
}


@dataclass(frozen=True, eq=False)
class Work:
    """A row: one developer's part in one task."""

    number: str
    summary: str
    urgency: int
    status: str
    project: str
    category: str
    kind: str
    estimate: Decimal
    developer: str
    hours: Decimal
    day: date

    @property
    def seconds(self) -> int:
        return int(self.hours * 3600)

    @property
    def start(self) -> datetime:
        return datetime.combine(self.day, _BEGIN).astimezone(timezone.utc)

    @property
    def task_status(self) -> str:
        return _STATUSES[self.status]

    @property
    def task_priority(self) -> str:
        """1 is the most urgent of 10."""
        return ["urgent", "high", "medium"][self.urgency - 1] if self.urgency <= 3 else "low"


def present() -> bool:
    return _TASKS.exists() and _DAYS.exists()


def rows() -> list[Work]:
    """All rows, in the order of the file. A task that was never marked as started counts from the
    day of its estimate."""
    return list(_read())


def _read() -> Iterator[Work]:
    days = {row["TaskNumber"]: row["StartedOn"] or row["EstimateOn"] for row in _table(_DAYS)}
    for row in _table(_TASKS):
        yield Work(
            number=row["TaskNumber"],
            summary=row["Summary"],
            urgency=int(row["Priority"]),
            status=row["StatusCode"],
            project=row["ProjectCode"],
            category=row["Category"],
            kind=row["SubCategory"],
            estimate=Decimal(row["HoursEstimate"]),
            developer=row["DeveloperID"],
            hours=Decimal(row["DeveloperHoursActual"]),
            day=datetime.strptime(days[row["TaskNumber"]], "%d-%b-%y").date(),
        )


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="windows-1252", newline="") as file:
        yield from csv.DictReader(file)
