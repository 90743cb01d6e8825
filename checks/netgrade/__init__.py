"""netgrade grades a network by the graph it really executes."""

__version__ = "0.1.0"
