/** What a server tells V8 about the memory of its requests. */
import { setFlagsFromString } from 'node:v8';

/**
 * Lets all that requests need be allocated young. V8 otherwise learns from the first thousands of requests that much of it
 * lives long, and puts it among the old from then on: there it dies at once, but keeps alive what it points to, so that each
 * collection of the young moves megabytes of garbage. See ADR 15.
 */
export function keepRequestsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}
