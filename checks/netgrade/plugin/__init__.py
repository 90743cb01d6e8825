"""The pytest plugin: `pytest --model-path models/netv3.py` grades a network, one item a rule.

A thin shell, and the only package that imports pytest. It turns options into submissions and reports into items;
without `--model-path` it leaves pytest alone. A submission never comes near this process: it is not imported, collected
or unpickled here, and torch isn't imported either.

What is needed to grade is imported only when something is graded, so that the plugin costs other runs nothing.
"""

import argparse
import math
import os
import shlex
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from netgrade.assignment import Assignment
    from netgrade.plugin.controller import Controller
    from netgrade.plugin.items import Judged
    from netgrade.plugin.writer import Writer
    from netgrade.session.trainings import Trainings
    from netgrade.submissions import Submission

_TELLING = ("help", "version", "markers", "cacheshow", "showfixtures", "show_fixtures_per_test")
"""pytest's options that print something and run nothing."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("netgrade", "grading a submitted network")
    group.addoption(
        "--model-path",
        action="append",
        metavar="PATH",
        help="Grade the network in FILE.py, FILE.py::Class, FILE.ipynb, or in every such file of a folder; may be "
        "given several times. Write --model-path=PATH where the folder has a configuration of its own: after a space "
        "pytest itself reads that, and runs what `-p` in it names before a plugin can refuse.",
    )
    group.addoption(
        "--assignment",
        metavar="NAME|FILE.toml",
        help="What the network is held to (default: `assignment` of [tool.netgrade] in pyproject.toml, else "
        "mnist-20k).",
    )
    group.addoption(
        "--model-timeout",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="Time for one network (default: 60).",
    )
    group.addoption(
        "--sandbox",
        choices=("auto", "require", "off"),
        default="auto",
        help="How a submission is held: by what this system has (auto, the default; the summary names it), not at all "
        "unless by all of it (require), or by limits of time and memory alone (off). `netgrade doctor` tries it.",
    )
    group.addoption(
        "--report",
        action="append",
        default=[],
        dest="netgrade_reports",
        metavar="FORMAT=PATH",
        help="Write a report of every rule, whatever -k selects, as json, markdown, github (annotations), badge "
        "(for shields.io), badge-svg, html; PATH `-` is the standard output. May be given several times.",
    )
    _add_training(parser)


def _add_training(parser: pytest.Parser) -> None:
    group = parser.getgroup("netgrade-training", "training a submitted network (-m gpu_train)")
    group.addoption(
        "--train-device",
        choices=("auto", "cuda", "cpu"),
        default="auto",
        help="Where to train: on a GPU, without which the check is skipped (auto, the default); on a GPU, or the check "
        "fails (cuda); on the CPU, which takes minutes (cpu).",
    )
    group.addoption(
        "--train-output",
        metavar="DIR",
        default="netgrade-out",
        help="Folder for each trial's record and curve (default: netgrade-out).",
    )
    group.addoption(
        "--train-anyway", action="store_true", help="Train a network even if it breaks a rule that needs no training."
    )
    group.addoption(
        "--train-timeout",
        type=_seconds,
        default=7200.0,
        metavar="SECONDS",
        help="Time for the training from one seed (default: 7200).",
    )
    group.addoption(
        "--data-root",
        metavar="DIR",
        help="Where the data set lies, as torchvision lays it out (default: NETGRADE_DATA, else your cache folder).",
    )
    group.addoption("--epochs", type=int, metavar="N", help="Epochs, no more than the assignment's.")
    group.addoption("--seed", type=int, metavar="N", help="The first seed, in place of the assignment's.")
    group.addoption(
        "--seeds", metavar="N|auto", help="How many seeds: their mean decides; auto: one if that leaves no doubt."
    )
    group.addoption(
        "--accuracy-at",
        metavar="best|last|last-K",
        help="The epoch that decides: the best, the last, the worst of the last K.",
    )
    group.addoption(
        "--learns",
        action="store_true",
        help="Train for seconds on few images that come with netgrade: the rule `learns`.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    config.addinivalue_line("markers", "gpu_train: trains a network; without -m these checks are left out")
    config.addinivalue_line("markers", "slow: takes minutes")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Refuse what may not run before any conftest.py is read, and have none read but the start folder's own."""
    options = early_config.known_args_namespace
    if _submissions(early_config, options):
        _keep_to_own_conftest(early_config, options)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Plan the grading, if one is asked for."""
    # Refuse again: where a conftest.py has registered this plugin, it was too late for the hook above.
    submissions = _submissions(config, config.option)
    if not submissions or any(getattr(config.option, name, False) for name in _TELLING):
        return
    if not config.option.file_or_dir:
        config.args = []
        config.args_source = pytest.Config.ArgsSource.ARGS
    workerinput: dict[str, Any] | None = getattr(config, "workerinput", None)
    from netgrade.plugin.items import Collection, may_train  # noqa: PLC0415

    trains = may_train(config.option.markexpr)
    if workerinput is not None:
        collection = Collection(submissions, partial(_received, workerinput), trains=trains)
    else:
        controller = _started(config, submissions, trains=trains)
        collection = Collection(submissions, controller.judged, trains=trains, train=controller.train)
    config.pluginmanager.register(collection)


def _started(config: pytest.Config, submissions: Sequence["Submission"], *, trains: bool) -> "Controller":
    """Start the server, and return what waits for its reports."""
    writer = _writer(config, submissions)
    from netgrade.sandbox.client import SandboxError, Server  # noqa: PLC0415

    try:
        # First of all: it imports torch while this process imports the rest.
        server = Server.start(isolation=config.option.sandbox)
    except SandboxError as error:
        raise pytest.UsageError(str(error)) from None
    config.add_cleanup(server.close)
    from netgrade.plugin.controller import Controller  # noqa: PLC0415
    from netgrade.session.session import Session  # noqa: PLC0415
    from netgrade.submissions import left_out  # noqa: PLC0415

    assignment = _assignment(config)
    trainings = _trainings(config, assignment, trains=trains)
    session = Session(server, submissions, assignment, trainings, timeout=config.option.model_timeout, trains=trains)
    files = left_out(config.option.model_path, config.invocation_params.dir)
    controller = Controller(config, session, assignment, trains=trains, files=files)
    config.pluginmanager.register(controller)
    if writer:
        writer.attach(controller.run)
        config.pluginmanager.register(writer)
    return controller


def _trainings(config: pytest.Config, assignment: "Assignment", *, trains: bool) -> "Trainings":
    """Return what trains networks, where the options allow it."""
    from netgrade.plugin.lines import width, write  # noqa: PLC0415
    from netgrade.reports.live import Screen  # noqa: PLC0415
    from netgrade.session.options import OptionError, hold_output, options  # noqa: PLC0415
    from netgrade.session.trainings import Trainings  # noqa: PLC0415

    start, given = config.invocation_params.dir, config.option
    try:
        how = options(
            device=given.train_device,
            output=given.train_output,
            data_root=given.data_root,
            anyway=given.train_anyway,
            timeout=given.train_timeout,
            start=start,
        )
        if trains:
            hold_output(how, "--train-output")
    except OptionError as error:
        raise pytest.UsageError(str(error)) from None
    trainings = Trainings(assignment, how, lambda: Screen(partial(write, config), partial(width, config), start))
    config.add_cleanup(trainings.close)
    return trainings


def _writer(config: pytest.Config, submissions: Sequence["Submission"]) -> "Writer | None":
    """Return what writes the reports that are asked for, before anything runs; None if none is."""
    if not config.option.netgrade_reports:
        return None
    from netgrade.plugin.writer import Writer  # noqa: PLC0415
    from netgrade.reports.targets import TargetError, targets  # noqa: PLC0415

    kept = [submission.path for submission in submissions]
    try:
        return Writer(config, targets(config.option.netgrade_reports, start=config.invocation_params.dir, kept=kept))
    except TargetError as error:
        raise pytest.UsageError(str(error)) from None


def _received(workerinput: dict[str, Any]) -> "Judged":
    """Return what the controller has handed to this xdist worker."""
    from netgrade.plugin.controller import received  # noqa: PLC0415

    return received(workerinput)


def _submissions(config: pytest.Config, options: argparse.Namespace) -> Sequence["Submission"]:
    """Return what is to be graded; nothing without `--model-path`."""
    positional: list[str] = getattr(options, "file_or_dir", None) or []  # `--help` ends the parsing before them
    start = config.invocation_params.dir
    if not options.model_path:
        _refuse_without_path(config, positional)
        return ()
    from netgrade.sandbox.neutral import neutral  # noqa: PLC0415 - see the module's docstring
    from netgrade.submissions import PathError, expand, positional_fault  # noqa: PLC0415
    from netgrade.trust import foreign  # noqa: PLC0415

    arguments = [*shlex.split(os.environ.get("PYTEST_ADDOPTS", "")), *config.invocation_params.args]
    if fault := foreign(config.inipath, start, arguments):
        raise pytest.UsageError(fault)
    try:
        submissions = expand(options.model_path, start)
    except PathError as error:
        raise pytest.UsageError(neutral(str(error))) from None  # it may name a stranger's files
    if fault := positional_fault(positional, submissions, start):
        raise pytest.UsageError(fault)
    return submissions


def _refuse_without_path(config: pytest.Config, positional: Sequence[str]) -> None:
    """Refuse what only makes sense with `--model-path`, before pytest imports a submission for a test file."""
    # In an ini file's addopts, they wait for a run that grades.
    given = {argument.partition("=")[0] for argument in config.invocation_params.args}
    for option in ("--assignment", "--report"):
        if option in given:
            raise pytest.UsageError(f"{option} grades nothing by itself: add --model-path=FILE.py, the submission")
    if any("::" in argument for argument in positional):
        from netgrade.submissions import rule_fault  # noqa: PLC0415

        if fault := rule_fault(positional, config.getini("python_files")):
            raise pytest.UsageError(fault)


def _keep_to_own_conftest(config: pytest.Config, options: argparse.Namespace) -> None:
    """Have pytest read the conftest.py of the start folder, and of those above it up to the configuration in force.

    Without a positional argument it would also read those of the folders in `testpaths` and of every folder `test*`.
    """
    from netgrade.trust import configuration_folder, own_conftest  # noqa: PLC0415

    start = config.invocation_params.dir
    if options.confcutdir == str(config.rootpath):  # pytest's own choice, not the user's
        options.confcutdir = str(configuration_folder(config.inipath, start))
    if not options.file_or_dir:
        conftest = own_conftest(config.inipath, start)
        options.file_or_dir = [str(conftest)] if conftest else []
        options.noconftest = options.noconftest or conftest is None


def _assignment(config: pytest.Config) -> "Assignment":
    from netgrade.assignment import DEFAULT, AssignmentError, from_pyproject, load, with_options  # noqa: PLC0415

    start = config.invocation_params.dir
    try:
        assignment = load(config.option.assignment or from_pyproject(start) or DEFAULT, folder=start)
        return with_options(
            assignment,
            epochs=config.option.epochs,
            seed=config.option.seed,
            seeds=config.option.seeds,
            accuracy_at=config.option.accuracy_at,
            learns=config.option.learns,
        )
    except AssignmentError as error:
        raise pytest.UsageError(str(error)) from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds
