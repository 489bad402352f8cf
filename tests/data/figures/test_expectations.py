import numpy as np
import pytest

from data.figures.expectations import expected_pairs


def margins(ticks):
    return ticks.sum(0), np.bincount(ticks.sum(1), minlength=ticks.shape[1] + 1)


def ticked(random, people, spread):
    """Return ticks that have nothing to do with each other, but that some people tick more of everything."""
    odds = np.array([0.1, 0.9, 0.3, 0.05, 0.6]) * np.exp(random.normal(0, spread, (people, 1)))
    return (random.random(odds.shape) < odds / (1 + odds)).astype(int)


def swapped(random, ticks, times):
    """Exchange ticks of two people at two side effects, where that keeps how many each has of either."""
    for _ in range(times):
        (one, other), (first, second) = (random.choice(size, 2, replace=False) for size in ticks.shape)
        corners = ticks[one, first], ticks[one, second], ticks[other, first], ticks[other, second]
        if corners in ((1, 0, 0, 1), (0, 1, 1, 0)):
            for who in (one, other):
                ticks[who, [first, second]] = ticks[who, [second, first]]
    return ticks


def test_expected_counts_are_those_of_random_answers_with_the_same_margins():
    random = np.random.default_rng(4)
    ticks = ticked(random, 60, 1.0)
    expected = expected_pairs(*margins(ticks))

    ticks, found = swapped(random, ticks.copy(), 2000), []
    for _ in range(400):
        ticks = swapped(random, ticks, 120)
        found.append(ticks.T @ ticks)

    assert np.abs((np.mean(found, axis=0) - expected)[np.triu_indices(5, 1)]).max() < 0.6


@pytest.mark.parametrize("people", [1, 2, 12, 300])
@pytest.mark.parametrize("seed", range(3))
def test_expected_and_reported_pairs_have_the_same_sum_and_margins(people, seed):
    ticks = ticked(np.random.default_rng(seed), people, 0.8)
    both = ticks.T @ ticks
    expected = expected_pairs(*margins(ticks))

    assert expected.sum() == pytest.approx(both.sum() - both.trace(), rel=1e-6)
    assert (expected == expected.T).all()
    assert (expected <= np.minimum.outer(*[ticks.sum(0)] * 2) + 1e-6).all()


def test_ticks_that_are_unrelated_but_for_how_much_people_tick_are_reported_as_expected():
    ticks = ticked(np.random.default_rng(5), 20_000, 1.0)
    off = ~np.eye(5, dtype=bool)

    both, expected = (ticks.T @ ticks)[off], expected_pairs(*margins(ticks))[off]

    assert both / expected == pytest.approx(1, abs=0.1)
    assert np.median(both / expected) == pytest.approx(1, abs=0.01)
    naive = np.multiply.outer(*[ticks.sum(0)] * 2)[off] / len(ticks)
    assert (both / naive).min() > 1.1  # by the product alone, everything would seem to come together


@pytest.mark.filterwarnings("error")
def test_what_nobody_or_everybody_ticked_leaves_the_others_as_they_are():
    ticks = ticked(np.random.default_rng(6), 80, 0.5)
    with_both = np.column_stack([np.ones(80, int), ticks, np.zeros(80, int)])

    expected = expected_pairs(*margins(with_both))

    assert np.allclose(expected[1:-1, 1:-1], expected_pairs(*margins(ticks)), rtol=1e-4)
    assert expected[0].tolist() == [0, *ticks.sum(0), 0]
    assert expected[-1].tolist() == [0] * 7
    assert expected_pairs(*margins(np.ones((3, 4), int))).tolist() == (3 * (1 - np.eye(4))).tolist()
    assert not expected_pairs(*margins(np.zeros((3, 4), int))).any()


def test_margins_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match="same number of ticks"):
        expected_pairs(np.array([3, 2]), np.array([0, 4, 0]))
