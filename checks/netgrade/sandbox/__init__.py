"""The processes around a submission: what each may do, and how each is ended."""
