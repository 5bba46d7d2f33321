"""`./dev test-chaos --controls`: each rule of ownership is broken in turn, under the faults that it
is there for, and the judge must notice."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from support.places import ROOT, free_port

from chaos import summary
from chaos.run import Options, Run


@dataclass(frozen=True)
class Control:
    broken: tuple[str, ...]
    only: tuple[str, ...]
    faults: int


CONTROLS = {
    # Kafka would drop what is sent twice before our own rule sees it.
    "sequence": Control(("sequence", "idempotence"), ("lost_replies",), 6),
    "read_back": Control(("read_back",), ("stale_archive",), 3),
    "density": Control(("density",), ("late_produce",), 6),
    # R8: all promises hold without it.
    "idempotence": Control(
        ("idempotence",), ("lost_replies", "stale_archive", "late_produce"), 12),
    "nothing": Control((), ("lost_replies", "stale_archive", "late_produce"), 12),
}
SOUND = {"idempotence", "nothing"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev test-chaos --controls", description=__doc__)
    parser.add_argument("--controls", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rule", choices=list(CONTROLS), action="append")
    given = parser.parse_args()
    wrong = [name for name in given.rule or CONTROLS if not as_expected(name, given.seed)]
    print(f"not as expected: {', '.join(wrong) or 'none'}")
    return 1 if wrong else 0


def as_expected(name: str, seed: int) -> bool:
    control = CONTROLS[name]
    directory = Path(ROOT / "build" / "chaos" / f"control-{name}-{seed}-{free_port()}")
    options = Options(
        seed=seed, faults=control.faults, minutes=3.0, only=control.only, broken=control.broken)
    result = Run(options, directory).perform()
    print(f"== broken: {name}; {directory}\n{summary.text(result)}", flush=True)
    return bool(result["violations"]) == (name not in SOUND)


if __name__ == "__main__":
    sys.exit(main())
