// A file of the program's, to keep.
import { useState } from "preact/hooks";

import { ask, errorWords } from "./api";

/** By a request of the page's own: a link could not carry the token. */
async function download(path: string, name: string): Promise<void> {
    const url = URL.createObjectURL(await (await ask(path)).blob());
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    link.click();
    URL.revokeObjectURL(url);
}

export function Download({ label, path, name }: { label: string; path: string; name: string }) {
    const [failed, setFailed] = useState("");
    const act = () =>
        download(path, name).then(
            () => setFailed(""),
            (error: unknown) => setFailed(errorWords(error)),
        );
    return (
        <>
            <button type="button" onClick={() => void act()}>
                {label}
            </button>
            {failed && <span class="bad" role="status">{`Not given: ${failed}.`}</span>}
        </>
    );
}
