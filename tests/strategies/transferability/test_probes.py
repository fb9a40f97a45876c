import numpy as np
import pytest
from sklearn.linear_model import Ridge as SklearnRidge
from tests.strategies.worlds import blobs

from headstart.backbones.mlp import open_mlp
from headstart.heads.ridge_path import STEPS
from headstart.strategies.transferability.probes import layer_rows, left_out_correct, probe_accuracy, probes


@pytest.mark.parametrize(("n", "d"), [(40, 6), (24, 50)])
def test_leave_one_out_agrees_with_refitting(n, d):
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 3
    X = rng.standard_normal((n, d)) + 0.8 * np.eye(3)[labels] @ rng.standard_normal((3, d))
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    values = np.linalg.eigvalsh(scaled.T @ scaled)
    scale = values[values > 1e-9].mean()
    best = 0.0
    for step in STEPS:
        right = [
            SklearnRidge(alpha=step * scale).fit(np.delete(scaled, row, 0), np.eye(3)[np.delete(labels, row)])
            .predict(scaled[row : row + 1]).argmax() == labels[row]
            for row in range(n)
        ]  # fmt: skip
        best = max(best, float(np.mean(right)))
    assert left_out_correct(X, labels).mean() == pytest.approx(best)


def test_it_reads_what_is_there_and_not_what_is_not():
    data = blobs(300, classes=3, apart=4)
    assert probe_accuracy(data.items.matrix, data.labels).low > 0.9
    noise = np.random.default_rng(1).standard_normal((300, 5))
    chance = probe_accuracy(noise, data.labels)
    assert chance.low < 1 / 3 < chance.high + 0.05


def test_a_constant_layer_and_missing_codes_do_no_harm():
    labels = np.array([0, 5] * 10)
    assert 0 <= left_out_correct(np.ones((20, 3)), labels).mean() <= 1


def test_one_probe_per_layer_beside_random_weights():
    data = blobs(60, classes=2)
    network, other = open_mlp(inputs=5, depth=3, seed=0), open_mlp(inputs=5, depth=3, seed=1)
    samples = [network.prepare(item) for item in data.items]
    rows = [layer_rows(one, samples) for one in (network, other)]
    assert rows[0]["layer1"].shape == (60, 256)
    found = probes(*rows, data.labels)
    assert [probe.layer for probe in found] == ["layer1", "layer2", "pool"]
    assert found[0].accuracy == probe_accuracy(rows[0]["layer1"], data.labels)
    assert found[0].untrained == probe_accuracy(rows[1]["layer1"], data.labels)
    assert probes(rows[0], None, data.labels)[0].untrained is None
