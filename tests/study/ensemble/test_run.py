"""Figures of an ensemble do not depend on who works them out, and nothing that stops it leaves anything half done."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from corridor.core import paths
from corridor.core.errors import CorridorError
from corridor.study.compare import wanted
from corridor.study.ensemble import cluster as clusters
from corridor.study.ensemble import run as ensemble_run
from corridor.study.ensemble.cluster import cluster, other_versions
from corridor.study.ensemble.ensemble import task_of
from corridor.study.ensemble.run import NO_DRAW, Task, asked_of, run_draws, score_task
from corridor.study.ensemble.store import Store
from corridor.study.study import Study
from tests.demand_tables import DEMAND
from tests.zhuhai_macao import make_study

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow
DRAWS = 10
"""The fewest that an ensemble takes."""
INDICES = [NO_DRAW, *range(5)]
"""Those that are scored: half, as more say the same of who works them out, and each takes seconds."""
VARIED = [
    "clearance_walk",
    "new_line_headway",
    "feeder_speed",
    "build_out",
    "structure_width",
    "choice_scale",
    "total_elasticity",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = pd.read_csv(paths.layers_dir() / "assumptions.csv").set_index("assumption_id").loc[VARIED]
    text = table.assign(correlated_with="").to_csv()
    return make_study(
        tmp_path_factory.mktemp("ensemble") / "zhuhai-macao", {"assumptions.csv": text, **DEMAND}
    )


@pytest.fixture(scope="module")
def task(home: Path) -> Task:
    study = Study.open(home)
    return task_of(study, wanted(study, [], []), DRAWS)


@pytest.fixture(scope="module")
def alone(task: Task) -> pd.DataFrame:
    """The draws, scored in this process one after another."""
    found = pd.concat({i: score_task(task, i) for i in INDICES}, names=["draw"])
    assert found["crossings_new_points_day"].nunique() > len(
        INDICES
    )  # the reference has none, and the same in all draws
    return found


@pytest.fixture
def store(task: Task, tmp_path: Path) -> Store:
    return Store.begin(tmp_path / "out", asked_of(task))


def in_this_process(workers: int, threads: int = 1) -> Any:
    """A cluster that starts at once."""
    return distributed.LocalCluster(
        n_workers=workers, threads_per_worker=threads, processes=False, protocol="tcp", dashboard_address=":0"
    )


def test_workers_of_this_process_find_the_same(task: Task, alone: pd.DataFrame, store: Store) -> None:
    with in_this_process(4, threads=2) as local, distributed.Client(local) as client:
        run_draws(client, task, store, INDICES[::-1])
    pd.testing.assert_frame_equal(store.draws(), alone, check_exact=True)


def test_two_workers_of_which_one_is_killed_find_the_same(
    task: Task, alone: pd.DataFrame, store: Store
) -> None:
    def kill_one(step: str, done: int, total: int) -> None:
        if done == 0:
            os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)

    with cluster(workers=2) as client:
        run_draws(client, task, store, INDICES, kill_one)
    pd.testing.assert_frame_equal(store.draws(), alone, check_exact=True)


@pytest.mark.skipif(sys.platform == "win32", reason="no groups of processes")
def test_ctrl_c_is_one_sentence_and_the_rest_is_the_same(
    home: Path, task: Task, alone: pd.DataFrame, tmp_path: Path
) -> None:
    store = Store(tmp_path / "out")
    command = [sys.executable, "-m", "corridor", "--study", str(home), "ensemble", "--draws", str(DRAWS)]
    # whoever runs the tests in the background may have it ignored, which a program inherits
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    run = subprocess.Popen(
        [*command, "--workers", "1", "--out", str(store.folder)],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    signal.signal(signal.SIGINT, before)
    try:
        while run.poll() is None and not store.done:
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to every process
        said = run.communicate(timeout=300)[1]
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
    assert run.returncode == 130, said
    assert "The same command goes on from there." in said.strip().splitlines()[-1], said
    assert "Traceback" not in said and "distributed" not in said

    done = store.done
    assert 0 < len(done) < len(INDICES)
    pd.testing.assert_frame_equal(store.draws(), alone.loc[done], check_exact=True)
    # what one killed as it wrote leaves
    (store.folder / "draws" / f".{INDICES[-1]:06d}.parquet-x1y2").write_bytes(b"PAR1")
    again = Store.begin(store.folder, asked_of(task))
    with in_this_process(1) as local, distributed.Client(local) as client:
        run_draws(client, task, again, INDICES)
    pd.testing.assert_frame_equal(again.draws(), alone, check_exact=True)


def test_a_run_that_was_killed_as_it_began_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / ".asked.json-k3x").write_text('{"dra', encoding="utf-8")
    assert Store.begin(tmp_path, {"draws": 3}).done == []


def test_a_scheduler_that_is_not_there_is_named_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "CONNECT_S", "1s")
    with socket.socket() as deaf:  # takes a connection and never answers
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        for address in (f"tcp://127.0.0.1:{deaf.getsockname()[1]}", "tcp://127.0.0.1:9", "nowhere://x"):
            with pytest.raises(CorridorError, match=f"{address}: no scheduler answers"), cluster(address):
                pass


def test_a_scheduler_without_workers_or_of_another_version_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "CONNECT_S", "1s")
    with in_this_process(0) as local:
        address = local.scheduler_address
        with pytest.raises(CorridorError, match="the scheduler has no workers"), cluster(address):
            pass
        local.scale(1)
        with cluster(address) as client:
            found = client.get_versions()
        assert other_versions(found) == []
        found["scheduler"]["packages"]["distributed"] = "2023.1.0"
        monkeypatch.setattr(distributed.Client, "get_versions", lambda self: found)
        with (
            pytest.raises(CorridorError, match="the scheduler has distributed 2023.1.0, this"),
            cluster(address),
        ):
            pass


def test_a_worker_with_other_layers_refuses_in_one_sentence(task: Task, store: Store) -> None:
    from dataclasses import replace

    other: Any = replace(task, inputs={**task.inputs, "layers": "0" * 64})
    with (
        in_this_process(1) as local,
        distributed.Client(local) as client,
        pytest.raises(CorridorError) as caught,
    ):
        run_draws(client, other, store, INDICES)
    assert str(caught.value).startswith("- cluster: a worker has other layers") and store.done == []
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def test_a_fault_of_a_draw_names_the_draw(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    class Faulty:
        def score(self, draw: object) -> pd.DataFrame:
            raise CorridorError.at(
                "demand", "queue and choice are 1.00 min apart", "less", "check capacities"
            )

    monkeypatch.setitem(ensemble_run._SCORERS, task.key, Faulty())
    with pytest.raises(
        CorridorError,
        match="draw 2: demand: queue and choice are 1.00 min apart.*check capacities, or narrow the range",
    ):
        score_task(task, 2)
    with pytest.raises(CorridorError, match="- demand: .*check capacities"):
        score_task(task, NO_DRAW)


def test_too_little_memory_is_named_before_anything_starts() -> None:
    with (
        pytest.raises(CorridorError, match="2 workers need 9000.0 GB of memory each") as caught,
        cluster("", 2, 9e3),
    ):
        pass
    assert "--scheduler" in str(caught.value)
    with (
        in_this_process(1) as local,
        pytest.raises(CorridorError, match="may have .* GB of memory"),
        cluster(local.scheduler_address, needs_gb=9e6),
    ):
        pass
