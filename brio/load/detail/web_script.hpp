// What the page of a load test does: asks each second how far it is, and sends what the person wants.
#pragma once
#include <string_view>

namespace brio::load::detail {

inline constexpr std::string_view web_script = R"js("use strict";
const get = (id) => document.getElementById(id);
const isOpen = document.body.dataset.model === "open";
const numbers = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const ms = (value) => value >= 1000 ? `${numbers.format(value / 1000)}s`
    : value >= 1 ? `${numbers.format(value)}ms` : `${numbers.format(value * 1000)}us`;
const running = (state) => state === "running" || state === "stopping";
let shown = "";

function say(problem) { get("problem").textContent = problem; }

function show(told) {
    get("state").textContent = told.state === "over" && told.held !== null
        ? (told.held ? "over: every goal held" : "over: a goal missed") : told.state;
    get("seconds").textContent = `${numbers.format(told.seconds)} s`;
    get("users").textContent = numbers.format(told.users);
    get("rate").textContent = numbers.format(told.requests_per_second);
    get("p50").textContent = told.requests > 0 ? ms(told.p50_ms) : "–";
    get("p99").textContent = told.requests > 0 ? ms(told.p99_ms) : "–";
    get("failed").textContent = `${numbers.format(100 * told.failed)} %`;
    get("stop").disabled = told.state !== "running";
    get("start").disabled = told.state === "stopping" || (isOpen && told.state === "running");
    get("start").textContent = !isOpen && told.state === "running" ? "Change" : "Start";
    get("for_s").disabled = running(told.state);
    if (told.problem) {
        say(told.problem);
    }
}

async function look() {
    try {
        const told = await (await fetch("/state", { cache: "no-store" })).json();
        show(told);
        const key = `${told.state} ${told.requests} ${told.seconds}`;
        if (key !== shown && (running(told.state) || told.state === "over")) {
            shown = key;
            const part = await (await fetch("/part", { cache: "no-store" })).text();
            if (part !== "") {
                get("part").innerHTML = part;
            }
        }
    } catch {
        get("state").textContent = "the load test has ended: this page's program is gone";
    }
}

async function send(path, body) {
    say("");
    try {
        const answer = await fetch(path, {
            method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
        });
        if (!answer.ok) {
            const problem = await answer.json();
            say([problem.detail, ...(problem.errors ?? []).map((each) => `${each.name}: ${each.message}`)]
                .filter(Boolean).join("; "));
        }
    } catch {
        say("the load test has ended: start the program again");
    }
    await look();
}

get("order").addEventListener("submit", (event) => {
    event.preventDefault();
    send("/start", Object.fromEntries(["level", "rise_s", "for_s"].map((id) => [id, Number(get(id).value)])));
});
get("stop").addEventListener("click", () => send("/stop", {}));
get("users-name").textContent = isOpen ? "at work" : "users";

async function follow() {
    await look();
    setTimeout(follow, 1000);
}
follow();
)js";

}  // namespace brio::load::detail
