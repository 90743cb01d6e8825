from pathlib import Path
from typing import Any, get_args

import pytest

from netgrade.assignment import Assignment, AssignmentError, built_in, from_pyproject, load, with_options
from netgrade.rules import (
    all_rules,
    depthwise_separable,
    dropout,
    fully_connected,
    learns,
    operators,
    output_kind,
    output_shape,
    parameter_budget,
    receptive_field,
    test_accuracy,
    untrained_start,
)
from netgrade.rules.model import Settings
from netgrade.training.datasets import NAMES
from netgrade.training.recipe import Recipe
from netgrade.training.terms import Name, Training

HEAD = "input-shape = [1, 28, 28]\nclasses = 10\n"


def write(folder: Path, text: str) -> Assignment:
    """Load this text from a file called course.toml."""
    (folder / "course.toml").write_text(text, encoding="utf-8")
    return load("course.toml", folder=folder)


def refusal(folder: Path, text: str) -> str:
    """Return why this text is refused."""
    with pytest.raises(AssignmentError) as caught:
        write(folder, text)
    return str(caught.value)


def listed(assignment: Assignment) -> dict[str, tuple[Settings, str]]:
    return {each.rule.id: (each.settings, each.severity) for each in assignment.requirements}


PLAIN = Settings()
OUTPUT_RULES: dict[str, tuple[Settings, str]] = {
    "output-shape": (output_shape.Settings(classes=10), "fail"),
    "output-kind": (output_kind.Settings(), "fail"),
    "finite-output": (PLAIN, "fail"),
    "deterministic-eval": (PLAIN, "fail"),
    "batch-independence": (PLAIN, "fail"),
    "used-layers": (PLAIN, "warn"),
}


def trained(accuracy_at: str = "best", *, accuracy: float = 99.4) -> dict[str, tuple[Settings, str]]:
    """Return the rules that come with a table [training]."""
    return {
        "untrained-start": (untrained_start.Settings(at_most=30.0), "fail"),
        "test-accuracy": (test_accuracy.Settings(accuracy=accuracy, accuracy_at=accuracy_at, seeds=1), "fail"),
    }


def test_the_built_in_ones() -> None:
    assert built_in() == ["cifar10-200k", "mnist-20k", "mnist-20k-gap-or-fc", "mnist-8k"]


def test_mnist_20k_is_the_default(tmp_path: Path) -> None:
    assignment = load(folder=tmp_path)
    assert (assignment.name, assignment.input_shape, assignment.classes) == ("mnist-20k", (1, 28, 28), 10)
    assert list(listed(assignment).items()) == [
        ("parameter-budget", (parameter_budget.Settings(below=20_000), "fail")),
        ("batch-norm", (PLAIN, "fail")),
        ("dropout", (dropout.Settings(), "fail")),
        ("global-average-pooling", (PLAIN, "fail")),
        *OUTPUT_RULES.items(),
        *trained().items(),
    ]
    assert assignment.training == Training(data_set="mnist", epochs=20, accuracy=99.4, accuracy_at="best", seed=0)


def test_mnist_20k_gap_or_fc(tmp_path: Path) -> None:
    base, assignment = load(folder=tmp_path), load("mnist-20k-gap-or-fc", folder=tmp_path)
    expected = listed(base) | {"gap-or-fully-connected": (fully_connected.Settings(), "fail")}
    del expected["global-average-pooling"]
    assert listed(assignment) == expected
    assert assignment.training == base.training


def test_mnist_8k(tmp_path: Path) -> None:
    base, assignment = load(folder=tmp_path), load("mnist-8k", folder=tmp_path)
    assert list(listed(assignment)) == list(listed(base))
    budget = {"parameter-budget": (parameter_budget.Settings(below=8_000), "fail")}
    assert listed(assignment) == listed(base) | budget | trained("last-3")
    assert assignment.training == Training(data_set="mnist", epochs=15, accuracy=99.4, accuracy_at="last-3")


