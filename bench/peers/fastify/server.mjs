// A small JSON answer by Fastify, with a response schema (its fast serialiser): node server.mjs PORT PAD
import Fastify from 'fastify';

const [port, pad] = process.argv.slice(2).map(Number);
const app = Fastify({ logger: false, keepAliveTimeout: 3_600_000 });
const text = { type: 'string' };
const schema = { response: { 200: { type: 'object', properties: { status: text, pad: text } } } };
const answer = pad > 0 ? { status: 'ok', pad: 'x'.repeat(pad) } : { status: 'ok' };

app.get('/healthz', { schema }, async () => answer);
await app.listen({ host: '127.0.0.1', port, backlog: 4096 });
