"""Loopback TCP proxies that misbehave on request: each link stands for one hop of a network."""

import asyncio
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Any, Coroutine, TypeVar

T = TypeVar("T")

CHUNK = 1 << 16
#: Pieces under way in one direction of one connection: the network holds no more.
WINDOW = 64
#: What is under way, each with the moment when it arrives; empty is the end.
Pieces = asyncio.Queue[tuple[float, bytes]]


@dataclass(frozen=True)
class Weather:
    """What a link does to what passes. Up is from the client to the server."""

    #: Silence: nothing arrives, nobody is told, and nothing is lost once it is over.
    cut_up: bool = False
    cut_down: bool = False
    #: New connections are closed at once.
    refuse: bool = False
    delay: float = 0.0
    #: Bytes that pass at a time, 5 ms after the last; 0 is no limit.
    slice: int = 0


FAIR = Weather()


class Link:
    """A port of an address of loopback that leads to one of 127.0.0.1."""

    def __init__(self, name: str, port: int, target: int, host: str = "127.0.0.1") -> None:
        self.name = name
        self.host = host
        self.port = port
        self.target = target
        self.weather = FAIR
        self._changed = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, self.host, self.port)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await self.reset()

    async def set(self, weather: Weather) -> None:
        self.weather = weather
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def reset(self) -> None:
        """Ends every connection by RST on both sides."""
        for writer in list(self._writers):
            end = writer.get_extra_info("socket")
            if end is not None and end.fileno() >= 0:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if not self.weather.refuse:
                await self._connect(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            self._drop(writer)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._silence("cut_up")
        onward, back = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers.add(back)
        for end in (writer, back):
            end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            async with asyncio.TaskGroup() as both:
                for source, sink, cut in ((reader, back, "cut_up"), (onward, writer, "cut_down")):
                    under_way: Pieces = asyncio.Queue(WINDOW)
                    both.create_task(self._take(source, under_way))
                    both.create_task(self._deliver(under_way, sink, cut))
        except* OSError:
            pass
        finally:
            self._drop(back)

    async def _take(self, reader: asyncio.StreamReader, under_way: "Pieces") -> None:
        clock = asyncio.get_running_loop().time
        while piece := await reader.read(CHUNK):
            await under_way.put((clock() + self.weather.delay, piece))
        await under_way.put((clock() + self.weather.delay, b""))

    async def _deliver(
        self, under_way: "Pieces", writer: asyncio.StreamWriter, cut: str
    ) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due, piece = await under_way.get()
            await asyncio.sleep(max(0.0, due - clock()))
            await self._silence(cut)
            if not piece:
                writer.write_eof()
                return
            await self._write(writer, piece)

    async def _write(self, writer: asyncio.StreamWriter, piece: bytes) -> None:
        begin = 0
        while begin < len(piece):
            end = begin + (self.weather.slice or len(piece))
            writer.write(piece[begin:end])
            await writer.drain()
            begin = end
            if self.weather.slice:
                await asyncio.sleep(0.005)

    async def _silence(self, cut: str) -> None:
        while getattr(self.weather, cut):
            await self._changed.wait()

    def _drop(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        writer.close()


class Network:
    """Links on a thread of their own. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self.links: dict[str, Link] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def link(self, name: str, port: int, target: int, host: str = "127.0.0.1") -> Link:
        """A new link, open, instead of any of that name. `target` need not listen yet."""
        if (before := self.links.pop(name, None)) is not None:
            self._do(before.close())

        async def made() -> Link:
            link = Link(name, port, target, host)
            await link.open()
            return link

        self.links[name] = self._do(made())
        return self.links[name]

    def set(self, name: str, weather: Weather) -> None:
        self._do(self.links[name].set(weather))

    def reset(self, name: str) -> None:
        self._do(self.links[name].reset())

    def beat(self) -> None:
        """Returns when everything before it had its turn."""
        self._do(asyncio.sleep(0), 600)

    def close(self) -> None:
        for link in self.links.values():
            self._do(link.close())
        self.links.clear()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _do(self, what: Coroutine[Any, Any, T], within: float = 60) -> T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(within)
