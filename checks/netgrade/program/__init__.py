"""The captured program: its data, its codec, the operators it may hold, and its rebuild. The trust boundary."""
