import numpy as np
from scipy import sparse

from headstart.data.samples import VectorRows
from headstart.strategies.linear_learner import LinearLearner


def learn(learner, rows, n_classes):
    return learner.learn(rows, n_classes, recipe=None, seed=0, checkpoint=None)


def test_the_vocabulary_comes_from_the_fitted_rows_alone(texts):
    dataset = texts()
    dataset.items[50] = "zyzzyva"
    learned = learn(LinearLearner(dataset), np.arange(40), 2)
    vocabulary = learned.backbone.state()["vocabulary"].numpy().tobytes().decode()
    assert "storm" in vocabulary
    assert "zyzzyva" not in vocabulary


def test_sparse_rows_stay_sparse_and_give_what_dense_rows_give(vectors):
    dense = vectors()
    inner = dense.items.matrix / 10 ** np.arange(6)
    object.__setattr__(dense, "items", VectorRows(inner))
    in_csr = vectors()
    object.__setattr__(in_csr, "items", VectorRows(sparse.csr_matrix(inner)))
    rows = np.arange(60)
    learned = [learn(LinearLearner(dataset), rows, 3) for dataset in (dense, in_csr)]
    assert learned[1].backbone.sparse
    assert not learned[0].backbone.sparse
    first, second = (each.head.predict_proba(inner) for each in learned)
    assert (first.argmax(axis=1) == second.argmax(axis=1)).mean() > 0.95  # dense rows are centred, sparse ones not
