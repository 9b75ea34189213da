// Profiles: takes one, shows it as a flame graph and as a table, and gives it to other tools.
import { useMemo, useState } from "preact/hooks";

import { errorWords, send } from "./api";
import { Download } from "./download";
import { withoutWaits, type Frame } from "./flame";
import { FlameGraph } from "./flame_graph";
import { count, milliseconds, moment, percent } from "./format";
import { Choice, Empty, Loaded, Section } from "./parts";
import { usePoll } from "./poll";
import { figure, Table } from "./table";

interface State {
    id: number;
    state: "running" | "naming" | "done";
    seconds: number;
    hz: number;
    started_at: string;
}
interface List {
    is_on: boolean;
    hz: number;
    profiles: State[];
}
interface FunctionLine {
    name: string;
    function: string;
    cumulative_ms: number;
    self_ms: number;
    share: number;
}
interface Report {
    id: number;
    seconds: number;
    hz: number;
    samples: number;
    lost: number;
    cpu_ms: number;
    wait_ms: number;
    overhead: { share: number; words: string };
    names: { name: string; cpu_ms: number; wait_ms: number }[];
    functions: FunctionLine[];
    tree: Frame;
}
interface Scope {
    scope: string;
    calls: number;
    total_ms: number;
    self_ms: number;
    mean_ms: number;
    p95_ms: number;
}

const parts = [
    ["cpu", "Processor"],
    ["all", "With waits"],
] as const;
type Part = (typeof parts)[number][0];

function Profile({ id }: { id: number }) {
    const [name, setName] = useState("");
    const [part, setPart] = useState<Part>("cpu");
    const query = name && `?${new URLSearchParams({ name })}`;
    const report = usePoll<Report>(`/api/profile/${id}${query}`, 3600);
    const tree = report.data?.tree;
    const root = useMemo(() => tree && (part === "cpu" ? withoutWaits(tree) : tree), [tree, part]);
    return (
        <Loaded of={report} what="profile">
            {(data) => (
                <>
                    <Section
                        title={`Profile ${id}`}
                        words={
                            `${milliseconds(data.cpu_ms)} of processor time in ${data.seconds} s, ` +
                            `${count(data.samples)} samples at ${data.hz} Hz` +
                            `${data.lost > 0 ? `, ${count(data.lost)} lost` : ""}; ${data.overhead.words}.`
                        }>
                        <div class="tools profile-tools">
                            <Choice label="Time shown" all={parts} chosen={part} choose={setPart} />
                            <select
                                aria-label="Route, task or thread"
                                value={name}
                                onChange={(event) => setName(event.currentTarget.value)}>
                                <option value="">All routes, tasks and threads</option>
                                {data.names.map((each) => (
                                    <option key={each.name}>{each.name}</option>
                                ))}
                            </select>
                            <Download
                                label="Speedscope"
                                path={`/api/profile/${id}?format=speedscope`}
                                name={`profile-${id}.speedscope.json`}
                            />
                            <Download
                                label="pprof"
                                path={`/api/profile/${id}?format=pprof`}
                                name={`profile-${id}.pb.gz`}
                            />
                            <Download
                                label="Collapsed stacks"
                                path={`/api/profile/${id}?format=collapsed`}
                                name={`profile-${id}.txt`}
                            />
                        </div>
                        {root && root.ms > 0 ? (
                            <FlameGraph root={root} label={`Flame graph of profile ${id}`} />
                        ) : (
                            <Empty>
                                No processor time was seen: the program did nothing meanwhile. Send it
                                requests while a profile is taken.
                            </Empty>
                        )}
                    </Section>
                    {data.functions.length > 0 && (
                        <Section title="Functions" words="With what they call, the most time first.">
                            <Table
                                label="Functions"
                                rows={data.functions}
                                most={40}
                                name={(each) => `${each.name} ${each.function}`}
                                columns={[
                                    {
                                        head: "Function",
                                        width: "name",
                                        by: (each) => each.function,
                                        cell: (each) => <code class="function">{each.function}</code>,
                                    },
                                    {
                                        head: "Route, task or thread",
                                        by: (each) => each.name,
                                        cell: (each) => each.name,
                                    },
                                    figure("Share", (each: FunctionLine) => each.share, percent),
                                    figure(
                                        "Cumulative",
                                        (each: FunctionLine) => each.cumulative_ms,
                                        milliseconds,
                                    ),
                                    figure("Itself", (each: FunctionLine) => each.self_ms, milliseconds),
                                ]}
                            />
                        </Section>
                    )}
                </>
            )}
        </Loaded>
    );
}

