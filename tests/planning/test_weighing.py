"""What is taken: by hand-made evidence whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.errors import PlanError
from headstart.planning.constraints import Constraints
from headstart.planning.experience import Lead
from headstart.planning.foretold import Foretold
from headstart.planning.weighing import weigh

from .worlds import foretold

N = 200
FREE = Constraints()


def right(share: float) -> np.ndarray:
    return (np.arange(N) < share * N).astype(float)


def taken(*options: object, limits: Constraints = FREE) -> str:
    return weigh(options, limits).taken.option.name  # type: ignore[arg-type]


def frozen(share: float, name: str = "net", r2: float = 0.5, **values: object):
    return foretold("frozen", right(share), r2=r2, **{"backbone": name, "layers": ("pool",), **values})


def test_the_best_is_taken_where_it_is_clearly_best() -> None:
    found = weigh([frozen(0.7, "a", r2=0.9), frozen(0.9, "b", r2=0.2), foretold("target only", right(0.6))], FREE)
    assert found.taken.option.backbone == "b"
    assert "beyond chance" in found.reasons[0]
    assert [each.option.backbone for each in found.foretold] == ["b", "a", ""]


def test_among_equals_r2_decides_then_the_cost() -> None:
    assert taken(frozen(0.90, "a", r2=0.4), frozen(0.895, "b", r2=0.6)) == "frozen · b · pool"
    alike = (frozen(0.90, "big", r2=0.5, parameters=9), frozen(0.895, "small", r2=0.499, parameters=2))
    assert taken(*alike) == "frozen · small · pool"


def test_training_must_be_ahead_by_more_than_noise() -> None:
    tuned = foretold("finetune", right(0.9), backbone="net", move="all")
    assert taken(frozen(0.8), tuned) == "fine-tune all · net"
    assert taken(frozen(0.9), tuned) == "frozen · net · pool"
    ahead_of_one = [frozen(0.9, "lucky", r2=0.1), frozen(0.8, "net", r2=0.9)]
    assert taken(*ahead_of_one, foretold("finetune", right(0.88), backbone="net", move="all")).startswith("frozen"), (
        "it must be ahead of every frozen option, and not only of the one that is taken"
    )
    found = weigh([frozen(0.9), tuned], FREE)
    assert any("not foretold to gain" in reason for reason in found.reasons)


def test_training_believed_to_lead_needs_odds_of_two_to_one() -> None:
    tuned = foretold("finetune", 0.91, backbone="net", move="last2")
    assert taken(frozen(0.9), replace(tuned, lead=Lead(0.01, 0.01))) == "fine-tune last2 · net"
    assert taken(frozen(0.9), replace(tuned, lead=Lead(0.001, 0.01))) == "frozen · net · pool"


def test_a_raced_baseline_is_taken_where_it_likely_leads_by_most() -> None:
    def raced(value: float) -> Foretold:
        return replace(foretold("scratch", 0.9 + value, evidence="race, 25% of the run"), lead=Lead(value, 0.02))

    tuned = replace(foretold("finetune", 0.93, backbone="net", move="last2"), lead=Lead(0.03, 0.02))
    assert taken(frozen(0.9), raced(0.02)) == "from scratch"
    assert taken(frozen(0.9), raced(0.0)) == "frozen · net · pool"
    assert taken(frozen(0.9), tuned, raced(0.02)) == "fine-tune last2 · net"
    by_kernel = replace(raced(0.02), option=replace(raced(0.02).option, evidence="tangent kernel"))
    assert taken(frozen(0.9), by_kernel) == "frozen · net · pool", "what was not raced must be ahead beyond chance"


def test_transfer_that_hurts_is_not_planned() -> None:
    found = weigh([frozen(0.6), foretold("scratch", right(0.9)), foretold("target only", right(0.7))], FREE)
    assert found.taken.option.strategy == "scratch"
    assert "transfer is not helping" in found.reasons[-1]
    same = weigh([frozen(0.9), foretold("scratch", right(0.9))], FREE)
    assert same.taken.option.strategy == "frozen"


def test_gains_and_risk_are_against_both_baselines() -> None:
    found = weigh([frozen(0.9), foretold("scratch", right(0.5)), foretold("target only", right(0.7))], FREE)
    option = found.taken.option
    assert option.over_scratch is not None
    assert option.over_target_only is not None
    assert option.over_scratch.value == pytest.approx(0.4)
    assert option.over_target_only.value == pytest.approx(0.2)
    assert option.p_negative < 0.01
    assert found.foretold[-1].option.over_scratch is None, "no gain over itself"


def test_limits_refuse_and_say_the_smallest_that_works() -> None:
    options = [frozen(0.9, "slow", seconds=100.0), frozen(0.7, "fast", seconds=10.0)]
    assert taken(*options, limits=Constraints(budget=50.0)) == "frozen · fast · pool"
    with pytest.raises(PlanError, match=r"smallest that works is about 10 s \(frozen · fast"):
        weigh(options, Constraints(budget=1.0))
    with pytest.raises(PlanError, match="no option keeps within the limits"):
        weigh([frozen(0.9, license="GPL", parameters=5)], Constraints(license=("mit",)))


def blind(*files: str, outside: float = float("nan")) -> list[Foretold]:
    """Two layers per file, of which nothing could be judged; the upper one is the usual one."""
    return [
        replace(frozen(0.5, "net", layers=(layer,), options={"checkpoint": file}).with_(accuracy=None),
                usual=layer == "pool", outside=outside)
        for file in files for layer in ("low", "pool")
    ]  # fmt: skip


def test_with_no_evidence_the_usual_layers_are_the_guess() -> None:
    found = weigh([*blind("first", "second"), foretold("target only", right(0.9)).with_(accuracy=None)], FREE)
    assert (found.taken.option.layers, found.taken.option.options) == (("pool",), {"checkpoint": "first"})
    assert "too few labels" in found.reasons[0]
    assert taken(foretold("target only", right(0.9))) == "target only · raw input"
    with pytest.raises(PlanError, match="two samples of each class"):
        weigh([frozen(0.5).with_(strategy="finetune", accuracy=None)], FREE)


def test_with_no_evidence_no_network_is_trusted_that_has_learned_from_other_data() -> None:
    alone = foretold("target only", right(0.9)).with_(accuracy=None)
    scratch = foretold("scratch", right(0.9)).with_(accuracy=None)
    found = weigh([*blind("own", outside=0.9), scratch, alone], FREE)
    assert found.taken.option.strategy == "target only"
    assert "90 % of the rows lie outside" in found.reasons[0]
    near = weigh([*blind("own", outside=0.9), *blind("public"), alone], FREE)
    assert near.taken.option.options == {"checkpoint": "public"}
    assert weigh([*blind("own", outside=0.05), alone], FREE).taken.option.strategy == "frozen"
    judged = [replace(frozen(0.9), outside=0.9), foretold("target only", right(0.5))]
    assert weigh(judged, FREE).taken.option.strategy == "frozen", "what was measured goes before what is feared"


def test_accuracy_by_luck_is_no_evidence() -> None:
    """Leave-one-out of features that say nothing is right now and then: R² tells that it is luck."""
    luck = [replace(each.with_(accuracy=frozen(0.3).option.accuracy), r2=-0.01) for each in blind("public")]
    alone = foretold("target only", right(0.6), r2=-0.02)
    found = weigh([*luck, alone], FREE)
    assert found.taken.option.strategy == "frozen"
    assert "too few labels" in found.reasons[0]
    assert weigh([*luck, replace(alone, r2=0.4)], FREE).taken.option.strategy == "target only"


def test_a_baseline_that_is_ahead_by_luck_does_not_replace_transfer() -> None:
    def of_ten(strategy: str, hits: int, **values: object) -> Foretold:
        return foretold(strategy, (np.arange(10) < hits).astype(float), **values)

    few = [of_ten("frozen", 7, backbone="net", layers=("pool",)), of_ten("scratch", 9, r2=float("nan"))]
    assert weigh(few, FREE).taken.option.strategy == "frozen"
    clear = [of_ten("frozen", 2, backbone="net", layers=("pool",)), of_ten("scratch", 9, r2=float("nan"))]
    assert weigh(clear, FREE).taken.option.strategy == "scratch"


def test_the_one_that_hardly_spoke_has_no_walk_over() -> None:
    silent = replace(frozen(0.52, "strong", r2=-0.001), strength=1.0)
    whisper = replace(frozen(0.53, "weak", r2=0.002), strength=-1.0)
    assert taken(silent, whisper) == "frozen · strong · pool"
