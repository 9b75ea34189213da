// The cache: what it saves at which route, and what it holds.
import { Chart } from "./chart";
import { Change } from "./confirm";
import { bytes, count, percent, seconds } from "./format";
import { linesOf, useHistory, useSpan } from "./history";
import { useHas } from "./live";
import { Empty, Loaded, Section, Tile } from "./parts";
import { usePoll } from "./poll";
import { figure, Table } from "./table";
import type { Cache, CacheEntry, CacheSubject } from "./types";

function Subjects({ rows, again }: { rows: CacheSubject[]; again: () => void }) {
    return (
        <Table
            label="What the cache saves"
            rows={rows}
            name={(each) => `${each.type} ${each.name}`}
            columns={[
                {
                    head: "Route or query",
                    width: "name",
                    by: (each) => each.name,
                    cell: (each) => each.name,
                },
                { head: "Kind", by: (each) => each.type, cell: (each) => each.type },
                figure("Hit ratio", (each: CacheSubject) => each.hit_ratio, percent),
                figure("Hits", (each: CacheSubject) => each.hits),
                figure("Stale", (each: CacheSubject) => each.stale),
                figure("Misses", (each: CacheSubject) => each.misses),
                figure("Rebuild", (each: CacheSubject) => each.rebuild_seconds, seconds),
                figure("Time saved", (each: CacheSubject) => each.saved_seconds, seconds),
                figure("Entries", (each: CacheSubject) => each.entries),
                figure("Size", (each: CacheSubject) => each.bytes, bytes),
                {
                    head: "",
                    width: "acts",
                    cell: (each) => (
                        <Change<{ cleared: number }>
                            label="Clear"
                            title={`Clear ${each.name}?`}
                            verb="Clear"
                            words="Its entries are dropped and made anew when they are next asked for."
                            method="DELETE"
                            path={`/api/cache?${new URLSearchParams({ route: each.name })}`}
                            done={({ cleared }) => `${count(cleared)} entries were dropped.`}
                            again={again}
                        />
                    ),
                },
            ]}
        />
    );
}

function Entries({ rows, again }: { rows: CacheEntry[]; again: () => void }) {
    return (
        <Table
            label="Entries asked for most"
            rows={rows}
            name={(each) => each.id}
            columns={[
                { head: "Entry", width: "name", cell: (each) => each.key },
                figure("Hits", (each: CacheEntry) => each.hits),
                figure("Size", (each: CacheEntry) => each.bytes, bytes),
                figure("Age", (each: CacheEntry) => each.age_seconds, seconds),
                {
                    head: "Good for",
                    isNumber: true,
                    by: (each) => each.fresh_seconds,
                    cell: (each) =>
                        !each.is_unmoved
                            ? "written over"
                            : each.fresh_seconds < 0
                              ? "stale"
                              : seconds(each.fresh_seconds),
                },
                { head: "Made from", cell: (each) => each.tables.join(", ") || "–" },
                {
                    head: "",
                    width: "acts",
                    cell: (each) => (
                        <Change
                            label="Drop"
                            title="Drop this entry?"
                            verb="Drop"
                            words={each.key}
                            method="DELETE"
                            path={`/api/cache/${encodeURIComponent(each.id)}`}
                            done="The entry was dropped."
                            again={again}
                        />
                    ),
                },
            ]}
        />
    );
}

function HitRatio() {
    const [span, choice] = useSpan();
    const history = useHistory(span, "cache");
    return (
        <Section title="Hits over time" tools={choice}>
            <Loaded of={history} what="history">
                {(data) =>
                    data.lines.length === 0 ? (
                        <Empty>Nothing has asked the cache yet.</Empty>
                    ) : (
                        <div class="charts">
                            <Chart
                                title="Share of hits"
                                unit="share"
                                at={data.at}
                                lines={linesOf(data, "hits", (line) => line.name)}
                            />
                        </div>
                    )
                }
            </Loaded>
        </Section>
    );
}

export function CachePage() {
    const hasHistory = useHas("/api/history");
    const cache = usePoll<Cache>("/api/cache?top=50", 3);
    return (
        <Loaded of={cache} what="cache">
            {(data) =>
                !data.is_on ? (
                    <Empty>The cache is off: BRIO_CACHE_BYTES is 0.</Empty>
                ) : (
                    <>
                        <dl class="tiles">
                            <Tile
                                label="Entries"
                                value={count(data.entries)}
                                words={
                                    data.waiting > 0
                                        ? `${count(data.waiting)} requests wait for one`
                                        : "in this process"
                                }
                            />
                            <Tile
                                label="Size"
                                value={bytes(data.bytes)}
                                words={`of ${bytes(data.most_bytes)}`}
                            />
                            <Tile
                                label="Time saved"
                                words="since it began"
                                value={seconds(
                                    data.subjects.reduce((sum, each) => sum + each.saved_seconds, 0),
                                )}
                            />
                            <Tile
                                label="Statements saved"
                                words="since it began"
                                value={count(
                                    data.subjects.reduce((sum, each) => sum + each.saved_statements, 0),
                                )}
                            />
                        </dl>
                        <Section title="By route and query" words="What saved most time first.">
                            {data.subjects.length === 0 ? (
                                <Empty command={'api.get<"/api/resources">(cached(300s, list_resources));'}>
                                    Nothing has asked the cache yet. A route is kept with:
                                </Empty>
                            ) : (
                                <Subjects rows={data.subjects} again={cache.again} />
                            )}
                        </Section>
                        {hasHistory && <HitRatio />}
                        {data.top.length > 0 && (
                            <Section title="Asked for most">
                                <Entries rows={data.top} again={cache.again} />
                            </Section>
                        )}
                    </>
                )
            }
        </Loaded>
    );
}
