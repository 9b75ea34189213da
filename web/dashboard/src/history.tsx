// Charts of the last day, as the server keeps it.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { Chart, type Line } from "./chart";
import { Choice, Loaded } from "./parts";
import { usePoll } from "./poll";
import type { History, HistoryLine } from "./types";

export const spans = [
    ["10m", "10 min"],
    ["6h", "6 h"],
    ["24h", "24 h"],
] as const;
export type Span = (typeof spans)[number][0];

export function useSpan(): [Span, ComponentChildren] {
    const [span, setSpan] = useState<Span>("10m");
    return [span, <Choice label="Time shown" all={spans} chosen={span} choose={setSpan} />];
}

export function useHistory(span: Span, of: string, name = "") {
    const query = new URLSearchParams({ span, of, ...(name && { name }) });
    return usePoll<History>(`/api/history?${query}`, span === "10m" ? 5 : 30);
}

/** The lines of one figure, each by its name; `label` says what a line without a name is. */
export function linesOf(history: History, figure: string, label: (line: HistoryLine) => string): Line[] {
    return history.lines
        .filter((line) => line.figure === figure)
        .map((line) => ({ label: label(line), values: line.values }));
}

/** Charts of the rate, the quantiles and the share within the goal of one kind of work. */
export function WorkCharts({
    of,
    name,
    limitMs,
    span,
}: {
    of: string;
    name: string;
    limitMs: number;
    span: Span;
}) {
    const history = useHistory(span, of, name);
    return (
        <Loaded of={history} what="history">
            {(data) => {
                const pick = (...figures: string[]) =>
                    figures.flatMap((figure) => linesOf(data, figure, () => figure));
                return (
                    <div class="charts">
                        <Chart title="Rate" unit="per_second" at={data.at} lines={pick("rate", "failed")} />
                        <Chart
                            title="Time"
                            unit="seconds"
                            at={data.at}
                            lines={pick("p50", "p95", "p99")}
                            limit={limitMs / 1000}
                        />
                        <Chart title="Within the goal" unit="share" at={data.at} lines={pick("within")} />
                    </div>
                );
            }}
        </Loaded>
    );
}
