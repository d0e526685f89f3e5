"""How many labels a width takes: the number gives that width, and one fewer does not."""

from __future__ import annotations

import numpy as np
import pytest

from tenken.results.metrics.labels import ExpectedLabels, labels_for_width, narrowest
from tenken.results.metrics.ppi import ppi_rate


def _widths(labels: int, clusters: int, expected: ExpectedLabels, runs: int = 120) -> float:
    """Return the mean width over simulated runs with as many labels."""
    random, names, widths = np.random.default_rng(3), np.arange(clusters), []
    for _ in range(runs):
        truth = random.random(clusters) < expected.rate
        lots = random.random(clusters)
        seen = np.where(truth, lots < expected.sensitivity, lots > expected.specificity)
        verdicts = seen.astype(float)
        found = ppi_rate(
            truth[:labels].astype(float), verdicts[:labels], verdicts[labels:],
            clusters_labelled=names[:labels], clusters_rest=names[labels:],
        ).ends  # fmt: skip
        widths.append(found.high - found.low)
    return float(np.mean(widths))


@pytest.mark.parametrize(
    ("width", "clusters", "expected"),
    [
        (0.1, 240, ExpectedLabels(0.1, 0.9, 0.95)),
        (0.15, 240, ExpectedLabels(0.1)),
        (0.2, 120, ExpectedLabels(0.3, 0.95, 0.9)),
        (0.2, 400, ExpectedLabels(0.5, 0.8, 0.8)),
    ],
)
def test_the_number_gives_the_width(width: float, clusters: int, expected: ExpectedLabels) -> None:
    labels = labels_for_width(width, clusters, expected)
    assert labels is not None and labels < clusters
    assert _widths(labels, clusters, expected) == pytest.approx(width, rel=0.08)
    assert _widths(round(labels * 0.75), clusters, expected) > width


def test_a_better_scorer_saves_labels_and_a_narrower_interval_takes_more() -> None:
    alone, helped = ExpectedLabels(0.1), ExpectedLabels(0.1, 0.95, 0.99)
    one, two = (labels_for_width(0.12, 300, each) for each in (alone, helped))
    assert one is not None and two is not None and two < 0.6 * one
    more = labels_for_width(0.1, 300, helped)
    assert more is not None and more > two


def test_what_the_run_itself_cannot_show_no_labels_show() -> None:
    expected = ExpectedLabels(0.1, 0.99, 0.99)
    least = narrowest(60, expected)
    assert labels_for_width(least - 0.001, 60, expected) is None
    assert labels_for_width(least + 0.001, 60, expected) is not None
    assert labels_for_width(0.9, 1, expected) is None


def test_with_every_answer_labelled_the_variance_is_the_labels_own() -> None:
    assert ExpectedLabels(0.2, 0.9, 0.9).variance(10, 0) == pytest.approx(0.2 * 0.8 / 10)
    assert ExpectedLabels(0.2, 1.0, 0.0).variance(10, 90) == pytest.approx(0.2 * 0.8 / 10)
