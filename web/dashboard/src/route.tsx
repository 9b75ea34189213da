// Which page is shown stands behind the # of the address, so that the browser's back and bookmarks work.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

function parts(): string[] {
    return location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
}

/** The page and what it is of: ["work", "request:GET /api/users"]. */
export function useRoute(): string[] {
    const [route, setRoute] = useState(parts);
    useEffect(() => {
        const change = () => {
            setRoute(parts());
            scrollTo(0, 0);
        };
        addEventListener("hashchange", change);
        return () => removeEventListener("hashchange", change);
    }, []);
    return route;
}

export const hrefOf = (to: string[]): string => `#/${to.map(encodeURIComponent).join("/")}`;

export function Link({ to, children }: { to: string[]; children: ComponentChildren }) {
    return <a href={hrefOf(to)}>{children}</a>;
}
