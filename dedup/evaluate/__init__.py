"""How well a report agrees with people: pairs against graded pairs, clusters against known stories."""

from dedup.evaluate.clusters import ClusterScores, evaluate_clusters
from dedup.evaluate.page import render_evaluation
from dedup.evaluate.pairs import Evidence, PairScores, WrongPair, evaluate_pairs
from dedup.evaluate.reliability import Bar, Bin

__all__ = [
    "Bar",
    "Bin",
    "ClusterScores",
    "Evidence",
    "PairScores",
    "WrongPair",
    "evaluate_clusters",
    "evaluate_pairs",
    "render_evaluation",
]
