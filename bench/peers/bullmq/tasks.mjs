// Background tasks by BullMQ, the no-op of the benchmarks; results are kept for an hour.
//   node tasks.mjs work SLOTS REDIS_PORT              until SIGTERM; says "ready"
//   node tasks.mjs push COUNT CLIENTS REDIS_PORT      one by one by each client; prints seconds as JSON
import { Queue, Worker } from 'bullmq';

const name = 'bench';
const [what, ...rest] = process.argv.slice(2);
const numbers = rest.map(Number);
const connection = { host: '127.0.0.1', port: numbers.at(-1), maxRetriesPerRequest: null };
const kept = { removeOnComplete: { age: 3600 } };

async function work(slots) {
  const worker = new Worker(name, async () => null, { connection, concurrency: slots });
  process.once('SIGTERM', async () => {
    await worker.close();
    process.exit(0);
  });
  await worker.waitUntilReady();
  console.log('ready');
}

async function push(count, clients) {
  const queue = new Queue(name, { connection });
  await queue.waitUntilReady();
  const begin = performance.now();
  let next = 0;
  const client = async () => {
    while (next < count) {
      await queue.add('noop', { number: next++ }, kept);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  console.log(JSON.stringify({ seconds: (performance.now() - begin) / 1000 }));
  await queue.close();
}

await (what === 'work' ? work(numbers[0]) : push(numbers[0], numbers[1]));
