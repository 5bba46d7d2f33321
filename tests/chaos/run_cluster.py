"""`./dev cluster`: a cluster on loopback to work with, until Ctrl-C."""

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

from support.places import ROOT

from chaos.cluster import Cluster
from chaos.postgres import ACCOUNT, Postgres


def main() -> int:
    options = arguments()
    stop = threading.Event()

    def ended(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, ended)
    signal.signal(signal.SIGTERM, ended)
    directory = Path(options.dir).resolve()
    postgres = None if options.postgres_url else Postgres(database_place(directory))
    cluster = Cluster(
        directory, log=options.log, gateways=options.gateways, projectors=options.projectors,
        brokers=options.brokers, partitions=options.partitions, database=options.postgres_url,
        postgres=postgres, port=options.port,
    )
    try:
        cluster.start()
        tell(cluster)
        watch(cluster, stop)
    finally:
        print("stopping", file=sys.stderr)
        cluster.stop()
    return 0


def watch(cluster: Cluster, stop: threading.Event) -> None:
    """Until told to stop. A process that ends is named once; it is the reader's to start again."""
    gone: set[str] = set()
    while not stop.wait(1.0):
        for process in cluster.processes:
            if not process.alive() and process.name not in gone:
                gone.add(process.name)
                print(f"{process.name} ended: {process.output}", file=sys.stderr)


def tell(cluster: Cluster) -> None:
    for gateway in cluster.gateways:
        print(f"{gateway.name}={gateway.url} pid={gateway.pid} log={gateway.output}")
    for projector in cluster.projectors:
        print(f"{projector.name} pid={projector.pid} log={projector.output}")
    if cluster.brokers is not None:
        print(f"bootstrap={cluster.brokers.bootstrap} topic={cluster.topic}")
    print(f"postgres={cluster.database_url}", flush=True)
    print("Ctrl-C stops it all; data stays", file=sys.stderr)


def database_place(directory: Path) -> Path:
    """In the directory where the server's account can reach it; else beside all others."""
    if os.geteuid() != 0:
        return directory / "postgres"
    directory.mkdir(parents=True, exist_ok=True)
    reach = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--init-groups", "--", "test"]
    if subprocess.run([*reach, "-x", str(directory)], timeout=20).returncode == 0:
        return directory / "postgres"
    mark = hashlib.sha256(str(directory).encode()).hexdigest()[:12]
    return Path("/var/lib/postgresql") / f"teamflow-cluster-{mark}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev cluster", description=__doc__)
    parser.add_argument("--dir", default=str(ROOT / ".teamflow" / "cluster"))
    parser.add_argument("--log", choices=["kafka", "postgres"], default="kafka")
    parser.add_argument("--gateways", type=int, default=2)
    parser.add_argument("--projectors", type=int, default=2)
    parser.add_argument("--brokers", type=int, default=3)
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--postgres-url", default="")
    parser.add_argument("--port", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
