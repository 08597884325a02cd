"""Any text at all, with halves of surrogate pairs: what JSON from a forged request can bring."""

from hypothesis import strategies as st

ANY_CHARACTER = st.characters(exclude_categories=())
ANY_TEXT = st.text(ANY_CHARACTER, max_size=400)
