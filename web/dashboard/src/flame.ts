// Where the boxes of a flame graph lie, and how the keyboard walks over them. Pure.
//
// Time runs from left to right, what is called lies below its caller. A frame that is zoomed to fills the
// width, with its callers above it.

export interface Frame {
    name: string;
    ms: number;
    self_ms: number;
    samples: number;
    wait: boolean;
    children: Frame[];
}

/** A frame by the way to it: the places of children, from the root on. */
export type Way = readonly number[];

export interface Box {
    frame: Frame;
    way: Way;
    from: number; // of the width, 0 to 1
    width: number;
    isAbove: boolean; // a caller of what is zoomed to
}

export function frameAt(root: Frame, way: Way): Frame {
    return way.reduce((frame, place) => frame.children[place]!, root);
}

/** Boxes row by row, without those narrower than `least` of the width. */
export function layout(root: Frame, zoom: Way, least: number): Box[] {
    const boxes: Box[] = zoom.map((_, depth) => {
        const way = zoom.slice(0, depth);
        return { frame: frameAt(root, way), way, from: 0, width: 1, isAbove: true };
    });
    const place = (frame: Frame, way: Way, from: number, width: number) => {
        boxes.push({ frame, way, from, width, isAbove: false });
        let left = from;
        frame.children.forEach((child, index) => {
            const share = frame.ms > 0 ? (child.ms / frame.ms) * width : 0;
            if (share >= least) {
                place(child, [...way, index], left, share);
            }
            left += share;
        });
    };
    place(frameAt(root, zoom), zoom, 0, 1);
    return boxes;
}

export type Step = "up" | "down" | "left" | "right";

/** Where a step leads: to the caller, the longest callee, a neighbour; where there is none, nowhere. */
export function step(root: Frame, way: Way, where: Step): Way {
    if (where === "up") {
        return way.slice(0, -1);
    }
    if (where === "down") {
        const { children } = frameAt(root, way);
        const longest = children.reduce(
            (best, child, index) => (best < 0 || child.ms > children[best]!.ms ? index : best),
            -1,
        );
        return longest < 0 ? way : [...way, longest];
    }
    if (way.length === 0) {
        return way;
    }
    const siblings = frameAt(root, way.slice(0, -1)).children.length;
    const next = way.at(-1)! + (where === "left" ? -1 : 1);
    return next < 0 || next >= siblings ? way : [...way.slice(0, -1), next];
}

/** Without what was only waited for; times are added up anew. */
export function withoutWaits(frame: Frame): Frame {
    const children = frame.children.filter((child) => !child.wait).map(withoutWaits);
    const ms = frame.self_ms + children.reduce((sum, child) => sum + child.ms, 0);
    return { ...frame, children, ms };
}

/** The time in frames whose name holds `wanted`, what lies within another one counted once. */
export function matched(frame: Frame, wanted: string): number {
    return frame.name.toLowerCase().includes(wanted)
        ? frame.ms
        : frame.children.reduce((sum, child) => sum + matched(child, wanted), 0);
}

/** A function's name without template arguments and parameters. */
export function shortName(name: string): string {
    let depth = 0;
    let short = "";
    for (const c of name.replace(/operator(<<|>>|<=>|<|>|\(\))/g, "operator")) {
        if (c === "<" || c === "(") {
            depth += 1;
        } else if ((c === ">" || c === ")") && depth > 0) {
            depth -= 1;
        } else if (depth === 0) {
            short += c;
        }
    }
    return short.replace(/ (const|noexcept|&&?)+$/g, "").trim() || name;
}
