"""Where an ensemble is worked out: on a Dask cluster of this machine, or on one that runs at an address."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from corridor.core.errors import CorridorError, Problem, first_line

CONNECT_S = "5s"
MIB = 2**20
ENVIRONMENT = {
    "MALLOC_TRIM_THRESHOLD_": str(64 * MIB),
    "MALLOC_MMAP_THRESHOLD_": str(32 * MIB),
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
}
"""Of the workers of this machine. Dask has memory given back as soon as it is free, so that every larger array is asked of the
system anew: with its profile of what runs, a sixth of the processor time of a draw. These are the limits that the C library
comes to by itself; what the user's own environment has counts before them."""
START_S = "600s"
IDLE_S = "120s"
"""A scheduler of this machine without work ends, and its workers: the program that started them was killed."""
SAME = ("python", "dask", "distributed", "msgpack", "cloudpickle", "numpy", "pandas")
"""Packages whose versions must agree; those that figures depend on besides are in the fingerprint of a task."""
_ADDRESS = "the address of a Dask scheduler, tcp://host:port"


@contextmanager
def cluster(scheduler: str = "", workers: int = 0, needs_gb: float = 0.0) -> Iterator[Any]:
    """A client of a cluster: of one that runs at an address, or of one on this machine for as long as the block lasts.

    Parameters
    ----------
    scheduler
        Its address; empty for this machine.
    workers
        How many on this machine; 0 for one a processor.
    needs_gb
        Memory that each worker needs, GB.

    Raises
    ------
    CorridorError
        Where Dask is not installed, nothing answers at the address, no worker is there, versions differ, or there is less
        memory than the workers need.
    """
    try:
        import distributed
    except ImportError:
        what, remedy = "the package dask[distributed] is not installed", "pip install 'corridor[ensemble]'"
        raise CorridorError.at("ensemble", what, "Dask distributed", remedy) from None
    # what goes wrong comes back with a draw; the log of a cluster that is stopped has tracebacks alone
    logging.getLogger(distributed.__name__).setLevel(logging.CRITICAL)
    count = workers or os.cpu_count() or 1
    with _there(scheduler, needs_gb) if scheduler else _here(count, needs_gb) as client:
        yield client


@contextmanager
def _here(workers: int, needs_gb: float) -> Iterator[Any]:
    from distributed import Client
    from distributed.deploy.subprocess import SubprocessCluster
    from distributed.system import MEMORY_LIMIT

    if sys.platform == "win32":
        what, expected = "Dask starts no processes of its own on Windows", "the address of a scheduler"
        remedy = "start 'dask scheduler' and 'dask worker', and name it with --scheduler"
        raise CorridorError.at("ensemble", what, expected, remedy)
    if (gb := MEMORY_LIMIT / 1e9) < workers * needs_gb:
        what = f"{workers} workers need {needs_gb:.1f} GB of memory each, this machine has {gb:.1f}"
        remedy = "choose fewer --workers, or name the scheduler of larger machines with --scheduler"
        raise CorridorError.at("ensemble", what, "memory for the study in each worker", remedy)
    with _deaf_to_ctrl_c(), _environment():
        try:
            # in processes that do not import the caller's script again
            local = SubprocessCluster(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address=None,  # type: ignore[arg-type]
                silence_logs=logging.CRITICAL,
                scheduler_kwargs={"idle_timeout": IDLE_S},
                worker_kwargs={"memory_limit": 0},
            )
        except RuntimeError as error:
            what, remedy = f"no cluster started ({first_line(error)})", "choose fewer --workers"
            raise CorridorError.at("ensemble", what, "processes on this machine", remedy) from None
    with local, Client(local) as client:
        try:
            # on a busy machine they come later than a task waits for one
            client.wait_for_workers(1, timeout=START_S)
        except TimeoutError:
            what, remedy = f"no worker was ready within {START_S}", "try again when the machine is less busy"
            raise CorridorError.at("ensemble", what, "processes on this machine", remedy) from None
        yield client


@contextmanager
def _environment() -> Iterator[None]:
    """Have processes that start in the block find :data:`ENVIRONMENT`."""
    added = {name: value for name, value in ENVIRONMENT.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Have threads and processes that start in the block, and theirs, never hear of Ctrl+C.

    A terminal sends it to all processes, and Dask's would end on their own while this one ends them. One that comes inside the
    block waits for its end.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _there(scheduler: str, needs_gb: float) -> Iterator[Any]:
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VersionMismatchWarning)  # said below, and by an error
        try:
            asyncio.run(_answers(scheduler))
            client = Client(scheduler, timeout=CONNECT_S)
        except (OSError, ValueError) as error:
            what = f"no scheduler answers ({first_line(error)})"
            remedy = "start it, or leave --scheduler out"
            raise CorridorError.at(scheduler, what, _ADDRESS, remedy) from None
    try:
        _check_workers(client, scheduler, needs_gb)
        yield client
    finally:
        client.close()


async def _answers(address: str) -> None:
    """Shake hands with a scheduler; a client waits without end for a server that takes connections and says nothing."""
    from distributed.comm.core import connect

    comm = await asyncio.wait_for(connect(address, timeout=CONNECT_S), float(CONNECT_S.rstrip("s")))
    await comm.close()


def _check_workers(client: Any, scheduler: str, needs_gb: float) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError:
        what, expected = "the scheduler has no workers", "one at least"
        raise CorridorError.at(scheduler, what, expected, f"start them: dask worker {scheduler}") from None
    if other := other_versions(client.get_versions()):
        remedy = "install the same version on all machines"
        raise CorridorError([Problem(scheduler, what, "the same versions", remedy) for what in other])
    if small := too_small(client.scheduler_info()["workers"], needs_gb):
        remedy = "start workers with more: dask worker --memory-limit"
        raise CorridorError([Problem(scheduler, what, f"{needs_gb:.1f} GB", remedy) for what in small])


def too_small(workers: Mapping[str, Mapping[str, Any]], needs_gb: float) -> list[str]:
    """Which workers may have less memory than is needed; a limit of 0 is none.

    Examples
    --------
    >>> too_small({"tcp://a:1": {"memory_limit": 2e9}, "tcp://b:1": {"memory_limit": 0}}, 7.0)
    ['worker tcp://a:1 may have 2.0 GB of memory']
    """
    return [
        f"worker {address} may have {one['memory_limit'] / 1e9:.1f} GB of memory"
        for address, one in workers.items()
        if 0 < (one["memory_limit"] or 0) < needs_gb * 1e9
    ]


def other_versions(found: Mapping[str, Any]) -> list[str]:
    """What a scheduler and its workers have in another version than this machine.

    Parameters
    ----------
    found
        As ``distributed.Client.get_versions`` gives it.

    Examples
    --------
    >>> one, other = ({"packages": {"dask": v}} for v in ("2025.1.0", "2024.8.0"))
    >>> other_versions({"client": one, "scheduler": one, "workers": {"tcp://a:1": other}})
    ['worker tcp://a:1 has dask 2024.8.0, this machine 2025.1.0']
    """
    here = found["client"]["packages"]
    there = {"the scheduler": found["scheduler"]} | {
        f"worker {address}": one for address, one in found["workers"].items()
    }
    return [
        f"{who} has {name} {one['packages'].get(name)}, this machine {here.get(name)}"
        for who, one in there.items()
        for name in SAME
        if one["packages"].get(name) != here.get(name)
    ]
