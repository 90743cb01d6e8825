"""One frozen report, and one pure function a format."""
