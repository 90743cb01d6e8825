"""What a reader should know of how a submission was loaded."""

from collections import Counter
from collections.abc import Collection

from netgrade.capture.device import OnCPU
from netgrade.capture.errors import describe
from netgrade.capture.script import Script
from netgrade.capture.standins import is_needless, missing

_MOST = 3
"""The most statements that are spoken of one by one."""


def notes(script: Script, networks: Collection[str], cpu: OnCPU | None) -> tuple[str, ...]:
    """Return the notes, in the order in which things were done.

    Args:
        script: the submission, as it was run.
        networks: names of its networks; what became of those is said elsewhere.
        cpu: the mode that keeps tensors on the CPU, if it was entered.
    """
    found = list(script.source.notes)
    if usual := script.usual():
        some = any(statement.imports for statement in script.source.statements)
        lack = "does not import all that it uses" if some else "imports nothing"
        found.append(f"the file {lack}; it was given `{'; '.join(usual)}`")
    for package in missing():
        stands = (
            "something that does nothing stands in its place" if is_needless(package) else "the network must not use it"
        )
        found.append(f"{package} is missing here; {stands}")
    found += _failed(script, networks)
    found += _doubles(script, networks)
    if cpu and cpu.used:
        found.append("the file asks for a GPU; the network was kept on the CPU")
    return tuple(found)


def _failed(script: Script, networks: Collection[str]) -> list[str]:
    """Name the statements that failed, if they make something."""
    failed = [
        (sorted(script.statements[position].makes), error)
        for position, error in sorted(script.errors.items())
        if script.statements[position].makes - set(networks)
    ]
    return [
        f"{', '.join(f'`{name}`' for name in names)} could not be made: {script.where(error)} raises {describe(error)}"
        for names, error in failed[:_MOST]
    ]


def _doubles(script: Script, networks: Collection[str]) -> list[str]:
    last = {cls.name: statement for statement in script.statements for cls in statement.classes}
    times = Counter(cls.name for statement in script.statements for cls in statement.classes if cls is statement.node)
    place = script.source.files.place
    return [
        f"{name} is defined {times[name]} times; the last, in {place(last[name].filename, last[name].line)}, is graded"
        for name in networks
        if times[name] > 1
    ]
