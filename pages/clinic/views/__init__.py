"""The tabs of the dashboard's views: each module of this folder is found by being here."""

from importlib import import_module
from pkgutil import iter_modules

from pages.clinic.tab import TABS

__all__ = ["TABS"]
for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")
