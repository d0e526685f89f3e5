"""Where workers are: processes of this machine, or a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import uuid4

from tenken.errors import EndpointError, InputError, Sentence, StoppedError, in_a_line
from tenken.evals.running.workers.ask import ask_shard
from tenken.evals.running.workers.shard import Shard, ShardEnd

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

_PATIENCE: Final = 1.0
_FIRST_WORKER_SECONDS: Final = 300
_ENDS: Final = (".yaml", ".yml")


@dataclass(frozen=True)
class Lost:
    """A shard whose worker ended, or could not finish it; what it answered is in its journal."""

    number: int
    why: Sentence


class Pool(Protocol):
    """Workers that shards are handed to."""

    size: int
    parent: int

    def submit(self, shard: Shard) -> None:
        """Hand out a shard; at most `size` are out at once."""
        ...

    def results(self) -> list[ShardEnd | Lost]:
        """Return what came back within about a second.

        Raises:
            EndpointError: The model cannot be set up where the workers are.
            StoppedError: All workers are gone for good.
        """
        ...


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    shard: int | None = None


@dataclass
class Processes:
    """Processes of this machine; one that dies is replaced."""

    size: int
    parent: int = field(default_factory=os.getpid)
    _workers: list[_Worker] = field(default_factory=list)

    def submit(self, shard: Shard) -> None:
        """Hand a shard to an idle process, which is started if need be."""
        idle = next((each for each in self._workers if each.shard is None), None)
        if idle is None:
            idle = _started()
            self._workers.append(idle)
        idle.shard = shard.number
        with suppress(OSError):  # it died while it was idle: its pipe says so in `results`
            idle.pipe.send(shard)

    def results(self) -> list[ShardEnd | Lost]:
        """Return what came back within about a second."""
        busy = {each.pipe: each for each in self._workers if each.shard is not None}
        found: list[ShardEnd | Lost] = []
        for ready in wait(list(busy), _PATIENCE):
            worker = busy[ready]  # type: ignore[index]
            number = worker.shard if worker.shard is not None else -1
            try:
                answer: Any = worker.pipe.recv()
            except (EOFError, OSError):
                worker.process.join()
                self._workers.remove(worker)
                code = worker.process.exitcode
                found.append(Lost(number, Sentence("its process ended with {code}", code=code)))
                continue
            worker.shard = None
            found.append(_result(number, answer))
        return found

    def close(self) -> None:
        """End the processes; what they have answered is in their journals."""
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join()
            worker.pipe.close()


def _result(number: int, answer: Any) -> ShardEnd | Lost:
    if isinstance(answer, EndpointError):
        raise answer
    return answer if isinstance(answer, ShardEnd) else Lost(number, Sentence("{said}", said=answer))


def _started() -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _serve(pipe: Connection) -> None:
    """Ask shards until the pipe is closed, as it is when the coordinator ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the coordinator ends the workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        try:
            shard = pipe.recv()
        except (EOFError, OSError):
            return
        with suppress(OSError):
            pipe.send(_tried(shard))


def _tried(shard: Shard) -> ShardEnd | EndpointError | str:
    try:
        return ask_shard(shard)
    except EndpointError as error:
        return EndpointError(error.sentence)
    except Exception as error:  # the shard is handed out again, whatever it was
        return f"{type(error).__name__}: {error}"


class Cluster:
    """The workers of a Dask scheduler."""

    parent = 0

    def __init__(self, client: Any) -> None:
        """Use a connected client.

        Args:
            client: A `distributed.Client` that has workers.
        """
        self._client = client
        self._run = uuid4().hex[:12]
        self._done: queue.Queue[tuple[int, Any]] = queue.Queue()
        self._futures: dict[int, Any] = {}
        self.size = _workers_of(client)

    def submit(self, shard: Shard) -> None:
        """Hand a shard to the scheduler."""
        future = self._client.submit(
            _tried, shard, key=f"tenken-{self._run}-{shard.number}", pure=False
        )
        self._futures[shard.number] = future
        future.add_done_callback(lambda done: self._done.put((shard.number, done)))

    def results(self) -> list[ShardEnd | Lost]:
        """Return what came back within about a second."""
        found: list[ShardEnd | Lost] = []
        with suppress(queue.Empty):
            found.append(self._one(*self._done.get(timeout=_PATIENCE)))
            while True:
                found.append(self._one(*self._done.get_nowait()))
        if not found and self._client.status != "running":
            raise StoppedError(
                "the Dask scheduler is gone. What was answered is kept; give the same command "
                "again to go on."
            )
        self.size = _workers_of(self._client) or self.size
        return found

    def _one(self, number: int, future: Any) -> ShardEnd | Lost:
        self._futures.pop(number, None)
        if future.status != "finished":
            said = Sentence("the cluster says '{status}'", status=future.status)
            return Lost(number, said)
        return _result(number, future.result())

    def close(self) -> None:
        """Give up what is under way; workers stop at the end of their shard."""
        with suppress(Exception):
            self._client.cancel(list(self._futures.values()), force=True)
            self._client.close(timeout=5)


