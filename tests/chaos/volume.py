"""A small ext4 file system in a file, which can run full and lose its power."""

import fcntl
import os
import shutil
import struct
import subprocess
from pathlib import Path

from support.waiting import until

# linux/ext4: EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH. What was not synced is gone.
SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2


class Volume:
    """Mounted at `directory`. Needs root and a kernel with loop devices."""

    def __init__(self, directory: Path, megabytes: int) -> None:
        self.directory = directory
        self._image = directory.with_name(directory.name + ".img")
        self._filler = directory / "filler"
        directory.mkdir(parents=True)
        with self._image.open("wb") as image:
            image.truncate(megabytes << 20)
        run("mkfs.ext4", "-q", "-m", "0", str(self._image))
        self._mount()

    @classmethod
    def made(cls, directory: Path, megabytes: int) -> "Volume | None":
        """None where this machine does not let us mount, root or not."""
        if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
            return None
        try:
            return cls(directory, megabytes)
        except RuntimeError:
            directory.with_name(directory.name + ".img").unlink(missing_ok=True)
            return None

    def fill(self) -> None:
        """Leaves no room at all."""
        with self._filler.open("wb") as filler:
            for step in (1 << 24, 1 << 20, 1 << 12):
                self._take(filler.fileno(), step)

    def _take(self, filler: int, step: int) -> None:
        """Grows the filler by steps until none fits."""
        for _ in range(1 << 16):
            size = os.fstat(filler).st_size
            try:
                os.posix_fallocate(filler, size, step)
            except OSError:
                return

    def free(self) -> None:
        """Room again, which a lost power must not take back: nobody else would make it."""
        self._filler.unlink(missing_ok=True)
        descriptor = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def cut_power(self) -> None:
        """From now on every access fails, and what was not synced is lost."""
        descriptor = os.open(self.directory, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(descriptor)

    def power_up(self) -> None:
        """As after a reboot. Whoever had a file of it open must have ended."""
        until(self._unmounted, 20, f"{self.directory} to be free")
        self._mount()

    def _unmounted(self) -> bool:
        """A process that was killed lets go of its files a moment after it is gone."""
        done = subprocess.run(
            ["umount", str(self.directory)], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=60,
        )
        return done.returncode == 0

    def close(self) -> None:
        run("umount", "--lazy", str(self.directory))
        self._image.unlink()

    def _mount(self) -> None:
        run("mount", "-o", "loop", str(self._image), str(self.directory))


def run(*command: str) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command}: exit {done.returncode}: {done.stderr}")
