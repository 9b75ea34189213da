// /openapi.json is a valid OpenAPI 3.1 document that describes the service's routes.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

import { modules, withService } from "./service.mjs";

const { Validator } = await import(pathToFileURL(modules.resolve("@seriousme/openapi-schema-validator")));

async function validate(document) {
    const validator = new Validator();
    return { ...(await validator.validate(structuredClone(document))), version: validator.version };
}

await withService(1, async ({ api }) => {
    const response = await fetch(`${api}/openapi.json`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type"), /^application\/json/);
    const document = await response.json();

    assert.match(document.openapi, /^3\.1\.\d$/);
    const verdict = await validate(document);
    assert.ok(verdict.valid, JSON.stringify(verdict.errors, null, 2));
    assert.equal(verdict.version, "3.1");

    for (const [path, methods] of Object.entries({
        "/api/resources": ["get", "post"],
        "/api/resources/{id}": ["get", "put", "patch", "delete"],
        "/api/users": ["get", "post"],
        "/api/users/{id}": ["get"],
    })) {
        for (const method of methods) {
            assert.ok(document.paths[path]?.[method], `${method} ${path} is not described`);
        }
    }

    // every reference leads somewhere
    const text = JSON.stringify(document);
    for (const [, pointer] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
        const target = pointer.split("/").reduce(
            (node, key) => node?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], document);
        assert.ok(target !== undefined, `#/${pointer} leads nowhere`);
    }

    // the validator does judge: without its operations' answers, the same document is not valid
    const broken = structuredClone(document);
    broken.paths["/api/resources"].get.responses = "none";
    assert.equal((await validate(broken)).valid, false);
});
console.log("openapi: valid 3.1");
