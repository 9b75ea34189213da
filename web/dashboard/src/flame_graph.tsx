// A flame graph: to be looked at, searched, zoomed into, and walked over with the arrow keys.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import {
    frameAt,
    layout,
    matched,
    shortName,
    step,
    type Box,
    type Frame,
    type Step,
    type Way,
} from "./flame";
import { milliseconds, percent } from "./format";

const row = 18;
const letter = 6.6; // of the font, in pixels
const steps: Record<string, Step> = {
    ArrowUp: "up",
    ArrowDown: "down",
    ArrowLeft: "left",
    ArrowRight: "right",
};

/** One of some hues, the same for a name wherever it stands. */
function hue(name: string): string {
    let hash = 0;
    for (let i = 0; i < name.length; i += 1) {
        hash = (hash * 31 + name.charCodeAt(i)) | 0;
    }
    return `flame-${Math.abs(hash) % 6}`;
}

function kind({ frame, way, isAbove }: Box, wanted: string): string {
    const match = wanted !== "" && frame.name.toLowerCase().includes(wanted);
    const base =
        way.length === 0
            ? "flame-root"
            : frame.wait || frame.name.startsWith("[wait]")
              ? "flame-wait"
              : way.length === 1
                ? "flame-name"
                : hue(shortName(frame.name));
    return `${match ? "flame-match" : base} ${isAbove ? "above" : ""}`;
}

function words(frame: Frame, whole: number): string {
    const self =
        frame.self_ms > 0 && frame.children.length > 0 ? `, itself ${milliseconds(frame.self_ms)}` : "";
    return `${frame.name}: ${milliseconds(frame.ms)}, ${percent(whole > 0 ? frame.ms / whole : 0)}${self}`;
}

function useWidth(): [preact.RefObject<HTMLDivElement>, number] {
    const place = useRef<HTMLDivElement>(null);
    const [width, setWidth] = useState(0);
    useEffect(() => {
        const resized = new ResizeObserver(() => setWidth(place.current?.clientWidth ?? 0));
        resized.observe(place.current!);
        return () => resized.disconnect();
    }, []);
    return [place, width];
}

/** What of a tree is looked at: the frame that fills the width, and the one whose figures are shown. */
interface Look {
    root: Frame;
    zoom: Way;
    at: Way;
}
const nowhere = { zoom: [], at: [] };

const same = (a: Way, b: Way) => a.join() === b.join();

export function FlameGraph({ root, label }: { root: Frame; label: string }) {
    const [place, width] = useWidth();
    const [looked, setLooked] = useState<Look>({ root, ...nowhere });
    const { zoom, at } = looked.root === root ? looked : nowhere;  // ways of another tree lead nowhere here
    const look = (to: Partial<Look>) => setLooked({ root, zoom, at, ...to });
    const [search, setSearch] = useState("");
    const wanted = search.trim().toLowerCase();

    const boxes = useMemo(() => (width > 0 ? layout(root, zoom, 0.6 / width) : []), [root, zoom, width]);
    const depth = boxes.reduce((most, box) => Math.max(most, box.way.length), 0);
    const found = wanted ? matched(root, wanted) : 0;

    const press = (event: KeyboardEvent) => {
        const where = steps[event.key];
        if (where) {
            look({ at: step(root, at, where) });
        } else if (event.key === "Enter") {
            look({ zoom: at });
        } else if (event.key === "Escape") {
            look({ zoom: [] });
        } else {
            return;
        }
        event.preventDefault();
    };

    return (
        <div class="flame">
            <div class="tools">
                <input
                    type="search"
                    placeholder="Search functions"
                    aria-label="Search functions"
                    value={search}
                    onInput={(event) => setSearch(event.currentTarget.value)}
                />
                <span>{wanted && `${percent(root.ms > 0 ? found / root.ms : 0)} of the time`}</span>
                <button type="button" disabled={zoom.length === 0} onClick={() => look({ zoom: [] })}>
                    Zoom out
                </button>
            </div>
            <div
                ref={place}
                class="flames"
                tabIndex={0}
                role="application"
                onKeyDown={press}
                aria-label={`${label}. Arrow keys walk, Enter zooms in, Escape out.`}>
                <svg width={width} height={(depth + 1) * row} aria-hidden="true">
                    {boxes.map((box) => {
                        const name = box.way.length > 1 ? shortName(box.frame.name) : box.frame.name;
                        const pixels = box.width * width;
                        const letters = Math.floor((pixels - 6) / letter);
                        return (
                            <g
                                key={box.way.join()}
                                class={`${kind(box, wanted)} ${same(box.way, at) ? "at" : ""}`}
                                onMouseEnter={() => look({ at: box.way })}
                                onClick={() => look({ zoom: box.way })}>
                                <rect
                                    x={box.from * width}
                                    y={box.way.length * row}
                                    width={Math.max(pixels - 0.5, 0.5)}
                                    height={row - 1}
                                />
                                {letters > 2 && (
                                    <text x={box.from * width + 3} y={box.way.length * row + 12.5}>
                                        {name.length > letters ? `${name.slice(0, letters - 1)}…` : name}
                                    </text>
                                )}
                            </g>
                        );
                    })}
                </svg>
            </div>
            <p class="flame-words" role="status">
                {words(frameAt(root, at), root.ms)}
            </p>
        </div>
    );
}
