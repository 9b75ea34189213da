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
    [percent(0.5), "50.0 %"], [percent(0), "0 %"], [percent(0.0001), "<0.1 %"],
    [bytes(512), "512 B"], [bytes(1536), "1.50 KiB"], [bytes(1 << 30), "1.00 GiB"],
    [count(12345), "12,345"], [count(2_070_000), "2.07 M"], [perSecond(0.004), "<0.01"], [perSecond(0), "0"],
]) {
    assert.equal(said, wanted);
}
const { frameAt, layout, matched, shortName, step, withoutWaits } = await load("flame.ts");
{
    const leaf = (name, ms, more = {}) => ({ name, ms, self_ms: ms, wait: false, children: [], ...more });
    const over = (name, children) =>
        leaf(name, children.reduce((sum, each) => sum + each.ms, 0), { self_ms: 0, children });
    const root = over("all", [
        over("/a", [leaf("parse", 30), over("write", [leaf("parse", 10)])]),
        over("/b", [leaf("[wait] db", 60, { wait: true })]),
    ]);
    const boxes = layout(root, [], 0.001);
    const thousandths = (value) => Math.round(value * 1000);
    assert.deepEqual(boxes.map(({ frame, from, width }) =>
        [frame.name, thousandths(from), thousandths(width)].join()), [
        "all,0,1000", "/a,0,400", "parse,0,300", "write,300,100", "parse,300,100", "/b,400,600",
        "[wait] db,400,600"]);
    assert.equal(layout(root, [], 0.35).length, 4);  // what is too narrow is left out
    const zoomed = layout(root, [0], 0.001);
    assert.deepEqual(zoomed.slice(0, 2).map((box) => [box.frame.name, box.width, box.isAbove].join()),
        ["all,1,true", "/a,1,false"]);
    assert.equal(zoomed.find((box) => box.frame.name === "write").width, 0.25);

    assert.deepEqual(step(root, [], "down"), [1]);  // the longest
    assert.deepEqual(step(root, [1], "left"), [0]);
    assert.deepEqual(step(root, [0], "left"), [0]);
    assert.deepEqual(step(root, [0, 1], "up"), [0]);
    assert.deepEqual(step(root, [0, 0], "down"), [0, 0]);
    assert.deepEqual(step(root, [], "right"), []);
    assert.equal(frameAt(root, [0, 1, 0]).name, "parse");

    assert.equal(matched(root, "parse"), 40);
    assert.equal(matched(root, "a"), 100);  // within what matches nothing counts twice
    assert.equal(withoutWaits(root).ms, 40);
    assert.deepEqual(withoutWaits(root).children.map((each) => each.ms), [40, 0]);
}
for (const [name, wanted] of [
    ["brio::json::write<std::vector<int>>(brio::Buffer&, std::vector<int> const&)", "brio::json::write"],
    ["brio::Scope::operator()(int) const", "brio::Scope::operator"],
    ["std::map<int, int>::find(int const&)", "std::map::find"],
    ["main", "main"], ["(anonymous namespace)", "(anonymous namespace)"],
]) {
    assert.equal(shortName(name), wanted);
}
console.log("dashboard: events, figures and flame graphs");
