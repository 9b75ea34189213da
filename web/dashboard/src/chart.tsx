// A chart of lines over time. Its caption says in words what it shows; the pointer shows the values of each
// moment.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { byUnit, moment } from "./format";

export interface Line {
    label: string;
    values: (number | null)[];
}

const height = 150;
const kibi = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const byteSteps = [0, 1, 2, 3, 4].flatMap((power) => kibi.map((step) => step * 1024 ** power));
const wholeSteps = Array.from({ length: 30 }, (_, at) => [1, 2, 5][at % 3]! * 10 ** Math.floor(at / 3));
const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const colours = ["--line-1", "--line-2", "--line-3", "--line-4", "--line-5", "--line-6"];

function colour(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function options(
    width: number,
    lines: Line[],
    unit: string,
    limit: number | undefined,
    at: (index: number | null) => void,
): uPlot.Options {
    const words = byUnit(unit);
    const axis = {
        stroke: colour("--soft"),
        grid: { stroke: colour("--faint"), width: 1 },
        ticks: { show: false },
        font: "11px system-ui, sans-serif",
    };
    return {
        width,
        height,
        legend: { show: false },
        cursor: { y: false, points: { size: 6 } },
        scales: {
            y: {
                range: (_, __, most) => [
                    0,
                    unit === "share" ? 1 : Math.max(most ?? 0, limit ?? 0, 1e-9) * 1.08,
                ],
            },
        },
        axes: [
            {
                ...axis,
                size: 24,
                space: 70,
                values: (_, splits) => splits.map((each) => hour.format(each * 1000)),
            },
            {
                ...axis,
                size: 62,
                ...(unit === "bytes" && { incrs: byteSteps }),
                ...(unit === "count" && { incrs: wholeSteps }),
                values: (_, splits) => splits.map((each) => words(each).replace(/\.0+(?=\D|$)/, "")),
            },
        ],
        series: [
            {},
            ...lines.map((line, index) => ({
                label: line.label,
                stroke: colour(colours[index % colours.length]!),
                width: 1.5,
                fill: lines.length === 1 ? colour("--wash") : undefined,
                points: { show: false },
            })),
        ],
        hooks: {
            setCursor: [(plot) => at(plot.cursor.idx ?? null)],
            draw:
                limit === undefined
                    ? []
                    : [
                          (plot) => {
                              const y = plot.valToPos(limit, "y", true);
                              const { ctx, bbox } = plot;
                              ctx.save();
                              ctx.strokeStyle = colour("--bad");
                              ctx.setLineDash([4, 4]);
                              ctx.beginPath();
                              ctx.moveTo(bbox.left, y);
                              ctx.lineTo(bbox.left + bbox.width, y);
                              ctx.stroke();
                              ctx.restore();
                          },
                      ],
        },
    };
}

function summary(line: Line, words: (value: number) => string): string {
    const known = line.values.filter((each) => each !== null);
    return known.length === 0
        ? `${line.label}: nothing known`
        : `${line.label}: now ${words(known.at(-1)!)}, ` +
              `from ${words(Math.min(...known))} to ${words(Math.max(...known))}`;
}

export function Chart({
    title,
    at,
    lines,
    unit,
    limit,
    limitWords,
}: {
    title: string;
    at: number[];
    lines: Line[];
    unit: string;
    limit?: number;
    limitWords?: string;
}) {
    const place = useRef<HTMLDivElement>(null);
    const plot = useRef<uPlot | null>(null);
    const [index, setIndex] = useState<number | null>(null);
    const words = byUnit(unit);
    const data = useMemo(() => [at, ...lines.map((line) => line.values)] as uPlot.AlignedData, [at, lines]);
    const shape = `${unit} ${limit} ${lines.map((line) => line.label).join()}`;

    useEffect(() => {
        const make = () => {
            plot.current?.destroy();
            plot.current = new uPlot(
                options(place.current!.clientWidth, lines, unit, limit, setIndex),
                data,
                place.current!,
            );
        };
        make();
        const resized = new ResizeObserver(() => {
            const width = place.current!.clientWidth;
            if (width > 0 && width !== plot.current?.width) {
                plot.current?.setSize({ width, height });
            }
        });
        resized.observe(place.current!);
        const theme = matchMedia("(prefers-color-scheme: dark)");
        theme.addEventListener("change", make);
        return () => {
            resized.disconnect();
            theme.removeEventListener("change", make);
            plot.current?.destroy();
            plot.current = null;
        };
    }, [shape]);
    useEffect(() => plot.current?.setData(data), [data]);

    const shown = Math.min(index ?? Infinity, at.length - 1);  // another span may have fewer moments
    return (
        <figure class="chart">
            <figcaption>
                <b>{title}</b>
                <span class="legend" aria-hidden="true">
                    {lines.map((line, each) => {
                        const value =
                            line.values[shown] ?? (index === null ? line.values[shown - 1] : null) ?? null;
                        return (
                            <span key={line.label}>
                                <i class={`swatch line-${(each % colours.length) + 1}`} />
                                {line.label} <em>{value === null ? "–" : words(value)}</em>
                            </span>
                        );
                    })}
                    {limit !== undefined && (
                        <span>
                            <i class="swatch limit" />
                            {limitWords ?? "goal"} <em>{words(limit)}</em>
                        </span>
                    )}
                    <time>{index === null ? "" : moment(at[shown]! * 1000)}</time>
                </span>
                <span class="unseen">{lines.map((line) => summary(line, words)).join("; ")}</span>
            </figcaption>
            <div class="plot" ref={place} aria-hidden="true" />
        </figure>
    );
}
