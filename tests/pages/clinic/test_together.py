import pandas as pd

from data.catalogue import LABELS
from data.figures import pairs
from data.storage.columns import PAIR_COLUMNS, TICKED
from pages.clinic.views import together

NAMES = list(LABELS.values())


def test_every_number_above_the_triangle_is_that_of_a_named_row(configure):
    configure()
    nothing = dict.fromkeys([*LABELS, *TICKED, *PAIR_COLUMNS], 0)
    table = pairs.ticked_together(pd.DataFrame([{"n": 50, "none": 50} | nothing]))

    triangle = together.matrix(table, NAMES)

    rows = triangle.to_dict()["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert rows == list(range(1, 15))
    assert {*triangle.data["column"], *triangle.data["row"]} == {*rows}
