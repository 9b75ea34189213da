// The last requests and tasks that were over their goal, were ended at their deadline or failed, each with
// its ledger and its statements.
import { useState } from "preact/hooks";

import { count, milliseconds, moment } from "./format";
import { Choice, Empty, Loaded, Section, Status, type Tone } from "./parts";
import { PhaseBar, PhaseList } from "./phases";
import { usePoll } from "./poll";
import type { Slow, SlowReport } from "./types";

const tones: Record<Slow["why"], Tone> = { slow: "warn", deadline: "bad", failed: "bad" };

function outcome(slow: Slow): string {
    if (slow.kind === "request") {
        return slow.status ? `answered ${slow.status}` : "not answered";
    }
    return slow.error || "done";
}

function Details({ slow }: { slow: Slow }) {
    return (
        <div class="ledger">
            <PhaseList phases={slow.phases} />
            {slow.statements.length > 0 && (
                <dl class="facts">
                    {slow.statements.map((each) => (
                        <div key={each.statement}>
                            <dt>{each.statement}</dt>
                            <dd>{`${count(each.count)} ×, ${milliseconds(each.ms)}`}</dd>
                        </div>
                    ))}
                </dl>
            )}
            {slow.cpu.map((stack) => (
                <details key={stack.frames.join()} class="statement">
                    <summary>{`${stack.frames.at(-1)} (${count(stack.seen)} samples)`}</summary>
                    <code>{stack.frames.join("\n")}</code>
                </details>
            ))}
            <p class="ids">
                {slow.target && <>{slow.target} </>}
                {slow.request_id && (
                    <>
                        request <code>{slow.request_id}</code>{" "}
                    </>
                )}
                {slow.trace_id && (
                    <>
                        trace <code>{slow.trace_id}</code>{" "}
                    </>
                )}
                process <code>{slow.process}</code>
            </p>
        </div>
    );
}

export function SlowList({ rows, isNamed }: { rows: Slow[]; isNamed: boolean }) {
    const longest = Math.max(...rows.map((each) => each.total_ms));
    return (
        <ol class="slow">
            {rows.map((slow) => (
                <li key={slow.number}>
                    <details>
                        <summary>
                            <Status tone={tones[slow.why]}>{slow.why}</Status>
                            <span class="slow-name">
                                {isNamed && <b>{`${slow.method} ${slow.name}`.trim()}</b>} {outcome(slow)}
                            </span>
                            <span class="slow-time">
                                <b>{milliseconds(slow.total_ms)}</b> of {milliseconds(slow.goal_ms)}
                            </span>
                            <PhaseBar phases={slow.phases} most={longest} />
                            <time dateTime={slow.at}>{moment(slow.at)}</time>
                        </summary>
                        <Details slow={slow} />
                    </details>
                </li>
            ))}
        </ol>
    );
}

const reasons = [
    ["", "All"],
    ["slow", "Over the goal"],
    ["deadline", "Deadline"],
    ["failed", "Failed"],
] as const;
type Reason = (typeof reasons)[number][0];

export function SlowPage() {
    const [why, setWhy] = useState<Reason>("");
    const slow = usePoll<SlowReport>(`/api/slow?top=100${why && `&why=${why}`}`, 3);
    return (
        <Section
            title="Slow requests and tasks"
            tools={<Choice label="Why it is here" all={reasons} chosen={why} choose={setWhy} />}
            words={
                slow.data &&
                `${count(slow.data.kept)} since the program began; the last ${slow.data.most} are kept.`
            }>
            <Loaded of={slow} what="record of slow work">
                {(data) =>
                    data.slow.length === 0 ? (
                        <Empty>
                            Nothing was over its goal and nothing failed. Whatever does is kept here with
                            its ledger and its statements.
                        </Empty>
                    ) : (
                        <SlowList rows={data.slow} isNamed />
                    )
                }
            </Loaded>
        </Section>
    );
}
