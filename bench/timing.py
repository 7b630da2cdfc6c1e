"""Round-robin: every task in turn, round after round, so that noise meets all of them alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from bench.settings import ROUNDS

FEWEST = 5
BUDGET = 3.0
"""A task that has taken so many seconds in all is left out of further rounds."""

Task = Callable[[], float]
"""Does its work once; the seconds it took."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of a task: the least, the middle, what one in twenty exceeds, and the most."""

    best: float
    p50: float
    p95: float
    worst: float

    @classmethod
    def of(cls, samples: list[float]) -> "Timing":
        """Sum up."""
        ordered = sorted(samples)
        return cls(
            ordered[0],
            median(ordered),
            ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))],
            ordered[-1],
        )

    def __str__(self) -> str:
        return f"{ms(self.best)} / {ms(self.p50)} / {ms(self.p95)}"


def round_robin(tasks: Mapping[str, Task], rounds: int = ROUNDS) -> dict[str, Timing]:
    """Time every task; the first round only warms up."""
    samples: dict[str, list[float]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(rounds):
        for name, task in tasks.items():
            if len(samples[name]) < FEWEST or sum(samples[name]) < BUDGET:
                samples[name].append(task())
    return {name: Timing.of(taken) for name, taken in samples.items()}


def ms(seconds: float) -> str:
    """Milliseconds to three figures."""
    value = seconds * 1000
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
