import pytest
import torch

from netgrade.training.draws import generator


def numbers(*names):
    return torch.rand(8, generator=generator(*names)).tolist()


def test_a_seed_and_names_give_the_same_numbers_whatever_was_drawn_before():
    first = numbers(0, "order", 3)
    torch.manual_seed(7)
    numbers(0, "order", 2)
    assert numbers(0, "order", 3) == first


def test_nothing_else_is_drawn_from():
    before = torch.random.get_rng_state()
    numbers(0, "order", 3)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    "other",
    [
        (1, "order", 3),
        (0, "augment", 3),
        (0, "order", 4),
        (0, "order", "3"),
        (0, "order3"),
        (0, 3, "order"),
        (0, "order"),
    ],
)
def test_another_seed_name_or_time_gives_other_numbers(other):
    assert numbers(0, "order", 3) != numbers(*other)


def test_the_numbers_stay_as_they_are():
    # A record's seed must mean the same training in every version of netgrade.
    assert generator(0, "order", 1).initial_seed() == 4040673370


def test_a_seed_above_32_bits_is_its_own():
    # PyTorch's own CPU generator takes 5 and 5 + 2**32 for one seed.
    assert numbers(5) != numbers(5 + 2**32)