def _workers_of(client: Any) -> int:
    try:
        return len(client.scheduler_info(n_workers=-1)["workers"])
    except TypeError:  # versions that return all of them
        return len(client.scheduler_info()["workers"])
    except (OSError, KeyError):
        return 0


@contextmanager
def pool_of(workers: int, cluster: str | None) -> Iterator[Processes | Cluster]:
    """Give the workers of a command.

    Args:
        workers: Processes of this machine.
        cluster: Instead of them, the address of a Dask scheduler, its scheduler file (`.json`),
            or a YAML file that says how to start one with dask-jobqueue.

    Raises:
        InputError: Dask is not installed, the cluster's file breaks a rule, or nobody listens.
    """
    if cluster is None:
        processes = Processes(workers)
        try:
            yield processes
        finally:
            processes.close()
        return
    with _client(cluster) as client:
        try:
            client.wait_for_workers(1, timeout=_FIRST_WORKER_SECONDS)
        except TimeoutError:
            raise InputError(
                "--cluster {cluster}: no worker came within 5 minutes.", cluster=cluster
            ) from None
        found = Cluster(client)
        try:
            yield found
        finally:
            found.close()


@contextmanager
def _client(cluster: str) -> Iterator[Any]:
    try:
        from distributed import Client  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise InputError("--cluster needs Dask: python -m pip install 'tenken[cluster]'.") from None
    if cluster.endswith(_ENDS):
        with _job_queue(Path(cluster)) as started, Client(started) as client:
            yield client
        return
    given: dict[str, Any] = (
        {"scheduler_file": cluster} if cluster.endswith(".json") else {"address": cluster}
    )
    try:
        client = Client(**given, timeout=10)
    except (OSError, ValueError) as error:
        said = in_a_line(error)
        raise InputError(
            "--cluster {cluster}: no Dask scheduler there: {said}", cluster=cluster, said=said
        ) from None
    with client:
        yield client


@contextmanager
def _job_queue(path: Path) -> Iterator[Any]:
    """Start a cluster by dask-jobqueue, as a file says: `slurm: {...}` and `jobs: N`."""
    from tenken.evals.suite import read_yaml

    try:
        import dask_jobqueue  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise InputError(
            "--cluster FILE needs dask-jobqueue: python -m pip install 'tenken[cluster]'."
        ) from None
    try:
        raw = read_yaml(path, path.read_bytes())
    except OSError as error:
        raise InputError("{path}: cannot be read: {error}.", path=path, error=error) from None
    kinds: Mapping[str, str] = {
        "slurm": "SLURMCluster", "pbs": "PBSCluster", "sge": "SGECluster", "lsf": "LSFCluster",
        "htcondor": "HTCondorCluster", "oar": "OARCluster",
    }  # fmt: skip
    named = [kind for kind in kinds if kind in raw]
    unknown = sorted(set(raw) - {*kinds, "jobs"})
    if len(named) != 1 or unknown or not isinstance(raw.get("jobs", 1), int):
        raise InputError(
            "{path}: write one of {kinds} with its settings, and jobs: N; such as slurm: "
            "{{queue: main, cores: 1, memory: 2GB}} and jobs: 4.{unknown}",
            path=path,
            kinds=", ".join(kinds),
            unknown=Sentence(" Unknown: {keys}.", keys=", ".join(unknown)) if unknown else "",
        )
    try:
        made = getattr(dask_jobqueue, kinds[named[0]])(**(raw[named[0]] or {}))
    except (TypeError, ValueError) as error:
        raise InputError(
            "{path}: {named}: {error}", path=path, named=named[0], error=error
        ) from None
    with made as cluster:
        cluster.scale(jobs=int(raw.get("jobs", 1)))
        yield cluster
