// The review: how a time went and what to do first. All of it is in the files to download.
import { useState } from "preact/hooks";

import { Download } from "./download";
import { count, milliseconds, moment, percent } from "./format";
import { Choice, Command, Empty, Loaded, Section, Status, type Tone } from "./parts";
import { usePoll } from "./poll";
import { Finding, Slow } from "./queries";
import { figure, held, Table } from "./table";
import type { SlowStatement } from "./types";

interface Action {
    urgency: "now" | "soon" | "later";
    what: string;
    how: string; // empty: what to do says it
    code: string; // empty: none
    why: string;
    gain: string;
    about: string;
}
interface ReviewGoal {
    scope: string;
    name: string;
    share: number;
    verdict: "missed" | "kept" | "too few to judge" | "idle";
    figures: { count: number; holds: number; p95_ms: number | null };
    trend: "worse" | "better" | "same" | "";
    trend_words: string;
}
interface Headroom {
    name: string;
    used: number; // 1: all of it
    outlook: string;
    words: string;
}
interface Review {
    at: string;
    headline: string;
    notes: string[];
    first: Action[];
    goals: ReviewGoal[];
    slow: SlowStatement[];
    headroom: Headroom[];
}

const lengths = [
    ["1h", "1 h"],
    ["24h", "24 h"],
    ["7d", "7 days"],
] as const;
const tones: Record<string, Tone> = { missed: "bad", kept: "good", now: "bad", soon: "warn", later: "none" };

function ActionItem({ action }: { action: Action }) {
    return (
        <Finding
            title={
                <>
                    <Status tone={tones[action.urgency] ?? "none"}>{action.urgency}</Status> {action.what}
                </>
            }
            of={action.what.includes(action.about) ? "" : action.about}>
            <p>{action.why}</p>
            {action.how && <p>{action.how}</p>}
            {action.code && <Command text={action.code} />}
            {action.gain && <p>{`To expect: ${action.gain}`}</p>}
        </Finding>
    );
}

function GoalTable({ rows }: { rows: ReviewGoal[] }) {
    return (
        <Table
            label="Goals in this time"
            rows={rows}
            name={(each) => `${each.scope} ${each.name}`}
            columns={[
                { head: "Goal", width: "name", by: (each) => each.name, cell: (each) => each.name },
                {
                    head: "Was",
                    by: (each) => each.verdict,
                    cell: (each) => <Status tone={tones[each.verdict] ?? "none"}>{each.verdict}</Status>,
                },
                figure<ReviewGoal>("Count", (each) => each.figures.count),
                {
                    head: "Held",
                    isNumber: true,
                    by: (each) => each.figures.holds,
                    cell: (each) => held(each.figures),
                },
                {
                    head: "p95",
                    isNumber: true,
                    by: (each) => each.figures.p95_ms ?? 0,
                    cell: ({ figures }) => (figures.p95_ms === null ? "–" : milliseconds(figures.p95_ms)),
                },
                {
                    head: "Against before",
                    width: "words",
                    cell: (each) => (each.trend ? `${each.trend}: ${each.trend_words}` : "–"),
                },
            ]}
        />
    );
}

export function ReviewPage() {
    const [since, setSince] = useState<(typeof lengths)[number][0]>("24h");
    const review = usePoll<Review>(`/review?format=json&since=${since}`, 60);
    const file = (format: string, ending: string) => (
        <Download
            label={ending.toUpperCase()}
            path={`/review?format=${format}&since=${since}`}
            name={`review-${since}.${ending}`}
        />
    );
    return (
        <Loaded of={review} what="review">
            {(data) => (
                <>
                    <Section
                        title="Review"
                        words={`${data.headline} Made ${moment(data.at)}.`}
                        tools={
                            <>
                                <Choice label="Length" all={lengths} chosen={since} choose={setSince} />
                                {file("html", "html")}
                                {file("md", "md")}
                                {file("json", "json")}
                            </>
                        }>
                        {data.notes.map((note) => (
                            <p class="words-of" key={note}>{note}</p>
                        ))}
                    </Section>
                    <Section title="What to do first">
                        {data.first.length === 0 ? (
                            <Empty>Nothing in this time asks for anything.</Empty>
                        ) : (
                            <ul class="findings">
                                {data.first.map((each) => (
                                    <ActionItem key={`${each.about} ${each.what}`} action={each} />
                                ))}
                            </ul>
                        )}
                    </Section>
                    <Section title="Goals">
                        {data.goals.length === 0
                            ? <Empty>Nothing was done in this time.</Empty>
                            : <GoalTable rows={data.goals} />}
                    </Section>
                    {data.slow.length > 0 && (
                        <Section title="Slow statements">
                            <ul class="findings">
                                {data.slow.map((each) => (
                                    <Slow key={`${each.endpoint} ${each.fingerprint}`} one={each} />
                                ))}
                            </ul>
                        </Section>
                    )}
                    <Section
                        title="Headroom"
                        words={`${count(data.headroom.length)} bounds, the nearest first.`}>
                        {data.headroom.length === 0 ? (
                            <Empty>No bound is known.</Empty>
                        ) : (
                            <Table
                                label="Headroom"
                                rows={data.headroom}
                                name={(each) => each.name}
                                columns={[
                                    { head: "Of", by: (each) => each.name, cell: (each) => each.name },
                                    figure<Headroom>("Used", (each) => each.used, percent),
                                    {
                                        head: "Outlook",
                                        width: "words",
                                        cell: (each) => each.words || each.outlook,
                                    },
                                ]}
                            />
                        )}
                    </Section>
                </>
            )}
        </Loaded>
    );
}
