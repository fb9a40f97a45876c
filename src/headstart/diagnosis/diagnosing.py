"""The whole diagnosis of two matrices with labels: the four conditions, what they cost, and the setting they make."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from headstart.arrays import Mask
from headstart.diagnosis.class_shares import counted, estimated, label_sets, with_map
from headstart.diagnosis.conditionals import Conditionals, components_for, conditionals
from headstart.diagnosis.distance import distances
from headstart.diagnosis.families import families_for
from headstart.diagnosis.findings import Diagnosis, LabelFindings, Marginals, MorePoint
from headstart.diagnosis.foretelling import Expected, foretell
from headstart.diagnosis.harm import Harm, harm
from headstart.diagnosis.learning import more_labels
from headstart.diagnosis.omnibus import omnibus
from headstart.diagnosis.picture import example_pairs, picture_of, telling_columns
from headstart.diagnosis.sampling import MOST_ROWS, Known, Sample, known_of, sample_of
from headstart.diagnosis.schema import Schema, aligned, shared_rows
from headstart.diagnosis.separation import Separation, domain_proba, separation
from headstart.diagnosis.setting import Facts, setting_of
from headstart.diagnosis.side import Side
from headstart.diagnosis.space import some_rows
from headstart.diagnosis.sparse_rows import densified
from headstart.diagnosis.steps import next_steps
from headstart.diagnosis.verdict import Evidence, conditions_of, shares_of

MARGIN = 0.05


def diagnose_features(
    source: Side,
    target: Side,
    *,
    seed: int = 0,
    alpha: float = 0.05,
    margin: float = MARGIN,
    doubts: tuple[str, ...] = (),
) -> Diagnosis:
    """Which of the four conditions differ between source and target, by how much, and at what cost.

    alpha   chance of any wrong "differs" among the tested answers (Bonferroni)
    margin  loss of accuracy below which a difference counts as none; "same" is only said where that is shown
    doubts  what the samples behind the rows say against a common feature space (another language, grey pictures)

    Raises `DataError` for sides that are no matrices; anything odd in the data becomes an answer or a note.
    """
    started = time.perf_counter()
    rng = np.random.default_rng(seed)
    source, target, schema = aligned(source, target)
    schema = replace(schema, doubt="; ".join(filter(None, (*doubts, schema.doubt))))
    labels = label_sets(source, target)
    if not schema.shared or min(len(source), len(target)) < 2:
        found = _without_rows(schema, labels, alpha, margin)
    else:
        found = _with_rows(source, target, schema, labels, seed=seed, alpha=alpha, margin=margin, rng=rng)
    evidence: Evidence = found.pop("evidence")
    return Diagnosis(
        source=source.domain.name or "source",
        target=target.domain.name or "target",
        rows=(len(source), len(target)),
        labelled=(len(source.labelled), len(target.labelled)),
        alpha=alpha,
        margin=margin,
        seconds=round(time.perf_counter() - started, 3),
        **conclusions(evidence, (len(source.labelled), len(target.labelled))),
        **found,
    )


def _without_rows(schema: Schema, labels: LabelFindings, alpha: float, margin: float) -> dict[str, Any]:
    """The answers that need no rows."""
    if schema.shared:
        schema = replace(schema, reason=f"{schema.reason}; one side has fewer than two usable rows")
    refused = Conditionals("cannot tell", "there are no rows of both sides to compare")
    return {"evidence": Evidence(schema, None, labels, refused, None, False, alpha, margin), "notes": schema.notes}


def _with_rows(
    source: Side, target: Side, schema: Schema, labels: LabelFindings, *, seed: int, alpha: float, margin: float,
    rng: np.random.Generator,
) -> dict[str, Any]:  # fmt: skip
    notes = list(schema.notes)
    leaked = _leaked(source, target, notes)
    rows = some_rows(source, MOST_ROWS, rng), some_rows(target, MOST_ROWS, rng)
    telling = telling_columns((source, target), rows)
    source, target, kept = densified(source, target, rows)
    sample = sample_of(source, target, rows)
    marginals, apart = _marginals(source, target, sample, seed, rng)
    known = known_of(source, target, labels.shared, sample.space, leaked, rng)
    labels = with_map(labels, sample)
    expected: Expected | None = None
    conditional = _unlabelled(source, target, labels, leaked)
    cost: Harm | None = None
    curve: tuple[MorePoint, ...] = ()
    if len(target.labelled) and known.usable and min(map(len, known.labels)) >= 2:
        labels = counted(labels, known, seed=seed, alpha=alpha)
        conditional = _conditional(known, kept, sample, alpha, rng)
        cost, curve = _cost(known, rng), more_labels(known, rng=rng)
    elif not len(target.labelled):
        labels, answered = estimated(labels, sample, seed=seed, alpha=alpha, rng=rng)
        if answered is not None and labels.priors is not None:
            only = _only_shares(labels, marginals, alpha)
            expected = foretell(sample, answered, np.array(labels.priors.target) if only else None, rng=rng)
    evidence = Evidence(
        schema, marginals, labels, conditional, cost, _only_shares(labels, marginals, alpha), alpha, margin
    )
    picture = picture_of(sample.mapped, _shared_codes(sample, labels.shared), labels.shared, telling, rng=rng)
    pairs = example_pairs(*sample.mapped, apart.target_scores)
    picture = replace(picture, pairs=tuple((int(sample.rows[1][new]), int(sample.rows[0][old])) for new, old in pairs))
    return {
        "evidence": evidence, "notes": tuple(notes), "expected": expected, "more_labels": curve, "picture": picture
    }  # fmt: skip


def conclusions(evidence: Evidence, labelled: tuple[int, int]) -> dict[str, Any]:
    """Answers, setting, methods and next steps from the evidence."""
    conditions = conditions_of(evidence)
    by_name = {condition.name: condition for condition in conditions}
    facts = Facts(
        source_labels=labelled[0] > 0, target_labels=labelled[1] > 0, homogeneous=evidence.schema.same,
        label_sets=evidence.labels.sets, marginals=by_name["P(X)"].answer, conditionals=by_name["P(Y|X)"].answer,
        only_shares=evidence.only_shares,
    )  # fmt: skip
    setting = setting_of(facts)
    families = families_for(
        setting, by_name, evidence.marginals, evidence.labels, source_labels=facts.source_labels,
        target_labels=facts.target_labels, harmless=_harmless(evidence),
    )  # fmt: skip
    return {
        "conditions": conditions, "shares": shares_of(evidence), "setting": setting, "families": families,
        "schema": evidence.schema, "marginals": evidence.marginals, "labels": evidence.labels,
        "conditionals": evidence.conditionals, "harm": evidence.harm,
        "next_steps": next_steps(conditions, evidence.labels, evidence.harm, labelled),
    }  # fmt: skip


def _harmless(evidence: Evidence) -> bool:
    return evidence.harm is not None and evidence.harm.within(evidence.margin, alpha=evidence.alpha)


def _leaked(source: Side, target: Side, notes: list[str]) -> tuple[Mask, Mask]:
    leaked = shared_rows(source, target)
    if leaked[1].any():
        notes.append(
            f"{leaked[1].sum()} of {len(target)} target rows are also in the source, value by value: the sides are not "
            "independent; these rows are left out of all accuracies"
        )
    return leaked


def _marginals(
    source: Side, target: Side, sample: Sample, seed: int, rng: np.random.Generator
) -> tuple[Marginals, Separation]:
    test = omnibus(*sample.tested, groups=sample.groups, seed=seed)
    apart = separation(*sample.mapped, groups=sample.groups, rng=rng)
    far = distances(source, target, sample.space, rng=rng)
    found = Marginals(test, apart.auc, apart.proxy_a_distance, apart.effective_share, apart.outside, far)
    return found, apart


def _unlabelled(source: Side, target: Side, labels: LabelFindings, leaked: tuple[Mask, Mask]) -> Conditionals:
    if not len(target.labelled):
        reason = "no target row is labelled: labels at the same x cannot be compared, whatever P(X) looks like"
    elif not len(source.labelled):
        reason = "no source row is labelled: there are no labels to compare with"
    elif len(labels.shared) < 2:
        reason = f"{len(labels.shared) or 'no'} class is shared: there are no labels to compare"
    else:
        reason = f"too few labelled rows{' that only one side holds' * bool(leaked[1].any())}"
    return Conditionals("cannot tell", reason)


def _conditional(known: Known, kept: float, sample: Sample, alpha: float, rng: np.random.Generator) -> Conditionals:
    components = components_for(sum(map(len, known.labels)), known.X[0].shape[1])
    return conditionals(
        known.X[0][:, :components], known.X[1][:, :components], known.labels, groups=known.groups,
        explained=kept * sample.space.share(components), alpha=alpha, rng=rng,
    )  # fmt: skip


def _cost(known: Known, rng: np.random.Generator) -> Harm:
    return harm(known, domain_proba(*known.X, groups=known.groups, rng=rng), rng=rng)


def _only_shares(labels: LabelFindings, marginals: Marginals, alpha: float) -> bool:
    """The class shares differ, P(X) with them, and within classes (or in equal shares) nothing is seen to."""
    if labels.priors is None or not labels.priors.trusted or not labels.shift_alone > alpha:
        return False
    return labels.priors.p <= alpha / 2 and marginals.test.p <= alpha


def _shared_codes(sample: Sample, shared: tuple[str, ...]) -> Any:
    codes = []
    for side in sample.sides:
        names = np.array([shared.index(name) if name in shared else -1 for name in side.task.classes] + [-1])
        codes.append(names[side.labels])
    return tuple(codes)
