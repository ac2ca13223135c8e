/** The peer that everybody knows: Apollo Server with Apollo Gateway, as their documentation starts them. */
import '../../gateway/engine/telemetry';
import { readFileSync } from 'node:fs';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

async function start(): Promise<void> {
  const gateway = new ApolloGateway({ supergraphSdl: readFileSync(process.argv[2]!, 'utf8') });
  const { url } = await startStandaloneServer(new ApolloServer({ gateway }), {
    listen: { port: 0, host: '127.0.0.1' },
  });
  process.stdout.write(`${JSON.stringify({ ready: true, port: Number(new URL(url).port) })}\n`);
}

void start();
