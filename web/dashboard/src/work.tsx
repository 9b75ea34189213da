// Routes, kinds of tasks and types of statements: how often, how fast, where the time goes; and one of them.
import { useState } from "preact/hooks";

import { milliseconds, percent, perSecond } from "./format";
import { useSpan, WorkCharts } from "./history";
import { goalName, sentence, standing } from "./goals";
import { useHas, useLive } from "./live";
import { Choice, Empty, Section, Status } from "./parts";
import { PhaseBar, PhaseList, totalOf } from "./phases";
import { usePoll } from "./poll";
import { StatementTable } from "./queries";
import { Link } from "./route";
import { SlowList } from "./slow";
import { figure, inGoal, Table, time, type Column } from "./table";
import type { Queries, SlowReport, Work } from "./types";

const scopes = [
    ["request", "Routes"],
    ["task", "Tasks"],
    ["query", "Statements"],
] as const;
type Scope = (typeof scopes)[number][0];

export const workKey = (work: Work): string => `${work.scope}:${work.name}`;
const done = (work: Work) => work;

const columns: Column<Work>[] = [
    {
        head: "Name",
        width: "name",
        by: (work) => work.name,
        cell: (work) => <Link to={["work", workKey(work)]}>{work.name}</Link>,
    },
    figure("Per second", (work) => work.per_second, perSecond),
    time("p50", (work) => work.p50_ms, done),
    time("p95", (work) => work.p95_ms, done),
    time("p99", (work) => work.p99_ms, done),
    inGoal(done),
    time("Mean", (work) => work.mean_ms, done),
];
const phases: Column<Work> = {
    head: "Where the time goes",
    width: "phases",
    by: (work) => totalOf(work.phases),
    cell: (work) => <PhaseBar phases={work.phases} />,
};

export function WorkTable() {
    const live = useLive();
    const isWorker = live.program?.role === "worker";
    const [scope, setScope] = useState<Scope>(isWorker ? "task" : "request");
    const [wanted, setWanted] = useState("");
    const all = live.work.filter((each) => each.scope === scope);
    const rows = all.filter((each) => each.name.toLowerCase().includes(wanted.toLowerCase()));
    return (
        <Section
            title={scopes.find(([each]) => each === scope)![1]}
            words="In the last minute."
            tools={
                <>
                    <Choice
                        label="Kind of work"
                        all={isWorker ? scopes.slice(1) : scopes}
                        chosen={scope}
                        choose={setScope}
                    />
                    <input
                        type="search"
                        placeholder="Filter"
                        aria-label="Filter by name"
                        value={wanted}
                        onInput={(event) => setWanted(event.currentTarget.value)}
                    />
                </>
            }>
            {all.length === 0 ? (
                <Empty
                    command={scope === "request" && live.program
                        ? `curl -s ${live.program.api}/healthz`
                        : undefined}>
                    {scope === "request"
                        ? "No request has come yet. Send one:"
                        : `No ${scope === "task" ? "task has run" : "statement has been sent"} yet.`}
                </Empty>
            ) : (
                <Table
                    label="Work of the last minute"
                    columns={scope === "query" ? columns : [...columns, phases]}
                    rows={rows}
                    name={workKey}
                />
            )}
        </Section>
    );
}

/** One route, kind of tasks or type of statements. */
export function OneWork({ of }: { of: string }) {
    const live = useLive();
    const [span, choice] = useSpan();
    const [scope, name] = [of.slice(0, of.indexOf(":")), of.slice(of.indexOf(":") + 1)];
    const work = live.work.find((each) => workKey(each) === of);
    const hasQueries = useHas("/api/queries");
    const hasSlow = useHas("/api/slow");
    const hasHistory = useHas("/api/history");
    const goal = live.goals?.find((each) => each.scope === scope && each.name === name);
    const endpoint = scope === "request" ? name.slice(name.indexOf(" ") + 1) : name;
    const queries = usePoll<Queries>(
        scope === "query" || !hasQueries ? null : "/api/queries",
        10,
    );
    const slow = usePoll<SlowReport>(
        scope === "query" || !hasSlow
            ? null
            : `/api/slow?${new URLSearchParams({ top: "10", name: endpoint, kind: scope })}`,
        5,
    );
    const statements =
        queries.data?.statements.filter((each) => each.endpoint === endpoint || each.endpoint === name) ??
        [];
    if (live.program === null) {
        return <p class="loading">Reading…</p>;
    }
    if (work === undefined) {
        return <Empty>{`Nothing has been done yet under the name ${name}.`}</Empty>;
    }
    const stands = goal && standing(goal);
    const isOneOfSome =
        live.work.filter((each) => each.scope === scope && each.name.endsWith(` ${endpoint}`)).length > 1;
    return (
        <>
            <p class="back">
                <Link to={["work"]}>Routes, tasks, statements</Link>
            </p>
            <Section title={goal ? goalName(goal) : name} tools={choice}>
                {stands && (
                    <p class="words-of">
                        <Status tone={stands.tone}>{stands.word}</Status>
                        {sentence(goal!)}
                    </p>
                )}
                {hasHistory && <WorkCharts
                    of={{ request: "requests", query: "queries", task: "tasks" }[scope]!}
                    name={name}
                    limitMs={work.limit_ms}
                    span={span}
                />}
            </Section>
            {work.phases.length > 0 && (
                <Section
                    title="Where the time goes"
                    words={`${milliseconds(totalOf(work.phases))} on average in the last minute` +
                        `${isOneOfSome ? ", of all methods of this path" : ""}.`}>
                    <PhaseBar phases={work.phases} />
                    <PhaseList phases={work.phases} />
                </Section>
            )}
            {goal && goal.blame.length > 0 && (
                <Section
                    title="What is to blame"
                    words="What took longer in work over the goal than in work inside it, in the last hour.">
                    <Table
                        label="What is to blame"
                        rows={goal.blame}
                        name={(each) => each.phase}
                        columns={[
                            {
                                head: "Phase",
                                cell: (each) => (
                                    <>
                                        <i class={`swatch fill-${each.phase}`} />
                                        {each.phase}
                                    </>
                                ),
                            },
                            { head: "Of the overrun", isNumber: true, cell: (each) => percent(each.share) },
                            {
                                head: "Over the goal",
                                isNumber: true,
                                cell: (each) => milliseconds(each.over_ms),
                            },
                            {
                                head: "Inside it",
                                isNumber: true,
                                cell: (each) => milliseconds(each.inside_ms),
                            },
                        ]}
                    />
                </Section>
            )}
            {slow.data && slow.data.slow.length > 0 && (
                <Section title="Slow ones" words="The last of them.">
                    <SlowList rows={slow.data.slow} isNamed={false} />
                </Section>
            )}
            {statements.length > 0 && (
                <Section title="Statements">
                    <StatementTable rows={statements} />
                </Section>
            )}
        </>
    );
}
