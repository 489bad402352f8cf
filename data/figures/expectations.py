"""How often two side effects would be ticked together if ticks were unrelated, but for how much everybody ticks."""

import numpy as np

_ROUNDS, _CLOSE = 500, 1e-7


def expected_pairs(reported: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return the expected count of each pair, as a symmetric matrix with zeros on its diagonal.

    Takes how often each side effect was ticked, and how many people made 0, 1, 2 and so on ticks: both are kept, as if
    everybody had ticked as many as they did and every side effect as often as it was. Each has odds, found by
    iteration, and each number of ticks its own chance for a pair; so the sum of all pairs is that which was observed.
    Where some odds are without bound, as when nobody ticks one without another, what the last round found is returned.
    Source: Rasch's model, by Andersen, J. R. Stat. Soc. B 34 (1972) 42-54. Raises `ValueError` where the two do not
    have the same sum.
    """
    if reported @ np.ones(len(reported)) != people @ np.arange(len(people)):
        raise ValueError("the side effects and the people do not have the same number of ticks")
    everybody = reported == people.sum()  # their odds would be infinite; with any other they are as often as that
    expected = np.where(everybody, reported[:, None], 0) + np.where(everybody[:, None] & ~everybody, reported, 0.0)
    np.fill_diagonal(expected, 0)
    live = np.flatnonzero((reported > 0) & ~everybody)  # nobody ticks more than these
    ticks, people = reported[live].astype(float), people[everybody.sum() :][: len(live) + 1].astype(float)
    odds, others = ticks / ticks.max(initial=1), 1 - np.eye(len(live))
    for _ in range(_ROUNDS):
        chance = np.divide(people, _ways(odds), out=np.zeros(len(people)), where=people > 0)
        found = odds * (_ways(odds * others)[:, :-1] @ chance[1:])
        if np.allclose(found, ticks, rtol=_CLOSE):
            break
        odds = odds * ticks / found
        odds /= np.exp(np.log(odds).mean())  # only their ratios matter
    chance = np.divide(people, _ways(odds), out=np.zeros(len(people)), where=people > 0)
    rest = _ways(odds * others[:, None] * others)[..., :-2] @ chance[2:]
    expected[np.ix_(live, live)] = np.multiply.outer(odds, odds) * rest * others
    return expected


def _ways(odds: np.ndarray) -> np.ndarray:
    """Return the elementary symmetric functions of each row of odds: the weight of all ways to tick 0, 1, 2 and so on.

    Odds of zero leave a side effect out.
    """
    ways = np.zeros((*odds.shape[:-1], odds.shape[-1] + 1))
    ways[..., 0] = 1
    for one in range(odds.shape[-1]):
        ways[..., 1:] += odds[..., [one]] * ways[..., :-1]
    return ways
