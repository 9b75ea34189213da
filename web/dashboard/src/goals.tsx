// The board of goals: which are kept, which are missed, and why.
import { count, milliseconds, percent, perSecond } from "./format";
import { useLive, type Live } from "./live";
import { Empty, Section, Status, Tile, type Tone } from "./parts";
import { Link } from "./route";
import type { Goal, GoalWindow } from "./types";

/** A colour and a word for how a goal stands. */
export function standing(goal: Goal): { tone: Tone; word: string } {
    if (goal.standing === "missed") {
        return { tone: "bad", word: "missed" };
    }
    if (goal.standing === "kept") {
        return goal.alarm !== "none" || goal.windows.some((each) => each.standing === "missed")
            ? { tone: "warn", word: "at risk" }
            : { tone: "good", word: "kept" };
    }
    return { tone: "none", word: goal.standing === "idle" ? "idle" : "too few" };
}

const kinds = { request: "", query: "statements: ", task: "task ", resource: "" };
const resources: Record<string, string> = { cpu: "processor" };
export const goalName = (goal: Goal): string =>
    goal.scope === "resource" ? resources[goal.name] ?? goal.name : `${kinds[goal.scope]}${goal.name}`;

function limitWords(goal: Goal): string {
    const share = `${Number((goal.share * 100).toFixed(3))} %`;
    return goal.scope === "resource"
        ? `at most ${goal.limit_percent} % in ${share} of the readings`
        : `${share} within ${milliseconds(goal.limit_ms)}`;
}

/** The sentence of a goal; a figure stays with its sign. */
export const sentence = (goal: Goal): string => `${goal.words.replaceAll(" %", "\u00a0%")}.`;

/** `shorter` is the window before it, which a program that has not run for longer has nothing to add to. */
function Window({ of, shorter }: { of: GoalWindow; shorter: GoalWindow | undefined }) {
    if (of.total === 0 || of.total === shorter?.total) {
        return (
            <div>
                <dt>{of.window}</dt>
                <dd>–</dd>
                <dd class="burn">{of.total === 0 ? "\u00a0" : "nothing older"}</dd>
            </div>
        );
    }
    return (
        <div class={of.standing === "missed" ? "bad" : ""}>
            <dt>{of.window}</dt>
            <dd>
                <b>{percent(of.holds)}</b>
            </dd>
            <dd class="burn">{`burn ${of.burn < 10 ? of.burn.toFixed(1) : count(of.burn)}`}</dd>
        </div>
    );
}

function GoalCard({ goal }: { goal: Goal }) {
    const { tone, word } = standing(goal);
    return (
        <li class={`goal ${tone}`}>
            <Status tone={tone}>{word}</Status>
            <div class="goal-name">
                <h3>
                    <Link to={goal.scope === "resource" ? ["resources"]
                        : ["work", `${goal.scope}:${goal.name}`]}>{goalName(goal)}</Link>
                </h3>
                <p>{limitWords(goal)}</p>
            </div>
            <dl>
                {goal.windows.map((each, at) => (
                    <Window key={each.window} of={each} shorter={goal.windows[at - 1]} />
                ))}
            </dl>
            {(tone === "bad" || tone === "warn") && <p class="why">{sentence(goal)}</p>}
        </li>
    );
}

/** How many are missed, and how many kept; the others cannot be judged. */
const counts = (goals: Goal[]): [number, number] => [
    goals.filter((each) => each.standing === "missed").length,
    goals.filter((each) => each.standing === "kept").length,
];

function verdict(goals: Goal[]): string {
    const [missed, kept] = counts(goals);
    if (missed > 0) {
        return missed === 1 ? "One goal is missed." : `${missed} goals are missed.`;
    }
    return kept > 0
        ? `Every goal that can be judged is kept: ${kept} of ${goals.length}.`
        : "Nothing can be judged yet: a goal needs enough work that one miss is allowed, 100 at 99 %.";
}

function Now({ live }: { live: Live }) {
    const requests = live.work.filter((each) => each.scope === "request");
    const tasks = live.work.filter((each) => each.scope === "task");
    const sum = (of: (each: (typeof requests)[number]) => number, all = requests) =>
        all.reduce((total, each) => total + of(each), 0);
    const done = sum((each) => each.count);
    const good = sum((each) => each.count * each.holds);
    const asked = sum((each) => each.count * each.share);
    const slowest = [...requests].sort((a, b) => b.p99_ms - a.p99_ms)[0];
    const [missed, kept] = counts(live.goals ?? []);
    const failed = sum((each) => each.failed);
    const hasTasks = live.program!.paths.includes("/api/tasks");
    return (
        <dl class="tiles">
            <Tile
                label="Requests"
                value={`${perSecond(sum((each) => each.per_second))}/s`}
                words={failed > 0 ? `${count(failed)} failed in a minute` : "in the last minute"}
            />
            <Tile
                label="Within the goal"
                value={done === 0 ? "–" : percent(good / done)}
                words="of these requests"
                tone={good < asked ? "bad" : undefined}
            />
            <Tile
                label="Slowest p99"
                value={slowest && slowest.p99_ms > 0 ? milliseconds(slowest.p99_ms) : "–"}
                words={slowest && slowest.p99_ms > 0 ? slowest.name : undefined}
            />
            <Tile
                label="Tasks"
                value={
                    hasTasks ? `${perSecond(sum((each) => each.per_second, tasks))}/s` : "–"
                }
                words={hasTasks ? "in the last minute" : "none in this program"}
            />
            <Tile
                label="Goals"
                value={missed + kept === 0 ? "–" : `${kept} of ${missed + kept}`}
                words={missed + kept === 0 ? "none can be judged yet"
                    : missed > 0 ? `kept, ${missed} missed` : "kept"}
                tone={missed > 0 ? "bad" : undefined}
            />
        </dl>
    );
}

export function Goals() {
    const live = useLive();
    if (live.program === null || live.goals === null) {
        return <p class="loading">Reading…</p>;
    }
    return (
        <>
            <Now live={live} />
            <Section title="Goals" words={verdict(live.goals)}>
                {live.goals.length === 0 ? (
                    <Empty command={`curl -s ${live.program.api}/healthz`}>
                        Nothing was done yet. Send a request:
                    </Empty>
                ) : (
                    <ul class="goals">
                        {live.goals.map((each) => (
                            <GoalCard key={goalName(each)} goal={each} />
                        ))}
                    </ul>
                )}
            </Section>
        </>
    );
}
