"""How many answered: of the infusions of a selection, those with a check-in, read from the counters."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

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

    A number is None where a rule of `disclosure` withholds it; `answered` is never told without `infusions`.
    """

    infusions: int | None
    answered: int | None
    first_day: date | None
    last_day: date | None

    def told(self, rule: Rule) -> "Response":
        """Return what may be told: that nobody answered looks the same as that a few did."""
        infusions, answered = (rule.group(number or 0) for number in (self.infusions, self.answered))
        return replace(self, infusions=infusions, answered=(answered or None) if infusions else infusions)


def read(connection: Connection, selection: Selection) -> Response | None:
    """Return how many infusions have a check-in of the selection's window, whenever it came.

    Counts by the week in which infusions ended, and only weeks of which no infusion is still within the window. None
    where nobody knows who could have answered: by the open link, in a chosen language, or to an earlier list.
    """
    if selection.origin == "open" or selection.language or selection.list_version != LIST_VERSION:
        return None
    over = clock.monday(clock.now() - WINDOW_BY_CODE[selection.window].end)
    where = [*selection.where(infusion_tallies, "number_band"), _TALLY.week < over.isoformat(), _TALLY.invited > 0]
    sums = (func.coalesce(func.sum(_TALLY[name]), 0) for name in ("invited", ANSWERED[selection.window]))
    first, last, invited, answered = connection.execute(
        select(func.min(_TALLY.week), func.max(_TALLY.week), *sums).where(*where)
    ).one()
    if not first:
        return Response(0, 0, None, None)
    last_day = date.fromisoformat(last) + timedelta(days=6)
    return Response(int(invited), int(answered), date.fromisoformat(first), last_day)
