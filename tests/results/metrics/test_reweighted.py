"""Limits by reweighting: those of `means` where the figure is a mean, and what they must keep."""

import numpy as np
import pytest

from tenken.results.metrics.means import bounded_interval
from tenken.results.metrics.reweighted import reweighted_limits

ENDS = np.array([[0.0, 1.0], [1.0, 1.0]])
"""An unseen cluster of one verdict, 0 or 1."""


def _mean(sums):
    return sums[:, 0] / sums[:, 1]


@pytest.mark.parametrize(("unsafe", "n"), [(0, 6), (1, 12), (7, 20), (30, 60), (60, 60)])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_of_a_mean_they_are_those_of_means(unsafe, n, level):
    there = np.array([n - unsafe, unsafe]) > 0
    counts = np.array([n - unsafe, unsafe], float)[there]
    found = reweighted_limits(ENDS[there], counts, ENDS, _mean, level=level)
    verdicts = np.repeat([1.0, 0.0], [unsafe, n - unsafe])
    exact = bounded_interval(verdicts, np.ones(n), level=level)
    assert found == pytest.approx((exact.low, exact.high), abs=0.015)


def test_they_are_the_same_every_time_and_wider_at_a_higher_level():
    counts = np.array([9.0, 4.0])
    wide, narrow = (
        reweighted_limits(ENDS, counts, ENDS, _mean, level=level) for level in (0.95, 0.8)
    )
    assert wide == reweighted_limits(ENDS, counts, ENDS, _mean)
    assert wide[0] < narrow[0] < 4 / 13 < narrow[1] < wide[1]


def test_an_unseen_cluster_that_may_be_worse_widens_and_one_that_is_known_does_not():
    counts = np.array([9.0, 4.0])
    known = reweighted_limits(ENDS, counts, ENDS[:1], _mean)
    either = reweighted_limits(ENDS, counts, ENDS, _mean)
    assert either[0] == known[0] and either[1] > known[1]
