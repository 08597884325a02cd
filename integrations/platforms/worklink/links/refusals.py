"""Why a link is refused."""


class LinkRefused(ValueError):
    """`code` is one of the names of section 2.7 of the sheet, or of ours; the text says what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence
