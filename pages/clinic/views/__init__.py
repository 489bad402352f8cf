"""The tabs of the dashboard's views: each module of this folder is found by being here."""

from importlib import import_module
from pkgutil import iter_modules

from data.figures.view import View
from pages.clinic.tab import TABS, Tab

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")


def tab_of(view: type[View]) -> Tab:
    """Return the tab that shows a view."""
    return TABS[view]
