"""Under a mixed load nothing leaks: memory, descriptors, threads, processes, temporary files. Workers are replaced.

`NEWSKG_SOAK=3600` goes on for so many seconds in place of a few; then what the server had after a quarter of the time is
compared with what it had at the end.
"""

from __future__ import annotations

import json
import os
import statistics
from pathlib import Path

from soak import MEMORY, WORKERS, soak

SECONDS = float(os.environ.get("NEWSKG_SOAK", "20"))
# MiB that the server may have more at the end than when it was warm. Python gives little back to the system, so the
# first minutes always add some.
GROWTH = 40 if SECONDS >= 600 else 100


def test_a_soak(tmp_path: Path) -> None:
    outcome = soak(SECONDS, tmp_path, lambda sample: print(json.dumps(vars(sample)), flush=True))
    print({name: dict(found) for name, found in outcome.statuses.items()}, outcome.requests())
    samples = outcome.samples
    warm, last = samples[len(samples) // 4 : max(len(samples) // 2, 1)], samples[-max(len(samples) // 4, 1) :]

    for name, slack in (
        ("resident", GROWTH),
        ("descriptors", 8),
        ("threads", 4),
        ("worker_resident", GROWTH),
        ("worker_descriptors", 8),
    ):
        before = statistics.median(getattr(sample, name) for sample in warm)
        after = statistics.median(getattr(sample, name) for sample in last)
        assert after <= before + slack, (name, before, after)
    # A worker that gave way may end a moment after a round; it is gone by the next.
    usual = statistics.median_low(sample.processes for sample in samples)
    assert 1 + WORKERS <= usual <= outcome.processes
    assert max(sample.processes for sample in samples) <= usual + WORKERS
    assert {sample.temporary for sample in samples} == {0}
    assert max(sample.worst for sample in samples) < MEMORY + 100
    assert samples[-1].restarts > 0
    # Snapshots are kept for minutes; there is a write every second at most.
    assert max(sample.snapshots for sample in samples) < 1000
    # Others wait at most twice as long, but for what a machine with less cores than there is work adds.
    factor = 2 if len(os.sched_getaffinity(0)) > 2 and os.getloadavg()[0] < len(os.sched_getaffinity(0)) else 10
    alone = statistics.median(sample.alone for sample in samples)
    assert statistics.median(sample.beside for sample in samples) < max(alone, 4) * factor

    statuses = outcome.statuses
    assert set(statuses["good"]) <= {200, 503, 504}
    assert statuses["good"][200] > 0.75 * sum(statuses["good"].values())
    assert set(statuses["page"]) <= {200, 406, 503, 504}
    assert set(statuses["bad"]) <= {200, 400, 403, 404, 406, 503, 504}
    assert set(statuses["write"]) <= {200, 201, 204, 400, 401, 503, 504}
    assert set(statuses["hurt"]) <= {0, 200, 400, 413, 503, 504}
