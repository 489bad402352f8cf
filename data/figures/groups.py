"""The views of one group, or of several side by side that are never pooled."""

from dataclasses import replace

from data.catalogue import NUMBER_BANDS, WINDOW_BY_CODE
from data.figures.selections import Selection
from data.figures.view import View


class OneWindow(View):
    """How many reported what in one window."""

    name = "Frequencies"


class EveryWindow(View):
    """The windows side by side."""

    name = "Since the infusion"

    @property
    def groups(self) -> dict[str, Selection]:
        return {code: replace(self.selection, window=code) for code in WINDOW_BY_CODE}


class InfusionNumbers(View):
    """First, early and later infusions side by side."""

    name = "By infusion number"
    is_of_parts = True

    @property
    def groups(self) -> dict[str, Selection]:
        return {band: replace(self.selection, number_band=band) for band in NUMBER_BANDS if band != "unknown"}
