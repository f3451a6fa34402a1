class LeadqualError(Exception):
    """What a person did that cannot be done: a code for programs, a sentence for people, a place to look.

    `place` names where the fault is: a path in a condition, a line of a file, a column, a field.
    """

    def __init__(self, code: str, message: str, place: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.place = place

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else str(self.message)
