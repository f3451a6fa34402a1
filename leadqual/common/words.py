import unicodedata


def folded(text: str) -> str:
    """The form in which texts are compared: full and half width, case and outer blanks do not matter."""
    return unicodedata.normalize("NFKC", text).casefold().strip()
