raise RuntimeError("this is not Python's random")
