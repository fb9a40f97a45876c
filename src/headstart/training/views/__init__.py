"""Augmented views of one prepared sample: photos, drawings, texts, spectrograms; one contract, `view.Augmenter`.

`usual` gives the one that suits a kind of samples.
"""
