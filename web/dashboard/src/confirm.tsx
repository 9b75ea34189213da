// What changes something asks first, and says what came of it.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { errorWords, send } from "./api";

interface Question {
    title: string;
    words: ComponentChildren;
    verb: string;
    act: () => Promise<string>; // gives what came of it
}

let ask: (question: Question) => void = () => {};

/** A button whose act is done once it is confirmed. */
export function Act({ label, small, ...question }: Question & { label: string; small?: boolean }) {
    return (
        <button
            type="button"
            class={small ? "small" : ""}
            onClick={() => ask(question)}
            aria-label={`${label}: ${question.title}`}>
            {label}
        </button>
    );
}

/** A button that changes something at the server, and then has the page look again. */
export function Change<Result>({ method, path, done, again, ...button }: {
    label: string;
    title: string;
    verb: string;
    words: ComponentChildren;
    method: "POST" | "DELETE";
    path: string;
    done: string | ((result: Result) => string);
    again: () => void;
}) {
    const act = async () => {
        const result = await send<Result>(method, path);
        again();
        return typeof done === "string" ? done : done(result!);
    };
    return <Act {...button} small act={act} />;
}

/** Once, at the end of the page. */
export function Confirmations() {
    const [question, setQuestion] = useState<Question | null>(null);
    const [isBusy, setIsBusy] = useState(false);
    const [outcome, setOutcome] = useState("");
    const dialog = useRef<HTMLDialogElement>(null);

    useEffect(() => {
        ask = (next) => setQuestion(next);
        return () => {
            ask = () => {};
        };
    }, []);
    useEffect(() => {
        if (question && !dialog.current!.open) {
            dialog.current!.showModal();
        }
    }, [question]);
    useEffect(() => {
        const timer = outcome ? setTimeout(() => setOutcome(""), 6000) : undefined;
        return () => clearTimeout(timer);
    }, [outcome]);

    const act = async () => {
        setIsBusy(true);
        try {
            setOutcome(await question!.act());
        } catch (error) {
            setOutcome(`Not done: ${errorWords(error)}.`);
        }
        setIsBusy(false);
        dialog.current!.close();
    };

    return (
        <>
            <dialog ref={dialog} aria-labelledby="question" onClose={() => setQuestion(null)}>
                <h2 id="question">{question?.title}</h2>
                <p>{question?.words}</p>
                <div class="tools">
                    <button type="button" onClick={() => dialog.current!.close()}>
                        Cancel
                    </button>
                    <button type="button" class="primary" disabled={isBusy} onClick={() => void act()}>
                        {question?.verb}
                    </button>
                </div>
            </dialog>
            <div class="outcome" role="status">
                {outcome && <p>{outcome}</p>}
            </div>
        </>
    );
}
