// What the two programs of the peer share: AWS's client and PostgreSQL's connections.
import { Agent } from 'node:http';
import { MarketplaceMeteringClient } from '@aws-sdk/client-marketplace-metering';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import pg from 'pg';

// One connection for each call that can be under way, kept. cacheMiddleware spares the SDK building
// its chain of middleware for each call.
export function makeClient(connections) {
  return new MarketplaceMeteringClient({
    cacheMiddleware: true,
    requestHandler: new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true, maxSockets: connections }) }),
  });
}

// PG* of the environment say where it is.
export function makePool(connections) {
  return new pg.Pool({ max: connections });
}
