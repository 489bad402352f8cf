"""What is known and how it is kept: validation, storage, access, figures.

`pages` imports `data`, never the other way round, and nothing here imports Streamlit. Every input is validated here,
whatever a screen has already checked.
"""

VERSION = "1.4.0"  # .readme/changes.md says what each release changed
