"""How many answered: of the infusions of a selection, those with a check-in, read from the counters."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd
from sqlalchemy import Connection, case, func, select

from data import clock
from data.catalogue import LIST_VERSION, WINDOW_BY_CODE
from data.figures.disclosure import Rule
from data.figures.selections import Selection
from data.storage.columns import ANSWERED
from data.storage.schema import infusion_tallies

_TALLY = infusion_tallies.c


@dataclass(frozen=True)
class Response:
    """Of `infusions` that ended from `first_day` to `last_day`, `answered` have a check-in of one window.

    A number is None where a rule of `disclosure` withholds it; `answered` is never told without `infusions`. Where all
    weeks are chosen, `still_open` infusions have such a check-in too, but ended in weeks whose window is not over.
    """

    infusions: int | None
    answered: int | None
    first_day: date | None
    last_day: date | None
    still_open: int | None = 0

    @property
    def rate(self) -> float | None:
        """The share (0 to 1) that answered, None where that is not known or not told."""
        return self.answered / self.infusions if self.answered and self.infusions else None

    def told(self, rule: Rule) -> "Response":
        """Return what may be told: that nobody answered looks the same as that a few did."""
        numbers = (self.infusions, self.answered, self.still_open)
        infusions, answered, still_open = (rule.group(number or 0) for number in numbers)
        answered = (answered or None) if infusions else infusions
        return replace(self, infusions=infusions, answered=answered, still_open=still_open)

    def bounds(self, shares: pd.Series) -> pd.DataFrame | None:
        """Return the columns `least` and `most` (0 to 1): what shares could be if everybody had answered.

        At least if nobody else, at most if everybody else had the side effect; chance is not included. None where the
        rate is not known. Source: Manski, Am. Econ. Rev. 80 (1990) 319-323.
        """
        if self.rate is None:
            return None
        return pd.DataFrame({"least": shares * self.rate, "most": shares * self.rate + 1 - self.rate})


def read(connection: Connection, selection: Selection) -> Response | None:
    """Return how many infusions have a check-in of the selection's window, whenever it came.

    Counts by the week in which infusions ended, and only weeks of which no infusion is still within the window: where
    weeks are chosen, as many of them, moved back just so far that the window of the last is over. None where nobody
    knows who could have answered: by the open link, in a chosen language, from a chosen device, or to an earlier list.
    """
    of_answers = selection.language or selection.device or selection.list_version != LIST_VERSION
    if selection.origin == "open" or of_answers:
        return None
    open_from = clock.monday(clock.now() - WINDOW_BY_CODE[selection.window].end)
    if selection.first and selection.last:
        back = max(timedelta(0), selection.last - (open_from - timedelta(weeks=1)))
        selection = replace(selection, first=selection.first - back, last=selection.last - back)
    is_over, answered = _TALLY.week < open_from.isoformat(), _TALLY[ANSWERED[selection.window]]
    days = (end(case((is_over, _TALLY.week))) for end in (func.min, func.max))
    counted = (case((is_over, _TALLY.invited)), case((is_over, answered)), case((~is_over, answered)))
    where = (*selection.where(infusion_tallies, "number_band"), _TALLY.invited > 0)
    first, last, *sums = connection.execute(select(*days, *(func.sum(one) for one in counted)).where(*where)).one()
    first_day, last_day = (date.fromisoformat(week) if week else None for week in (first, last))
    infusions, answers, still_open = (int(number or 0) for number in sums)
    return Response(infusions, answers, first_day, last_day and last_day + timedelta(days=6), still_open)
