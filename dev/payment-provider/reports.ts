/** Reports (webhooks) of the payment provider: signed, sent at least once, repeated until they are taken or given up. */

import { createHmac } from 'node:crypto';
import { timeLimit } from '../../kernel/limit';

export interface Reporting {
  /** The key of the signatures. */
  readonly secret: string;
  /** How often each report is sent even when it was taken; default 1. */
  readonly copies?: number;
  /** Pause before the first repetition in milliseconds, doubled each time; default 200. */
  readonly retryMs?: number;
  /** Tries of one report before it is given up; default 10. */
  readonly tries?: number;
}

export interface Reporter {
  send(url: string, report: object): void;
  /** Resolves when every report sent so far was taken or given up. */
  idle(): Promise<void>;
  stop(): void;
}

const TIMEOUT_MS = 5000;

/** The value of `x-signature`: HMAC-SHA-256 over `<x-timestamp>.<body as sent>`; `x-timestamp` is RFC 3339, of each try. */
export const signature = (secret: string, timestamp: string, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;

export function reporter({ secret, copies = 1, retryMs = 200, tries = 10 }: Reporting): Reporter {
  const stopping = new AbortController();
  const open = new Set<Promise<void>>();

  async function taken(url: string, body: string): Promise<boolean> {
    const timestamp = new Date().toISOString();
    const headers = {
      'content-type': 'application/json',
      'x-timestamp': timestamp,
      'x-signature': signature(secret, timestamp, body),
    };
    const signal = AbortSignal.any([stopping.signal, timeLimit('REPORT_TIMEOUT_MS', TIMEOUT_MS)]);
    try {
      const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false; // nobody there, or too slow: the same as a refusal
    }
  }

  async function deliver(url: string, body: string): Promise<void> {
    for (let copy = 0; copy < copies; copy++) {
      for (let attempt = 0; !(await taken(url, body)); attempt++) {
        if (attempt + 1 >= tries || stopping.signal.aborted) return;
        await pause(retryMs * 2 ** attempt, stopping.signal);
      }
    }
  }

  return {
    send(url, report) {
      const delivery = deliver(url, JSON.stringify(report)).finally(() => open.delete(delivery));
      open.add(delivery);
    },
    async idle() {
      while (open.size > 0) await Promise.all(open);
    },
    stop: () => stopping.abort(),
  };
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
