"""The one way in which the trusted side turns a capture down."""


class Refused(Exception):  # noqa: N818 - it is a verdict on what was sent, not an error of ours
    """A blob that is not a program netgrade will run. The text says what was found, and where."""
