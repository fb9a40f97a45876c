"""What has to be said with the tables of `regret.py`."""

from __future__ import annotations

from collections import Counter

from regret_cases import SIZES, Case, Question, Rule
from regret_grid import DRAWS
from regret_measures import BASELINES, worse_of_all, worse_than
from regret_tasks import targets


def notes(found: list[Case], asked: list[Question]) -> list[str]:
    """In the order in which a reader needs them."""
    planned = {case.task for case in found}
    missing = [target.name for target in targets() if target.name not in planned]
    compared = [sum(base in each.means for each in asked) for base in BASELINES]
    guarded = sum(case.guard is not None for case in found)
    late = (
        f"Not planned in this run, for want of time: {', '.join(missing)}. A further run with the same scratch file "
        "goes on from here."
    )
    return [
        *([late] if missing else []),
        "A question is a task with so many labels per class. It is asked in several draws: another split into rows to "
        "learn from and rows to test on, other labelled rows, and a plan of its own. Regret is the accuracy of the "
        "best fixed cell minus that of the advice, both averaged over draws and test rows: one draw of a label per "
        f"class says more of the draw than of the advice. Draws planned: {draws_in_words(asked)}.",
        "'Each draw its own oracle' is the regret of single draws, as if one could know which cell is luckiest on "
        "each; that is what this page showed before it averaged over draws.",
        "The plain oracle is picked on the draws and rows it is measured on, which flatters it; the fair oracle is "
        "picked on the other draws and one half of the rows, and measured on the draw in hand and the other half. A "
        "negative regret against it says that the advice, which sees the draw, beat one decision for all draws.",
        *worse_cases(asked),
        "'Worse than' counts questions where Student's paired test over all rows and draws (one-sided, .05, "
        "uncorrected; rows and draws both as drawn at random) finds the picks worse; "
        f"scratch was trained in {compared[0]} questions, target only in {compared[1]}.",
        "What trains is dear, so the grid trained a part: vectors from scratch (tf-idf: from 20 labels per class on) "
        "and from the source network's weights (from 5 on); photos above the last two blocks of the first network, "
        "from 20 on (the table of the grid says in how many draws), never from scratch; texts from scratch (tf-idf and "
        "logistic regression) always, above MiniLM's last two blocks in movie reviews and TREC (from 20 on); and "
        "whatever a plan chose, in every draw. The best cell is the best of that. Where the grid fine-tunes nothing "
        "(product reviews, ten times as long), fine-tuning was not among the plan's options either.",
        "Seen before the rules were settled: the frozen cells of all tasks, when it was settled which layers are usual "
        "and that they keep their place until others are ahead beyond chance; settling the usual ones on the other "
        "tasks alone costs what the table of frozen cells says. The digits, when rows outside a source's reach were "
        "given a say at one label per class. An earlier grid of the same tasks, one draw each, when races were given "
        "up on few rows and when it was written down what training gains. Plans of the vectors, twice two draws, when "
        "races were given up on 1,000 rows and fewer: their word on learning from scratch missed by .034, experience's "
        "by .029 (root of the mean square, 18 races). Fine-tuned TREC and movie reviews, before it was written down "
        "that texts gain with few labels already. One plan for ten photos of hymenoptera that took random weights and "
        "lost 33 points, before what learned nothing had to be ahead beyond chance.",
        f"The guard was asked in {guarded} of {len(found)} draws, on the folds of the training rows, with scratch "
        "where the grid holds it. It was not asked where a photo or text network was to be fine-tuned.",
        "'Each cell fitted once' is the least that a grid costs, and cannot choose: to pick by validation, every "
        "trained cell has to be fitted on five folds and once more, which is the second figure.",
        "Office dslr and webcam show few objects many times: rows of one object stand on both sides of our split.",
        "Static ranking and every other learned thing leaves the task at hand out. The plan knows two things from "
        "tasks like these, both settled on all at once: which layers are usual, and what training gained. The "
        "table of experience says what it would be without a task, the table of frozen cells what the usual layers "
        "settled elsewhere cost.",
    ]


def draws_in_words(asked: list[Question]) -> str:
    """How many draws of how many questions there are at each size, and how many a whole run makes."""
    said = []
    for n, wanted in zip(SIZES, DRAWS.values(), strict=True):
        counts = Counter(len(each.draws) for each in asked if each.n == n)
        made = ", ".join(f"{draws} in {count} questions" for draws, count in sorted(counts.items()))
        said.append(f"{n or 'all'} per class: {made} (whole: {wanted})")
    return "; ".join(said)


def worse_cases(asked: list[Question]) -> list[str]:
    """Where the plan is significantly worse than a baseline, by name."""
    rules: dict[str, Rule] = {
        "the plan": lambda case: case.chosen, "the plan carried out with its guard": lambda case: case.delivered
    }  # fmt: skip
    said = {
        draws: [
            f"{what} than {base.strip('|')}: {', '.join(worse_than(asked, rule, base, draws=draws)) or 'never'}"
            for what, rule in rules.items() for base in BASELINES
        ]
        for draws in (True, False)
    }  # fmt: skip
    surely = []
    for what, rule in rules.items():
        named, tests = worse_of_all(asked, rule)
        surely.append(f"{what}: {', '.join(named) or 'never'} ({tests} tests)")
    return [
        f"At 5 % for all tests together (Holm, 1979) significantly worse than a baseline: {'; '.join(surely)}.",
        f"Each question at 5 % by itself, significantly worse, {'; '.join(said[True])}. With these very draws taken as "
        f"given, so that rows alone are drawn: {'; '.join(said[False])}.",
    ]
