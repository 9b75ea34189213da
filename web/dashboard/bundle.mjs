// usage: node bundle.mjs NODE_MODULES OUT    bundles the dashboard into OUT/app.js and OUT/app.css
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const own = dirname(fileURLToPath(import.meta.url));

/** The files of the page by the paths at which it asks for them. */
export async function bundleDashboard(modules, out) {
    const { build } = createRequire(join(modules, "x.js"))("esbuild");
    await build({
        entryPoints: { app: join(own, "src/main.tsx") },
        outdir: out,
        bundle: true,
        minify: true,
        format: "iife",
        target: ["es2022", "chrome109", "firefox115", "safari16"],
        nodePaths: [modules],
        jsx: "automatic",
        jsxImportSource: "preact",
        legalComments: "none",
        logLevel: "warning",
        // uPlot and Preact are MIT: their notices go with the code
        banner: { js: "/*! uPlot (c) Leon Sorokin, Preact (c) Jason Miller; MIT License */" },
    });
    return {
        "/": join(own, "index.html"),
        "/dashboard/app.js": join(out, "app.js"),
        "/dashboard/app.css": join(out, "app.css"),
        "/dashboard/icon.svg": join(own, "icon.svg"),
    };
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
    const [modules, out] = process.argv.slice(2).map((argument) => resolve(argument));
    await bundleDashboard(modules, out);
}
