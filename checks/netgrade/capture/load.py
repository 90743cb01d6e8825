"""Loads a submission: finds its networks, running no more of the file than they need.

What a file does at its top level besides defining networks (training, downloads, plots, prints) is not run. The whole
file is run only if a name is missing that it may still make.

Loading changes the process for good, as it may in a child that is there for one submission: `sys.path`,
`sys.meta_path`, `sys.modules`, linecache, and a mode that keeps tensors on the CPU.
"""

import contextlib
import dataclasses
import functools
import linecache
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from netgrade.capture import refusals, statements
from netgrade.capture.advice import may_make_more
from netgrade.capture.device import keep_on_cpu
from netgrade.capture.errors import SubmissionError
from netgrade.capture.files import Files
from netgrade.capture.notes import notes
from netgrade.capture.offers import Offer, named, offers, rejection
from netgrade.capture.script import Script
from netgrade.capture.siblings import join
from netgrade.capture.skipped import skipped
from netgrade.capture.source import read
from netgrade.capture.trials import Trial, attempt, build, networks

Way = Literal["definitions", "whole file"]


@dataclasses.dataclass(frozen=True)
class Candidate:
    """One network of a submission."""

    name: str
    """Class, factory or variable, as in the file."""
    build: Callable[[], nn.Module]
    """Makes it anew, with the numbers that torch's generator draws; raises SubmissionError if it can't be made."""


@dataclasses.dataclass(frozen=True)
class Loaded:
    """A submission whose networks were found."""

    candidates: tuple[Candidate, ...]
    """In the order of definition."""
    way: Way
    """How much of the file was run."""
    notes: tuple[str, ...]
    """What a reader should know."""
    files: Files


def load(path: Path, network: str | None = None, *, whole_file: bool = False) -> Loaded:
    """Load a submission.

    Args:
        path: a .py file or a notebook, absolute.
        network: the one class, function or variable that is asked for, whatever it is; None for every network.
        whole_file: the definitions alone were seen to lack a name; run all that may still make it.

    Raises:
        SubmissionError: the file can't be used, has no network, its only network can't be made, or there is no more
            of it to run.
    """
    with _settings_kept(path):
        source = read(path)
        package = join(source.files, statements.imported(source.statements))
        script = Script(source, package)
        trials = _trials(script, network)
        lacking = whole_file or any(isinstance(trial.error, NameError) for trial in trials)
        if lacking and may_make_more(script):
            whole_file = True
            script = Script(source, package)
            script.run_whole()
            trials = _trials(script, network)
        elif whole_file and not script.need_all_methods():
            raise SubmissionError(refusals.exhausted(script))
        left = [] if network else skipped(script, trials)
        return _loaded(script, trials, "whole file" if whole_file else "definitions", left)


def _trials(script: Script, network: str | None) -> list[Trial]:
    """Make what was asked for, or all that may be a network, once."""
    keep_on_cpu(map(_text, {statement.filename for statement in script.statements}))
    before = set(sys.modules)
    chosen = _networks(script) if network is None else [_network(script, network)]
    imported = (getattr(sys.modules[name], "__file__", None) for name in set(sys.modules) - before)
    keep_on_cpu(_text(file) for file in imported if file and script.source.files.name(file))
    trials = [attempt(script, offer) for offer in chosen]
    return networks(script, trials) if network is None else trials


def _text(filename: str) -> str:
    return "".join(linecache.getlines(filename))


def _networks(script: Script) -> list[Offer]:
    offered = offers(script)
    chosen = [offer for offer in offered if rejection(offer) is None]
    if not chosen:
        raise SubmissionError(refusals.nothing(script, offered))
    return chosen


def _network(script: Script, network: str) -> Offer:
    offer = named(script, network)
    if offer is None:
        raise SubmissionError(refusals.unknown(script, network, offers(script)))
    failure = refusals.uncallable(offer)
    if failure:
        raise SubmissionError(failure)
    return offer


def _loaded(script: Script, trials: Sequence[Trial], way: Way, left: Sequence[str]) -> Loaded:
    if len(trials) == 1 and trials[0].error:
        raise SubmissionError(refusals.unmade(script, trials[0].offer, trials[0].error)) from None
    return Loaded(
        candidates=tuple(Candidate(trial.offer.name, functools.partial(_build, script, trial)) for trial in trials),
        way=way,
        notes=(*notes(script, [trial.offer.name for trial in trials], keep_on_cpu(())), *left),
        files=script.source.files,
    )


def _build(script: Script, trial: Trial) -> nn.Module:
    if trial.error:
        raise SubmissionError(refusals.unmade(script, trial.offer, trial.error))
    try:
        return build(script, trial.offer)
    except BaseException as error:
        raise SubmissionError(refusals.unmade(script, trial.offer, error)) from error


@contextlib.contextmanager
def _settings_kept(path: Path) -> Iterator[None]:
    """Run a submission as a program of its own, without its warnings, and put torch's settings back afterwards."""
    argv, sys.argv = sys.argv, [str(path)]
    dtype, gradients = torch.get_default_dtype(), torch.is_grad_enabled()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.argv = argv
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(gradients)
