// The landing page as a good Node engineer writes it: Fastify, AWS's SDK, pg; a process for each of two cores.
// PORT; PGHOST, PGDATABASE, PGUSER; AWS_ENDPOINT_URL_MARKETPLACE_METERING and the SDK's other variables.
import cluster from 'node:cluster';
import querystring from 'node:querystring';
import { ResolveCustomerCommand } from '@aws-sdk/client-marketplace-metering';
import Fastify from 'fastify';
import { makeClient, makePool } from './settings.mjs';

const PROCESSES = 2;
const CALLS = 256; // of AWS's at a time, a process: no request waits for a connection
const DB_CONNECTIONS = 8; // a process; 16 in all stored most rows a second

const upsert = {
  name: 'upsert',
  text: `INSERT INTO customers (product_code, customer_identifier, aws_account_id, license_arn) VALUES ($1, $2, $3, $4)
    ON CONFLICT (product_code, customer_identifier) DO UPDATE SET aws_account_id = excluded.aws_account_id,
      license_arn = excluded.license_arn, last_seen_at = now()
    RETURNING id`,
};

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => text.replace(/[&<>"']/g, (c) => escapes[c]);

const page = (customer, product) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Set up your account</title>
<link rel="stylesheet" href="/static/style.css">
</head>
<body>
<main>
<h1>Set up your account</h1>
<p>Thank you for subscribing to ${escape(product)} on AWS Marketplace. Tell us who you are, and we set up your account.</p>
<form method="post" action="/signup">
<input type="hidden" name="customer" value="${customer}">
<label for="email">Email address</label>
<input id="email" name="email" type="email" autocomplete="email" required>
<label for="name">Your name</label>
<input id="name" name="name" autocomplete="name" required>
<label for="company">Company</label>
<input id="company" name="company" autocomplete="organization">
<button>Create account</button>
</form>
<p>Questions? Write to <a href="mailto:support@example.com">support@example.com</a>.</p>
</main>
</body>
</html>
`;

async function serve() {
  const aws = makeClient(CALLS);
  const pool = makePool(DB_CONNECTIONS);
  const app = Fastify({ logger: false });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => {
    done(null, querystring.parse(body));
  });
  app.post('/register', async (request, reply) => {
    const token = request.body['x-amzn-marketplace-token'];
    if (!token) return reply.code(400).send('The registration token is missing.');
    const who = await aws.send(new ResolveCustomerCommand({ RegistrationToken: token }));
    const stored = await pool.query({ ...upsert, values: [who.ProductCode, who.CustomerIdentifier, who.CustomerAWSAccountId, who.LicenseArn] });
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page(stored.rows[0].id, who.ProductCode));
  });
  app.get('/healthz', async () => 'alive\n');
  await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 4096 });
}

if (cluster.isPrimary) for (let i = 0; i < PROCESSES; i++) cluster.fork();
else await serve();
