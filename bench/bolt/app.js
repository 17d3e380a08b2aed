'use strict';

// Two small Slack apps on Bolt, for the intake benchmark to compare with.
//
//   node app.js verify    checks the signature, runs an empty listener, acknowledges
//   node app.js pg        as above, but inserts the event's id into PostgreSQL before it acknowledges
//
// The environment says the rest: PORT, SLACK_SIGNING_SECRET, and DATABASE_URL for pg.

const { App, LogLevel } = require('@slack/bolt');
const { Pool } = require('pg');

const POOL_SIZE = 16;

// openLedger returns a function that records an id. Every connection of the pool is opened now and kept,
// so that no slice of the benchmark pays for reconnecting.
async function openLedger(connectionString) {
  const pool = new Pool({ connectionString, max: POOL_SIZE, idleTimeoutMillis: 0 });
  pool.on('error', (err) => console.error(err.message));
  await pool.query(
    'CREATE TABLE IF NOT EXISTS seen (id text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())',
  );
  const clients = await Promise.all(Array.from({ length: POOL_SIZE }, () => pool.connect()));
  clients.forEach((client) => client.release());
  return (id) => pool.query('INSERT INTO seen (id) VALUES ($1) ON CONFLICT (id) DO NOTHING', [id]);
}

async function main() {
  const mode = process.argv[2];
  if (mode !== 'verify' && mode !== 'pg') {
    throw new Error('usage: node app.js verify|pg');
  }
  const record = mode === 'pg' ? await openLedger(process.env.DATABASE_URL) : async () => {};

  const app = new App({
    signingSecret: process.env.SLACK_SIGNING_SECRET,
    // A fixed answer: no installation store, no call to auth.test. A real app does more here.
    authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B0BENCH', botUserId: 'U0BENCHBOT' }),
    logLevel: LogLevel.ERROR,
    endpoints: ['/slack/events', '/slack/interactions'],
    // Without this Bolt acknowledges an event before any listener runs.
    processBeforeResponse: true,
  });
  app.event('message', async ({ body }) => {
    await record(body.event_id);
  });
  app.action(/.*/, async ({ ack, body }) => {
    // Slack gives clicks no event id; the trigger id is unique to each one.
    await record(body.trigger_id);
    await ack();
  });
  app.error(async (error) => {
    console.error(error.message);
    // Rethrown so that the receiver answers with an error instead of a success.
    throw error;
  });

  await app.start({ port: Number(process.env.PORT), host: '127.0.0.1' });
  console.log('ready');

  process.once('SIGTERM', () => process.exit(0));
}

main().catch((err) => {
  console.error(err.message);
  process.exit(1);
});
