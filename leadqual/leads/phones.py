from functools import lru_cache

import phonenumbers

HOME = "JP"


@lru_cache(maxsize=10_000)
def to_e164(text: str, region: str = HOME) -> str | None:
    """`090-1234-5678` as +819012345678; None when it cannot be a telephone number.

    Only the length is judged, not whether the number was ever assigned: number plans change faster than libraries.
    An extension is dropped.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
