// What the process uses, over time, and every bounded thing with how much of it is used.
import { Chart, type Line } from "./chart";
import { bytes, count, percent } from "./format";
import { linesOf, useHistory, useSpan } from "./history";
import { useLive } from "./live";
import { Empty, Loaded, Section, Tile } from "./parts";
import { usePoll } from "./poll";
import { figure, Table } from "./table";
import type { History, Limit, Usage as UsageNow } from "./types";

const charts: { title: string; figure: string; unit: string; label: string; limit?: number }[] = [
    { title: "Processor", figure: "cpu", unit: "percent", label: "of the allotment", limit: 70 },
    { title: "Memory", figure: "memory", unit: "bytes", label: "resident" },
    { title: "Requests in flight", figure: "in_flight", unit: "count", label: "requests" },
    { title: "Connections to the database", figure: "connections", unit: "count", label: "connections" },
    { title: "Loop lag", figure: "loop_lag", unit: "seconds", label: "lag" },
    { title: "Open files", figure: "open_files", unit: "count", label: "files" },
    { title: "Threads", figure: "threads", unit: "count", label: "threads" },
    { title: "Database file", figure: "database", unit: "bytes", label: "size" },
    { title: "Disk free", figure: "disk_free", unit: "bytes", label: "free" },
];

function known(lines: Line[]): Line[] {
    return lines.filter((line) => line.values.some((value) => value !== null)).slice(0, 6);
}

function Charts({ data }: { data: History }) {
    const shown = charts
        .map((chart) => ({
            ...chart,
            lines: known(linesOf(data, chart.figure, (line) => line.name || chart.label)),
        }))
        .filter((chart) => chart.lines.length > 0);
    return shown.length === 0 ? (
        <Empty>Nothing is known yet: the first figures come within five seconds.</Empty>
    ) : (
        <div class="charts">
            {shown.map((chart) => (
                <Chart key={chart.title} at={data.at} {...chart} />
            ))}
        </div>
    );
}

const share = (limit: Limit) => (limit.most > 0 ? limit.used / limit.most : 0);

function Limits({ limits }: { limits: Limit[] }) {
    return (
        <Table
            label="Limits"
            rows={limits}
            name={(each) => each.name}
            columns={[
                { head: "Limit", width: "name", by: (each) => each.name, cell: (each) => each.name },
                figure("Used", (each: Limit) => each.used),
                figure("Most", (each: Limit) => each.most),
                { head: "Share", isNumber: true, by: share, cell: (each) => percent(share(each)) },
                {
                    head: "Used of it",
                    width: "phases",
                    cell: (each) => (
                        <meter
                            min="0"
                            max="1"
                            low={0.7}
                            high={0.9}
                            optimum={0}
                            value={share(each)}
                            aria-label={`${each.name} used`}>
                            {percent(share(each))}
                        </meter>
                    ),
                },
                {
                    head: "Refused",
                    isNumber: true,
                    by: (each) => each.refused,
                    cell: (each) => (
                        <span class={each.refused > 0 ? "bad" : ""}>{count(each.refused)}</span>
                    ),
                },
            ]}
        />
    );
}

/** How much of something is used, and which share that is. */
function UsedTile({ label, value, most, write }: {
    label: string;
    value: number | null;
    most: number;
    write: (value: number) => string;
}) {
    const share =
        most > 0 && value !== null ? `${percent(value / most)} of ${write(most)}` : "no limit known";
    return <Tile label={label} value={value === null ? "?" : write(value)} words={share} />;
}

function Usage({ usage }: { usage: UsageNow }) {
    const { cpu, memory, files, connections, disk } = usage;
    return (
        <>
            <dl class="tiles">
                <Tile
                    label="Processor"
                    value={cpu.percent === null ? "?" : `${cpu.percent.toFixed(1)} %`}
                    words={`of ${cpu.cores} ${cpu.cores === 1 ? "core" : "cores"}`}
                />
                <UsedTile label="Memory" value={memory.bytes} most={memory.limit_bytes} write={bytes} />
                {connections && (
                    <Tile
                        label="Connections"
                        value={count(connections.in_use)}
                        words={
                            connections.bound < connections.configured
                                ? `of ${count(connections.most)} in use; PostgreSQL has no more`
                                : `in use of ${count(connections.most)}, ${count(connections.waiting)} wait`
                        }
                    />
                )}
                <UsedTile label="Open files" value={files.open} most={files.most} write={count} />
                {disk && (
                    <Tile
                        label="Database"
                        value={bytes(disk.database_bytes)}
                        words={
                            disk.free_bytes === null
                                ? "free space unknown"
                                : `${bytes(disk.free_bytes)} free`
                        }
                    />
                )}
            </dl>
            {usage.problems.length > 0 && <p class="failed">{usage.problems.join("; ")}</p>}
        </>
    );
}

export function ResourcePage() {
    const [span, choice] = useSpan();
    const history = useHistory(span, "resources");
    const live = useLive();
    const usage = usePoll<UsageNow>("/api/usage", 5);
    return (
        <>
            {usage.data && <Usage usage={usage.data} />}
            <Section title="Over time" words="Of the server process." tools={choice}>
                <Loaded of={history} what="history">
                    {(data) => <Charts data={data} />}
                </Loaded>
            </Section>
            <Section
                title="Limits"
                words="Everything that is bounded, and what did not fit since the process began.">
                <Limits limits={live.limits} />
            </Section>
        </>
    );
}