def test_cifar10_200k(tmp_path: Path) -> None:
    assignment = load("cifar10-200k", folder=tmp_path)
    assert (assignment.input_shape, assignment.classes, assignment.training) == ((3, 32, 32), 10, None)
    assert list(listed(assignment).items()) == [
        ("parameter-budget", (parameter_budget.Settings(below=200_000), "fail")),
        ("receptive-field", (receptive_field.Settings(above=44), "fail")),
        ("depthwise-separable", (depthwise_separable.Settings(), "fail")),
        ("dilated", (PLAIN, "fail")),
        ("global-average-pooling", (PLAIN, "fail")),
        ("operators", (operators.Settings(forbidden=("max-pool",)), "fail")),
        *OUTPUT_RULES.items(),
    ]


@pytest.mark.parametrize("name", built_in())
def test_what_a_rule_needs_stands_before_it(name: str, tmp_path: Path) -> None:
    order = list(listed(load(name, folder=tmp_path)))
    for rule in map(all_rules().__getitem__, order):
        assert set(rule.needs) <= set(order[: order.index(rule.id)])


def test_a_file_of_its_own(tmp_path: Path) -> None:
    assignment = write(
        tmp_path,
        "input-shape = [3, 32, 32]\nclasses = 10\n"
        '[rules.output-shape]\nseverity = "warn"\n[rules.dropout]\nleast = 0.05\n'
        '[training]\ndata-set = "cifar10"\nepochs = 3\naccuracy = 60\naccuracy-at = "last"\nseed = 7\n',
    )
    assert (assignment.name, assignment.input_shape, assignment.classes) == ("course.toml", (3, 32, 32), 10)
    assert list(listed(assignment).items()) == [
        ("output-shape", (output_shape.Settings(classes=10), "warn")),
        ("dropout", (dropout.Settings(least=0.05), "fail")),
        *trained("last", accuracy=60.0).items(),
    ]
    assert assignment.training == Training(data_set="cifar10", epochs=3, accuracy=60.0, accuracy_at="last", seed=7)


def test_a_training_of_its_own(tmp_path: Path) -> None:
    assignment = write(
        tmp_path,
        f'{HEAD}[rules.dropout]\n[training]\ndata-set = "kmnist"\nepochs = 5\naccuracy = 97.5\nseeds = "auto"\n'
        'accuracy-at = "last-5"\nreinitialize = true\nuntrained-at-most = 20\n'
        '[training.recipe]\noptimizer = "sgd"\nlearning-rate = 0.1\nwarm-up = 0\nflip = true\n',
    )
    assert assignment.training == Training(
        data_set="kmnist",
        epochs=5,
        accuracy=97.5,
        accuracy_at="last-5",
        seeds="auto",
        reinitialize=True,
        untrained_at_most=20.0,
        recipe=Recipe(optimizer="sgd", learning_rate=0.1, warm_up=0.0, flip=True),
    )
    assert list(listed(assignment).items()) == [
        ("dropout", (dropout.Settings(), "fail")),
        ("untrained-start", (untrained_start.Settings(at_most=20.0), "fail")),
        ("test-accuracy", (test_accuracy.Settings(accuracy=97.5, accuracy_at="last-5", seeds="auto"), "fail")),
    ]


def test_the_data_sets_are_those_that_can_be_trained_on() -> None:
    assert get_args(Name) == NAMES


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f'{HEAD}[rules.dropout]\n[training]\ndata-set = "svhn"\nepochs = 1\naccuracy = 50\n',
            (
                "training.data-set: the images of SVHN are 3×32×32 and 10 classes, "
                "the assignment has 1×28×28 and 10 classes"
            ),
        ),
        (
            'extends = "mnist-20k"\nclasses = 26\n',
            (
                "training.data-set: the images of MNIST are 1×28×28 and 10 classes, "
                "the assignment has 1×28×28 and 26 classes"
            ),
        ),
    ],
)
def test_a_data_set_that_the_networks_do_not_take(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text) == f"course.toml: {message}"


