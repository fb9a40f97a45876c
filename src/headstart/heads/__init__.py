"""Heads: scikit-learn estimators on features, from a table of names.

>>> from headstart.heads import HEADS
>>> sorted(HEADS)
['average', 'lda', 'logistic', 'neighbours', 'prototype', 'ridge', 'svm']
"""

from headstart.registry import Registry

HEADS = Registry(
    "head",
    prototype="headstart.heads.prototype:Prototype",
    ridge="headstart.heads.ridge:Ridge",
    lda="headstart.heads.lda:LDA",
    logistic="headstart.heads.logistic:Logistic",
    svm="headstart.heads.svm:LinearSVM",
    average="headstart.heads.average:Average",
    neighbours="headstart.heads.neighbours:Neighbours",
)
