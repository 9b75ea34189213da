// A table whose rows can be sorted. Without a choice of the reader's the rows stay in the order they come in.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { count, milliseconds, percent } from "./format";

export interface Column<Row> {
    head: string;
    cell: (row: Row) => ComponentChildren;
    by?: (row: Row) => number | string; // what it is sorted by; none: it is not
    isNumber?: boolean;
    width?: string; // a class of the column
}

/** A column of figures, which it is sorted by. */
export function figure<Row>(
    head: string,
    of: (row: Row) => number,
    write: (value: number) => string = count,
): Column<Row> {
    return { head, isNumber: true, by: of, cell: (row: Row) => write(of(row)) };
}

/** What was done in a time, against the share of it that is to hold its goal. */
export interface Done {
    count: number;
    holds: number;
    share: number;
}
export const isBelowGoal = ({ count, holds, share }: Done) => count > 0 && holds < share;
export const held = ({ count, holds }: Pick<Done, "count" | "holds">) => (count === 0 ? "–" : percent(holds));

/** A column of the share within the goal; nothing was done is last. */
export function inGoal<Row>(of: (row: Row) => Done): Column<Row> {
    return {
        head: "In goal",
        isNumber: true,
        by: (row) => (of(row).count === 0 ? 2 : of(row).holds),
        cell: (row) => <span class={isBelowGoal(of(row)) ? "bad" : ""}>{held(of(row))}</span>,
    };
}

/** A column of a time in ms, of which there is none where nothing was done. */
export function time<Row>(head: string, of: (row: Row) => number, done: (row: Row) => Done): Column<Row> {
    return {
        head,
        isNumber: true,
        by: of,
        cell: (row) => (done(row).count === 0 ? "–" : milliseconds(of(row))),
    };
}

interface Order {
    column: number;
    isDown: boolean;
}

function compare(a: number | string, b: number | string): number {
    return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}

export function Table<Row>({
    label,
    columns,
    rows,
    name,
    most = 200,
}: {
    label: string;
    columns: Column<Row>[];
    rows: Row[];
    name: (row: Row) => string;
    most?: number;
}) {
    const [order, setOrder] = useState<Order | null>(null);
    const by = order && columns[order.column]?.by;
    const sorted = by ? [...rows].sort((a, b) => compare(by(a), by(b)) * (order.isDown ? -1 : 1)) : rows;

    // a figure first the largest, a word first the first; then the other way, then as it came
    const sort = (column: number) =>
        setOrder((before) => {
            const first = { column, isDown: columns[column]!.isNumber ?? false };
            if (before?.column !== column) {
                return first;
            }
            return before.isDown === first.isDown ? { column, isDown: !before.isDown } : null;
        });

    return (
        <div class="wide" role="region" aria-label={label} tabIndex={0}>
            <table>
                <thead>
                    <tr>
                        {columns.map((column, at) => (
                            <th
                                key={column.head}
                                scope="col"
                                class={`${column.isNumber ? "number" : ""} ${column.width ?? ""}`}
                                aria-sort={
                                    order?.column === at
                                        ? order.isDown
                                            ? "descending"
                                            : "ascending"
                                        : undefined
                                }>
                                {column.by ? (
                                    <button type="button" onClick={() => sort(at)}>
                                        {column.head}
                                    </button>
                                ) : (
                                    column.head || <span class="unseen">Actions</span>
                                )}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {sorted.slice(0, most).map((row) => (
                        <tr key={name(row)}>
                            {columns.map((column) => (
                                <td
                                    key={column.head}
                                    class={`${column.isNumber ? "number" : ""} ${column.width ?? ""}`}>
                                    {column.cell(row)}
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
            {rows.length > most && <p class="more">{`${rows.length - most} more are not shown.`}</p>}
        </div>
    );
}
