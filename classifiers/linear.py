"""The arithmetic of training: ridge regression that knows its own leave-a-family-out predictions, logistic lines, trees.

Everything that is needed to *use* a model is a plain array; scikit-learn is imported only to train.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np


def kernel_ridge(
    kernel: np.ndarray, wanted: np.ndarray, penalty: float, groups: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ridge regression in the dual.

    Args:
        kernel: Inner products of the rows, n x n.
        wanted: Targets, n x outputs.
        penalty: Ridge penalty.
        groups: Group of each row.
        weights: Weight of each row.

    Returns:
        Dual weights (n x outputs), the targets' means, and for each row the prediction of a model fitted without its group.
    """
    inverse = np.linalg.inv(kernel + np.diag(penalty / weights))
    mean = np.average(wanted, 0, weights)
    dual = inverse @ (wanted - mean)
    without = np.empty_like(wanted)
    for rows in _by_group(groups):
        without[rows] = wanted[rows] - np.linalg.solve(inverse[np.ix_(rows, rows)], dual[rows])
    return dual, mean, without


def ridge(
    rows: np.ndarray, wanted: np.ndarray, penalty: float, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As :func:`kernel_ridge`, for many rows of few columns, all of one weight.

    Returns:
        Weights (columns x outputs), the targets' means, and the predictions without each row's group.
    """
    mean = wanted.mean(0)
    inverse = np.linalg.inv(rows.T @ rows + penalty * np.eye(rows.shape[1]))
    weights = inverse @ (rows.T @ (wanted - mean))
    fitted = rows @ weights + mean
    without = np.empty_like(wanted)
    for group in _by_group(groups):
        own = rows[group]
        leverage = own @ inverse @ own.T
        without[group] = wanted[group] - np.linalg.solve(np.eye(len(group)) - leverage, wanted[group] - fitted[group])
    return weights, mean, without


@dataclass(frozen=True, slots=True)
class Line:
    """A logistic regression on standardised columns."""

    mean: np.ndarray
    scale: np.ndarray
    coef: np.ndarray
    intercept: float

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Probabilities; the last axis of ``rows`` holds the columns."""
        return sigmoid(((rows - self.mean) / self.scale) @ self.coef + self.intercept)

    def arrays(self) -> np.ndarray:
        """As one array: mean, scale, coefficients, and a row that begins with the intercept."""
        last = np.zeros_like(self.coef)
        last[0] = self.intercept
        return np.stack([self.mean, self.scale, self.coef, last])

    @classmethod
    def from_arrays(cls, stacked: np.ndarray) -> Line:
        """Undo :meth:`arrays`."""
        return cls(stacked[0], stacked[1], stacked[2], float(stacked[3, 0]))


def logistic(rows: np.ndarray, wanted: np.ndarray, weights: np.ndarray, strength: float) -> Line:
    """Fit a :class:`Line`; ``strength`` is scikit-learn's C. With one class only, the constant line of that class."""
    from sklearn.linear_model import LogisticRegression

    mean, scale = rows.mean(0), rows.std(0) + 1e-6
    if wanted.all() or not wanted.any():
        return Line(mean, scale, np.zeros(rows.shape[1]), 4.0 if wanted.any() else -4.0)
    fitted = LogisticRegression(C=strength, max_iter=500).fit((rows - mean) / scale, wanted, sample_weight=weights)
    return Line(mean, scale, fitted.coef_[0], float(fitted.intercept_[0]))


_TREE_PARTS = ("feature", "threshold", "left", "right", "value")


@dataclass(frozen=True)
class Trees:
    """Boosted regression trees as arrays (trees x nodes); leaves point to themselves."""

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    start: float
    depth: int

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Probabilities for rows (n x columns)."""
        splits = self._splits
        values = rows.astype(np.float32)
        goes_left = values.take(splits.feature, 1) <= splits.threshold
        left = np.bitwise_and.reduce(np.where(goes_left, -1, splits.unless_left), 1)
        leaf = np.log2(left & -left).astype(np.intp)
        return sigmoid(splits.value[np.arange(len(self.feature)), leaf].sum(1) + self.start)

    @cached_property
    def _splits(self) -> _Splits:
        return _Splits.of(self)

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """As arrays for a model file, under names that begin with ``name``."""
        return {f"{name}_trees_{part}": getattr(self, part) for part in _TREE_PARTS}

    @classmethod
    def from_arrays(cls, name: str, arrays: Mapping[str, np.ndarray], *, start: float, depth: int) -> Trees:
        """Undo :meth:`arrays`."""
        feature, threshold, left, right, value = (arrays[f"{name}_trees_{part}"] for part in _TREE_PARTS)
        return cls(feature, threshold, left, right, value, start, depth)


_MOST_LEAVES = 62


@dataclass(frozen=True, slots=True)
class _Splits:
    """Trees laid out so that all their questions are asked at once.

    The leaves of a tree are bits, the leftmost the lowest. A question answered with "right" takes away the leaves on its
    left; the lowest bit that stays is the leaf where the walk down the tree would end (Lucchese et al., QuickScorer, 2015).
    """

    feature: np.ndarray
    """Questions x trees, as are the next two."""
    threshold: np.ndarray
    unless_left: np.ndarray
    """Leaves that stay when the answer is "right"."""
    value: np.ndarray
    """Trees x leaves."""

    @classmethod
    def of(cls, trees: Trees) -> _Splits:
        nodes = np.arange(trees.feature.shape[1])
        most = int((trees.left != nodes).sum(1).max(initial=0))
        if most >= _MOST_LEAVES:
            raise ValueError(f"A tree has {most + 1} leaves; at most {_MOST_LEAVES} are possible.")
        shape = (most, len(trees.feature))
        feature, threshold = np.zeros(shape, np.intp), np.full(shape, np.inf)
        unless_left = np.full(shape, -1, np.int64)
        value = np.zeros((len(trees.feature), most + 1))
        asked, leaves = ([0] * len(trees.feature) for _ in range(2))

        def walk(tree: int, node: int) -> int:
            """Bits of the leaves under a node."""
            left, right = int(trees.left[tree, node]), int(trees.right[tree, node])
            if left == node:
                value[tree, leaves[tree]] = trees.value[tree, node]
                leaves[tree] += 1
                return 1 << (leaves[tree] - 1)
            place = asked[tree], tree
            asked[tree] += 1
            feature[place], threshold[place] = trees.feature[tree, node], trees.threshold[tree, node]
            under = walk(tree, left)
            unless_left[place] = ~under
            return under | walk(tree, right)

        for tree in range(len(trees.feature)):
            walk(tree, 0)
        return cls(feature, threshold, unless_left, value)


@dataclass(frozen=True, slots=True)
class PairModel:
    """A line for every pair, averaged with trees where there is any sign of the type."""

    line: Line
    trees: Trees

    def __call__(self, columns: np.ndarray, likely: np.ndarray) -> np.ndarray:
        """Probabilities, n x types, from n x types x columns and the mask of likely pairs."""
        found = self.line(columns)
        if likely.any():
            found[likely] = (found[likely] + self.trees(columns[likely])) / 2
        return found


def boosted(
    rows: np.ndarray, wanted: np.ndarray, weights: np.ndarray, *, trees: int = 120, leaves: int = 5, share: float = 0.3
) -> Trees:
    """Fit small boosted trees for a yes or no; ``share`` of the columns is looked at for a split. With one class only, the
    constant of that class."""
    from sklearn.ensemble import GradientBoostingClassifier

    if wanted.all() or not wanted.any():
        node = np.zeros((1, 1), np.int16)
        return Trees(node, np.zeros((1, 1)), node, node, np.zeros((1, 1)), 4.0 if wanted.any() else -4.0, 0)
    rate = 0.05
    fitted = GradientBoostingClassifier(
        n_estimators=min(trees, 5 + len(rows) // 6),
        learning_rate=rate,
        max_leaf_nodes=leaves,
        max_depth=None,
        min_samples_leaf=15,
        subsample=0.7,
        max_features=share,
        random_state=0,
    ).fit(rows, wanted, sample_weight=weights)
    grown = [estimator.tree_ for estimator in fitted.estimators_[:, 0]]
    size = max(tree.node_count for tree in grown)
    shape = (len(grown), size)
    feature, left, right = np.zeros(shape, np.int16), np.zeros(shape, np.int16), np.zeros(shape, np.int16)
    threshold, value = np.zeros(shape, np.float64), np.zeros(shape, np.float64)
    for number, tree in enumerate(grown):
        nodes = np.arange(tree.node_count)
        leaf = tree.children_left < 0
        feature[number, nodes] = np.where(leaf, 0, tree.feature)
        threshold[number, nodes] = np.where(leaf, 0.0, tree.threshold)
        left[number, nodes] = np.where(leaf, nodes, tree.children_left)
        right[number, nodes] = np.where(leaf, nodes, tree.children_right)
        value[number, nodes] = rate * tree.value[:, 0, 0]
    share = float(np.average(wanted, weights=weights))
    return Trees(
        feature, threshold, left, right, value, float(np.log(share / (1 - share))), max(t.max_depth for t in grown)
    )


def sigmoid(values: np.ndarray) -> np.ndarray:
    """Logistic function, safe for large values."""
    return 1 / (1 + np.exp(-np.clip(values, -30, 30)))


def _by_group(groups: np.ndarray) -> Iterator[np.ndarray]:
    order = np.argsort(groups, kind="stable")
    ranked = np.asarray(groups)[order]
    edges = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1], True])
    for start, end in pairwise(edges):
        yield order[start:end]
