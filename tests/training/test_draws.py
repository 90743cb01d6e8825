import pytest
import torch

from netgrade.training.draws import generator


def numbers(seed: int, *names: int | str) -> list[float]:
    drawn: list[float] = torch.rand(8, generator=generator(seed, *names)).tolist()
    return drawn


def test_a_seed_and_names_give_the_same_numbers_whatever_was_drawn_before() -> None:
    first = numbers(0, "order", 3)
    torch.manual_seed(7)
    numbers(0, "order", 2)
    assert numbers(0, "order", 3) == first


def test_the_common_generator_is_left_alone() -> None:
    before = torch.random.get_rng_state()
    numbers(0, "order", 3)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("names", [("augment", 3), ("order", 4), ("order", "3"), ("order3",), (3, "order"), ("order",)])
def test_another_name_or_time_gives_other_numbers(names: tuple[int | str, ...]) -> None:
    assert numbers(0, "order", 3) != numbers(0, *names)


def test_another_seed_gives_other_numbers() -> None:
    assert numbers(0, "order", 3) != numbers(1, "order", 3)


def test_a_seed_above_32_bits_is_its_own() -> None:
    # PyTorch's generator for the CPU takes 5 and 5 + 2**32 for one seed.
    assert numbers(5) != numbers(5 + 2**32)


def test_a_seed_means_the_same_training_in_every_version() -> None:
    assert generator(0, "order", 1).initial_seed() == 4040673370