def test_learns_is_a_rule_like_others(tmp_path: Path) -> None:
    assignment = write(tmp_path, f'{HEAD}[rules.learns]\nat-least = 90\nseverity = "warn"\n')
    assert listed(assignment) == {"learns": (learns.Settings(at_least=90.0), "warn")}


@pytest.mark.parametrize(
    ("head", "asked"),
    [
        ("input-shape = [3, 32, 32]\nclasses = 10\n", "3×32×32 and 10 classes"),
        ("input-shape = [1, 28, 28]\nclasses = 26\n", "1×28×28 and 26 classes"),
    ],
)
def test_learns_takes_what_the_small_data_set_has(tmp_path: Path, head: str, asked: str) -> None:
    assert refusal(tmp_path, f"{head}[rules.learns]\n") == (
        f"course.toml: rules.learns: the images of digits are 1×28×28 and 10 classes, the assignment has {asked}"
    )


def test_no_option_changes_nothing(tmp_path: Path) -> None:
    base = load(folder=tmp_path)
    assert with_options(base) == base


def test_options_change_the_training_and_its_rules(tmp_path: Path) -> None:
    base = load("mnist-8k", folder=tmp_path)
    changed = with_options(base, epochs=10, seed=3, seeds="auto", accuracy_at="last-5")
    assert changed.training == Training(
        data_set="mnist", epochs=10, accuracy=99.4, accuracy_at="last-5", seed=3, seeds="auto"
    )
    assert list(listed(changed)) == list(listed(base))
    assert listed(changed) == listed(base) | {
        "test-accuracy": (test_accuracy.Settings(accuracy=99.4, accuracy_at="last-5", seeds="auto"), "fail")
    }


def test_a_number_of_seeds(tmp_path: Path) -> None:
    changed = with_options(load(folder=tmp_path), seeds="3", epochs=20)
    assert changed.training is not None
    assert (changed.training.seeds, changed.training.epochs) == (3, 20)


def test_learns_stands_before_the_training(tmp_path: Path) -> None:
    base = load(folder=tmp_path)
    changed = with_options(base, learns=True)
    order = list(listed(base))
    assert list(listed(changed)) == [*order[:-2], "learns", *order[-2:]]
    assert listed(changed)["learns"] == (learns.Settings(), "fail")
    assert with_options(changed, learns=True) == changed


