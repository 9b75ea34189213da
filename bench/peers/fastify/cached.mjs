// A page that Fastify keeps in memory, by the whole target, for 300 s: node cached.mjs PORT FILE
import { readFile } from 'node:fs/promises';
import Fastify from 'fastify';

const [port, file] = process.argv.slice(2);
const app = Fastify({ logger: false, keepAliveTimeout: 3_600_000 });
const kept = new Map();

app.get('/healthz', async () => ({ status: 'ok' }));
app.get('/api/resources', async (request, reply) => {
  let entry = kept.get(request.url);
  if (entry === undefined || entry.until < Date.now()) {
    entry = { body: await readFile(file), until: Date.now() + 300_000 };
    kept.set(request.url, entry);
  }
  reply.type('application/json');
  return reply.send(entry.body);
});
await app.listen({ host: '127.0.0.1', port: Number(port), backlog: 4096 });
