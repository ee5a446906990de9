"""The metrics against their definitions, in the plainest code."""

import itertools
import math

import numpy as np
import pytest

from deepview_tui import metrics

GENERATOR = np.random.default_rng(0)


def by_definition(samples, labels):
    """The mean 2-Wasserstein distance over all pairs of classes, by the integral over all levels."""
    result = []
    for column in np.asarray(samples, np.float64).T:
        of = {k: np.sort(column[labels == k]) for k in np.unique(labels)}
        total = []
        for a, b in itertools.combinations(of.values(), 2):
            size = math.lcm(len(a), len(b))
            difference = np.repeat(a, size // len(a)) - np.repeat(b, size // len(b))
            total.append(math.sqrt(np.mean(difference**2)))
        result.append(np.mean(total))
    return np.array(result)


EQUAL = np.arange(60) % 5
UNEQUAL = np.repeat([4, 0, 2, 7], [3, 7, 10, 1])
LABELS = {"equal": EQUAL, "shuffled": GENERATOR.permutation(EQUAL), "unequal": UNEQUAL}
LABELS["shuffled unequal"] = GENERATOR.permutation(UNEQUAL)


def as_given(kind, samples):
    if kind == "numpy":
        return samples
    torch = pytest.importorskip("torch")
    return torch.from_numpy(samples)


@pytest.mark.parametrize("kind", ["numpy", "torch"])
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_discriminability_is_that_of_its_definition(labels, kind):
    samples = GENERATOR.normal(size=(len(labels), 9)).astype(np.float32)
    found = metrics.discriminability(as_given(kind, samples), labels)
    np.testing.assert_allclose(found, by_definition(samples, labels), rtol=1e-12)


@pytest.mark.parametrize("kind", ["numpy", "torch"])
@pytest.mark.parametrize("size", [1e200, 1e-200, 0.0])
def test_discriminability_of_values_of_any_size(kind, size):
    samples = np.arange(12.0).reshape(6, 2)
    found = metrics.discriminability(as_given(kind, samples * size), UNEQUAL[:6])
    np.testing.assert_allclose(found, by_definition(samples, UNEQUAL[:6]) * size, rtol=1e-12)


def test_many_classes_take_no_more_room_than_they_may(monkeypatch):
    labels = np.arange(120) % 40
    samples = GENERATOR.normal(size=(120, 3))
    whole = metrics.discriminability(samples, labels)
    monkeypatch.setattr(metrics, "_ROOM", 1)
    np.testing.assert_allclose(metrics.discriminability(samples, labels), whole, rtol=1e-14)


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_density_active_and_dead(kind):
    samples = np.array([[0, -1, 0.5, 1e-8], [0, 2, 0.25, 1e-3]], np.float32)
    found = metrics.measure(as_given(kind, samples), None)
    assert set(found) == {"density", "active", "dead"}
    np.testing.assert_allclose(found["density"], [0, 0.5, 0.375, 0.0005], atol=1e-7)
    assert found["active"].tolist() == [0, 0.5, 1, 1]
    assert found["active"].tolist() == [0, 0.5, 1, 1]
    assert found["dead"].tolist() == [1, 0, 0, 0.5]
    assert metrics.layer_value("dead", found["dead"]) == 0.25


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_samples_that_are_not_finite_are_counted_and_nothing_else(kind):
    samples = np.array([[np.nan, 1], [np.inf, 2], [-np.inf, np.nan]], np.float32)
    found = metrics.measure(as_given(kind, samples), np.array([0, 0, 1]))
    assert {name: one.tolist() for name, one in found.items()} == {"nonfinite": [3, 1]}
    assert metrics.layer_value("nonfinite", found["nonfinite"]) == 4


def test_one_class_has_no_metric_that_needs_classes():
    assert set(metrics.measure(np.ones((4, 2)), np.zeros(4, int))) == {"density", "active", "dead"}


@pytest.mark.parametrize("name", ["bfloat16", "float16", "float8_e4m3fn", "float8_e5m2"])
def test_short_floats_of_torch(name):
    torch = pytest.importorskip("torch")
    if not hasattr(torch, name):
        pytest.skip(f"this torch has no {name}")
    values = torch.tensor([[0.5, 1.5], [2.0, -3.0]]).to(getattr(torch, name))
    assert metrics.to_numpy(values).tolist() == [[0.5, 1.5], [2, -3]]
    np.testing.assert_allclose(metrics.measure(values, [0, 1])["discriminability"], [1.5, 4.5])


def test_short_floats_of_ml_dtypes():
    types = pytest.importorskip("ml_dtypes")
    values = np.array([[0.5, 1.5], [2, -3]]).astype(types.bfloat16)
    assert metrics.to_numpy(values).dtype == np.float32
    np.testing.assert_allclose(metrics.measure(values, [0, 1])["discriminability"], [1.5, 4.5])


def test_quantiles_ascend_and_are_those_of_numpy():
    samples = GENERATOR.normal(size=(21, 4)).astype(np.float32)
    found = metrics.quantiles(samples, UNEQUAL, 5)
    assert found.shape == (4, 5, 4)
    assert (np.diff(found, axis=1) >= 0).all()
    np.testing.assert_allclose(found[1], np.quantile(samples[UNEQUAL == 2], [0, 0.25, 0.5, 0.75, 1], axis=0), rtol=1e-6)


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_of_a_layer_as_a_whole(kind):
    """The dimension of equal neurons is 1; classes that lie apart are told apart; what only turned has not drifted."""
    one = np.array([[0.0], [1.0], [8.0], [9.0]])
    found = metrics.measure_layer(as_given(kind, np.repeat(one, 3, axis=1)), [0, 0, 1, 1])
    assert found == {"separability": 1.0, "dimension": pytest.approx(1)}
    samples = np.random.default_rng(3).normal(size=(20, 5))
    turned = as_given(kind, samples[:, ::-1].copy() * 2 + 1)
    assert metrics.measure_layer(as_given(kind, samples), None, turned)["drift"] == pytest.approx(0, abs=1e-6)
    other = as_given(kind, np.random.default_rng(4).normal(size=(20, 5)))
    assert metrics.measure_layer(as_given(kind, samples), None, other)["drift"] > 0.3
    assert metrics.measure_layer(as_given(kind, np.full((4, 2), np.nan)), None) == {}
    assert metrics.measure_layer(as_given(kind, np.ones((4, 2))), None) == {"dimension": 0.0}


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_separability_leaves_the_image_out_of_its_class(kind):
    """Of an image that is alone in its class there is no mean; one as far from both is near to neither."""
    samples = np.array([[0.0], [2.0], [3.0], [5.0], [20.0], [-1.0], [-1.0]])
    # Distances to one's own class without oneself and to the nearest other: 2 and 1, 2 and 2, 2 and 2, 2 and 3.
    found = metrics.measure_layer(as_given(kind, samples), [0, 0, 1, 1, 2, 3, 3])
    assert found["separability"] == pytest.approx(3 / 7)


def test_saturated_is_of_layers_with_a_range():
    samples = np.array([[0.0, 0.5], [0.05, 0.951], [0.051, 0.94], [1.0, 0.5]])
    assert metrics.measure(samples, None, (0, 1))["saturated"].tolist() == [0.75, 0.25]
