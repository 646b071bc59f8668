"""Examples as a sparse matrix of pieces, and the linear models fitted on its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.similar.features import KEY_BITS, VIEW_WEIGHTS, VIEWS, Cutter, Keys
from audit.similar.vocabulary import one_a_slot

STRENGTH = 1.0
"""C of the linear support vector machines (inverse of the regularisation)."""
LEAST_TEXTS = 2
"""A piece of fewer texts tells nothing of others."""
KEPT_MOST = 160_000
"""Pieces a language keeps: those whose weights are largest."""
BLOCK = 1000
_TEXT_BITS = 64 - KEY_BITS


class Pieces:
    """The pieces of all examples of a language: `counts` (texts, pieces), the `keys` and `view` of each piece."""

    def __init__(self, cutter: Cutter, texts: Sequence[str]) -> None:
        from scipy.sparse import csr_matrix

        if len(texts) >= 1 << _TEXT_BITS:
            raise ValueError(f"more than {1 << _TEXT_BITS} examples of one language")
        coded, views, tokens = [], [], []
        for begin in range(0, len(texts), BLOCK):
            cut = cutter.cut(texts[begin : begin + BLOCK])
            at, owner, view = cut.whole(np.arange(len(cut.keys)))
            coded.append((cut.keys[at] << np.uint64(_TEXT_BITS)) | (owner + begin).astype(np.uint64))
            views.append(view)
            tokens.append(cut.tokens)
        once, first, often = np.unique(np.concatenate(coded), return_index=True, return_counts=True)
        key, text = once >> np.uint64(_TEXT_BITS), once & np.uint64((1 << _TEXT_BITS) - 1)
        keys, begins, texts_of = np.unique(key, return_index=True, return_counts=True)
        kept = one_a_slot(keys, np.where(texts_of >= LEAST_TEXTS, texts_of, -1))
        kept = kept[texts_of[kept] >= LEAST_TEXTS]
        column = np.full(len(keys), -1, np.int64)
        column[kept] = np.arange(len(kept))
        column = np.repeat(column, texts_of)
        used = column >= 0
        self.keys: Keys = keys[kept]
        self.view = np.concatenate(views)[first[begins[kept]]]
        self.tokens = np.concatenate(tokens) if tokens else np.zeros(0, np.int64)
        self.counts: Any = csr_matrix(
            (often[used].astype(np.float32), (text[used].astype(np.int64), column[used])),
            shape=(len(texts), len(kept)),
        )
        self.weight = np.array(VIEW_WEIGHTS.get(cutter.language, (1.0,) * VIEWS), np.float32)

    def rarity(self, train: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Inverse document frequency among some texts; 0 for a piece that is not in LEAST_TEXTS of them."""
        texts = np.bincount(self.counts[np.flatnonzero(train)].indices, minlength=len(self.keys))
        rarity = np.log((1 + train.sum()) / (1 + texts)) + 1
        rarity[texts < LEAST_TEXTS] = 0
        return np.asarray(rarity, np.float32)

    def values(self, rarity: NDArray[np.float32]) -> Any:
        """(texts, pieces): counts times rarity, each view of a text brought to its own length."""
        from scipy.sparse import csr_matrix

        indices, indptr = self.counts.indices, self.counts.indptr
        row = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        group = row * VIEWS + self.view[indices]
        length = np.bincount(group, self.counts.data * rarity[indices] ** 2, (len(indptr) - 1) * VIEWS)
        factor = np.tile(self.weight, len(indptr) - 1) / np.sqrt(np.maximum(length, 1e-12))
        data = (self.counts.data * rarity[indices] * factor[group]).astype(np.float32)
        return csr_matrix((data, indices, indptr), shape=self.counts.shape)

    def worth_keeping(self, fitted: Sequence[Fitted]) -> NDArray[np.int64]:
        """The pieces with the largest weights times rarity, ascending."""
        worth = np.zeros(len(self.keys))
        for one in fitted:
            worth += ((one.weights * one.rarity[:, None]) ** 2).sum(axis=1)
        return np.sort(np.argsort(-worth, kind="stable")[:KEPT_MOST])


@dataclass(slots=True)
class Fitted:
    """Linear models: `weights` (pieces, outputs) on `values`, `bias` (outputs)."""

    values: Any
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    rarity: NDArray[np.float32]

    @staticmethod
    def of(values: Any, rows: NDArray[np.int64], targets: NDArray[np.bool_], rarity: Any) -> Fitted:
        """One model a column of the targets (rows, outputs)."""
        mine = values[rows]
        models = [_machine(mine, target) for target in targets.T]
        bias = np.array([one for _, one in models], np.float32)
        return Fitted(values, np.stack([one for one, _ in models], axis=1), bias, rarity)

    def scores(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(rows, outputs)."""
        return np.asarray(self.values[rows] @ self.weights + self.bias, np.float32)

    def kept(self, kept: NDArray[np.int64]) -> NDArray[np.float32]:
        """Weights times rarity of the kept pieces, rounded as the file rounds them, so that both read the same."""
        weights = self.weights[kept] * self.rarity[kept, None]
        scale = (np.abs(weights).max(axis=0, initial=0) / 127 + 1e-12).astype(np.float32)
        return np.asarray(np.round(weights / scale).astype(np.int8) * scale, np.float32)


def _machine(values: Any, target: NDArray[np.bool_]) -> tuple[NDArray[np.float32], float]:
    from sklearn.svm import LinearSVC

    if target.all() or not target.any():
        return np.zeros(values.shape[1], np.float32), 2.0 if target.all() else -2.0
    model = LinearSVC(C=STRENGTH, dual=True, tol=0.1, max_iter=100, random_state=0)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(values, target)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])
