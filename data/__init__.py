"""What is known and how it is kept: validation, storage, access, figures.

The layer rule: `pages` imports `data`, never the other way round, and nothing here imports Streamlit.
Every input is validated at the border of this package, whatever a screen promised.
"""

VERSION = "1.0.0"  # .readme/changes.md says what each release changed
