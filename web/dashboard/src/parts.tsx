// The small pieces that every page is made of.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import type { Polled } from "./poll";

/** How something stands: a colour, a shape and a word, any of which is enough. */
export type Tone = "good" | "warn" | "bad" | "none";

const shapes: Record<Tone, string> = {
    good: "M3.5 8.5l3 3 6-7",
    warn: "M8 3.5v5.5M8 12v.5",
    bad: "M4 4l8 8M12 4l-8 8",
    none: "M4 8h8",
};

export function Status({ tone, children }: { tone: Tone; children: ComponentChildren }) {
    return (
        <span class={`status ${tone}`}>
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <path d={shapes[tone]} />
            </svg>
            {children}
        </span>
    );
}

export function Section({
    title,
    words,
    tools,
    children,
}: {
    title: string;
    words?: ComponentChildren;
    tools?: ComponentChildren;
    children: ComponentChildren;
}) {
    return (
        <section>
            <header class="section-head">
                <h2>{title}</h2>
                {words && <p>{words}</p>}
                {tools && <div class="tools">{tools}</div>}
            </header>
            {children}
        </section>
    );
}

/** What stands where there is nothing, and what to do about it. */
export function Empty({ children, command }: { children: ComponentChildren; command?: string }) {
    return (
        <div class="empty">
            <p>{children}</p>
            {command && <Command text={command} />}
        </div>
    );
}

export function Command({ text }: { text: string }) {
    const [copied, setCopied] = useState(false);
    const copy = () => {
        void navigator.clipboard?.writeText(text).then(() => {
            setCopied(true);
            setTimeout(() => setCopied(false), 1500);
        });
    };
    return (
        <div class="command">
            <code>{text}</code>
            <button type="button" onClick={copy}>
                {copied ? "Copied" : "Copy"}
            </button>
        </div>
    );
}

/** What a page shows of something that it asks for: it, or why it is not there. */
export function Loaded<T>({
    of,
    what,
    children,
}: {
    of: Polled<T>;
    what: string;
    children: (data: T) => ComponentChildren;
}) {
    if (of.isMissing) {
        return <Empty>{`This program has no ${what}.`}</Empty>;
    }
    return (
        <>
            {of.error && <p class="failed" role="status">{`The ${what} cannot be read: ${of.error}.`}</p>}
            {of.data === null ? !of.error && <p class="loading">Reading…</p> : children(of.data)}
        </>
    );
}

export function Tile({
    label,
    value,
    words,
    tone,
}: {
    label: string;
    value: string;
    words?: ComponentChildren;
    tone?: Tone;
}) {
    return (
        <div class={`tile ${tone ?? ""}`}>
            <dt>{label}</dt>
            <dd>
                <b>{value}</b>
                <span>{words ?? "\u00a0"}</span>
            </dd>
        </div>
    );
}

/** One of some, as a row of buttons. */
export function Choice<T extends string>({
    label,
    all,
    chosen,
    choose,
}: {
    label: string;
    all: readonly (readonly [T, string])[];
    chosen: T;
    choose: (one: T) => void;
}) {
    return (
        <div class="choice" role="group" aria-label={label}>
            {all.map(([value, words]) => (
                <button
                    key={value}
                    type="button"
                    aria-pressed={value === chosen}
                    onClick={() => choose(value)}>
                    {words}
                </button>
            ))}
        </div>
    );
}
