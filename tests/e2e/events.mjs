// Server-sent events in Chromium: an EventSource gets each event once, also over a restart of the server,
// after which it comes again by itself with the id of the last one.
import assert from "node:assert/strict";

import { withPage } from "./browser.mjs";
import { withService } from "./service.mjs";

await withService(1, ({ api, child }) => withPage(async (page) => {
    const add = async (words) => {
        const made = await fetch(`${api}/api/notes`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ words }),
        });
        assert.equal(made.status, 201);
    };

    await page.goto(`${api}/`);
    await page.evaluate(() => {
        window.seen = [];
        window.opened = 0;
        window.source = new EventSource("/api/notes/live");
        window.source.addEventListener("open", () => { window.opened += 1; });
        window.source.addEventListener("note", (event) => {
            window.seen.push([event.lastEventId, JSON.parse(event.data).words]);
        });
    });
    for (const words of ["one", "two\nlines", "three"]) {
        await add(words);
    }
    await page.waitForFunction(() => window.seen.length >= 4);
    assert.deepEqual(await page.evaluate(() => window.seen),
        [["1", "note 1"], ["2", "one"], ["3", "two\nlines"], ["4", "three"]]);

    child.kill("SIGHUP");  // the next server process takes over: streams of the old one end
    await page.waitForFunction(() => window.opened >= 2);
    await add("four");
    await page.waitForFunction(() => window.seen.length >= 5);
    assert.deepEqual((await page.evaluate(() => window.seen)).slice(4), [["5", "four"]]);
    assert.equal(await page.evaluate(() => window.source.readyState), 1);
    await page.evaluate(() => window.source.close());
}), { name: "guide_streams" });
console.log("events: each once, over a restart too");
