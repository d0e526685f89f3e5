"""How the endpoint's connections and the run's cap are shared out among shards.

A lease goes out with a shard and comes back with it, or with the news that its worker is lost.
Leases that are out never add up to more than there is. A worker stops at its lease; the answers
of the requests that it has under way are paid as well, so that the whole run goes over its cap by
at most one answer for each connection, as one process does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tenken.evals.running.workers.shard import Lease


@dataclass
class Leases:
    """What is left to lease.

    Attributes:
        connections: Requests at once that the endpoint is asked for, over all workers.
        workers: Workers that share them.
        tokens: Tokens of the cap that are not spent; None for no cap.
        dollars: US dollars of the cap that are not spent; None for no cap.
    """

    connections: int
    workers: int
    tokens: int | None = None
    dollars: float | None = None
    _out: dict[int, Lease] = field(default_factory=dict)

    def take(self, number: int) -> Lease | None:
        """Lease a worker's part to a shard, None where nothing is left.

        Args:
            number: The shard's number.
        """
        free = self.connections - sum(lease.connections for lease in self._out.values())
        share = max(self.connections // self.workers, 1)
        if len(self._out) < self.connections % self.workers:
            share += self.connections >= self.workers
        tokens = dollars = None
        if self.tokens is not None:
            left = self.tokens - sum(lease.tokens or 0 for lease in self._out.values())
            tokens = max(min(left, -(-self.tokens // self.workers)), 0)
        if self.dollars is not None:
            rest = self.dollars - sum(lease.dollars or 0.0 for lease in self._out.values())
            dollars = max(min(rest, self.dollars / self.workers), 0.0)
        lease = Lease(min(share, free), tokens, dollars)
        if lease.connections < 1 or tokens == 0 or dollars == 0.0:
            return None
        self._out[number] = lease
        return lease

    def give_back(self, number: int, tokens: int, dollars: float) -> None:
        """Take a lease back, with what was spent of it.

        Args:
            number: The shard's number.
            tokens: Tokens that were used.
            dollars: US dollars that were spent.
        """
        self._out.pop(number, None)
        if self.tokens is not None:
            self.tokens -= tokens
        if self.dollars is not None:
            self.dollars -= dollars

    @property
    def used_up(self) -> bool:
        """Whether the cap is spent."""
        return (self.tokens is not None and self.tokens <= 0) or (
            self.dollars is not None and self.dollars <= 0
        )
