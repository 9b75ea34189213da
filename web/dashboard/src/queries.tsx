// Statements: what they cost, which are slow and why, which are repeated, and the indexes that would help.
import type { ComponentChildren } from "preact";

import { count, counted, milliseconds, percent } from "./format";
import { Command, Empty, Loaded, Section } from "./parts";
import { usePoll } from "./poll";
import { figure, Table } from "./table";
import type { IndexAdvice, Indexes, Queries, RepeatedStatement, SlowStatement, Statement } from "./types";

function Text({ name, text }: { name: string; text: string }) {
    return (
        <details class="statement">
            <summary>{name}</summary>
            <code>{text}</code>
        </details>
    );
}

export function StatementTable({ rows }: { rows: Statement[] }) {
    return (
        <Table
            label="Statements"
            rows={rows}
            name={(each) => `${each.endpoint} ${each.fingerprint} ${each.statement}`}
            columns={[
                {
                    head: "Statement",
                    width: "name",
                    by: (each) => each.statement,
                    cell: (each) => <Text name={each.statement} text={each.text} />,
                },
                { head: "Route or task", by: (each) => each.endpoint, cell: (each) => each.endpoint },
                figure("Runs", (each: Statement) => each.count),
                figure("Failed", (each: Statement) => each.failed),
                figure("Rows", (each: Statement) => each.rows),
                figure("Scanned", (each: Statement) => each.scanned),
                figure("Total", (each: Statement) => each.took_ms, milliseconds),
                figure("Waited", (each: Statement) => each.waited_ms, milliseconds),
                figure("Mean", (each: Statement) => each.mean_ms, milliseconds),
                figure("p95", (each: Statement) => each.p95_ms, milliseconds),
                figure("Slowest", (each: Statement) => each.slowest_ms, milliseconds),
            ]}
        />
    );
}

function Advice({ advice }: { advice: IndexAdvice }) {
    return (
        <div class="advice">
            <p>{advice.why}</p>
            <Command text={advice.migration} />
            {advice.after && (
                <details>
                    <summary>The plan now, and with the index</summary>
                    <pre>{advice.before}</pre>
                    <pre>{advice.after}</pre>
                </details>
            )}
        </div>
    );
}

/** `of` is where it was found: a route, a task, a table. */
export function Finding({ title, of, children }: {
    title: ComponentChildren;
    of?: string;
    children: ComponentChildren;
}) {
    return (
        <li class="finding">
            <h3>
                {title} {of && <span>{of}</span>}
            </h3>
            {children}
        </li>
    );
}

const timesSeen = (times: number) => (times === 1 ? "once" : `${count(times)} times`);

export function Slow({ one }: { one: SlowStatement }) {
    return (
        <Finding title={one.statement} of={one.endpoint}>
            <p>
                {`Took ${milliseconds(one.took_ms)} where ${milliseconds(one.goal_ms)} are allowed; over it `}
                {`${timesSeen(one.times)}. `}
                {one.failed ? "It failed" : `It gave ${counted(one.rows, "row")}`}
                {one.scanned > 0 && ` and scanned ${count(one.scanned)}`}.{one.words && ` It ${one.words}.`}
            </p>
            <details>
                <summary>Statement and plan</summary>
                <pre>{one.text}</pre>
                <pre>{one.plan || "no plan"}</pre>
            </details>
            {one.advice.map((each) => (
                <Advice key={each.migration} advice={each} />
            ))}
        </Finding>
    );
}

function Repeated({ one }: { one: RepeatedStatement }) {
    return (
        <Finding title={one.statement} of={one.endpoint}>
            <p>
                {`${count(one.runs)} runs in one request (n+1): ${milliseconds(one.took_ms)}`}
                {one.share > 0 && `, ${percent(one.share)} of its goal`}
                {`. Seen ${timesSeen(one.times)}. ${one.fix}`}
            </p>
            <details>
                <summary>Statement</summary>
                <pre>{one.text}</pre>
            </details>
        </Finding>
    );
}

function IndexList() {
    const indexes = usePoll<Indexes>("/api/indexes", 60);
    return (
        <Section
            title="Indexes"
            words={
                indexes.data &&
                `By the plans of ${count(indexes.data.statements)} statements that have run.`
            }>
            <Loaded of={indexes} what="advice on indexes">
                {({ missing, unused, statements }) =>
                    missing.length + unused.length === 0 ? (
                        <Empty>
                            {statements === 0
                                ? "No statement has run yet, so nothing can be advised."
                                : "Nothing to advise: no statement asks for an index, and each that is " +
                                  "there is used."}
                        </Empty>
                    ) : (
                        <ul class="findings">
                            {missing.map((each) => (
                                <Finding key={each.migration} title={`missing on ${each.table}`}>
                                    <Advice advice={each} />
                                </Finding>
                            ))}
                            {unused.map((each) => (
                                <Finding key={each.index} title={`unused: ${each.index}`} of={each.table}>
                                    <p>{each.why}</p>
                                    <Command text={each.migration} />
                                </Finding>
                            ))}
                        </ul>
                    )
                }
            </Loaded>
        </Section>
    );
}

export function QueryPage() {
    const queries = usePoll<Queries>("/api/queries", 5);
    return (
        <Loaded of={queries} what="database">
            {({ statements, slow, repeated, over_budget: overBudget }) => (
                <>
                    <Section title="Findings" words="The worst run of each, since the program began.">
                        {slow.length + repeated.length + overBudget.length === 0 ? (
                            <Empty>
                                No statement was over its goal, and no request ran one again and again.
                            </Empty>
                        ) : (
                            <ul class="findings">
                                {repeated.map((each) => (
                                    <Repeated key={`r ${each.endpoint} ${each.fingerprint}`} one={each} />
                                ))}
                                {slow.map((each) => (
                                    <Slow key={`s ${each.endpoint} ${each.fingerprint}`} one={each} />
                                ))}
                                {overBudget.map((each) => (
                                    <Finding key={`b ${each.endpoint}`} title={each.endpoint}>
                                        <p>
                                            {`Ran ${each.statements} statements where it says `}
                                            {`${each.budget}: ${each.ran}.`}
                                        </p>
                                    </Finding>
                                ))}
                            </ul>
                        )}
                    </Section>
                    <Section title="Statements" words="Since the program began; what took most time first.">
                        {statements.length === 0 ? (
                            <Empty>No statement has run yet.</Empty>
                        ) : (
                            <StatementTable rows={statements} />
                        )}
                    </Section>
                    <IndexList />
                </>
            )}
        </Loaded>
    );
}