NO_TRAINING = "cifar10-200k asks for no training; add a table [training]"


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("mnist-20k", {"epochs": 21}, "--epochs: 21 is above the 20 of mnist-20k, which are the most"),
        (
            "mnist-20k",
            {"epochs": 0},
            "--epochs: must be a whole number, at least 1 and at most 10,000, not 0",
        ),
        (
            "mnist-20k",
            {"seed": -1},
            "--seed: must be a whole number, at least 0 and at most 2,147,483,648, not -1",
        ),
        (
            "mnist-20k",
            {"seeds": "five"},
            '--seeds: must be a whole number, at least 1 and at most 100, or "auto", not "five"',
        ),
        ("mnist-20k", {"seeds": ""}, '--seeds: must be a whole number, at least 1 and at most 100, or "auto", not ""'),
        ("mnist-20k", {"seeds": "0"}, '--seeds: must be a whole number, at least 1 and at most 100, or "auto", not 0'),
        (
            "mnist-20k",
            {"accuracy_at": "worst"},
            '--accuracy-at: must be "best", "last" or "last-K", such as "last-3", not "worst"',
        ),
        (
            "mnist-20k",
            {"accuracy_at": "last\n"},
            '--accuracy-at: must be "best", "last" or "last-K", such as "last-3", not "last\\n"; did you mean `last`?',
        ),
        ("mnist-8k", {"epochs": 2}, '--epochs: accuracy-at = "last-3" takes at least 3 epochs, not 2'),
        (
            "mnist-8k",
            {"epochs": 2, "accuracy_at": "last-9"},
            '--epochs and --accuracy-at: accuracy-at = "last-9" takes at least 9 epochs, not 2',
        ),
        ("cifar10-200k", {"epochs": 2}, f"--epochs: {NO_TRAINING}"),
        ("cifar10-200k", {"seed": 1, "seeds": "auto"}, f"--seed and --seeds: {NO_TRAINING}"),
        (
            "cifar10-200k",
            {"learns": True},
            "--learns: the images of digits are 1×28×28 and 10 classes, the assignment has 3×32×32 and 10 classes",
        ),
    ],
)
def test_options_that_an_assignment_cannot_take(
    tmp_path: Path, name: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(AssignmentError) as caught:
        with_options(load(name, folder=tmp_path), **options)
    assert str(caught.value) == message


def test_a_rule_is_worth_what_the_file_says_and_else_one_point(tmp_path: Path) -> None:
    assignment = write(
        tmp_path, f"{HEAD}[rules.dropout]\npoints = 3\n[rules.macs]\nbelow = 9\n[rules.batch-norm]\npoints = 0\n"
    )
    assert [each.points for each in assignment.requirements] == [3, 1, 0]


def test_points_of_the_training(tmp_path: Path) -> None:
    assignment = write(
        tmp_path, f'{HEAD}[rules.dropout]\n[training]\ndata-set = "mnist"\nepochs = 1\naccuracy = 99\npoints = 5\n'
    )
    assert {each.rule.id: each.points for each in assignment.requirements} == {
        "dropout": 1,
        "untrained-start": 1,
        "test-accuracy": 5,
    }


def test_a_rule_may_have_its_own_number_of_classes(tmp_path: Path) -> None:
    assignment = write(tmp_path, f"{HEAD}[rules.output-shape]\nclasses = 32\n")
    assert listed(assignment) == {"output-shape": (output_shape.Settings(classes=32), "fail")}


def test_an_absolute_path(tmp_path: Path) -> None:
    write(tmp_path, f"{HEAD}[rules.dropout]\n")
    path = str(tmp_path / "course.toml")
    assert load(path, folder=Path("elsewhere")).name == path


def test_an_extension_replaces_whole_tables(tmp_path: Path) -> None:
    assignment = write(
        tmp_path,
        'extends = "mnist-8k"\nwithout = ["dropout", "batch-norm"]\n'
        '[rules.parameter-budget]\nat-most = 5000\n[rules.macs]\nbelow = 9\nseverity = "warn"\n',
    )
    base = load("mnist-8k", folder=tmp_path)
    assert list(listed(assignment)) == [
        *(rule for rule in listed(base) if rule not in ("dropout", "batch-norm", *trained())),
        "macs",
        *trained(),
    ]
    assert listed(assignment)["parameter-budget"][0] == parameter_budget.Settings(at_most=5000)
    assert (assignment.name, assignment.training) == ("course.toml", base.training)


def test_an_extension_has_its_own_number_of_classes(tmp_path: Path) -> None:
    assignment = write(tmp_path, 'extends = "cifar10-200k"\nclasses = 26\n')
    assert assignment.classes == 26
    assert listed(assignment)["output-shape"][0] == output_shape.Settings(classes=26)


TRAINING = '[training]\ndata-set = "mnist"\nepochs = 20\naccuracy = 99.4\n'
BUILT_IN = "cifar10-200k, mnist-20k, mnist-20k-gap-or-fc, mnist-8k"
MISTAKES = [
    (
        "[rules.parameter-budget]\nbelwo = 20000\n",
        (
            "rules.parameter-budget.belwo: unknown key; did you mean `below`? "
            "(keys: below, at-most, count, severity, points)"
        ),
    ),
    (
        '[rules.dropout]\n[training]\ndata-set = "mnist"\nepochs = 1\naccuracy = 0.97\n',
        "training.accuracy: must be a number of per cent, above 1 and at most 100, not 0.97; did you mean 97.0?",
    ),
    (
        '[rules.dropout]\n[training]\ndata-set = "mnist"\nepochs = 1\naccuracy = 97\nuntrained-at-most = 0.3\n',
        (
            "training.untrained-at-most: must be a number of per cent, above 1 and at most 100, not 0.3; "
            "did you mean 30.0?"
        ),
    ),
    (
        "[rules.learns]\nat-least = 0.994\n",
        "rules.learns.at-least: must be a number of per cent, above 1 and at most 100, not 0.994; did you mean 99.4?",
    ),
    ("[rules.batch-norm]\nepsilon = 1\n", "rules.batch-norm.epsilon: unknown key (keys: severity, points)"),
    ("[rules.parameter-budget]\nbelow = -1\n", "rules.parameter-budget.below: must be a whole number, above 0, not -1"),
    ("[rules.parameter-budget]\n", "rules.parameter-budget: give exactly one of `below` and `at-most`"),
    (
        "[rules.parameter-budget]\nbelow = 1\nat-most = 1\n",
        "rules.parameter-budget: give exactly one of `below` and `at-most`",
    ),
    ("[rules.macs]\n", "rules.macs: give exactly one of `below` and `at-most`"),
    ("[rules.macs]\nat-most = -1\n", "rules.macs.at-most: must be a whole number, at least 0, not -1"),
    ("[rules.receptive-field]\n", "rules.receptive-field: give exactly one of `above` and `at-least`"),
    ("[rules.dropout]\nleast = 1\n", "rules.dropout.least: must be a number, above 0 and below 1, not 1"),
    (
        "[rules.depthwise-separable]\nleast = 0\n",
        "rules.depthwise-separable.least: must be a whole number, at least 1, not 0",
    ),
    (
        '[rules.fully-connected]\npointwise-counts = "no"\n',
        'rules.fully-connected.pointwise-counts: must be true or false, not "no"',
    ),
    ("[rules.operators]\n", "rules.operators: name at least one operator in `required` or `forbidden`"),
    (
        '[rules.operators]\nrequired = ["relu"]\nforbidden = ["relu"]\n',
        "rules.operators: `relu` can't be both required and forbidden",
    ),
    (
        "[rules.output-kind]\nallow = []\n",
        (
            "rules.output-kind.allow: must be a list of at least 1, "
            'each item one of "log-probabilities", "logits", "probabilities", not []'
        ),
    ),
    (
        '[rules.dropout]\nseverity = "eror"\n',
        'rules.dropout.severity: must be one of "fail", "warn", not "eror"',
    ),
    (
        "[rules.dropout]\npoints = -1\n",
        "rules.dropout.points: must be a whole number, at least 0 and at most 1,000, not -1",
    ),
    (
        "[rules.dropout]\npoints = 0.5\n",
        "rules.dropout.points: must be a whole number, at least 0 and at most 1,000, not 0.5",
    ),
    ("[rules]\ndropout = true\n", "rules.dropout: must be a table, not true"),
    ("[rules]\n", "rules: there must be at least one rule"),
    (
        '[rules.dropout]\n[training]\ndata-set = "mnst"\n',
        (
            'training.data-set: must be one of "cifar10", "digits", "fashion-mnist", "kmnist", "mnist", "qmnist", '
            '"svhn", not "mnst"; did you mean `mnist`?'
        ),
    ),
    (
        "[rules.dropout]\n[training]\nepoch = 20\n",
        (
            "training.epoch: unknown key; did you mean `epochs`? (keys: data-set, epochs, accuracy, accuracy-at, seed, "
            "seeds, reinitialize, untrained-at-most, points, recipe)"
        ),
    ),
    (
        '[rules.dropout]\n[training]\ndata-set = "mnist"\nepochs = 20\n',
        "training.accuracy: missing; give a number of per cent, above 1 and at most 100",
    ),
    (
        "[rules.dropout]\n[training]\naccuracy = 994\n",
        "training.accuracy: must be a number of per cent, above 1 and at most 100, not 994",
    ),
    (
        "[rules.dropout]\n[training]\nepochs = 0\n",
        "training.epochs: must be a whole number, at least 1 and at most 10,000, not 0",
    ),
    (
        '[rules.dropout]\n[training]\naccuracy-at = "lst"\n',
        'training.accuracy-at: must be "best", "last" or "last-K", such as "last-3", not "lst"; did you mean `last`?',
    ),
    (
        '[rules.dropout]\n[training]\naccuracy-at = "last-0"\n',
        (
            'training.accuracy-at: must be "best", "last" or "last-K", such as "last-3", not "last-0"; '
            "did you mean `last-3`?"
        ),
    ),
    (
        f'[rules.dropout]\n{TRAINING}accuracy-at = "last-21"\n',
        'training: accuracy-at = "last-21" takes at least 21 epochs, not 20',
    ),
    (
        '[rules.dropout]\n[training]\nseeds = "all"\n',
        'training.seeds: must be a whole number, at least 1 and at most 100, or "auto", not "all"',
    ),
    (
        "[rules.dropout]\n[training]\nseeds = 0\n",
        'training.seeds: must be a whole number, at least 1 and at most 100, or "auto", not 0',
    ),
    ("[rules.dropout]\n[training]\nrecipe = 3\n", "training.recipe: must be a table, not 3"),
    (
        "[rules.dropout]\n[training.recipe]\nlearning-rat = 1\n",
        (
            "training.recipe.learning-rat: unknown key; did you mean `learning-rate`? (keys: optimizer, learning-rate, "
            "schedule, warm-up, weight-decay, momentum, batch, label-smoothing, rotation, shift, scale, flip)"
        ),
    ),
    (
        '[rules.dropout]\n[training.recipe]\noptimizer = "adam"\n',
        'training.recipe.optimizer: must be one of "adamw", "sgd", not "adam"; did you mean `adamw`?',
    ),
    (
        "[rules.dropout]\n[training.recipe]\nbatch = 1\n",
        "training.recipe.batch: must be a whole number, at least 2 and at most 65,536, not 1",
    ),
    (
        f"[rules.test-accuracy]\naccuracy = 99\n{TRAINING}",
        "rules.test-accuracy: this rule comes with [training]; give its settings there",
    ),
    (
        "[rules.untrained-start]\n",
        "rules.untrained-start: this rule comes with [training]; give its settings there",
    ),
    (
        "[rules.learns]\nat-least = 0\n",
        "rules.learns.at-least: must be a number of per cent, above 1 and at most 100, not 0",
    ),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_mistakes_in_tables(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, HEAD + text) == f"course.toml: {message}"


TOP_MISTAKES = [
    ("classes = 10\n", "input-shape: missing; give a list of 3, each a whole number, at least 1 and at most 4,096"),
    (HEAD, "rules: missing; give a table"),
    (
        "input-shape = [1, 28]\n",
        "input-shape: must be a list of 3, each a whole number, at least 1 and at most 4,096, not [1, 28]",
    ),
    ("classes = 1\n", "classes: must be a whole number, at least 2, not 1"),
    ("rules = 3\n", "rules: must be a table, not 3"),
    (
        "clases = 10\n",
        "clases: unknown key; did you mean `classes`? (keys: input-shape, classes, rules, training, extends, without)",
    ),
    (
        f'without = ["dropout"]\n{HEAD}[rules.macs]\nbelow = 1\n',
        "without: only a file that `extends` another can leave rules out",
    ),
    (
        'extends = "mnist-20"\n',
        f"extends: unknown assignment `mnist-20`; did you mean `mnist-20k`? (assignments: {BUILT_IN})",
    ),
    ("extends = 20\n", "extends: must be a string, not 20"),
    ('extends = "mnist-20k"\nrules = 3\n', "rules: must be a table, not 3"),
    ('extends = "mnist-20k"\nclasses = "ten"\n', 'classes: must be a whole number, at least 2, not "ten"'),
    (
        'extends = "cifar10-200k"\nwithout = ["dilate"]\n',
        (
            "without: unknown rule `dilate`; did you mean `dilated`? (rules: parameter-budget, receptive-field, "
            "depthwise-separable, dilated, global-average-pooling, operators, output-shape, output-kind, "
            "finite-output, deterministic-eval, batch-independence, used-layers)"
        ),
    ),
    ("classes = \n", "not TOML: Invalid value (at line 1, column 11)"),
]


@pytest.mark.parametrize(("text", "message"), TOP_MISTAKES)
def test_mistakes_at_the_top(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text) == f"course.toml: {message}"


def test_an_unknown_rule(tmp_path: Path) -> None:
    assert refusal(tmp_path, f"{HEAD}[rules.droput]\n") == (
        f"course.toml: rules: unknown rule `droput`; did you mean `dropout`? (rules: {', '.join(all_rules())})"
    )


def test_an_unknown_word_for_an_operator(tmp_path: Path) -> None:
    text = refusal(tmp_path, f'{HEAD}[rules.operators]\nforbidden = ["relu", "max-pol"]\n')
    assert text.startswith('course.toml: rules.operators.forbidden[1]: must be one of "attention", "average-pool", ')
    assert text.endswith(', not "max-pol"; did you mean `max-pool`?')


@pytest.mark.parametrize(
    ("name", "suggestion"), [("mnist-20", "; did you mean `mnist-20k`?"), ("course.tml", ""), ("", "")]
)
def test_an_unknown_name(tmp_path: Path, name: str, suggestion: str) -> None:
    with pytest.raises(AssignmentError) as caught:
        load(name, folder=tmp_path)
    assert str(caught.value) == (
        f"unknown assignment `{name}`{suggestion} (assignments: {BUILT_IN}), or a file whose name ends in .toml"
    )


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError) as caught:
        load("week5/course.toml", folder=tmp_path)
    assert str(caught.value) == "week5/course.toml: no such file"


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "course.toml").mkdir()
    with pytest.raises(AssignmentError) as caught:
        load("course.toml", folder=tmp_path)
    assert str(caught.value) == "course.toml: a folder, not a TOML file"


