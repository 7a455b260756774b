"""An ensemble on a cluster: Dask distributed scores the draws, on this machine or on any cluster by its address.

Each worker loads the study once. A draw is one task that gives all its scenarios, seeded by the design, so figures do
not depend on how many workers there are, on their order, or on one that is lost.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from corridor.access.search.threads import one_thread
from corridor.core.cache import Kept, key_of, program_hash
from corridor.core.errors import CorridorError, first_line
from corridor.core.in_memory import Kept as KeptInMemory
from corridor.core.progress import Progress, silent
from corridor.schema.catalog import sha256
from corridor.study.ensemble.design import AS_IT_IS, Design
from corridor.study.ensemble.score import Scorer
from corridor.study.ensemble.store import Store
from corridor.study.question import question
from corridor.study.study import Study

NO_DRAW = -1
"""The task that scores the study as it is, on thinned cells."""
CONNECT_S = "10s"
GB_A_WORKER = 1.5
_SCORERS: KeptInMemory[str, Scorer] = KeptInMemory(most=1)
"""Of a worker: the study of its last task."""
S_A_SCENARIO = 4.5
"""Processor seconds that a scenario takes on a draw of the shipped study, for what is said before the first is done."""


@dataclass(frozen=True)
class Task:
    """What every worker needs to score a draw.

    Attributes
    ----------
    folder
        Of the study; None for the shipped one. Workers on other machines need it at the same place.
    files
        Scenario files beside those of the study.
    kept
        Where stages are kept; None for nowhere.
    fingerprint
        A hash of program and layers: a worker with others refuses.
    """

    folder: Path | None
    files: tuple[Path, ...]
    kept: Path | None
    scenario_ids: tuple[str, ...]
    reference_id: str
    design: Design
    fingerprint: str

    @property
    def key(self) -> str:
        """What tells the scorer of this task from others in one worker."""
        return key_of(
            [self.fingerprint, repr((self.folder, self.files, self.scenario_ids, self.reference_id))]
        )


def fingerprint(study: Study) -> str:
    """A hash of the program, the layers and the scenario files of a study."""
    files = [p.read_bytes() for folder in study.scenario_folders for p in sorted(folder.glob("*.yaml"))]
    return key_of([program_hash(), study.layers_key, *files])


def score_task(task: Task, index: int) -> pd.DataFrame:
    """Score one draw in a worker: scenario by criterion, on thinned cells."""
    with one_thread():
        scorer = _SCORERS.known(task.key, lambda: _scorer(task))
        return scorer.score(AS_IT_IS if index == NO_DRAW else task.design.draw(index))


def _scorer(task: Task) -> Scorer:
    kept = Kept(task.kept)
    study = Study.open(task.folder, kept) if task.folder else Study.bundled(kept)
    if (found := fingerprint(study)) != task.fingerprint:
        what = f"a worker has another version of the program or of the layers ({found[:8]}, not {task.fingerprint[:8]})"
        raise CorridorError.at(
            "cluster", what, "the same on all machines", "install the same version, copy the study"
        )
    for path in task.files:
        study.library.add_file(path)
    return Scorer(study, task.scenario_ids, task.reference_id, question(study).file).prepare()


@contextmanager
def cluster(scheduler: str = "", workers: int = 0) -> Iterator[Any]:
    """A client of a cluster: of one that runs at an address, or of one on this machine for as long as the block lasts.

    Raises
    ------
    CorridorError
        Where Dask is not installed, nothing answers at the address, or versions differ.
    """
    try:
        from distributed import Client
        from distributed.deploy.subprocess import SubprocessCluster
    except ImportError:
        what, remedy = "the package dask[distributed] is not installed", "pip install 'corridor[ensemble]'"
        raise CorridorError.at("ensemble", what, "Dask distributed", remedy) from None
    if not scheduler:
        count = workers or os.cpu_count() or 1
        with (
            # in processes that do not import the caller's script again
            SubprocessCluster(
                n_workers=count,
                threads_per_worker=1,
                dashboard_address=None,  # type: ignore[arg-type]
                silence_logs=40,
                worker_kwargs={"memory_limit": 0},
            ) as local,
            Client(local) as client,
        ):
            yield client
        return
    try:
        client = Client(scheduler, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        what = f"no scheduler answers ({first_line(error)})"
        raise CorridorError.at(
            scheduler,
            what,
            "the address of a Dask scheduler, tcp://host:port",
            "start it, or leave --scheduler out",
        ) from None
    try:
        client.get_versions(check=True)
        yield client
    except ValueError as error:
        raise CorridorError.at(
            scheduler,
            f"other versions on the cluster: {first_line(error)}",
            "the same versions",
            "install them",
        ) from None
    finally:
        client.close()


def run_draws(
    client: Any, task: Task, store: Store, wanted: Sequence[int], progress: Progress = silent
) -> None:
    """Score the draws that are not there yet, and keep each as it comes.

    Parameters
    ----------
    client
        Of a Dask cluster (:func:`cluster`).
    task
        What is scored.
    store
        Where draws are kept.
    wanted
        Indices of draws; :data:`NO_DRAW` is the study as it is.
    progress
        Called with every draw that is done, and the time left.
    """
    from distributed import as_completed

    known = set(store.done)
    missing = [i for i in wanted if i not in known]
    shared = client.scatter(task, broadcast=True)
    futures = {client.submit(score_task, shared, i, pure=False, retries=2): i for i in missing}
    begun = time.monotonic()
    for done, future in enumerate(as_completed(list(futures)), start=1):
        store.put(futures[future], future.result())
        left_min = (time.monotonic() - begun) / done * (len(missing) - done) / 60
        progress(
            f"draw {len(known) + done} of {len(wanted)}, about {left_min:.0f} min left",
            done - 1,
            len(missing),
        )
        future.release()


def size_of(task: Task, workers: int) -> str:
    """What an ensemble will take, said before it starts."""
    draws, scenarios = task.design.draws, len(task.scenario_ids)
    minutes = draws * scenarios * S_A_SCENARIO / max(workers, 1) / 60
    return (
        f"{draws} draws of {scenarios} scenarios on {workers} workers: about {minutes:.0f} min at {S_A_SCENARIO:g} s of processor time"
        f" a scenario, {GB_A_WORKER:g} GB of memory a worker"
    )


def asked_of(task: Task) -> dict[str, Any]:
    """What tells the draws of one question from those of another, as text."""
    design = task.design
    return {
        "program and layers": task.fingerprint,
        "scenarios": list(task.scenario_ids),
        "reference": task.reference_id,
        "draws": design.draws,
        "seed": design.seed,
        "assumptions": key_of([repr(design.assumptions), repr(design.correlation.tolist())]),
        "scenario files": [sha256(path) for path in task.files],
    }
