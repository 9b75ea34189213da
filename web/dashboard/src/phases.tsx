// Where the time of a unit of work went: a bar of phases in the ledger's order, and the same as a list.
import { milliseconds, percent } from "./format";
import type { PhaseTime } from "./types";

/** What each phase is, for people. */
export const phaseWords: Record<string, string> = {
    read: "reading the request",
    queue: "waiting to begin",
    validate: "checking parameters",
    cache: "waiting for the cache",
    pool: "waiting for a connection of the database",
    db: "statements",
    decode: "rows to values",
    offload: "on the offload threads",
    enqueue: "giving tasks to the broker",
    outbound: "asking others",
    handler: "the handler itself",
    serialise: "values to bytes",
    compress: "compressing",
    write: "writing the answer",
    wait: "waiting for a worker",
    run: "the task itself",
    store: "storing the result",
};

export function totalOf(phases: PhaseTime[]): number {
    return phases.reduce((sum, each) => sum + each.ms, 0);
}

export function PhaseBar({ phases, most }: { phases: PhaseTime[]; most?: number }) {
    const total = totalOf(phases);
    if (total === 0) {
        return <span class="bar" />;
    }
    const words = [...phases]
        .sort((a, b) => b.ms - a.ms)
        .slice(0, 4)
        .map((each) => `${each.phase} ${milliseconds(each.ms)}`)
        .join(", ");
    return (
        <span class="bar" role="img" aria-label={words} title={words}>
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                {segments(phases, most ?? total).map(({ phase, from, width }) => (
                    <rect key={phase} class={`fill-${phase}`} x={from} y="0" width={width} height="10" />
                ))}
            </svg>
        </span>
    );
}

function segments(phases: PhaseTime[], most: number) {
    let from = 0;
    return phases.map(({ phase, ms }) => {
        const width = (ms / most) * 100;
        from += width;
        return { phase, from: from - width, width };
    });
}

export function PhaseList({ phases }: { phases: PhaseTime[] }) {
    const total = totalOf(phases);
    return (
        <dl class="phases">
            {phases.map(({ phase, ms }) => (
                <div key={phase}>
                    <dt>
                        <i class={`swatch fill-${phase}`} />
                        {phase} <span>{phaseWords[phase] ?? ""}</span>
                    </dt>
                    <dd>{milliseconds(ms)}</dd>
                    <dd>{percent(total ? ms / total : 0)}</dd>
                </div>
            ))}
        </dl>
    );
}
