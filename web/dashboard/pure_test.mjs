// usage: node pure_test.mjs NODE_MODULES    what of the dashboard needs no browser
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const modules = resolve(process.argv[2]);
const { build } = createRequire(join(modules, "x.js"))("esbuild");
const own = dirname(fileURLToPath(import.meta.url));

async function load(name) {
    const { outputFiles } = await build({
        entryPoints: [join(own, "src", name)], bundle: true, format: "esm", write: false,
    });
    return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

const { EventParser } = await load("events.ts");
{
    const stream = 'retry: 1000\n\n: beat\n\nevent: now\r\ndata: {"a":1}\r\n\r\n' +
        "data:one\ndata: two\n\nevent: lost\n\n";
    const whole = new EventParser().take(stream);
    assert.deepEqual(whole, [{ event: "now", data: '{"a":1}' }, { event: "message", data: "one\ntwo" }]);
    const parser = new EventParser();
    const split = [...stream.replaceAll("\r", "")].flatMap((byte) => parser.take(byte));
    assert.deepEqual(split, whole);  // however it comes
}

const { bytes, count, milliseconds, percent, perSecond, seconds } = await load("format.ts");
for (const [said, wanted] of [
    [milliseconds(0), "0"], [milliseconds(0.0273), "27.3 µs"], [milliseconds(0.9996), "1.00 ms"],
    [milliseconds(12.34), "12.3 ms"], [milliseconds(250), "250 ms"], [milliseconds(1500), "1.50 s"],
    [seconds(99.6), "2 min"], [seconds(7200), "2 h"], [seconds(0.0004), "400 µs"],
    [percent(1), "100 %"], [percent(0.99999), "99.99 %"], [percent(0.9917), "99.17 %"],
    [percent(0.5), "50.0 %"], [percent(0), "0 %"],
    [bytes(512), "512 B"], [bytes(1536), "1.50 KiB"], [bytes(1 << 30), "1.00 GiB"],
    [count(12345), "12,345"], [count(2_070_000), "2.07 M"], [perSecond(0.004), "<0.01"], [perSecond(0), "0"],
]) {
    assert.equal(said, wanted);
}
console.log("dashboard: events and figures");
