"""The checksum of a row agrees with zlib on the same bytes, and moves with everything that belongs to the row."""

from __future__ import annotations

import zlib

import numpy as np

from headstart.features.checksums import row_checksums, sound_rows

RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(5, 3, 2)).astype(np.float16)
KEYS = RNG.integers(0, 256, (5, 32)).astype(np.uint8)


def test_it_is_a_crc_of_owner_type_shape_key_and_values():
    rows = np.array([3, 0])
    expected = [zlib.crc32(b"me<f2(3, 2)" + KEYS[row].tobytes() + VALUES[row].tobytes()) for row in rows]
    np.testing.assert_array_equal(row_checksums(VALUES, KEYS, rows, belongs_to="me"), expected)


def test_another_key_owner_type_or_value_does_not_pass():
    everything = np.arange(5)
    sums = row_checksums(VALUES, KEYS, everything, belongs_to="me")
    assert sound_rows(VALUES, KEYS, sums, everything, belongs_to="me").all()
    assert not sound_rows(VALUES, KEYS, sums, everything, belongs_to="you").any()
    assert not sound_rows(VALUES, KEYS[::-1], sums, everything, belongs_to="me")[[0, 1, 3, 4]].any()
    assert not sound_rows(VALUES.view(np.uint16), KEYS, sums, everything, belongs_to="me").any()
    touched = VALUES.copy()
    touched[2, 1, 1] += 1
    np.testing.assert_array_equal(sound_rows(touched, KEYS, sums, everything, belongs_to="me"), everything != 2)
