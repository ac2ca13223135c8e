/** What clients accept: JSON, or a stream that they name. */
import type { Request } from 'express';

export const JSON_TYPES = ['application/json', 'application/graphql-response+json'];

export type StreamKind = 'sse' | 'multipart';

export const acceptsJson = (request: Request): boolean => request.accepts(JSON_TYPES) !== false;

/** The stream that a client names and likes best; one that takes anything gets none. Of the like, the first. */
export function streamNamed(accept = ''): StreamKind | null {
  let best: StreamKind | null = null;
  let most = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase());
    const quality = parameterOf(parameters, 'q');
    const kind = kindOf(type, parameters);
    const weight = quality === undefined ? 1 : Number(quality);
    if (kind && weight > most) [best, most] = [kind, weight];
  }
  return best;
}

function kindOf(type: string, parameters: readonly string[]): StreamKind | null {
  if (type === 'text/event-stream') return 'sse';
  return type === 'multipart/mixed' && parameterOf(parameters, 'subscriptionspec') === '1.0' ? 'multipart' : null;
}

function parameterOf(parameters: readonly string[], name: string): string | undefined {
  for (const parameter of parameters) {
    const [key, value = ''] = parameter.split('=').map(part => part.trim());
    if (key === name) return value.replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}
