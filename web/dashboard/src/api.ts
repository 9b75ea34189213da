// Asks the admin server. It may want a token (BRIO_ADMIN_TOKEN), which is kept while the tab is open.

const tokenKey = "brio-admin-token";

export class Refused extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        detail: string,
    ) {
        super(detail);
    }
}

/** What a person is told of an ask that failed. */
export function errorWords(error: unknown): string {
    return error instanceof Refused ? error.message : "nobody answers";
}

let onTokenNeeded: (wasRefused: boolean) => void = () => {};

/** `call` is told when the server wants a token, or (`wasRefused`) another one than it got. */
export function whenTokenIsNeeded(call: (wasRefused: boolean) => void): void {
    onTokenNeeded = call;
}

export function keepToken(token: string): void {
    sessionStorage.setItem(tokenKey, token);
}

export const hasToken = (): boolean => sessionStorage.getItem(tokenKey) !== null;

/** The answer, whatever its body. Throws Refused for what is no success, TypeError when nobody answers. */
export async function ask(path: string, options: RequestInit = {}): Promise<Response> {
    const token = sessionStorage.getItem(tokenKey);
    const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
    const response = await fetch(path, { ...options, headers, cache: "no-store" });
    if (response.ok) {
        return response;
    }
    // a late answer to an old one says nothing of the one that is there now
    if (response.status === 401 && sessionStorage.getItem(tokenKey) === token) {
        sessionStorage.removeItem(tokenKey);
        onTokenNeeded(token !== null);
    }
    const problem = await response.json().catch(() => ({}));
    throw new Refused(
        response.status,
        problem.code ?? "",
        problem.detail ?? `${path} answers ${response.status}`,
    );
}

export async function get<T>(path: string, options: RequestInit = {}): Promise<T> {
    return (await ask(path, options)).json();
}

export async function send<T>(method: "POST" | "DELETE", path: string): Promise<T | null> {
    const text = await (await ask(path, { method })).text();
    return text ? JSON.parse(text) : null;
}