function Scopes() {
    const scopes = usePoll<{ scopes: Scope[] }>("/api/scopes", 5);
    return (
        <Section title="Scopes" words="What brio::profile() has counted, since the program began.">
            <Loaded of={scopes} what="scopes">
                {({ scopes: rows }) =>
                    rows.length === 0 ? (
                        <Empty command={'auto scope = brio::profile("parse");'}>
                            No scope was entered. One is made with:
                        </Empty>
                    ) : (
                        <Table
                            label="Scopes"
                            rows={rows}
                            name={(each) => each.scope}
                            columns={[
                                {
                                    head: "Scope",
                                    width: "name",
                                    by: (each) => each.scope,
                                    cell: (each) => each.scope,
                                },
                                figure("Calls", (each: Scope) => each.calls),
                                figure("Total", (each: Scope) => each.total_ms, milliseconds),
                                figure("Itself", (each: Scope) => each.self_ms, milliseconds),
                                figure("Mean", (each: Scope) => each.mean_ms, milliseconds),
                                figure("p95", (each: Scope) => each.p95_ms, milliseconds),
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    );
}

const lengths = [
    ["5", "5 s"],
    ["10", "10 s"],
    ["30", "30 s"],
] as const;
type Length = (typeof lengths)[number][0];

export function ProfilePage() {
    const [length, setLength] = useState<Length>("10");
    const [chosen, setChosen] = useState<number | null>(null);
    const [failed, setFailed] = useState("");
    const list = usePoll<List>("/api/profile", 1);
    const begin = async () => {
        try {
            await send("POST", `/api/profile?seconds=${length}`);
            setFailed("");
            setChosen(null);
        } catch (error) {
            setFailed(errorWords(error));
        }
        list.again();
    };
    return (
        <>
            <Loaded of={list} what="profiler">
                {({ is_on: isOn, profiles }) => {
                    if (!isOn) {
                        return (
                            <Empty>
                                The program is not sampled: BRIO_PROFILE_HZ is 0. Its default is 99.
                            </Empty>
                        );
                    }
                    const underWay = profiles.find((each) => each.state !== "done");
                    const done = profiles.filter((each) => each.state === "done");
                    const shown = done.find((each) => each.id === chosen) ?? done[0];
                    return (
                        <>
                            <div class="tools profile-head">
                                <Choice label="Length" all={lengths} chosen={length} choose={setLength} />
                                <button
                                    type="button"
                                    class="primary"
                                    disabled={underWay !== undefined}
                                    onClick={() => void begin()}>
                                    Take a profile
                                </button>
                                <span role="status">
                                    {underWay &&
                                        (underWay.state === "running"
                                            ? `Profile ${underWay.id} is being taken: ${underWay.seconds} s`
                                            : "Looking up the names of functions")}
                                </span>
                                {failed && <span class="bad">{failed}</span>}
                                {done.length > 1 && (
                                    <select
                                        aria-label="Profile"
                                        value={shown!.id}
                                        onChange={(event) => setChosen(Number(event.currentTarget.value))}>
                                        {done.map((each) => (
                                            <option key={each.id} value={each.id}>
                                                {`Profile ${each.id}, ${moment(each.started_at)}`}
                                            </option>
                                        ))}
                                    </select>
                                )}
                            </div>
                            {shown === undefined ? (
                                !underWay && (
                                    <Empty>
                                        None was taken yet. A profile shows in which functions the
                                        processor's time goes, for each route, task and thread, and what
                                        they wait for.
                                    </Empty>
                                )
                            ) : (
                                <Profile key={`${shown.id} ${shown.started_at}`} id={shown.id} />
                            )}
                        </>
                    );
                }}
            </Loaded>
            <Scopes />
        </>
    );
}