def test_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(AssignmentError) as caught:
        load("course.toml", folder=tmp_path)
    assert str(caught.value) == "course.toml: not UTF-8: byte 0 is 0xff"


def configure(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('[tool.netgrade]\nassignment = "mnist-8k"\n', "mnist-8k"),
        ("[tool.netgrade]\n", None),
        ('[project]\nname = "course"\n', None),
        ("[tool.ruff]\nline-length = 100\n", None),
    ],
)
def test_configured(tmp_path: Path, text: str, name: str | None) -> None:
    configure(tmp_path, text)
    assert from_pyproject(tmp_path) == name


def test_only_the_start_folder_is_read(tmp_path: Path) -> None:
    configure(tmp_path, '[tool.netgrade]\nassignment = "mnist-8k"\n')
    below = tmp_path / "below"
    below.mkdir()
    assert from_pyproject(below) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[tool.netgrade]\nasignment = "mnist-8k"\n',
            "tool.netgrade.asignment: unknown key; did you mean `assignment`? (keys: assignment)",
        ),
        ("[tool.netgrade]\nassignment = 8\n", "tool.netgrade.assignment: must be a string, not 8"),
        ("[tool]\nnetgrade = 8\n", "tool.netgrade: must be a table, not 8"),
        ("[tool.netgrade\n", "not TOML: Expected ']' at the end of a table declaration (at line 1, column 15)"),
    ],
)
def test_configured_wrongly(tmp_path: Path, text: str, message: str) -> None:
    configure(tmp_path, text)
    with pytest.raises(AssignmentError) as caught:
        from_pyproject(tmp_path)
    assert str(caught.value) == f"pyproject.toml: {message}"
