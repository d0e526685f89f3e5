"""A thousand workers that share one endpoint's connections and one cap: waiting and overshoot.

    python tools/simulate_leases.py

Uses the leases of a run (`evals/running/workers/lease.py`) with simulated time: each worker asks
its shard over the connections that it has leased, each answer takes a random time and a random
number of tokens, and a worker is lost now and then. Printed for each cell: the share of workers
that are ever at work, the share of the connections in use, how far the cap is overshot, in answers
and as a share of it, and how long the coordinator takes for a lease.
"""

from __future__ import annotations

import heapq
import random
import time
from dataclasses import dataclass

from tenken.evals.running.workers.lease import Leases
from tenken.evals.running.workers.shard import Lease

SHARD = 100
TOKENS = (200, 800)
SECONDS = (0.5, 1.5)
LOST = 0.002
"""Chance that a worker is lost while it has a shard."""


@dataclass
class Seen:
    """What one simulated run came to."""

    at_work: float
    connections_used: float
    over_answers: float
    over_share: float
    lease_microseconds: float


def simulate(workers: int, connections: int, cap: int, seed: int) -> Seen:
    """Run one cell until the cap is used up.

    Args:
        workers: Workers that want shards.
        connections: Requests at once that the endpoint is asked for.
        cap: Tokens that the run may use.
        seed: Seed of the answers' tokens and times.
    """
    chance = random.Random(seed)
    leases = Leases(connections, workers, cap)
    events: list[tuple[float, int, int, int]] = []
    now, number, spent, busy, seconds = 0.0, 0, 0, 0.0, 0.0
    most_out, out, answers = 0, 0, 0
    while True:
        while out < workers:
            began = time.perf_counter()
            lease = leases.take(number)
            seconds += time.perf_counter() - began
            if lease is None:
                break
            used, ended, count = _shard(lease, chance)
            heapq.heappush(events, (now + ended, number, used, lease.connections))
            busy += ended * lease.connections
            number, out, answers = number + 1, out + 1, answers + count
        most_out = max(most_out, out)
        if not events:
            break
        now, done, used, _ = heapq.heappop(events)
        leases.give_back(done, used, 0.0)
        spent, out = spent + used, out - 1
    over = max(spent - cap, 0)
    mean = sum(TOKENS) / 2
    return Seen(
        most_out / workers, busy / (now * connections), over / mean, over / cap,
        1e6 * seconds / max(number, 1),
    )  # fmt: skip


def _shard(lease: Lease, chance: random.Random) -> tuple[int, float, int]:
    """Return tokens, seconds and answers of a shard: it stops when its lease is used up."""
    free = [0.0] * lease.connections
    heapq.heapify(free)
    pending: list[tuple[float, int]] = []
    spent, end, count = 0, 0.0, 0
    lost = chance.random() < LOST
    for _ in range(chance.randint(1, SHARD) if lost else SHARD):
        start = heapq.heappop(free)
        while pending and pending[0][0] <= start:
            spent += heapq.heappop(pending)[1]
        if lease.tokens is not None and spent >= lease.tokens:
            break
        end_of_this = start + chance.uniform(*SECONDS)
        heapq.heappush(pending, (end_of_this, chance.randint(*TOKENS)))
        heapq.heappush(free, end_of_this)
        end, count = max(end, end_of_this), count + 1
    return spent + sum(tokens for _, tokens in pending), max(end, 0.001), count


def main() -> None:
    """Print a table of cells."""
    print("workers connections cap(tokens)  at work  used  over(answers)  over(share)  lease(us)")
    for workers in (2, 32, 1000):
        for connections in (64, 1000, 4000):
            for cap in (1_000_000, 20_000_000):
                found = [simulate(workers, connections, cap, seed) for seed in range(3)]
                worst = max(found, key=lambda each: each.over_answers)
                print(
                    f"{workers:7} {connections:11} {cap:11,}  {worst.at_work:7.2f} "
                    f"{min(each.connections_used for each in found):5.2f}  "
                    f"{worst.over_answers:13.0f}  {worst.over_share:11.4f}  "
                    f"{max(each.lease_microseconds for each in found):9.1f}"
                )


if __name__ == "__main__":
    main()
