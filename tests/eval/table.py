"""The evaluation as a table for people: by class and language, with what went wrong below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import quantiles

from tests.eval.runner import Answer

HEAD = (
    "| class | en right | it right | both | wrong actions | of them unsafe | missed | wrong reply "
    "| tokens thought + plan | ms p50 | ms p95 | compute s a turn |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def table(answers: Sequence[Answer]) -> str:
    """One row a class, and one for all."""
    classes = list(dict.fromkeys(answer.of for answer in answers))
    rows = [_row(name, [answer for answer in answers if answer.of == name]) for name in classes]
    return "\n".join((HEAD, *rows, _row("**all**", answers)))


def summary(answers: Sequence[Answer]) -> str:
    """What the table does not hold: the way taken, and how often a reason was spoken."""
    thought = [answer for answer in answers if answer.path == "brain"]
    acted = [answer for answer in thought if answer.acted]
    spoken = sum(answer.reason is not None for answer in acted)
    down = sum(answer.verdict == "no brain" for answer in answers)
    told = [
        f"{len(thought)} of {len(answers)} requests went to the brain",
        f"of its {len(acted)} turns that acted, {sum(answer.gave_reason for answer in acted)} gave a reason "
        f"and {spoken} had it spoken",
    ]
    if down:
        told.append(f"{down} times the brain gave no usable answer at all, which counts as wrong")
    if read := [answer.read_tokens for answer in thought if answer.read_tokens]:
        told.append(f"{_mean(read):.0f} tokens of prompt read anew a turn")
    return "; ".join(told) + "."


def failures(answers: Iterable[Answer]) -> str:
    """Each wrong one in a line."""
    wrong = [answer for answer in answers if answer.verdict != "right"]
    return "\n".join(
        f"- {answer.of}, {answer.language}, {answer.path}: “{answer.text}”: "
        f"**{'UNSAFE ' if answer.unsafe else ''}{answer.verdict}**: {_short(answer.because)}"
        for answer in sorted(wrong, key=lambda answer: (not answer.unsafe, answer.verdict))
    )


def _row(name: str, answers: Sequence[Answer]) -> str:
    found = Counter(answer.verdict for answer in answers)
    took = [answer.milliseconds for answer in answers]
    cells = [
        name,
        _right([answer for answer in answers if answer.language == "en"]),
        _right([answer for answer in answers if answer.language == "it"]),
        f"{_share(answers):.0%}",
        found["wrong action"],
        sum(answer.unsafe for answer in answers),
        found["missed"],
        found["wrong reply"] + found["no brain"],
        f"{_mean([answer.thought_tokens for answer in answers]):.0f} + "
        f"{_mean([answer.plan_tokens for answer in answers]):.0f}",
        f"{percentile(took, 50):,.0f}",
        f"{percentile(took, 95):,.0f}",
        f"{_mean([answer.compute_seconds for answer in answers]):.1f}",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def percentile(values: Sequence[float], which: int) -> float:
    if len(values) < 2:
        return next(iter(values), 0.0)
    return quantiles(values, n=100, method="inclusive")[which - 1]


def _right(answers: Sequence[Answer]) -> str:
    return f"{sum(answer.verdict == 'right' for answer in answers)}/{len(answers)}"


def _share(answers: Sequence[Answer]) -> float:
    return _mean([answer.verdict == "right" for answer in answers])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _short(text: str, most: int = 160) -> str:
    line = " ".join(text.split()).replace("|", "/")
    return line if len(line) <= most else f"{line[: most - 1]}…"
