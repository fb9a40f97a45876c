"""Which backbone, which layer: scores of features that need no training, from a table of names.

>>> from headstart.selection import METRICS
>>> sorted(METRICS)[:4]
['gbc', 'hscore', 'knn_loo', 'lda_loo']
"""

from headstart.registry import Registry

METRICS = Registry(
    "metric",
    ridge_loo="headstart.selection.ridge_loo:RidgeLOO",
    ridge_r2="headstart.selection.ridge_loo:RidgeR2",
    lda_loo="headstart.selection.lda_loo:LDALOO",
    knn_loo="headstart.selection.knn_loo:NeighbourLOO",
    logme="headstart.selection.logme:LogME",
    hscore="headstart.selection.hscore:HScore",
    leep="headstart.selection.leep:LEEP",
    nce="headstart.selection.nce:NCE",
    nleep="headstart.selection.nleep:NLEEP",
    transrate="headstart.selection.transrate:TransRate",
    gbc="headstart.selection.gbc:GBC",
    parc="headstart.selection.parc:PARC",
    sfda="headstart.selection.sfda:SFDA",
    otdd="headstart.selection.otdd:SlicedOTDD",
    rankme="headstart.selection.rankme:RankMe",
)
KIT = ("ridge_loo", "ridge_r2", "lda_loo", "knn_loo", "logme", "hscore")  # what a ranking rests on
