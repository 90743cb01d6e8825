import math

import pytest
import torch

from netgrade.training.augment import draw, warp
from netgrade.training.draws import generator
from netgrade.training.recipe import Recipe

STILL = Recipe(rotation=0, shift=0, scale=0)


def maps(count: int, recipe: Recipe, size: tuple[int, int] = (28, 28), seed: int = 0) -> torch.Tensor:
    drawn = draw(count, recipe, size, generator(seed, "augment", 1))
    assert drawn is not None
    return drawn


def one_map(*rows: tuple[float, float, float]) -> torch.Tensor:
    return torch.tensor([rows])


@pytest.fixture
def image() -> torch.Tensor:
    """Give one image of two channels, 5 high and 8 wide, no two pixels alike."""
    return torch.rand(1, 2, 5, 8, generator=generator(0, "image"))


@pytest.fixture
def square() -> torch.Tensor:
    return torch.rand(1, 1, 6, 6, generator=generator(0, "square"))


def same(left: torch.Tensor, right: torch.Tensor) -> bool:
    return torch.allclose(left, right, rtol=0, atol=1e-5)


def test_a_recipe_that_moves_nothing_draws_nothing() -> None:
    assert draw(10, STILL, (28, 28), generator(0)) is None


def test_the_map_that_moves_nothing_leaves_an_image_as_it_is(image: torch.Tensor) -> None:
    assert same(warp(image, one_map((1, 0, 0), (0, 1, 0))), image)


def test_the_same_generator_draws_the_same_maps() -> None:
    assert torch.equal(maps(100, Recipe()), maps(100, Recipe()))
    assert not torch.equal(maps(100, Recipe()), maps(100, Recipe(), seed=1))


def test_maps_are_small_numbers_on_the_cpu() -> None:
    drawn = maps(7, Recipe(flip=True))
    assert drawn.shape == (7, 2, 3)
    assert drawn.dtype == torch.float32
    assert drawn.device.type == "cpu"


@pytest.mark.parametrize(("degrees", "turns"), [(90.0, 1), (180.0, 2), (-90.0, -1)])
def test_a_right_angle_turns_the_pixels(square: torch.Tensor, degrees: float, turns: int) -> None:
    angle = math.radians(degrees)
    turned = warp(square, one_map((math.cos(angle), -math.sin(angle), 0), (math.sin(angle), math.cos(angle), 0)))
    assert same(turned, torch.rot90(square, turns, (2, 3)))


def test_an_angle_means_the_same_in_an_image_that_is_no_square() -> None:
    # Turned by some angle and back about the centre: the middle of a smooth image is what it was.
    y, x = torch.meshgrid(torch.linspace(-1, 1, 20), torch.linspace(-2, 2, 40), indexing="ij")
    slope = (x + 3 * y)[None, None]
    drawn = maps(1, Recipe(rotation=40, shift=0, scale=0), (20, 40))
    angle = math.asin(drawn[0, 0, 1] * 40 / -20)
    turned = math.cos(angle) * x - math.sin(angle) * y + 3 * (math.sin(angle) * x + math.cos(angle) * y)
    middle = (..., slice(7, 13), slice(17, 23))
    assert abs(angle) > 0.1
    assert torch.allclose(warp(slope, drawn)[middle], turned[None, None][middle], atol=0.02)


def test_whole_pixels_shift_right_and_down_and_leave_zeros(image: torch.Tensor) -> None:
    moved = warp(image, one_map((1, 0, -2 * 3 / 8), (0, 1, -2 * 1 / 5)))
    assert same(moved[:, :, 1:, 3:], image[:, :, :-1, :-3])
    assert same(moved[:, :, :1], torch.zeros(1, 2, 1, 8))
    assert same(moved[:, :, :, :3], torch.zeros(1, 2, 5, 3))


def test_half_a_pixel_is_the_mean_of_two(image: torch.Tensor) -> None:
    moved = warp(image, one_map((1, 0, 1 / 8), (0, 1, 0)))
    assert same(moved[..., :-1], (image[..., :-1] + image[..., 1:]) / 2)


