/** GraphiQL. */
import type { Express } from 'express';
export function servePlayground(_app: Express, _options: { signIn: boolean }): void {}
