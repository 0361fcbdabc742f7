"""The scheduler and its workers as a pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kg.errors import NewskgError

# Workers that may die over one item before the build gives it up: then the item is at fault, not the machines.
DEATHS = 3
# Seconds to wait for the scheduler and for its first worker.
PATIENCE = 60


class Result:
    """What an item gives, once it is done."""

    def __init__(self, future: Any) -> None:
        self._future = future

    def result(self) -> Any:
        """The value. `NewskgError` if the workers that tried all died."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        try:
            return self._future.result()
        except KilledWorker as error:
            raise NewskgError(
                f"{DEATHS + 1} workers died over one part of the sources ({str(error)[:200]}): see their logs, give them more "
                "memory, or name fewer sources; the same command goes on from here"
            ) from None
        except FutureCancelledError as error:
            raise NewskgError(
                f"the scheduler gave the work up ({str(error)[:200]}): see its log; the same command goes on from here"
            ) from None


class Cluster:
    """A scheduler with its workers, as a pool: `submit`, and how many items can be worked on at once."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def jobs(self) -> int:
        """Threads of all workers."""
        threads: dict[str, int] = self._client.nthreads()
        return max(sum(threads.values()), 1)

    @property
    def started(self) -> bool:
        """Its workers wait for work."""
        return True

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Result:
        """Runs a function that the workers can import."""
        return Result(self._client.submit(function, *arguments, pure=False))

    def check(self, function: Callable[..., Any], *arguments: Any) -> None:
        """`NewskgError` if a worker's value of the function is not this process's: it runs another version or model."""
        mine = function(*arguments)
        for address, value in sorted(self._client.run(function, *arguments).items()):
            if value != mine:
                raise NewskgError(
                    f"the worker {address} has another newskg, model or index than this process: install the same on all "
                    "machines, or its records would differ"
                )


@contextmanager
def connected(scheduler: str, jobs: int) -> Iterator[Cluster]:
    """The cluster of a scheduler's address; without one, `jobs` workers of this machine. `NewskgError` if none answers."""
    try:
        import dask
        import distributed
    except ImportError:
        raise NewskgError("the engine dask is not installed: pip install 'newskg[cluster]'") from None
    library: Any = distributed  # typed in part only
    # Nothing listens for browsers, and no worker reads from outside but what the scheduler sends.
    settings = {"distributed.scheduler.allowed-failures": DEATHS, "distributed.worker.daemon": True}
    with dask.config.set(settings):
        local: Any = None
        try:
            if not scheduler:
                local = library.LocalCluster(
                    n_workers=max(jobs, 1),
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=None,
                    host="127.0.0.1",
                )
            client = library.Client(local or scheduler, timeout=PATIENCE, set_as_default=False)
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            if local is not None:
                local.close()
            raise NewskgError(
                f"no cluster at {scheduler or 'this machine'} ({error}): start `dask scheduler` and `dask worker ADDRESS`, "
                "and name the scheduler as tcp://HOST:PORT"
            ) from None
        try:
            yield Cluster(client)
        finally:
            client.close()
            if local is not None:
                local.close()