def test_a_flip_mirrors_left_to_right_exactly_and_only_half_of_the_images(image: torch.Tensor) -> None:
    drawn = maps(1000, Recipe(rotation=0, shift=0, scale=0, flip=True), (5, 8))
    moved = warp(image.expand(1000, -1, -1, -1), drawn)
    mirrored = drawn[:, 0, 0] < 0
    assert 450 < int(mirrored.sum()) < 550
    assert same(moved[mirrored], image.flip(3).expand(int(mirrored.sum()), -1, -1, -1))
    assert same(moved[~mirrored], image.expand(int((~mirrored).sum()), -1, -1, -1))


def test_a_scale_above_one_makes_the_image_larger() -> None:
    # A dot beside the centre moves away from it.
    image = torch.zeros(1, 1, 21, 21)
    image[0, 0, 10, 15] = 1
    drawn = maps(200, Recipe(rotation=0, shift=0, scale=0.2), (21, 21))
    scale = 1 / drawn[:, 0, 0]
    columns = warp(image.expand(200, -1, -1, -1), drawn)[:, 0, 10]
    centre = (columns * torch.arange(-10.0, 11)).sum(1) / columns.sum(1)
    assert scale.min() < 0.82
    assert scale.max() > 1.18
    assert torch.allclose(centre, 5 * scale, atol=0.2)


def test_amounts_are_uniform_between_the_limits() -> None:
    drawn = maps(20_000, Recipe(rotation=30, shift=0, scale=0))
    degrees = torch.rad2deg(torch.asin(drawn[:, 1, 0]))
    shifts = maps(20_000, Recipe(rotation=0, shift=1.5, scale=0), (28, 32))[:, :, 2] * torch.tensor([16.0, 14.0])
    scales = 1 / maps(20_000, Recipe(rotation=0, shift=0, scale=0.1))[:, 0, 0]
    for amounts, low, high in [
        (degrees, -30, 30),
        (shifts[:, 0], -1.5, 1.5),
        (shifts[:, 1], -1.5, 1.5),
        (scales, 0.9, 1.1),
    ]:
        fifths = torch.histc(amounts, bins=5, min=low, max=high)
        assert fifths.sum() == 20_000, "one lies outside the limits"
        assert (fifths - 4000).abs().max() < 300


def test_a_shift_is_in_pixels_after_the_turn() -> None:
    # The centre of the old image is shown `shift` pixels from the centre of the new one, whatever the turn and scale.
    drawn = maps(1000, Recipe(rotation=180, shift=2, scale=0.3), (28, 28))
    linear, offset = drawn[:, :, :2], drawn[:, :, 2:]
    shown_at = torch.linalg.solve(linear, -offset)[:, :, 0] * 14
    assert shown_at.abs().max() <= 2.0001
    assert shown_at.abs().max() > 1.95


def test_a_kind_of_movement_left_out_leaves_the_others_as_they_were() -> None:
    with_flip, without = maps(50, Recipe(flip=True)), maps(50, Recipe())
    assert torch.equal(with_flip[:, 1], without[:, 1])
    assert torch.equal(with_flip[:, 0].abs(), without[:, 0].abs())


def test_thousands_at_once_and_one_by_one_are_the_same() -> None:
    images = torch.rand(2000, 1, 28, 28, generator=generator(0, "images"))
    drawn = maps(2000, Recipe(flip=True))
    together = warp(images, drawn)
    apart = torch.cat([warp(images[i : i + 1], drawn[i : i + 1]) for i in range(0, 2000, 97)])
    assert torch.equal(together[::97], apart)


def test_torchs_own_grid_gives_the_same(image: torch.Tensor) -> None:
    drawn = maps(1, Recipe(rotation=20, shift=1, scale=0.2, flip=True), (5, 8))
    grid = torch.nn.functional.affine_grid(drawn, list(image.shape), align_corners=False)
    assert same(warp(image, drawn), torch.nn.functional.grid_sample(image, grid, align_corners=False))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_a_cuda_graph_captures_it() -> None:
    images = torch.rand(64, 1, 28, 28, device="cuda")
    drawn = maps(64, Recipe()).cuda()
    warp(images, drawn)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        moved = warp(images, drawn)
    images.copy_(torch.rand(64, 1, 28, 28))
    graph.replay()
    assert same(moved.cpu(), warp(images.cpu(), drawn.cpu()))
